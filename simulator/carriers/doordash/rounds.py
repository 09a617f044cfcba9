"""How a delivery goes: search, ride, pickup, ride, handover or the way back. All through the agenda."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.carriers.agenda import Agenda
from simulator.carriers.doordash.ledger import BEFORE_PICKUP, Dasher, DeliveryRecord
from simulator.carriers.doordash.places import moved, ride_s, trip
from simulator.carriers.doordash.problems import fate_of

_NAMES = ("Ada", "Ben", "Cleo", "Dev", "Ema", "Finn", "Gita", "Hugo", "Ines", "Jo", "Kai", "Lin")
_VEHICLES = ("car", "car", "bicycle", "car", "walking")
_GIVES_UP_AFTER = timedelta(minutes=30)
_LOOKS_AGAIN_AFTER = timedelta(seconds=30)
_LEAD = timedelta(minutes=10)
_APPROACH_S = 400

Announce = Callable[[DeliveryRecord, str, datetime], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast Dashers work.

    Attributes
    ----------
    speed_mps
        Along the streets, metres a second.
    search_s, pickup_s, handover_s
        Until somebody takes the job (shortest, longest), at the store, at the door.
    dropout_chance
        How often a Dasher gives a job back before the pickup.
    """

    speed_mps: float = 6.5
    search_s: tuple[float, float] = (15.0, 60.0)
    pickup_s: float = 90.0
    handover_s: float = 60.0
    dropout_chance: float = 0.0


class Rounds:
    """Sends Dashers round and tells of every step.

    Parameters
    ----------
    announce
        Called with the name of each event.
    """

    def __init__(
        self, agenda: Agenda, rng: random.Random, pace: Pace, dashers: int, announce: Announce
    ) -> None:
        self._agenda = agenda
        self._rng = rng
        self.pace = pace
        self._announce = announce
        self._free = [
            Dasher(
                1000 + place,
                f"{_NAMES[place % len(_NAMES)]} {chr(65 + place % 26)}",
                f"+1555020{place:04d}",
                _VEHICLES[place % len(_VEHICLES)],
            )
            for place in range(dashers)
        ]

    def begin(self, record: DeliveryRecord, at: datetime) -> None:
        """Take a delivery on: tell of it, and look for a Dasher when its time comes."""
        record.status, record.booked_at, record.updated_at = "created", at, at
        self.estimate(record, at)
        self._announce(record, "DELIVERY_CREATED", at)
        if fate_of(record.body) == "failed_to_process_payment":
            self._agenda.enter(at, lambda now: self.call_off(record, now, "failed_to_process_payment"))
            return
        start = max(at, record.times.pickup_from - _LEAD)
        self._search(record, start)
        self._agenda.enter(start + _GIVES_UP_AFTER, lambda now: self._give_up_searching(record, now))

    def call_off(self, record: DeliveryRecord, at: datetime, reason: str) -> None:
        """End a delivery without a handover and let its Dasher go."""
        if not record.is_live:
            return
        record.cancellation_reason = reason
        self._tell(record, at, "cancelled", "DELIVERY_CANCELLED")
        self._let_go(record)

    def drop(self, record: DeliveryRecord, at: datetime) -> bool:
        """The Dasher gives the job back before the pickup and another is looked for; False if it is too late.

        DoorDash has no event for this: the next Dasher's DASHER_CONFIRMED tells of it.
        """
        if record.status not in BEFORE_PICKUP or record.dasher is None:
            return False
        self._let_go(record)
        record.status, record.trip, record.updated_at = "created", None, at
        self._search(record, at)
        self._agenda.enter(at + _GIVES_UP_AFTER, lambda now: self._give_up_searching(record, now))
        return True

    def estimate(self, record: DeliveryRecord, at: datetime) -> None:
        """Say anew when the goods should be fetched and brought."""
        ride = timedelta(seconds=ride_s(record.pickup.at, record.dropoff.at, self.pace.speed_mps))
        if record.picked_up_at is None:
            approach = at + timedelta(seconds=sum(self.pace.search_s) / 2 + _APPROACH_S)
            if record.trip is not None:
                approach = record.trip.arrives_at
            leaves = max(approach, record.times.pickup_from) + timedelta(seconds=self.pace.pickup_s)
            record.pickup_eta = leaves
            arrives = leaves + ride
        elif record.trip is not None and record.status == "enroute_to_dropoff":
            arrives = record.trip.arrives_at
        else:
            arrives = at + ride
        record.dropoff_eta = max(arrives, record.times.dropoff_from or arrives)

    def _search(self, record: DeliveryRecord, at: datetime) -> None:
        found_at = at + timedelta(seconds=self._rng.uniform(*self.pace.search_s))
        self._agenda.enter(found_at, lambda now: self._assign(record, now))

    def _assign(self, record: DeliveryRecord, at: datetime) -> None:
        if record.status != "created" or record.dasher is not None:
            return
        if fate_of(record.body) == "failed_to_assign_and_refunded":
            return
        dasher = self._take_dasher(record)
        if dasher is None:
            self._agenda.enter(at + _LOOKS_AGAIN_AFTER, lambda now: self._assign(record, now))
            return
        record.dasher = dasher
        start = moved(record.pickup.at, self._rng.uniform(300, 2000), self._rng.uniform(0, 360))
        record.trip = trip(start, record.pickup.at, at, self.pace.speed_mps)
        self._tell(record, at, "confirmed", "DASHER_CONFIRMED")
        self._enter(record, at + timedelta(seconds=1), self._ride_to_pickup)
        if self._rng.random() < self.pace.dropout_chance:
            gives_up_at = at + (record.trip.arrives_at - at) * self._rng.uniform(0.2, 0.8)
            self._enter(record, gives_up_at, self.drop)

    def _ride_to_pickup(self, record: DeliveryRecord, at: datetime) -> None:
        if record.trip is None:
            return
        self._tell(record, at, "enroute_to_pickup", "DASHER_ENROUTE_TO_PICKUP")
        self._enter(record, max(at, record.trip.arrives_at), self._arrive_at_pickup)

    def _arrive_at_pickup(self, record: DeliveryRecord, at: datetime) -> None:
        self._tell(record, at, "arrived_at_pickup", "DASHER_CONFIRMED_PICKUP_ARRIVAL")
        leaves_at = max(at, record.times.pickup_from) + timedelta(seconds=self.pace.pickup_s)
        self._enter(record, leaves_at, self._pick_up)

    def _pick_up(self, record: DeliveryRecord, at: datetime) -> None:
        if fate_of(record.body) == "failed_to_pickup":
            self.call_off(record, at, "failed_to_pickup")
            return
        record.picked_up_at = at
        self._tell(record, at, "picked_up", "DASHER_PICKED_UP")
        self._enter(record, at + timedelta(seconds=10), self._ride_to_dropoff)

    def _ride_to_dropoff(self, record: DeliveryRecord, at: datetime) -> None:
        record.trip = trip(record.pickup.at, record.dropoff.at, at, self.pace.speed_mps)
        self._tell(record, at, "enroute_to_dropoff", "DASHER_ENROUTE_TO_DROPOFF")
        self._enter(record, record.trip.arrives_at, self._arrive_at_dropoff)

    def _arrive_at_dropoff(self, record: DeliveryRecord, at: datetime) -> None:
        self._tell(record, at, "arrived_at_dropoff", "DASHER_CONFIRMED_DROPOFF_ARRIVAL")
        earliest = at + timedelta(seconds=self.pace.handover_s)
        handed_over_at = max(earliest, record.times.dropoff_from or earliest)
        self._enter(record, handed_over_at, self._hand_over)

    def _hand_over(self, record: DeliveryRecord, at: datetime) -> None:
        fate = fate_of(record.body)
        if fate in {"undeliverable", "failed_to_return"} and self._comes_back(record):
            record.trip = trip(record.dropoff.at, record.pickup.at, at, self.pace.speed_mps)
            self._tell(record, at, "enroute_to_return", "DELIVERY_RETURN_INITIALIZED")
            self._enter(record, at + timedelta(seconds=5), self._ride_back)
            return
        if fate in {"undeliverable", "failed_to_return", "failed_to_deliver"}:
            self.call_off(record, at, "failed_to_deliver")
            return
        record.dropped_off_at = at
        self._tell(record, at, "delivered", "DASHER_DROPPED_OFF")
        self._let_go(record)

    def _ride_back(self, record: DeliveryRecord, at: datetime) -> None:
        if record.trip is None:
            return
        self._tell(record, at, "enroute_to_return", "DASHER_ENROUTE_TO_RETURN")
        self._enter(record, max(at, record.trip.arrives_at), self._arrive_at_return)

    def _arrive_at_return(self, record: DeliveryRecord, at: datetime) -> None:
        if fate_of(record.body) == "failed_to_return":
            self.call_off(record, at, "failed_to_return")
            return
        self._tell(record, at, "arrived_at_return", "DASHER_CONFIRMED_RETURN_ARRIVAL")
        handed_back_at = at + timedelta(seconds=self.pace.handover_s)
        self._enter(record, handed_back_at, self._give_back)

    def _give_back(self, record: DeliveryRecord, at: datetime) -> None:
        record.returned_at = at
        self._tell(record, at, "returned", "DELIVERY_RETURNED")
        self._let_go(record)

    def _give_up_searching(self, record: DeliveryRecord, at: datetime) -> None:
        if record.status == "created" and record.dasher is None:
            self.call_off(record, at, "failed_to_assign_and_refunded")

    def _take_dasher(self, record: DeliveryRecord) -> Dasher | None:
        """A free one with a vehicle that is allowed."""
        allowed = record.body.get("dasher_allowed_vehicles")
        kinds = allowed if isinstance(allowed, list) and allowed else _VEHICLES
        fitting = [dasher for dasher in self._free if dasher.vehicle in kinds]
        if not fitting:
            return None
        dasher = self._rng.choice(fitting)
        self._free.remove(dasher)
        return dasher

    def _let_go(self, record: DeliveryRecord) -> None:
        if record.dasher is not None:
            self._free.append(record.dasher)
        record.dasher = None

    def _enter(
        self, record: DeliveryRecord, at: datetime, step: Callable[[DeliveryRecord, datetime], object]
    ) -> None:
        """Do a step of this ride later, unless it has come to an end until then."""
        ride = record.trip

        def do(now: datetime) -> None:
            if record.trip is ride and record.is_live:
                step(record, now)

        self._agenda.enter(at, do)

    @staticmethod
    def _comes_back(record: DeliveryRecord) -> bool:
        contains = record.body.get("order_contains")
        is_regulated = isinstance(contains, dict) and bool(contains.get("alcohol") or contains.get("tobacco"))
        return is_regulated or record.body.get("action_if_undeliverable") != "dispose"

    def _tell(self, record: DeliveryRecord, at: datetime, status: str, event: str) -> None:
        record.status = status
        record.updated_at = at
        if record.is_live:
            self.estimate(record, at)
        self._announce(record, event, at)

"""How a delivery goes: search, ride, pickup, ride, handover. Everything happens through the agenda."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.carriers.agenda import Agenda
from simulator.carriers.uber_direct.ledger import CourierRecord, DeliveryRecord, Ledger
from simulator.carriers.uber_direct.places import moved, ride_s, trip
from simulator.carriers.uber_direct.problems import fate_of

UPDATE_EVERY_S = 20
"""How often a courier on the way says where it is."""

_IMMINENT_BEFORE_S = 60
_NAMES = ("Ana", "Bo", "Chidi", "Dana", "Eli", "Fatou", "Goran", "Hana", "Ivo", "Jun", "Kim", "Lena")
_VEHICLES = ("bicycle", "scooter", "car", "car")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast couriers work.

    Attributes
    ----------
    speed_mps
        Along the streets, metres a second.
    search_s, pickup_s, handover_s
        Until somebody takes the job (shortest, longest), at the store, at the door.
    dropout_chance
        How often a courier gives up before the pickup.
    """

    speed_mps: float = 6.5
    search_s: tuple[float, float] = (15.0, 60.0)
    pickup_s: float = 90.0
    handover_s: float = 60.0
    dropout_chance: float = 0.0


class Rounds:
    """Sends couriers round and tells of every step.

    Parameters
    ----------
    announce, locate
        Called at each change of status, and every 20 seconds with a courier on the way.
    """

    def __init__(
        self,
        ledger: Ledger,
        agenda: Agenda,
        rng: random.Random,
        pace: Pace,
        couriers: int,
        announce: Callable[[DeliveryRecord, datetime], None],
        locate: Callable[[DeliveryRecord, datetime], None],
    ) -> None:
        self._ledger = ledger
        self._agenda = agenda
        self._rng = rng
        self.pace = pace
        self._announce = announce
        self._locate = locate
        self._armed_dropouts = 0
        self._free = [
            CourierRecord(
                f"cou_{place:03d}",
                f"{_NAMES[place % len(_NAMES)]} {chr(65 + place % 26)}.",
                _VEHICLES[place % len(_VEHICLES)],
                f"+1555010{place:04d}",
            )
            for place in range(couriers)
        ]

    @property
    def free_couriers(self) -> int:
        """How many have nothing to do."""
        return len(self._free)

    def begin(self, delivery: DeliveryRecord, at: datetime) -> None:
        """Take a delivery on: tell of it, and look for a courier when its time comes."""
        delivery.drops_on_the_way = self._rng.random() < self.pace.dropout_chance
        self._announce(delivery, at)
        lead = timedelta(seconds=600)
        search = timedelta(seconds=self._rng.uniform(*self.pace.search_s))
        start = max(at, delivery.windows.pickup_ready - lead) + search
        self._agenda.enter(start, lambda now: self._assign(delivery, now))

    def arm_dropout(self) -> None:
        """Let the next courier who takes a job give up on the way."""
        self._armed_dropouts += 1

    def drop(self, delivery: DeliveryRecord, at: datetime) -> bool:
        """The courier gives up before the pickup and Uber calls the delivery off; False if it is too late."""
        if delivery.status not in {"pending", "pickup"}:
            return False
        self.end(delivery, at, "canceled", reasons=("UBER_CANCEL", "order_task_failed"))
        return True

    def end(
        self, delivery: DeliveryRecord, at: datetime, status: str, *, reasons: tuple[str, str] | None = None
    ) -> None:
        """Close a delivery and let its courier go."""
        delivery.cancel_reasons = reasons
        delivery.ended_at = at
        delivery.is_imminent = False
        if delivery.courier is not None:
            self._free.append(delivery.courier)
        self._tell(delivery, at, status)

    def estimate(self, delivery: DeliveryRecord, at: datetime) -> None:
        """Say anew when the goods should be fetched and brought, as far as anybody can tell now."""
        pace = self.pace
        ride = timedelta(seconds=ride_s(delivery.pickup.at, delivery.dropoff.at, pace.speed_mps))
        if delivery.status in {"pickup_complete", "dropoff"} and delivery.trip is not None:
            arrives_at = delivery.trip.arrives_at if delivery.status == "dropoff" else at + ride
        else:
            approach = at + timedelta(seconds=sum(pace.search_s) / 2 + 400)
            if delivery.trip is not None:
                approach = delivery.trip.arrives_at
            delivery.pickup_eta = max(approach, delivery.windows.pickup_ready)
            arrives_at = delivery.pickup_eta + timedelta(seconds=pace.pickup_s) + ride
        delivery.dropoff_eta = max(arrives_at, delivery.windows.dropoff_ready)

    def _assign(self, delivery: DeliveryRecord, at: datetime) -> None:
        if delivery.status != "pending":
            return
        if not self._free:
            self._agenda.enter(at + timedelta(seconds=30), lambda now: self._assign(delivery, now))
            return
        delivery.courier = self._free.pop(self._rng.randrange(len(self._free)))
        start = moved(delivery.pickup.at, self._rng.uniform(300, 2000), self._rng.uniform(0, 360))
        delivery.trip = trip(start, delivery.pickup.at, at, self.pace.speed_mps)
        self._tell(delivery, at, "pickup")
        arrives_at = delivery.trip.arrives_at
        self._come_near(delivery, at, arrives_at, "pickup")
        self._keep_locating(delivery, at)
        if self._armed_dropouts or delivery.drops_on_the_way:
            self._armed_dropouts = max(0, self._armed_dropouts - 1)
            gives_up_at = at + (arrives_at - at) * self._rng.uniform(0.2, 0.8)
            self._agenda.enter(gives_up_at, lambda now: self._give_up(delivery, now))
        leaves_at = max(arrives_at, delivery.windows.pickup_ready) + timedelta(seconds=self.pace.pickup_s)
        self._agenda.enter(leaves_at, lambda now: self._pick_up(delivery, now))

    def _give_up(self, delivery: DeliveryRecord, at: datetime) -> None:
        self.drop(delivery, at)

    def _pick_up(self, delivery: DeliveryRecord, at: datetime) -> None:
        if delivery.status != "pickup":
            return
        delivery.picked_up_at = at
        self._tell(delivery, at, "pickup_complete")
        self._agenda.enter(at + timedelta(seconds=10), lambda now: self._ride(delivery, now))

    def _ride(self, delivery: DeliveryRecord, at: datetime) -> None:
        delivery.trip = trip(delivery.pickup.at, delivery.dropoff.at, at, self.pace.speed_mps)
        self._tell(delivery, at, "dropoff")
        arrives_at = delivery.trip.arrives_at
        self._come_near(delivery, at, arrives_at, "dropoff")
        handed_over_at = max(
            arrives_at + timedelta(seconds=self.pace.handover_s), delivery.windows.dropoff_ready
        )
        self._agenda.enter(handed_over_at, lambda now: self._hand_over(delivery, now))

    def _come_near(self, delivery: DeliveryRecord, at: datetime, arrives_at: datetime, status: str) -> None:
        def become_imminent(now: datetime) -> None:
            if delivery.status == status:
                delivery.is_imminent = True
                self._tell(delivery, now, status)

        self._agenda.enter(max(at, arrives_at - timedelta(seconds=_IMMINENT_BEFORE_S)), become_imminent)

    def _hand_over(self, delivery: DeliveryRecord, at: datetime) -> None:
        if delivery.status != "dropoff":
            return
        reason = "" if delivery.is_return else fate_of(delivery.dropoff.street)
        if not reason:
            self.end(delivery, at, "delivered")
            return
        action = str(delivery.body.get("undeliverable_action", "return"))
        delivery.undeliverable_reason = reason
        delivery.undeliverable_action = {"return": "returned", "leave_at_door": "left_at_door"}.get(
            action, ""
        )
        courier = delivery.courier
        way_back = self._way_back(delivery, at) if action == "return" else None
        self.end(delivery, at, "returned" if way_back else "canceled", reasons=("CUSTOMER_CANCEL", reason))
        if way_back is not None and courier is not None:
            self._free.remove(courier)
            way_back.courier = courier
            self._ride(way_back, at)
            self._keep_locating(way_back, at)

    def _way_back(self, delivery: DeliveryRecord, at: datetime) -> DeliveryRecord:
        way_back = DeliveryRecord(
            id=f"ret_{delivery.id.removeprefix('del_')}",
            uuid=delivery.uuid,
            body=delivery.body,
            pickup=delivery.dropoff,
            dropoff=delivery.pickup,
            windows=delivery.windows,
            fee=0,
            created_at=at,
            updated_at=at,
            dropoff_eta=at,
            pickup_eta=at,
            picked_up_at=at,
            related=[(delivery.id, "original")],
        )
        delivery.related.append((way_back.id, "return"))
        self._ledger.deliveries[way_back.id] = way_back
        return way_back

    def _keep_locating(self, delivery: DeliveryRecord, at: datetime) -> None:
        def say_where(now: datetime) -> None:
            if delivery.is_live and delivery.courier is not None:
                self._locate(delivery, now)
                self._agenda.enter(now + timedelta(seconds=UPDATE_EVERY_S), say_where)

        self._agenda.enter(at + timedelta(seconds=UPDATE_EVERY_S), say_where)

    def _tell(self, delivery: DeliveryRecord, at: datetime, status: str) -> None:
        if status != delivery.status:
            delivery.is_imminent = False
        delivery.status = status
        delivery.updated_at = at
        if delivery.is_live:
            self.estimate(delivery, at)
        else:
            delivery.dropoff_eta = at
        self._announce(delivery, at)

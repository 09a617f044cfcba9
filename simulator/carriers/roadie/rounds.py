"""How a shipment goes: a driver takes it, fetches it and brings it. Everything happens through the agenda."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.geo import LatLng
from simulator.carriers.agenda import Agenda
from simulator.carriers.roadie.ledger import Event, ShipmentRecord
from simulator.carriers.roadie.problems import fate_of

_NAMES = ("Jeff B.", "Ann C.", "Mo D.", "Lia E.", "Sam F.")
_LEAD = timedelta(minutes=30)
_NEAR_BEFORE = timedelta(seconds=60)
_WAY_BACK = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast drivers work.

    Attributes
    ----------
    search_s
        Until somebody takes a shipment (shortest, longest).
    miles_an_hour
        Along the streets.
    """

    search_s: tuple[float, float] = (60.0, 300.0)
    to_pickup_s: float = 600.0
    pickup_s: float = 120.0
    handover_s: float = 60.0
    miles_an_hour: float = 22.0


class Rounds:
    """Sends drivers round and tells of every event.

    Parameters
    ----------
    drivers
        How many there are; a shipment that nobody has taken when its window ends expires.
    tell
        Called with every event.
    """

    def __init__(
        self,
        agenda: Agenda,
        rng: random.Random,
        pace: Pace,
        drivers: int,
        tell: Callable[[ShipmentRecord, Event], None],
    ) -> None:
        self._agenda = agenda
        self._rng = rng
        self._pace = pace
        self._free = drivers
        self._tell = tell

    def begin(self, shipment: ShipmentRecord, at: datetime) -> None:
        """Offer a shipment to drivers when its time comes."""
        search = timedelta(seconds=self._rng.uniform(*self._pace.search_s))
        start = max(at, shipment.ask.pickup_after - _LEAD) + search
        self._agenda.enter(start, lambda now: self._assign(shipment, now))

    def call_off(self, shipment: ShipmentRecord, at: datetime, code: str, comment: str = "") -> None:
        """End a shipment before its pickup."""
        shipment.cancellation_code, shipment.cancellation_comment = code, comment
        self._release(shipment)
        self._happen(shipment, at, "canceled", "canceled")

    def _assign(self, shipment: ShipmentRecord, at: datetime) -> None:
        if shipment.state != "scheduled":
            return
        if at >= shipment.ask.deliver_until:
            shipment.state, shipment.updated_at = "expired", at
            return
        if self._free == 0:
            self._agenda.enter(at + timedelta(seconds=60), lambda now: self._assign(shipment, now))
            return
        self._free -= 1
        shipment.driver = _NAMES[self._rng.randrange(len(_NAMES))]
        self._happen(shipment, at, "driver_assigned", "assigned")
        pace = self._pace
        there_at = max(at + timedelta(seconds=pace.to_pickup_s), shipment.ask.pickup_after)
        pickup = shipment.ask.pickup.at
        self._enter(shipment, there_at, "at_pickup", "at_pickup", pickup)
        leaves_at = there_at + timedelta(seconds=pace.pickup_s)
        self._agenda.enter(leaves_at, lambda now: self._leave(shipment, now))

    def _leave(self, shipment: ShipmentRecord, at: datetime) -> None:
        if shipment.state != "at_pickup":
            return
        shipment.had_goods = True
        ask, pace = shipment.ask, self._pace
        self._happen(shipment, at, "pickup_confirmed", "en_route_to_dropoff", ask.pickup.at)
        starts_at = at + timedelta(seconds=10)
        arrives_at = starts_at + timedelta(hours=ask.distance_miles / pace.miles_an_hour)
        over_at = max(arrives_at + timedelta(seconds=pace.handover_s), ask.deliver_from)
        self._enter(shipment, starts_at, "en_route_to_delivery", "en_route_to_dropoff", ask.pickup.at)
        near_at = max(starts_at, arrives_at - _NEAR_BEFORE)
        self._enter(shipment, near_at, "driver_approaching_delivery", "en_route_to_dropoff")
        self._enter(shipment, arrives_at, "at_delivery", "at_dropoff", ask.delivery.at)
        self._agenda.enter(over_at, lambda now: self._hand_over(shipment, now))

    def _hand_over(self, shipment: ShipmentRecord, at: datetime) -> None:
        door = shipment.ask.delivery
        if fate_of(door.street) == "delivery_attempted":
            self._happen(shipment, at, "delivery_attempted", "attempted", door.at)
            self._agenda.enter(at + _WAY_BACK, lambda now: self._bring_back(shipment, now))
            return
        self._release(shipment)
        if shipment.wants_signature:
            shipment.signatory_name = "Front Desk"
        self._happen(shipment, at, "delivery_confirmed", "delivered", door.at)

    def _bring_back(self, shipment: ShipmentRecord, at: datetime) -> None:
        self._release(shipment)
        self._happen(shipment, at, "returned", "returned", shipment.ask.pickup.at)

    def _release(self, shipment: ShipmentRecord) -> None:
        if shipment.driver:
            self._free += 1
        shipment.driver = ""

    def _enter(
        self, shipment: ShipmentRecord, at: datetime, name: str, state: str, place: LatLng | None = None
    ) -> None:
        def act(now: datetime) -> None:
            if shipment.is_live:
                self._happen(shipment, now, name, state, place)

        self._agenda.enter(at, act)

    def _happen(
        self, shipment: ShipmentRecord, at: datetime, name: str, state: str, place: LatLng | None = None
    ) -> None:
        shipment.state, shipment.updated_at = state, at
        event = Event(name, at, place)
        shipment.events.append(event)
        self._tell(shipment, event)

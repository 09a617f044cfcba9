"""How an order goes: search, match, ride, pickup, ride, proof. Everything happens through the agenda."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.geo import LatLng, distance_m
from simulator.carriers.agenda import Agenda
from simulator.carriers.lalamove.ledger import DETOUR, DriverRecord, OrderRecord, Trip
from simulator.carriers.lalamove.problems import fate_of

EXPIRES_AFTER = timedelta(hours=2)
"""Without a driver, counted from the placing, the appointment, or the first driver who gave up."""

_LEAD = timedelta(minutes=30)
_NAMES = ("David", "Ines", "Jomar", "Kai", "Lupe", "Mei", "Nok", "Omar")


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast drivers work.

    Attributes
    ----------
    speed_mps
        Along the streets, metres a second.
    search_s, pickup_s, handover_s
        Until somebody takes the job (shortest, longest), at the store, at the door.
    bail_chance
        How often a driver gives up before the pickup.
    most_rejections
        Drivers who may give up before the order is rejected.
    """

    speed_mps: float = 6.5
    search_s: tuple[float, float] = (20.0, 90.0)
    pickup_s: float = 120.0
    handover_s: float = 60.0
    bail_chance: float = 0.0
    most_rejections: int = 3


class Rounds:
    """Sends drivers round and tells of every step.

    Parameters
    ----------
    tell
        Called with the kind of event, the order and the instant.
    """

    def __init__(
        self,
        agenda: Agenda,
        rng: random.Random,
        pace: Pace,
        tell: Callable[[str, OrderRecord, datetime], None],
    ) -> None:
        self._agenda = agenda
        self._rng = rng
        self.pace = pace
        self._tell = tell
        self._armed_bails = 0

    def begin(self, order: OrderRecord, at: datetime) -> None:
        """Tell of a new order and look for a driver when its time comes."""
        self._tell("ORDER_CREATED", order, at)
        self._tell("ORDER_STATUS_CHANGED", order, at)
        self._search(order, max(at, order.starts_at - _LEAD))
        self._expire_later(order)

    def arm_bail(self) -> None:
        """Let the next driver who takes a job give up on the way."""
        self._armed_bails += 1

    def bail(self, order: OrderRecord, at: datetime) -> bool:
        """The driver gives the job back; False if there is none, or it is over."""
        if order.status not in {"ON_GOING", "PICKED_UP"}:
            return False
        order.rejections += 1
        order.driver, order.matched_at, order.trip = None, None, None
        if order.rejections >= self.pace.most_rejections:
            self.end(order, at, "REJECTED")
            return True
        if order.rejections == 1:
            order.expires_at = at + EXPIRES_AFTER
            self._expire_later(order)
        self.move(order, at, "ASSIGNING_DRIVER")
        self._search(order, at)
        return True

    def end(self, order: OrderRecord, at: datetime, status: str) -> None:
        """Close an order."""
        order.ended_at = at
        self.move(order, at, status)

    def move(self, order: OrderRecord, at: datetime, status: str) -> None:
        """Give an order another status, and forget what was planned before."""
        order.turn += 1
        order.previous, order.status = order.status, status
        self._tell("ORDER_STATUS_CHANGED", order, at)

    def _search(self, order: OrderRecord, since: datetime) -> None:
        if fate_of(order.stops[-1].address) == "NO_DRIVER":
            return
        found_at = since + timedelta(seconds=self._rng.uniform(*self.pace.search_s))
        self._enter(order, found_at, self._match)

    def _expire_later(self, order: OrderRecord) -> None:
        def expire(at: datetime) -> None:
            if order.status == "ASSIGNING_DRIVER" and at >= order.expires_at:
                self.end(order, at, "EXPIRED")

        self._agenda.enter(order.expires_at, expire)

    def _match(self, order: OrderRecord, at: datetime) -> None:
        place = self._rng.randrange(len(_NAMES))
        order.driver = DriverRecord(
            str(10_000 + self._rng.randrange(80_000)),
            _NAMES[place],
            f"+1555020{self._rng.randrange(10_000):04d}",
            f"**LAM{place}V*",
        )
        order.matched_at = at
        start = _near(order.stops[0].at, self._rng)
        order.trip = self._trip(start, order.stops[0].at, at)
        self.move(order, at, "ON_GOING")
        self._tell("DRIVER_ASSIGNED", order, at)
        is_unlucky = fate_of(order.stops[-1].address) == "REJECTED"
        if self._armed_bails or is_unlucky or self._rng.random() < self.pace.bail_chance:
            self._armed_bails = max(0, self._armed_bails - 1)
            share = self._rng.uniform(0.2, 0.8)
            gives_up_at = at + (order.trip.arrives_at - at) * share
            self._enter(order, gives_up_at, self._give_up)
            return
        there_at = max(order.trip.arrives_at, order.starts_at)
        self._enter(order, there_at + timedelta(seconds=self.pace.pickup_s), self._pick_up)

    def _give_up(self, order: OrderRecord, at: datetime) -> None:
        self.bail(order, at)

    def _pick_up(self, order: OrderRecord, at: datetime) -> None:
        order.picked_up_at = at
        order.trip = self._trip(order.stops[0].at, order.stops[-1].at, at)
        arrives_at = order.trip.arrives_at
        self.move(order, at, "PICKED_UP")
        self._tell("POP_STATUS_CHANGED", order, at)
        done_at = arrives_at + timedelta(seconds=self.pace.handover_s)
        self._enter(order, done_at, self._complete)

    def _complete(self, order: OrderRecord, at: datetime) -> None:
        if order.proof:
            fate = fate_of(order.stops[-1].address)
            order.proof = {"POD_FAILED": "FAILED", "SIGNED": "SIGNED"}.get(fate, "DELIVERED")
            order.ended_at = at
            self._tell("POD_STATUS_CHANGED", order, at)
        self.end(order, at, "COMPLETED")

    def _trip(self, start: LatLng, end: LatLng, at: datetime) -> Trip:
        ride_s = distance_m(start, end) * DETOUR / self.pace.speed_mps
        return Trip(start, end, at, at + timedelta(seconds=ride_s))

    def _enter(self, order: OrderRecord, at: datetime, act: Callable[[OrderRecord, datetime], None]) -> None:
        turn = order.turn

        def act_if_still_meant(now: datetime) -> None:
            if order.is_live and order.turn == turn:
                act(order, now)

        self._agenda.enter(at, act_if_still_meant)


def _near(place: LatLng, rng: random.Random) -> LatLng:
    return LatLng(place.lat + rng.uniform(-0.01, 0.01), place.lng + rng.uniform(-0.01, 0.01))

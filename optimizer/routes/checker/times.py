"""Every arrival, wait and service of a route, walked through from its start.

Between two places the van drives at once. A break is taken where the van stands: one that begins on arrival
elsewhere is taken at the next door before its service, any other where the van was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem
from doorstep.van import Break
from doorstep.visit import Visit
from optimizer.routes.checker.clock import arrival, late_s, later
from optimizer.routes.checker.drive import Call, Drive
from optimizer.routes.checker.violation import Violation, ViolationKind
from optimizer.routes.travel import Travel


def times(problem: RouteProblem, travel: Travel, drive: Drive) -> Iterator[Violation]:
    """Arrivals that the roads do not allow, services out of turn, goods that were not ready."""
    yield from _Walk(problem, travel, drive).through()
    yield from _readiness(drive)


@dataclass(slots=True)
class _Stand:
    """Where the van stands while its route is walked through.

    Attributes
    ----------
    place
        None before the first door of a tour that may begin anywhere.
    came_at, free_at
        When it came there, and from when on it may leave.
    rested_s
        Of the time since it came, or since the last service there.
    is_from_elsewhere
        Whether it drove there, and nobody has been served there since.
    """

    place: LatLng | None
    came_at: datetime
    free_at: datetime
    rested_s: int = 0
    is_from_elsewhere: bool = False


class _Walk:
    """One pass along a route. After it `driving_s` and `metres` are the sums of all drives."""

    def __init__(self, problem: RouteProblem, travel: Travel, drive: Drive) -> None:
        self._problem, self._travel, self._drive = problem, travel, drive
        starts_at = drive.route.starts_at
        self._van = _Stand(drive.van.start, starts_at, starts_at)
        self._driving_s = self._metres = 0

    def through(self) -> Iterator[Violation]:
        """All that is wrong with the times and sums of the way."""
        has_left = False
        for position, call in enumerate(self._drive.calls):
            if not isinstance(call.what, Break):
                has_left = True
                yield from self._stop(call)
            elif has_left or call.stop.departure > self._drive.route.starts_at:
                yield from self._rest(call, position)
        yield from self._home()
        for name, told, total in (
            ("driving_s", self._drive.route.driving_s, self._driving_s),
            ("distance_m", self._drive.route.distance_m, self._metres),
        ):
            if told != total:
                yield self._wrong(
                    ViolationKind.WRONG_TOTAL, f"{name} is {told}, the drives add up to {total}"
                )

    def _rest(self, call: Call, position: int) -> Iterator[Violation]:
        if self._van.place is None or call.stop.arrival != self._van.free_at:
            ahead = next((other.place for other in self._drive.calls[position:] if other.place), None)
            if ahead is None:
                yield self._wrong_arrival(call.stop.arrival, self._van.free_at, call.stop.visit_id)
                return
            yield from self._go(ahead, call)
        self._van.rested_s += (call.stop.departure - call.stop.service_start) // timedelta(seconds=1)
        self._van.free_at = call.stop.departure

    def _stop(self, call: Call) -> Iterator[Violation]:
        assert call.place is not None, "only breaks have no place"  # noqa: S101  # narrows
        van = self._van
        if van.place != call.place or not van.rested_s:
            yield from self._go(call.place, call)
        elif not van.came_at <= call.stop.arrival <= van.free_at:
            # It has stood there since before a break: told as it came, or as its driver was back.
            yield self._wrong_arrival(call.stop.arrival, van.came_at, call.stop.visit_id)
        yield from self._service(call)
        van.came_at = van.free_at = call.stop.departure
        van.rested_s, van.is_from_elsewhere = 0, False

    def _go(self, place: LatLng, call: Call) -> Iterator[Violation]:
        """Take the van to a place, and compare when it is said to come there."""
        van = self._van
        expected = self._arrival(place)
        if expected is None:
            yield self._wrong(ViolationKind.NO_ROAD, "no road leads there", call.stop.visit_id)
        elif call.stop.arrival != expected:
            yield self._wrong_arrival(call.stop.arrival, expected, call.stop.visit_id)
        van.is_from_elsewhere = van.place is not None and van.place != place
        van.place, van.came_at, van.free_at, van.rested_s = place, call.stop.arrival, call.stop.arrival, 0

    def _service(self, call: Call) -> Iterator[Violation]:
        van, stop, visit = self._van, call.stop, call.what
        setup_s = visit.setup_s if isinstance(visit, Visit) and van.is_from_elsewhere else 0
        if stop.service_start < max(later(van.came_at, van.rested_s + setup_s), van.free_at):
            text = f"served too early: {setup_s} s of setting up and {van.rested_s} s of rest come first"
            yield self._wrong(ViolationKind.SERVED_BEFORE_ARRIVAL, text, stop.visit_id)
        if isinstance(visit, Visit):
            service_s = visit.service_s
            yield from self._window(call, visit)
        else:
            service_s = self._drive.van.reloads.service_s if self._drive.van.reloads else 0
        if stop.departure != later(stop.service_start, service_s):
            text = f"leaves at {stop.departure.isoformat()} after {service_s} s of service"
            yield self._wrong(ViolationKind.WRONG_SERVICE_TIME, text, stop.visit_id)

    def _window(self, call: Call, visit: Visit) -> Iterator[Violation]:
        late = late_s(visit, call.stop.service_start)
        if late is None:
            text = f"service at {call.stop.service_start.isoformat()} is in none of its windows"
            yield self._wrong(ViolationKind.OUTSIDE_WINDOW, text, visit.id)
        elif call.stop.late_s != late:
            text = f"late_s is {call.stop.late_s}, it is late by {late} s"
            yield self._wrong(ViolationKind.WRONG_LATENESS, text, visit.id)

    def _home(self) -> Iterator[Violation]:
        end, route = self._drive.van.end, self._drive.route
        expected = self._van.free_at if end is None else self._arrival(end)
        if expected is None:
            yield self._wrong(ViolationKind.NO_ROAD, "no road leads home")
        elif route.ends_at != expected:
            text = f"ends at {route.ends_at.isoformat()}, can at {expected.isoformat()}"
            yield self._wrong(ViolationKind.WRONG_ARRIVAL, text)

    def _arrival(self, place: LatLng) -> datetime | None:
        """When the van is there that leaves as soon as it may; adds the drive to the sums."""
        van = self._van
        if van.place is None:
            return van.free_at
        there = arrival(self._problem, self._travel, van.place, place, van.free_at)
        if there is not None:
            self._driving_s += (there - van.free_at) // timedelta(seconds=1)
            self._metres += self._travel.metres(van.place, place) or 0
        return there

    def _wrong_arrival(self, told: datetime, expected: datetime, visit_id: str) -> Violation:
        text = f"arrives at {told.isoformat()}, can at {expected.isoformat()}"
        return self._wrong(ViolationKind.WRONG_ARRIVAL, text, visit_id)

    def _wrong(self, kind: ViolationKind, text: str, visit_id: str | None = None) -> Violation:
        return Violation(kind, text, self._drive.van.id, visit_id)


def _readiness(drive: Drive) -> Iterator[Violation]:
    """Goods are at the depot before the trip that brings them leaves it."""
    leaves = [drive.route.starts_at, *(call.stop.departure for call, _ in drive.reloads)]
    for call, visit in drive.visit_calls:
        if not drive.is_loaded(visit) or visit.ready_at is None:
            continue
        if leaves[call.trip] < visit.ready_at:
            text = f"ready at {visit.ready_at.isoformat()}, left at {leaves[call.trip].isoformat()}"
            yield Violation(ViolationKind.LEFT_BEFORE_READY, text, drive.van.id, visit.id)

"""The last word on every plan: recomputes it from the problem and the road table alone.

Nothing here is shared with the parts that make plans, so that a mistake there cannot hide itself. Times are
compared as instants, to the microsecond.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from doorstep.route import PlannedRoute, PlannedStop, RouteProblem, RouteSolution, Van, Visit
from optimizer.routes.travel import Travel


class ViolationKind(StrEnum):
    """Which rule a plan breaks."""

    UNKNOWN_VAN = "UNKNOWN_VAN"
    UNKNOWN_VISIT = "UNKNOWN_VISIT"
    VAN_TWICE = "VAN_TWICE"
    VISIT_TWICE = "VISIT_TWICE"
    VISIT_MISSING = "VISIT_MISSING"
    NO_REASON = "NO_REASON"
    EMPTY_ROUTE = "EMPTY_ROUTE"
    WRONG_DEPOT = "WRONG_DEPOT"
    OVERWEIGHT = "OVERWEIGHT"
    OVER_VOLUME = "OVER_VOLUME"
    TOO_MANY_STOPS = "TOO_MANY_STOPS"
    OUTSIDE_SHIFT = "OUTSIDE_SHIFT"
    LEFT_BEFORE_READY = "LEFT_BEFORE_READY"
    NO_ROAD = "NO_ROAD"
    WRONG_ARRIVAL = "WRONG_ARRIVAL"
    SERVED_BEFORE_ARRIVAL = "SERVED_BEFORE_ARRIVAL"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    WRONG_SERVICE_TIME = "WRONG_SERVICE_TIME"
    WRONG_TOTAL = "WRONG_TOTAL"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule, in words for whoever repairs the planner."""

    kind: ViolationKind
    text: str
    van_id: str | None = None
    visit_id: str | None = None


def check(problem: RouteProblem, travel: Travel, solution: RouteSolution) -> tuple[Violation, ...]:
    """Everything that is wrong with a plan; () for a good one."""
    found = list(_bookkeeping(problem, solution))
    vans = {van.id: van for van in problem.vans}
    visits = {visit.id: visit for visit in problem.visits}
    for route in solution.routes:
        van = vans.get(route.van_id)
        if van is None or any(stop.visit_id not in visits for stop in route.stops):
            continue
        on_board = [visits[stop.visit_id] for stop in route.stops]
        found += _load(van, on_board)
        found += _start(problem, van, on_board, route)
        found += _stops(van, on_board, route, travel)
        found += _end(van, on_board, route, travel)
    if not found:
        found += _cost(problem, vans, solution)
    return tuple(found)


def _bookkeeping(problem: RouteProblem, solution: RouteSolution) -> Iterator[Violation]:
    van_ids = {van.id for van in problem.vans}
    visit_ids = {visit.id for visit in problem.visits}
    driven = Counter(route.van_id for route in solution.routes)
    served = Counter(stop.visit_id for route in solution.routes for stop in route.stops)
    left_out = Counter(unassigned.visit_id for unassigned in solution.unassigned)
    placed = served + left_out
    for van_id, times in driven.items():
        if van_id not in van_ids:
            yield Violation(ViolationKind.UNKNOWN_VAN, "no such van", van_id)
        if times > 1:
            yield Violation(ViolationKind.VAN_TWICE, f"drives {times} routes", van_id)
    for visit_id, times in placed.items():
        if visit_id not in visit_ids:
            yield Violation(ViolationKind.UNKNOWN_VISIT, "no such visit", visit_id=visit_id)
        if times > 1:
            yield Violation(ViolationKind.VISIT_TWICE, f"has {times} places", visit_id=visit_id)
    for visit_id in sorted(visit_ids - placed.keys()):
        yield Violation(ViolationKind.VISIT_MISSING, "neither planned nor unassigned", visit_id=visit_id)
    for unassigned in solution.unassigned:
        if not unassigned.reasons:
            yield Violation(ViolationKind.NO_REASON, "unassigned for no reason", visit_id=unassigned.visit_id)
    for route in solution.routes:
        if not route.stops:
            yield Violation(ViolationKind.EMPTY_ROUTE, "has no stop", route.van_id)


def _load(van: Van, on_board: list[Visit]) -> Iterator[Violation]:
    weight_g = sum(visit.weight_g for visit in on_board)
    volume_ml = sum(visit.volume_ml for visit in on_board)
    if weight_g > van.capacity_g:
        yield Violation(ViolationKind.OVERWEIGHT, f"{weight_g} g of {van.capacity_g} g", van.id)
    if van.capacity_ml is not None and volume_ml > van.capacity_ml:
        yield Violation(ViolationKind.OVER_VOLUME, f"{volume_ml} ml of {van.capacity_ml} ml", van.id)
    if van.max_stops is not None and len(on_board) > van.max_stops:
        yield Violation(ViolationKind.TOO_MANY_STOPS, f"{len(on_board)} of {van.max_stops} stops", van.id)
    for visit in on_board:
        if visit.depot_id != van.depot_id:
            yield Violation(ViolationKind.WRONG_DEPOT, "is another depot's", van.id, visit.id)


def _start(
    problem: RouteProblem, van: Van, on_board: list[Visit], route: PlannedRoute
) -> Iterator[Violation]:
    if route.starts_at < max(problem.epoch, van.shift.start):
        yield Violation(ViolationKind.OUTSIDE_SHIFT, f"starts at {route.starts_at.isoformat()}", van.id)
    for visit in on_board:
        if visit.ready_at is not None and route.starts_at < visit.ready_at:
            text = f"ready at {visit.ready_at.isoformat()}, left at {route.starts_at.isoformat()}"
            yield Violation(ViolationKind.LEFT_BEFORE_READY, text, van.id, visit.id)


def _stops(van: Van, on_board: list[Visit], route: PlannedRoute, travel: Travel) -> Iterator[Violation]:
    place, left_at = van.start, route.starts_at
    for visit, stop in zip(on_board, route.stops, strict=True):
        drive_s = travel.seconds(place, visit.location)
        if drive_s is None:
            yield Violation(ViolationKind.NO_ROAD, "no road leads there", van.id, visit.id)
        elif stop.arrival != (expected := left_at + timedelta(seconds=drive_s)):
            text = f"arrives at {stop.arrival.isoformat()}, can at {expected.isoformat()}"
            yield Violation(ViolationKind.WRONG_ARRIVAL, text, van.id, visit.id)
        yield from _service(van, visit, stop)
        place, left_at = visit.location, stop.departure


def _service(van: Van, visit: Visit, stop: PlannedStop) -> Iterator[Violation]:
    begins = stop.service_start
    if begins < stop.arrival:
        yield Violation(ViolationKind.SERVED_BEFORE_ARRIVAL, "served before arrival", van.id, visit.id)
    if visit.windows and not any(window.contains(begins) for window in visit.windows):
        text = f"service at {begins.isoformat()} is in none of its windows"
        yield Violation(ViolationKind.OUTSIDE_WINDOW, text, van.id, visit.id)
    if stop.departure != begins + timedelta(seconds=visit.service_s):
        text = f"leaves at {stop.departure.isoformat()} after {visit.service_s} s of service"
        yield Violation(ViolationKind.WRONG_SERVICE_TIME, text, van.id, visit.id)


def _end(van: Van, on_board: list[Visit], route: PlannedRoute, travel: Travel) -> Iterator[Violation]:
    if not on_board:
        return
    places = [van.start, *(visit.location for visit in on_board), van.end]
    legs = list(pairwise(places))
    seconds, metres = [travel.seconds(*leg) for leg in legs], [travel.metres(*leg) for leg in legs]
    home_s = seconds[-1]
    if home_s is None:
        yield Violation(ViolationKind.NO_ROAD, "no road leads home", van.id)
    else:
        home_at = _last(route) + timedelta(seconds=home_s)
        if route.ends_at != home_at:
            text = f"ends at {route.ends_at.isoformat()}, can at {home_at.isoformat()}"
            yield Violation(ViolationKind.WRONG_ARRIVAL, text, van.id)
    if route.ends_at > van.shift.end:
        yield Violation(ViolationKind.OUTSIDE_SHIFT, f"ends at {route.ends_at.isoformat()}", van.id)
    for name, told, parts in (
        ("driving_s", route.driving_s, seconds),
        ("distance_m", route.distance_m, metres),
    ):
        total = sum(part for part in parts if part is not None)
        if None not in parts and told != total:
            yield Violation(
                ViolationKind.WRONG_TOTAL, f"{name} is {told}, the legs add up to {total}", van.id
            )


def _last(route: PlannedRoute) -> datetime:
    return route.stops[-1].departure


def _cost(problem: RouteProblem, vans: dict[str, Van], solution: RouteSolution) -> Iterator[Violation]:
    """Looked at only where the parts are right. The total may be rounded to the next minor unit."""
    cost = Fraction(0)
    for route in solution.routes:
        hours = Fraction(int((route.ends_at - route.starts_at).total_seconds()), 3600)
        cost += Fraction(route.distance_m, 1000) * problem.cost_per_km_minor
        cost += hours * problem.cost_per_hour_minor + vans[route.van_id].fixed_cost_minor
    if abs(solution.cost_minor - cost) > Fraction(1, 2):
        text = f"cost_minor is {solution.cost_minor}, the routes cost {float(cost):.2f}"
        yield Violation(ViolationKind.WRONG_TOTAL, text)

"""Every visit has one place, or none and a reason; every id is somebody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution, StopKind
from doorstep.visit import Visit, VisitKind
from optimizer.routes.checker.drive import Call, Drive
from optimizer.routes.checker.violation import Violation, ViolationKind

_KINDS = {
    VisitKind.DELIVERY: StopKind.DROPOFF,
    VisitKind.COLLECTION: StopKind.RETURN,
    VisitKind.PICKUP: StopKind.PICKUP,
}


def bookkeeping(problem: RouteProblem, solution: RouteSolution) -> Iterator[Violation]:
    """Visits that are unknown, missing or there twice; vans with two routes, or an empty one."""
    yield from _places(problem, solution)
    for van_id, count in Counter(route.van_id for route in solution.routes).items():
        if count > 1:
            yield Violation(ViolationKind.VAN_TWICE, f"drives {count} routes", van_id)
    for unassigned in solution.unassigned:
        if not unassigned.reasons:
            yield Violation(ViolationKind.NO_REASON, "unassigned for no reason", visit_id=unassigned.visit_id)
    for route in solution.routes:
        if not route.visit_ids:
            yield Violation(ViolationKind.EMPTY_ROUTE, "visits nobody", route.van_id)


def names(solution: RouteSolution, drives: Sequence[Drive]) -> Iterator[Violation]:
    """Vans, breaks and depots that nobody knows, and stops of another kind than their visit."""
    known = {drive.van.id for drive in drives}
    for route in solution.routes:
        if route.van_id not in known:
            yield Violation(ViolationKind.UNKNOWN_VAN, "no such van", route.van_id)
    for drive in drives:
        for call in drive.calls:
            yield from _name(drive.van.id, call)


def _places(problem: RouteProblem, solution: RouteSolution) -> Iterator[Violation]:
    known = {visit.id for visit in problem.visits}
    placed = Counter(visit_id for route in solution.routes for visit_id in route.visit_ids)
    placed.update(unassigned.visit_id for unassigned in solution.unassigned)
    for visit_id, count in placed.items():
        if visit_id not in known:
            yield Violation(ViolationKind.UNKNOWN_VISIT, "no such visit", visit_id=visit_id)
        if count > 1:
            yield Violation(ViolationKind.VISIT_TWICE, f"has {count} places", visit_id=visit_id)
    for visit_id in sorted(known - placed.keys()):
        yield Violation(ViolationKind.VISIT_MISSING, "neither planned nor unassigned", visit_id=visit_id)


def _name(van_id: str, call: Call) -> Iterator[Violation]:
    stop = call.stop
    if isinstance(call.what, Visit) and stop.kind is not (kind := _KINDS[call.what.kind]):
        text = f"a {call.what.kind} is a {kind}, not a {stop.kind}"
        yield Violation(ViolationKind.WRONG_STOP_KIND, text, van_id, stop.visit_id)
    elif call.what is None and stop.kind is StopKind.BREAK:
        yield Violation(ViolationKind.UNKNOWN_BREAK, f"has no break {stop.visit_id!r}", van_id)
    elif call.what is None and stop.kind is StopKind.RELOAD:
        text = f"no depot {stop.visit_id!r} to reload at"
        yield Violation(ViolationKind.NO_RELOAD_HERE, text, van_id)

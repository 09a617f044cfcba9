"""Which van could make a visit at all, whatever the day brings."""

from __future__ import annotations

from collections.abc import Iterator

from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit, VisitKind
from optimizer.routes.checker.violation import Violation, ViolationKind


def inability(van: Van, visit: Visit) -> Iterator[Violation]:
    """Why a van may not make a visit: skills, kind, territory, pin."""
    if missing := visit.skills - van.skills:
        yield Violation(ViolationKind.MISSING_SKILL, f"lacks {sorted(missing)}", van.id, visit.id)
    if visit.vehicle_kinds and van.kind not in visit.vehicle_kinds:
        text = f"a {van.kind!r}, not one of {sorted(visit.vehicle_kinds)}"
        yield Violation(ViolationKind.WRONG_VEHICLE, text, van.id, visit.id)
    if is_outside(van, visit) and van.outside_cost_minor is None:
        text = f"{visit.territory!r} is none of its territories"
        yield Violation(ViolationKind.OUTSIDE_TERRITORY, text, van.id, visit.id)
    if visit.pinned_van not in ("", van.id):
        yield Violation(ViolationKind.WRONG_PIN, f"is pinned to {visit.pinned_van!r}", van.id, visit.id)


def is_outside(van: Van, visit: Visit) -> bool:
    """Whether a visit lies in somebody else's area."""
    return bool(visit.territory and van.territories) and visit.territory not in van.territories


def is_able(problem: RouteProblem, van: Van, visit: Visit) -> bool:
    """Whether nothing keeps a van that comes by the visit's depot from it, nor from the other of its pair."""
    if visit.from_visit or visit.kind is VisitKind.PICKUP:
        pair = [
            other for other in problem.visits if visit.from_visit == other.id or other.from_visit == visit.id
        ]
        return not any(True for other in (visit, *pair) for _ in inability(van, other))
    depots = ("", van.depot_id, *(van.reloads.depot_ids if van.reloads else ()))
    return visit.depot_id in depots and not any(True for _ in inability(van, visit))

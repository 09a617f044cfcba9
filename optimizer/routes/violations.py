"""Broken rules as sentences for a dispatcher."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from doorstep.route_problem import BalanceMeasure, RouteProblem
from doorstep.route_solution import PlannedRoute, RouteViolation, ViolationKind
from doorstep.van import Van
from doorstep.visit import Visit
from optimizer.routes.mending.balance import share_of, vans_on_duty
from optimizer.routes.numbered.task import Task
from optimizer.routes.timetable.faults import Fault

_SECOND = timedelta(seconds=1)


def violations_of(
    problem: RouteProblem, task: Task, van: int, tour: Sequence[int], faults: Iterable[Fault]
) -> Iterator[RouteViolation]:
    """What `schedule.faults` found on a tour, one sentence each.

    Of goods that are elsewhere the sentence that says where is enough: the tour's order makes no difference.
    """
    told: list[tuple[Fault, RouteViolation]] = []
    for fault in faults:
        number = None if fault.position is None else tour[fault.position]
        visit = problem.visits[number] if number is not None and number >= 0 else None
        told.append((fault, _violation(task, problem.vans[van], visit, fault)))
    elsewhere = {(one.kind, one.visit_id) for fault, one in told if fault.kind is ViolationKind.WRONG_VEHICLE}
    for fault, one in told:
        is_said = fault.kind in _ABOUT_GOODS and (one.kind, one.visit_id) in elsewhere
        if not is_said:
            yield one


def _violation(task: Task, van: Van, visit: Visit | None, fault: Fault) -> RouteViolation:
    kind, text = fault.kind, _SENTENCES.get(fault.kind, "Breaks a rule of the van.")
    by_s: int | None = None
    if kind is ViolationKind.WRONG_VEHICLE and visit is not None:
        kind, text = _not_allowed(van, visit)
    elif kind is ViolationKind.OVER_CAPACITY:
        text = _too_much(task, fault)
    elif kind is ViolationKind.TOO_MANY_STOPS:
        text = f"Makes {fault.by} more stops than the {van.max_stops} that the van may make."
    elif kind is ViolationKind.TOO_LONG and fault.is_way:
        text = f"Drives {fault.by / 1000:.1f} km more than the van may."
    elif kind in (ViolationKind.LATE, ViolationKind.OVER_SHIFT, ViolationKind.TOO_LONG):
        by_s = fault.by
        text = text.format(span=span(fault.by))
    return RouteViolation(kind, fault.is_hard, text, van.id, visit.id if visit else "", by_s)


_ABOUT_GOODS = (ViolationKind.WRONG_DEPOT, ViolationKind.NOT_READY)

_SENTENCES = {
    ViolationKind.LATE: "Begins {span} after the window closes.",
    ViolationKind.OVER_SHIFT: "Comes home {span} after the shift ends.",
    ViolationKind.TOO_LONG: "Takes {span} longer than the van may be out.",
    ViolationKind.NO_ROAD: "No road leads there.",
    ViolationKind.WRONG_DEPOT: "Its goods lie at, or go to, a depot that the van does not come by in time.",
    ViolationKind.NOT_READY: "Its goods are not on board: the van has left, and does not reload before.",
    ViolationKind.BROKEN_ORDER: "Is out of order with the visit it belongs to, or lies behind other goods.",
    ViolationKind.LOCKED: "Is pinned to another place of the tour.",
    ViolationKind.OUTSIDE_TERRITORY: "Lies outside of the driver's territories.",
    ViolationKind.OTHER: "Reloads more often than the van may.",
}


def _not_allowed(van: Van, visit: Visit) -> tuple[ViolationKind, str]:
    """Which of the rules says that this van may not make the visit."""
    if visit.pinned_van not in ("", van.id):
        return ViolationKind.LOCKED, "Is pinned to another van."
    return _unable(van, visit) or _without_goods(van, visit)


def _unable(van: Van, visit: Visit) -> tuple[ViolationKind, str] | None:
    if missing := sorted(visit.skills - van.skills):
        return ViolationKind.MISSING_SKILL, f"Needs {_listed(missing)}, which the driver lacks."
    if visit.vehicle_kinds and van.kind not in visit.vehicle_kinds:
        return (
            ViolationKind.WRONG_VEHICLE,
            f"Needs another kind of van: {_listed(sorted(visit.vehicle_kinds))}.",
        )
    if visit.territory and van.territories and visit.territory not in van.territories:
        return ViolationKind.OUTSIDE_TERRITORY, "Lies outside of the driver's territories."
    return None


def _without_goods(van: Van, visit: Visit) -> tuple[ViolationKind, str]:
    reload_ids = van.reloads.depot_ids if van.reloads else ()
    if visit.depot_id not in ("", van.depot_id, *reload_ids):
        return ViolationKind.WRONG_DEPOT, "Its goods lie at another depot."
    if van.is_under_way and van.reloads is None:
        return ViolationKind.NOT_READY, "Its goods are not on board: the van has left without them."
    return ViolationKind.LOCKED, "Stays with the van whose driver was told of it."


def unbalanced(task: Task, routes: Iterable[PlannedRoute]) -> Iterator[RouteViolation]:
    """Routes with more than the share of a van on duty: see `balance.share_of`."""
    balance, on_duty = task.balance, vans_on_duty(task)
    if balance is None or not on_duty:
        return
    works = {route.van_id: _work(balance.measure, route) for route in routes}
    most = share_of(balance, sum(works.values()), len(on_duty))
    for van_id, work in works.items():
        if work > most:
            if balance.measure is BalanceMeasure.STOPS:
                text = f"Makes {work} stops; an even share is {most} at most."
            else:
                text = f"Takes {span(work)}; an even share is {span(most)} at most."
            yield RouteViolation(ViolationKind.UNBALANCED, is_hard=False, text=text, van_id=van_id)


def _work(measure: BalanceMeasure, route: PlannedRoute) -> int:
    if measure is BalanceMeasure.STOPS:
        return len(route.visit_ids)
    return (route.ends_at - route.starts_at) // _SECOND


def _too_much(task: Task, fault: Fault) -> str:
    name = task.dimensions[fault.dimension or 0]
    if name == "weight_g":
        return f"{fault.by / 1000:.10g} kg more than the van carries."
    if name == "volume_ml":
        return f"{fault.by / 1000:.10g} l more than fit into the van."
    return f"{fault.by} more {name} than the van carries."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def span(seconds: int) -> str:
    """Rounded up to minutes: "1 min", "2 h 05 min"."""
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

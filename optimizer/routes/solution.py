"""From numbered tours to the answer that the caller reads."""

from __future__ import annotations

from collections.abc import Iterator

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import (
    EngineStep,
    PlannedRoute,
    PlannedStop,
    RouteSolution,
    RouteViolation,
    StopKind,
    UnassignedCode,
    UnassignedReason,
    UnassignedVisit,
)
from optimizer.routes.explain import unassigned_of
from optimizer.routes.mending.stability import moved
from optimizer.routes.numbered.task import RELOAD, Task, Tours, in_minor, visits_in
from optimizer.routes.timetable.faults import Fault
from optimizer.routes.timetable.schedule import Entry, Timetable, faults
from optimizer.routes.violations import unbalanced, violations_of

_ON_NO_TOUR = UnassignedReason(UnassignedCode.OTHER, "Is on no tour of this plan.")


class UndrivableTour(ValueError):
    """A tour has no timetable; the message says why and names no place."""


def solution_of(
    problem: RouteProblem,
    task: Task,
    tours: Tours,
    *,
    is_approximate: bool,
    method: str,
    steps: tuple[EngineStep, ...] = (),
    reasons_until_s: float | None = None,
) -> RouteSolution:
    """Put times, costs, reasons and what is broken by choice to tours.

    Parameters
    ----------
    reasons_until_s
        When the reasons are to be told, on the monotonic clock: see `unassigned_of`.

    Raises
    ------
    UndrivableTour
        If a tour breaks a hard rule.
    """
    timed = {van: faults(task, van, tour) for van, tour in enumerate(tours) if visits_in(tour)}
    for van, (_, found) in timed.items():
        if hard := sorted({fault.kind.value for fault in found if fault.is_hard}):
            raise UndrivableTour(f"{', '.join(hard)} on the tour of van {problem.vans[van].id}")
    return _solution(
        problem,
        task,
        tours,
        timed,
        unassigned_of(problem, task, tours, until_s=reasons_until_s),
        is_approximate=is_approximate,
        method=method,
        steps=steps,
    )


def told_exactly(problem: RouteProblem, task: Task, tours: Tours, *, is_approximate: bool) -> RouteSolution:
    """Tours however bad, with everything that is wrong with them in `soft`, hard violations included."""
    timed = {van: faults(task, van, tour) for van, tour in enumerate(tours) if visits_in(tour)}
    planned = {visit for tour in tours for visit in visits_in(tour)}
    unassigned = tuple(
        UnassignedVisit(visit.id, (_ON_NO_TOUR,))
        for number, visit in enumerate(problem.visits)
        if number not in planned
    )
    return _solution(
        problem, task, tours, timed, unassigned, is_approximate=is_approximate, method="as told", steps=()
    )


def _solution(
    problem: RouteProblem,
    task: Task,
    tours: Tours,
    timed: dict[int, tuple[Timetable, tuple[Fault, ...]]],
    unassigned: tuple[UnassignedVisit, ...],
    *,
    is_approximate: bool,
    method: str,
    steps: tuple[EngineStep, ...],
) -> RouteSolution:
    routes = tuple(
        _route(problem, task, van, times, is_approximate=is_approximate) for van, (times, _) in timed.items()
    )
    return RouteSolution(
        routes=routes,
        unassigned=unassigned,
        method=method,
        cost_minor=in_minor(sum(times.cost for times, _ in timed.values())),
        soft=(*_violations(problem, task, tours, timed), *unbalanced(task, routes)),
        moved=moved(task, tours),
        steps=steps,
    )


def _violations(
    problem: RouteProblem,
    task: Task,
    tours: Tours,
    timed: dict[int, tuple[Timetable, tuple[Fault, ...]]],
) -> Iterator[RouteViolation]:
    for van, (_, found) in timed.items():
        yield from violations_of(problem, task, van, tours[van], found)


def _route(
    problem: RouteProblem, task: Task, van: int, times: Timetable, *, is_approximate: bool
) -> PlannedRoute:
    return PlannedRoute(
        van_id=problem.vans[van].id,
        stops=tuple(_stop(problem, task, van, entry) for entry in times.entries),
        starts_at=task.instant(times.starts_s),
        ends_at=task.instant(times.ends_s),
        distance_m=times.metres,
        driving_s=times.driving_s,
        is_approximate=is_approximate,
        overtime_s=times.overtime_s,
        cost_minor=in_minor(times.cost),
        peak_weight_g=times.peaks[0],
        peak_volume_ml=times.peaks[1],
    )


def _stop(problem: RouteProblem, task: Task, van: int, entry: Entry) -> PlannedStop:
    if entry.kind is StopKind.RELOAD:
        name = task.vans[van].reload_ids[RELOAD - entry.number]
    elif entry.kind is StopKind.BREAK:
        name = task.vans[van].breaks[entry.number].id
    else:
        name = problem.visits[entry.number].id
    return PlannedStop(
        visit_id=name,
        arrival=task.instant(entry.arrives_s),
        service_start=task.instant(entry.begins_s),
        departure=task.instant(entry.leaves_s),
        kind=entry.kind,
        late_s=entry.late_s,
    )

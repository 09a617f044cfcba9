"""From numbered tours to the answer that the caller reads."""

from __future__ import annotations

from doorstep.route import PlannedRoute, PlannedStop, RouteProblem, RouteSolution, UnassignedVisit
from optimizer.routes.explain import reasons_of
from optimizer.routes.schedule import Misfit, Timetable, cost_of, timetable
from optimizer.routes.task import Task, Tours, in_minor


class UndrivableTour(ValueError):
    """A tour has no timetable; the message says why and names no place."""


def solution_of(
    problem: RouteProblem, task: Task, tours: Tours, *, is_approximate: bool, method: str
) -> RouteSolution:
    """Put times, cost and reasons to tours.

    Raises
    ------
    UndrivableTour
        If a tour breaks a window, a shift or a road.
    """
    timed = {van: _times(problem, task, van, tour) for van, tour in enumerate(tours) if tour}
    planned = {visit for tour in tours for visit in tour}
    return RouteSolution(
        routes=tuple(
            _route(problem, task, van, tours[van], times, is_approximate=is_approximate)
            for van, times in timed.items()
        ),
        unassigned=tuple(
            UnassignedVisit(visit.id, reasons_of(problem, task, tours, number))
            for number, visit in enumerate(problem.visits)
            if number not in planned
        ),
        method=method,
        cost_minor=in_minor(sum(cost_of(task, van, times) for van, times in timed.items())),
    )


def _times(problem: RouteProblem, task: Task, van: int, tour: tuple[int, ...]) -> Timetable:
    times = timetable(task, van, tour)
    if isinstance(times, Misfit):
        raise UndrivableTour(f"{times.code} on the tour of van {problem.vans[van].id}")
    return times


def _route(
    problem: RouteProblem,
    task: Task,
    van: int,
    tour: tuple[int, ...],
    times: Timetable,
    *,
    is_approximate: bool,
) -> PlannedRoute:
    seconds = zip(tour, times.arrivals_s, times.service_starts_s, times.departures_s, strict=True)
    return PlannedRoute(
        van_id=problem.vans[van].id,
        stops=tuple(
            PlannedStop(
                visit_id=problem.visits[visit].id,
                arrival=task.instant(arrival),
                service_start=task.instant(begins),
                departure=task.instant(departure),
            )
            for visit, arrival, begins, departure in seconds
        ),
        starts_at=task.instant(times.starts_s),
        ends_at=task.instant(times.ends_s),
        distance_m=times.metres,
        driving_s=times.driving_s,
        is_approximate=is_approximate,
    )

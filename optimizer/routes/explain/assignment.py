"""Why this van: for every stop of a plan what it costs where it is, and who would make it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from time import monotonic

from doorstep.money import Money
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import Assignment, PlannedStop, RouteSolution, StopKind
from optimizer.routes.insertion.place import without_idle_reloads
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.task import Task, Tour, Tours, in_minor, visits_in
from optimizer.routes.timetable.schedule import faults


def with_assignments(
    problem: RouteProblem, task: Task, tours: Tours, solution: RouteSolution, *, within_s: float = 2.0
) -> RouteSolution:
    """The solution of these tours, each of its visits with the reason why it is where it is.

    Parameters
    ----------
    within_s
        Stops that are not reached in so many seconds are left without: thousands where breaks or soft
        windows want a timetable for each gap that is tried.
    """
    deadline_s = monotonic() + within_s
    found = assignments(problem, task, tours, is_over=lambda: monotonic() >= deadline_s)
    routes = tuple(
        replace(route, stops=tuple(_with_reason(stop, task, found) for stop in route.stops))
        for route in solution.routes
    )
    return replace(solution, routes=routes)


def _with_reason(stop: PlannedStop, task: Task, found: Mapping[int, Assignment]) -> PlannedStop:
    if stop.kind in (StopKind.RELOAD, StopKind.BREAK):
        return stop
    return replace(stop, why=found.get(task.visit_numbers[stop.visit_id]))


def assignments(
    problem: RouteProblem,
    task: Task,
    tours: Tours,
    *,
    only: Collection[int] | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> dict[int, Assignment]:
    """By visit on a tour; both visits of a pair are told what the pair costs.

    Parameters
    ----------
    tours
        Into those that cannot be driven as they are, nothing else is put.
    only
        These visits; None for all.
    is_over
        Asked before each; those that come after are left out.
    """
    slack = Slack(task, tours)
    found: dict[int, Assignment] = {}
    for van, tour in enumerate(tours):
        whole = faults(task, van, tour)[0].cost if visits_in(tour) else 0
        for number in visits_in(tour):
            partner = task.visits[number].partner
            if only is not None and number not in only:
                continue
            if partner in found:
                found[number] = found[partner]
                continue
            if is_over():
                return found
            saved = whole - _cost_without(task, van, tour, number)
            found[number] = _assignment(problem, task, number, van, saved, slack)
    return found


def _cost_without(task: Task, van: int, tour: Tour, number: int) -> int:
    gone = (number, task.visits[number].partner)
    rest = without_idle_reloads(task, van, tuple(entry for entry in tour if entry not in gone))
    return faults(task, van, rest)[0].cost if visits_in(rest) else 0


def _assignment(
    problem: RouteProblem, task: Task, number: int, van: int, saved: int, slack: Slack
) -> Assignment:
    here_minor = in_minor(saved)
    word = "Costs" if here_minor >= 0 else "Saves"
    here = f"{word} {Money(abs(here_minor), problem.currency)} here"
    others = [other for other in range(len(task.vans)) if other != van and task.may[number, other]]
    place = slack.cheapest(number, others) if others else None
    if place is None:
        return Assignment(f"{here}; {_why_nobody_else(problem, task, number, van, others)}.", here_minor)
    next_minor = in_minor(place.cost)
    word = "cost" if next_minor >= 0 else "save"
    text = f"{here}; the next best van would {word} {Money(abs(next_minor), problem.currency)}."
    return Assignment(text, here_minor, problem.vans[place.van].id, next_minor)


def _why_nobody_else(problem: RouteProblem, task: Task, number: int, van: int, others: list[int]) -> str:
    if others:
        return "no other van has the room or the time for it"
    if problem.visits[number].pinned_van:
        return "it is pinned to this van"
    if task.given and number in task.given[van][: task.frozen[van]]:
        return "the driver is on the way already"
    return "no other van may make it"

"""A day that goes on: the same vans a little later, with other tours and some new visits.

To number a thousand visits again and to look at all their tours takes a fifth of a second; of one order to
the next hardly anything is different.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from math import ceil

from doorstep.problem_checks import InvalidProblem
from doorstep.road import RoadMatrix, RoadTable
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from optimizer.live.standing import Standing
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import TaskVan, Tour, visits_in
from optimizer.routes.timetable.reloading import with_reloads
from optimizer.routes.travel import Travel, places_of

MOST_LEFT = 0.1
"""Share of a day's visits that may have come and gone; they take room and nothing else."""

LONGEST = timedelta(hours=12)
"""From its first epoch on a day goes on; then its hours are counted anew."""

_OF_ITS_OWN = ("epoch", "visits", "vans", "given")


def follow(now: Standing, problem: RouteProblem) -> bool:
    """Let a day stand as another problem says, whose places it knows; says whether it could.

    It can where vans differ in their hours at most, none is under way, and no visit is another than it was.
    What it cannot is left as it was: such a day is made anew. Times go on counting from the old epoch, and
    what a visit's move to another van has to save stays what it was.
    """
    numbers = now.task.visit_numbers
    new = tuple(visit for visit in problem.visits if visit.id not in numbers)
    if not _is_same_day(now.rules, problem) or not _are_same_visits(now, problem, len(new)):
        return False
    # Those of the problem are in any order; those of the task stay where they are.
    visits = (*now.visits, *new)
    try:
        rules = replace(problem, epoch=now.rules.epoch, visits=visits)
    except InvalidProblem:
        return False  # what has gone wants what has come
    task = now.with_visits(new) if new else now.task
    vans = _vans(now, problem)
    has_other_hours = vans != task.vans
    told = {route.van_id: route for route in problem.given}
    given = tuple(_numbers(told.get(van.id), task.visit_numbers) for van in problem.vans)
    task = replace(task, vans=vans, given=given, frozen=(0,) * len(vans))
    tours = tuple(
        was if tuple(visits_in(was)) == tour else with_reloads(task, van, tour)
        for van, (was, tour) in enumerate(zip(now.slack.tours, given, strict=True))
    )
    now.rules, now.task, now.visits = rules, task, visits
    now.gone = frozenset(numbers).difference(visit.id for visit in problem.visits)
    if has_other_hours:
        now.slack = Slack(task, tours)
    else:
        _change(now.slack, now, tours)
    return True


def tell(now: Standing) -> bool:
    """Drivers are told the tours as they are; says whether that needs nothing else to be worked out anew."""
    if not _is_simple(now.rules) or any(now.task.frozen):
        return False
    if now.rules.stability and not _is_told(now.rules):
        return False  # what a change has to save hangs on what was told, and nothing was
    problem = now.problem
    given = tuple(tuple(visits_in(tour)) for tour in now.slack.tours)
    now.rules = replace(problem, given=now.told({}))
    now.task = replace(now.task, given=given)
    now.slack.tell(now.task)
    return True


def _change(slack: Slack, now: Standing, tours: Sequence[Tour]) -> None:
    slack.use(now.task)
    changed = [van for van, (was, tour) in enumerate(zip(slack.tours, tours, strict=True)) if was != tour]
    # What goes from one to another must have left the one before it comes to the other.
    for van in changed:
        slack.change(van, ())
    for van in changed:
        slack.change(van, tours[van])
    slack.tell(now.task)


def _is_simple(problem: RouteProblem) -> bool:
    """Whether what drivers were told says nothing of who may make a visit."""
    return problem.stability < 1 and not any(van.is_under_way for van in problem.vans)


def _is_told(problem: RouteProblem) -> bool:
    return any(route.visit_ids for route in problem.given)


def _is_same_day(rules: RouteProblem, problem: RouteProblem) -> bool:
    if not _is_simple(rules) or not _is_simple(problem) or any(route.frozen for route in problem.given):
        return False
    # What a change has to save hangs on how much was told at all.
    if problem.stability and not _is_told(rules) and _is_told(problem):
        return False
    names = [field.name for field in fields(RouteProblem) if field.name not in _OF_ITS_OWN]
    is_alike = all(getattr(rules, name) == getattr(problem, name) for name in names)
    is_soon = timedelta(0) <= problem.epoch - rules.epoch <= LONGEST
    return is_alike and is_soon and len(rules.vans) == len(problem.vans) and _are_same_vans(rules, problem)


def _are_same_vans(rules: RouteProblem, problem: RouteProblem) -> bool:
    return all(
        was == van or _at_hours_of(was, van) == van for was, van in zip(rules.vans, problem.vans, strict=True)
    )


def _at_hours_of(van: Van, other: Van) -> Van:
    return replace(van, shift=other.shift, breaks=other.breaks, overtime_s=other.overtime_s)


def _are_same_visits(now: Standing, problem: RouteProblem, new: int) -> bool:
    numbers = now.task.visit_numbers
    left = len(now.visits) + new - len(problem.visits)
    if left > MOST_LEFT * len(problem.visits):
        return False
    return all(_is_same(now.visits[numbers[one.id]], one) for one in problem.visits if one.id in numbers)


def _is_same(was: Visit, visit: Visit) -> bool:
    return was is visit or was == visit


def _vans(now: Standing, problem: RouteProblem) -> tuple[TaskVan, ...]:
    """The vans with the hours that they have left; nothing happens before the problem's epoch."""
    vans, begins_s = list(now.task.vans), ceil((problem.epoch - now.rules.epoch).total_seconds())
    changed = [
        number
        for number, van in enumerate(problem.vans)
        if now.rules.vans[number] != van or vans[number].shift_start_s < begins_s
    ]
    if not changed:
        return now.task.vans
    small = replace(
        problem,
        epoch=now.rules.epoch,
        visits=(),
        vans=tuple(problem.vans[number] for number in changed),
        given=(),
        speeds=None,
        balance=None,
    )
    for number, hours in zip(changed, task_of(small, _nowhere_far(small)).vans, strict=True):
        vans[number] = replace(
            vans[number],
            shift_start_s=max(begins_s, hours.shift_start_s),
            shift_end_s=hours.shift_end_s,
            overtime_s=hours.overtime_s,
            breaks=hours.breaks,
        )
    return tuple(vans)


def _nowhere_far(problem: RouteProblem) -> Travel:
    """A map without distances: hours do not depend on them."""
    places = places_of(problem)
    nothing = RoadMatrix(len(places), len(places), bytes(4 * len(places) ** 2))
    return Travel({place: row for row, place in enumerate(places)}, RoadTable(nothing, nothing))


def _numbers(route: GivenRoute | None, numbers: Mapping[str, int]) -> Tour:
    return tuple(numbers[name] for name in route.visit_ids) if route is not None else ()

"""A day that goes on: the same vans a little later and further on, with other tours and some new visits.

To number a thousand visits again and to look at all their tours takes a fifth of a second; of one order to
the next hardly anything is different.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

from doorstep.geo import LatLng
from doorstep.problem_checks import InvalidProblem
from doorstep.road import RoadMatrix, RoadTable
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.visit import Visit
from optimizer.live.growing import Standards, with_visits
from optimizer.live.same_day import changed_visits, is_same_day, is_told
from optimizer.live.standing import Standing
from optimizer.live.ways import NewPlaces
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.eligibility import may_make
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import NOWHERE, Task, TaskVan, Tour, Tours, visits_in
from optimizer.routes.timetable.reloading import with_reloads
from optimizer.routes.travel import Travel, places_of


def follow(now: Standing, problem: RouteProblem, roads: NewPlaces | None = None) -> bool:
    """Let a day stand as another problem says; says whether it could.

    It can where `is_same_day`. What it cannot is left as it was: such a day is made anew. Times go on
    counting from the old epoch, and what a visit's move to another van has to save stays what it was.

    Parameters
    ----------
    roads
        To places that the day does not know.
    """
    changed = dict(changed_visits(now, problem))
    rules = _rules(now, problem) if is_same_day(now, problem, changed) else None
    if roads is not None:
        now.ground.learn(roads, () if rules is None else _left_behind(now, problem))
    if rules is None:
        return False
    is_plain = not changed and _is_plain(now.rules) and _is_plain(problem)
    task = _task(now, problem, rules.visits[len(now.visits) :], changed)
    has_other_goods = _goods_by_van(now.rules) != _goods_by_van(rules)
    was_said = (now.task.given, now.task.frozen, len(now.visits))
    is_said_again = (task.given, task.frozen, len(rules.visits)) == was_said
    if not is_plain and (changed or has_other_goods or not is_said_again):
        may, is_outside = may_make(rules, task.given, task.frozen)
        task = replace(task, may=may, is_outside=is_outside)
    tours = tuple(_tour(now, task, van, told) for van, told in enumerate(task.given))
    is_same = is_plain and task.vans == now.task.vans
    now.gone = frozenset(now.task.visit_numbers).difference(visit.id for visit in problem.visits)
    now.rules, now.task, now.visits = rules, task, rules.visits
    if has_other_goods:
        now.standards = Standards(rules, task)
    if is_same:
        _change(now.slack, now, tours)
    else:
        now.slack = Slack(task, tours)
    return True


def tell(now: Standing) -> bool:
    """Drivers are told the tours as they are; says whether that needs nothing else to be worked out anew."""
    problem = now.problem
    if problem.stability == 1:
        return False  # what drivers were told says who may make a visit
    if problem.stability and not is_told(problem):
        return False  # what a change has to save hangs on what was told, and nothing was
    tours = now.slack.tours
    given = tuple(tuple(visits_in(tour)) for tour in tours)
    now.rules = replace(problem, given=now.told({}))
    task = replace(now.task, given=given, frozen=(0,) * len(given))
    if _is_plain(problem):
        now.task = task
        now.slack.tell(task)
        return True
    may, is_outside = may_make(now.rules, given, task.frozen)
    now.task = replace(task, may=may, is_outside=is_outside)
    now.slack = Slack(now.task, tours)
    return True


def _rules(now: Standing, problem: RouteProblem) -> RouteProblem | None:
    """The problem with all visits of the task in its order, and behind them the new ones."""
    numbers = now.task.visit_numbers
    asked = {visit.id: visit for visit in problem.visits}
    known = (asked.get(visit.id, visit) for visit in now.visits)
    new = (visit for visit in problem.visits if visit.id not in numbers)
    try:
        return replace(problem, epoch=now.rules.epoch, visits=(*known, *new))
    except InvalidProblem:
        return None  # what has gone wants what has come


def _is_plain(problem: RouteProblem) -> bool:
    """Whether what drivers were told says nothing of who may make a visit."""
    is_waiting = not any(van.is_under_way for van in problem.vans)
    return is_waiting and not any(route.frozen for route in problem.given)


def _goods_by_van(problem: RouteProblem) -> list[object]:
    """What decides whether a new order can be loaded."""
    return [(van.is_under_way, van.reloads) for van in problem.vans]


def _left_behind(now: Standing, problem: RouteProblem) -> list[int]:
    """Places at which vans under way were, and nothing else is: others can be written over them."""
    task, stays = now.task, set(places_of(problem))
    moving = {van.start for van in task.vans if van.is_under_way} - {NOWHERE}
    used = {visit.place for visit in task.visits} | {van.end for van in task.vans}
    used |= {place for van in task.vans for place in van.reload_places}
    used |= {van.start for van in task.vans if not van.is_under_way}
    return [place for place in sorted(moving - used) if now.ground.is_alone(place, stays)]


def _task(now: Standing, problem: RouteProblem, new: Sequence[Visit], changed: Mapping[int, Visit]) -> Task:
    """The task as the problem says, but for who may make what."""
    vans = _vans(now, problem)
    task = _with_changed(now, changed)
    if new:
        task = with_visits(task, now.ground, now.standards, now.rules, new)
    given, frozen = _told(problem, task)
    return replace(task, vans=vans, given=given, frozen=frozen)


def _with_changed(now: Standing, changed: Mapping[int, Visit]) -> Task:
    """The task on the ground as it is now, with what is left of visits that are begun."""
    seconds, metres = now.ground.tables
    visits = list(now.task.visits)
    for number, visit in changed.items():
        visits[number] = replace(visits[number], service_s=visit.service_s, pinned_place=visit.pinned_place)
    return replace(
        now.task,
        visits=tuple(visits) if changed else now.task.visits,
        seconds_table=seconds,
        metres_table=metres,
        setup_s=tuple(now.ground.setup_s),
        sites=tuple(now.ground.sites),
    )


def _told(problem: RouteProblem, task: Task) -> tuple[Tours, tuple[int, ...]]:
    """What drivers were told, by van, and how much of it is frozen."""
    told: Mapping[str, GivenRoute] = {route.van_id: route for route in problem.given}
    routes = [told.get(van.id) for van in problem.vans]
    numbers = task.visit_numbers
    given = tuple(tuple(numbers[name] for name in route.visit_ids) if route else () for route in routes)
    return given, tuple(route.frozen if route else 0 for route in routes)


def _tour(now: Standing, task: Task, van: int, told: Tour) -> Tour:
    was = now.slack.tours[van]
    is_waiting = not (now.task.vans[van].is_under_way or task.vans[van].is_under_way)
    return was if is_waiting and tuple(visits_in(was)) == told else with_reloads(task, van, told)


def _change(slack: Slack, now: Standing, tours: Sequence[Tour]) -> None:
    slack.use(now.task)
    changed = [van for van, (was, tour) in enumerate(zip(slack.tours, tours, strict=True)) if was != tour]
    # What goes from one to another must have left the one before it comes to the other.
    for van in changed:
        slack.change(van, ())
    for van in changed:
        slack.change(van, tours[van])
    slack.tell(now.task)


def _vans(now: Standing, problem: RouteProblem) -> tuple[TaskVan, ...]:
    """The vans with the hours that they have left, where they are; nothing happens before the epoch."""
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
    depots = {depot.id: depot.location for depot in problem.depots}
    for number, alone in zip(changed, task_of(small, _nowhere_far(small)).vans, strict=True):
        vans[number] = replace(
            alone,
            start=_place(now, problem.vans[number].start),
            end=vans[number].end,
            capacity=vans[number].capacity,
            reload_places=tuple(_place(now, depots[name]) for name in alone.reload_ids),
            shift_start_s=max(begins_s, alone.shift_start_s),
        )
    return tuple(vans)


def _place(now: Standing, location: LatLng | None) -> int:
    return NOWHERE if location is None else now.ground.place(location, 0)


def _nowhere_far(problem: RouteProblem) -> Travel:
    """A map without distances: hours do not depend on them."""
    places = places_of(problem)
    nothing = RoadMatrix(len(places), len(places), bytes(4 * len(places) ** 2))
    return Travel({place: row for row, place in enumerate(places)}, RoadTable(nothing, nothing))

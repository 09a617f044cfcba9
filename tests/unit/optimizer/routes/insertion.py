"""Plans by plain insertion, to have something to check, explain and compare."""

from __future__ import annotations

from doorstep.route_problem import RouteProblem
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tour
from optimizer.routes.timetable.schedule import Misfit, timetable
from optimizer.routes.travel import Travel


def inserted(problem: RouteProblem, travel: Travel) -> Slack:
    """Every visit at its cheapest place, in their order.

    What is frozen comes first; of a frozen beginning that cannot be driven nothing is made.
    """
    task = task_of(problem, travel)
    slack = Slack(task, [_frozen(task, van) for van in range(len(task.vans))])
    held = {number for tour, count in zip(task.given, task.frozen, strict=True) for number in tour[:count]}
    for number, visit in enumerate(task.visits):
        if slack.van_of(number) is not None or number in held or visit.partner in held:
            continue
        place = slack.cheapest(number)
        if place is not None:
            slack.put(place)
    return slack


def _frozen(task: Task, van: int) -> Tour:
    tour = task.given[van][: task.frozen[van]] if task.given else ()
    return () if not tour or isinstance(timetable(task, van, tour), Misfit) else tour

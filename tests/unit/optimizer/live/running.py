"""Days that run, in the flat town."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from doorstep.geo import LatLng
from doorstep.route_problem import GivenRoute, RouteProblem
from optimizer.live import NewPlaces, RunningDay, ways_to
from optimizer.routes.checker import Violation, check
from optimizer.routes.insertion.greedy import hardest_first, insert
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import visits_in
from optimizer.routes.timetable.reloading import with_reloads
from tests.unit.optimizer.routes.town import FlatRoads, travel_for


def running(problem: RouteProblem) -> RunningDay:
    """The day with its routes as they are given."""
    return RunningDay(problem, travel_for(problem))


def told(problem: RouteProblem, seed: int) -> RouteProblem:
    """The problem with routes that keep all rules, the beginnings of some frozen."""
    draw, task = Random(seed), task_of(problem, travel_for(problem))
    given = tuple(with_reloads(task, van, tour) for van, tour in enumerate(task.given))
    tours = insert(task, kept_to_rules(Objective(task), given), hardest_first(task))
    visits = [visits_in(tour) for tour in tours]
    return replace(
        problem,
        given=tuple(
            GivenRoute(
                van.id,
                tuple(problem.visits[number].id for number in numbers),
                min(len(numbers), draw.choice([0, 0, 1, 2])),
            )
            for van, numbers in zip(problem.vans, visits, strict=True)
            if numbers
        ),
    )


async def roads_to(day: RunningDay, *places: LatLng) -> NewPlaces:
    """What a day needs to know of new places."""
    return await ways_to(places, day.places, FlatRoads())


def faults(day: RunningDay) -> tuple[Violation, ...]:
    """What the checker has against the routes."""
    return check(day.problem, day.travel, day.solution())

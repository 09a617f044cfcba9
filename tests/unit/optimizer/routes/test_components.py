"""Independent parts of a day, and each with its own share of the search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window
from optimizer.routes.components import Part, improve, parts_of
from optimizer.routes.engine import Limits
from optimizer.routes.insertion.greedy import empty_tours
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task
from tests.unit.optimizer.routes.town import EPOCH, place, travel_for

SHIFT = Window(EPOCH, EPOCH + timedelta(hours=8))


def unwatched(part: str, assigned: int, cost: int) -> None:
    pass


def task_with(*needs: str, drivers: tuple[str, ...]) -> Task:
    """A visit for each need, a van for each driver; a driver has the skills of the letters of the name."""
    visits = tuple(
        Visit(f"v{n}", "", place(500 * n + 500, 700), 60, 1, skills=frozenset(need))
        for n, need in enumerate(needs)
    )
    home = place(0, 0)
    vans = tuple(
        Van(f"van{n}", "depot", home, home, SHIFT, 99, skills=frozenset(letters))
        for n, letters in enumerate(drivers)
    )
    problem = RouteProblem(EPOCH, visits, vans)
    return task_of(problem, travel_for(problem))


def test_vans_that_share_no_visit_are_apart_and_those_that_do_are_together() -> None:
    apart = task_with("a", "b", "a", drivers=("a", "b", "a"))
    assert parts_of(apart) == (Part((0, 2), (0, 2)), Part((1,), (1,)))
    joined = task_with("a", "b", "", drivers=("a", "b", "a"))
    assert parts_of(joined) == (Part((0, 1, 2), (0, 1, 2)),)


def test_a_visit_that_nobody_may_make_is_in_no_part() -> None:
    assert parts_of(task_with("z", "a", drivers=("a",))) == (Part((1,), (0,)),)


def test_every_part_is_searched_and_told_of() -> None:
    task = task_with("a", "b", "a", "b", drivers=("a", "b"))
    told: dict[str, int] = {}

    def watch(part: str, assigned: int, cost: int) -> None:
        told[part] = assigned

    limits = Limits(float("inf"), max_iterations=50)
    tours = improve(task, empty_tours(task), seed=1, limits=limits, watch=watch)
    assert [sorted(tour) for tour in tours] == [[0, 2], [1, 3]]
    assert told == {"part 0": 2, "part 1": 2}


def test_the_same_seed_gives_the_same_tours(random_day: Callable[..., RouteProblem]) -> None:
    problem = random_day(12, visits=30)
    task = task_of(problem, travel_for(problem))
    limits = Limits(float("inf"), max_iterations=60)
    first, second = (
        improve(task, empty_tours(task), seed=3, limits=limits, watch=unwatched) for _ in range(2)
    )
    assert first == second

"""What drivers were told changes only where it pays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from doorstep.route_problem import GivenRoute, RouteProblem
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.stability import keep_what_pays, moved
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tours
from tests.unit.optimizer.routes.by_hand import day, van, visit
from tests.unit.optimizer.routes.town import travel_for

KM = (10, 11, -10, -11, 20, 21)
TOLD = ((0, 1), (2, 3), (4, 5))


def told(routes: Sequence[Sequence[int]], stability: float) -> RouteProblem:
    """Six doors on one road, by kilometres east of the depot; three vans that were told so."""
    given = tuple(
        GivenRoute(name, tuple(f"v{number}" for number in route))
        for name, route in zip(("one", "two", "three"), routes, strict=True)
    )
    doors = [visit(f"v{number}", km) for number, km in enumerate(KM)]
    return day(doors, van(), van("two"), van("three"), given=given, stability=stability)


def task_for(routes: Sequence[Sequence[int]], stability: float) -> Task:
    problem = told(routes, stability)
    return task_of(problem, travel_for(problem))


def test_visits_with_another_van_or_with_none_have_moved_and_new_ones_have_not() -> None:
    task = task_for(((0, 1), (2,), (4,)), 0.0)
    # 0 and 1 change their order only; 2 is left out; 4 goes from the third van to the second.
    assert moved(task, ((1, 0), (4,), (3, 5))) == 2


@pytest.mark.parametrize(
    ("routes", "better", "kept"),
    [
        # One and two exchange for a way of 40 km; three sends 5 round by another van for nothing.
        (((0, 2), (1, 3), (4, 5)), ((0, 1), (2, 3), (4, 5)), ((0, 1), (2, 3), (4, 5))),
        (TOLD, ((0, 1, 5), (2, 3), (4,)), TOLD),
        (((0, 2), (1, 3), (4, 5)), ((1, 0), (2, 3), (5, 4)), ((1, 0), (2, 3), (4, 5))),
    ],
    ids=["worth it", "not worth it", "each group by itself"],
)
def test_vans_that_exchange_visits_change_together_and_only_where_it_pays(
    routes: Tours, better: Tours, kept: Tours
) -> None:
    objective = Objective(task_for(routes, 0.1))
    chosen = keep_what_pays(objective, tuple(map(tuple, routes)), better)
    assert objective.cost(chosen) == objective.cost(kept)
    assert moved(objective.task, chosen) == moved(objective.task, kept)


def test_the_more_stability_is_wished_the_more_a_change_has_to_save() -> None:
    routes: Tours = ((0, 2), (1, 3), (4, 5))
    better: Tours = ((0, 1), (2, 3), (4, 5))
    changes = []
    for stability in (0.0, 0.3, 0.9):
        objective = Objective(task_for(routes, stability))
        changes.append(moved(objective.task, keep_what_pays(objective, routes, better)))
    assert changes == [2, 2, 0]

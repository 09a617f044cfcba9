"""OR-Tools' routing library: the rules that it is there for, checked by the timetable."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.van import Break
from doorstep.visit import Lateness, PinnedPlace, VisitKind
from optimizer.routes.engine import Limits
from optimizer.routes.mending.neighbourhoods import Neighbourhood
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tours
from optimizer.routes.or_tools.engine import can_model, improve_with_or_tools
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.days import FEATURES, random_day
from tests.unit.optimizer.routes.exhaustive import cheapest_plan
from tests.unit.optimizer.routes.town import place, travel_for

TOWN = [place(*spot) for spot in ((3000, 1000), (-2000, 4000), (5000, -3000), (-4000, -2000), (1000, 6000))]
DOORS = [replace(visit(f"v{number}"), location=spot) for number, spot in enumerate(TOWN)]
LUNCH = Break("lunch", span(20, 30), 1800)
UNKNOWN_TO_IT = {"speeds", "reloads", "balance"}

RULES = {
    "breaks": day(DOORS, van(breaks=(LUNCH,)), van("two", breaks=(LUNCH,))),
    "last in first out": day(
        [
            replace(DOORS[0], kind=VisitKind.PICKUP),
            replace(DOORS[1], kind=VisitKind.PICKUP),
            replace(DOORS[2], from_visit="v0"),
            replace(DOORS[3], from_visit="v1"),
        ],
        van(is_lifo=True),
    ),
    "pins": day(
        [
            replace(DOORS[0], pinned_van="one", pinned_place=PinnedPlace.LAST),
            replace(DOORS[1], pinned_van="one", pinned_place=PinnedPlace.FIRST),
            *DOORS[2:],
        ],
        van(),
    ),
    "a frozen beginning": day(DOORS, van(), van("two"), given=(GivenRoute("one", ("v3", "v2"), frozen=2),)),
    "what drivers were told": day(
        DOORS, van(), van("two"), given=(GivenRoute("two", ("v3", "v2", "v0")),), stability=0.6
    ),
    "soft windows and overtime": day(
        [replace(door, windows=(span(0, 12),), late=Lateness(3000)) for door in DOORS],
        van(shift=span(0, 20), overtime_s=3600, overtime_cost_per_hour_minor=900),
        van("two", fixed_cost_minor=2000),
    ),
    "collections and loads": day(
        [
            replace(DOORS[0], weight_g=6000, kind=VisitKind.COLLECTION),
            replace(DOORS[1], weight_g=6000),
            replace(DOORS[2], weight_g=4000),
            replace(DOORS[3], weight_g=4000, kind=VisitKind.COLLECTION),
        ],
        van(),
        van("two", fixed_cost_minor=500),
    ),
    "skips": day([replace(door, skip_cost_minor=700) for door in DOORS], van()),
    "any door to begin and end at": day(DOORS, van(start=None, end=None)),
}


def improved(task: Task, tours: Tours, iterations: int = 40, seconds: float = 60) -> Tours:
    limits = Limits(monotonic() + seconds, iterations)
    return improve_with_or_tools(task, tours, seed=1, limits=limits, watch=lambda *_: None)


def inserted(task: Task) -> Tours:
    neighbourhood = Neighbourhood(Objective(task), seed=1)
    return neighbourhood.filled(neighbourhood.plan_of(((),) * len(task.vans))).tours


@pytest.mark.parametrize("problem", RULES.values(), ids=RULES)
def test_a_handful_of_visits_ends_with_the_cheapest_plan_of_all(problem: RouteProblem) -> None:
    task = task_of(problem, travel_for(problem))
    assert can_model(task)
    assert Objective(task).cost(improved(task, inserted(task))) == cheapest_plan(task)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=10)
def test_no_answer_breaks_a_rule_or_costs_more_than_the_tours_given(seed: int) -> None:
    problem = random_day(seed, features=set(FEATURES[seed % 3 :: 3]) - UNKNOWN_TO_IT)
    task = task_of(problem, travel_for(problem))
    start, objective = inserted(task), Objective(task)
    cost = objective.cost(improved(task, start, iterations=20, seconds=0.3))
    assert cost is not None
    assert cost <= (objective.cost(start) or 0)


def test_the_same_task_and_iterations_give_the_same_tours() -> None:
    problem = random_day(11, features=("breaks", "pairs", "last in first out"))
    task = task_of(problem, travel_for(problem))
    assert improved(task, inserted(task), 40) == improved(task, inserted(task), 40)


def test_a_search_that_is_called_off_ends_with_its_first_tours() -> None:
    problem = RULES["breaks"]
    task = task_of(problem, travel_for(problem))
    limits = Limits(monotonic() + 60)
    limits.called_off.set()
    improve_with_or_tools(task, inserted(task), seed=1, limits=limits, watch=lambda *_: None)
    assert limits.deadline_s - monotonic() > 30


@pytest.mark.parametrize("feature", sorted(UNKNOWN_TO_IT))
def test_tasks_with_rules_that_the_library_is_not_told_are_not_for_it(feature: str) -> None:
    problem = random_day(4, features=(feature,))
    assert not can_model(task_of(problem, travel_for(problem)))

"""Ruin and recreate: under every rule, never worse, and the best where the best is known."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.route_problem import Balance, BalanceMeasure, RouteProblem, SpeedProfile
from doorstep.van import Break, Depot, Reloads
from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.engine import Limits
from optimizer.routes.mending.neighbourhoods import Neighbourhood, Plan, anneal
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, visits_in
from tests.unit.optimizer.routes.by_hand import HOME, day, span, van, visit
from tests.unit.optimizer.routes.days import random_day
from tests.unit.optimizer.routes.exhaustive import cheapest_plan
from tests.unit.optimizer.routes.town import place, travel_for

TOWN = [place(*spot) for spot in ((3000, 1000), (-2000, 4000), (5000, -3000), (-4000, -2000), (1000, 6000))]
DOORS = [replace(visit(f"v{number}"), location=spot) for number, spot in enumerate(TOWN)]
LUNCH = Break("lunch", span(20, 30), 1800)
RUSH_HOUR = SpeedProfile((0.4,) * 10 + (1.5,) * 14, "UTC")

RULES = {
    "breaks": day(DOORS, van(breaks=(LUNCH,)), van("two", breaks=(LUNCH,))),
    "speeds by the hour": day(
        [replace(door, windows=(span(30 * number, 240),)) for number, door in enumerate(DOORS)],
        van(),
        van("two"),
        speeds=RUSH_HOUR,
    ),
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
    "even stops": day(
        DOORS, van(), van("two", fixed_cost_minor=5000), balance=Balance(BalanceMeasure.STOPS, 0.2)
    ),
    "even time": day(
        DOORS, van(), van("two", fixed_cost_minor=5000), balance=Balance(BalanceMeasure.TIME, 0.2)
    ),
    "what may be skipped": day([replace(door, skip_cost_minor=700) for door in DOORS], van()),
}


def annealed(task: Task, *, seed: int = 1, iterations: int = 60) -> Plan:
    neighbourhood = Neighbourhood(Objective(task), seed)
    start = neighbourhood.filled(neighbourhood.plan_of(((),) * len(task.vans)))
    limits = Limits(monotonic() + 60, iterations)
    return anneal(neighbourhood, start, seed=seed, limits=limits)


@pytest.mark.parametrize("problem", RULES.values(), ids=RULES)
def test_a_handful_of_visits_ends_with_the_cheapest_plan_of_all(problem: RouteProblem) -> None:
    task = task_of(problem, travel_for(problem))
    assert annealed(task).cost == cheapest_plan(task)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_what_a_plan_says_it_costs_is_what_its_tours_cost(seed: int) -> None:
    problem = random_day(seed)
    task = task_of(problem, travel_for(problem))
    plan = annealed(task, seed=seed, iterations=10)
    served = [number for tour in plan.tours for number in visits_in(tour)]
    assert plan.cost == Objective(task).cost(plan.tours)
    assert sorted([*served, *(number for unit in plan.left_out for number in unit)]) == [
        *range(len(task.visits))
    ]


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    problem = random_day(7, features=("breaks", "pairs", "reloads", "balance"))
    task = task_of(problem, travel_for(problem))
    assert annealed(task, seed=3) == annealed(task, seed=3)


def test_a_van_comes_back_for_more_where_its_load_asks_for_it() -> None:
    # Three crates of 6 kg for a van of 10 kg: two ways back.
    problem = day(
        [replace(door, weight_g=6000) for door in DOORS[:3]],
        van(reloads=Reloads(("depot",), 2, 60)),
        depots=(Depot("depot", HOME),),
    )
    task = task_of(problem, travel_for(problem))
    plan = annealed(task)
    assert not plan.left_out
    assert sum(entry < 0 for entry in plan.tours[0]) == 2

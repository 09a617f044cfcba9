"""Evenness: who has too much, what it costs, and what another engine is told."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import pytest

from doorstep.route_problem import Balance, BalanceMeasure, GivenRoute, RouteProblem
from optimizer.routes.checker import check
from optimizer.routes.engine import Limits
from optimizer.routes.mending.balance import above_share, most_stops, price_of, vans_on_duty
from optimizer.routes.mending.mending import mend
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Tours
from optimizer.routes.solution import solution_of
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.town import travel_for

STOPS = Balance(BalanceMeasure.STOPS, 0.2)
TIME = Balance(BalanceMeasure.TIME, 0.1)


def balanced(balance: Balance) -> RouteProblem:
    """Ten doors on one road for two vans, and a third whose shift is over before it begins."""
    doors = [visit(f"v{number}", 1 + number) for number in range(10)]
    return day(doors, van(), van("two"), van("ill", shift=span(-60, -30)), balance=balance)


@pytest.mark.parametrize(
    ("balance", "works", "above"),
    [
        (STOPS, (7, 5), (0, 0)),  # 6 x 1.2 = 7.2
        (STOPS, (8, 4), (1, 0)),
        (replace(STOPS, tolerance=0.0), (4, 3), (0, 0)),  # 3.5 cannot be
        (TIME, (1000, 1300, 700), (0, 200, 0)),  # 1000 x 1.1
        (TIME, (), ()),
    ],
)
def test_work_above_the_share_is_what_exceeds_the_average_and_the_tolerance(
    balance: Balance, works: tuple[int, ...], above: tuple[int, ...]
) -> None:
    assert above_share(balance, works) == above


def test_a_van_whose_shift_is_over_shares_nothing() -> None:
    problem = balanced(STOPS)
    task = task_of(problem, travel_for(problem))
    assert vans_on_duty(task) == (0, 1)
    # 10 stops / 2 vans x 1.2
    assert most_stops(task) == (6, 6, 6)


def test_an_engine_that_knows_no_balance_is_told_no_stops_where_time_is_to_be_even() -> None:
    problem = balanced(TIME)
    assert most_stops(task_of(problem, travel_for(problem))) is None


@pytest.mark.parametrize("stability", [0.0, 0.5])
def test_hours_are_shared_evenly_even_where_that_changes_what_drivers_were_told(stability: float) -> None:
    # Ten minutes at each of eight doors, all with van one: 107 minutes, and none for van two.
    doors = [visit(f"v{number}", 1 + number, service_s=600) for number in range(8)]
    told = (GivenRoute("one", tuple(door.id for door in doors)),)
    problem = day(doors, van(), van("two"), balance=TIME, given=told, stability=stability)
    task = task_of(problem, travel_for(problem))
    objective = Objective(task)
    tours = mend(task, (tuple(range(8)), ()), seed=1, limits=Limits(monotonic() + 60, 200))
    parts = [objective.of_van(van, tour) for van, tour in enumerate(tours)]
    assert sum(map(len, tours)) == 8
    assert max(part.work for part in parts if part) <= 85 * 60


@pytest.mark.parametrize("balance", [STOPS, TIME], ids=["stops", "time"])
def test_an_uneven_plan_costs_more_than_an_even_one_but_less_than_to_leave_a_visit_out(
    balance: Balance,
) -> None:
    problem = balanced(balance)
    task = task_of(problem, travel_for(problem))
    objective = Objective(task)
    even = objective.cost(((0, 1, 2, 3, 4, 5), (6, 7, 8, 9), ()))
    uneven = objective.cost((tuple(range(9)), (9,), ()))
    less = objective.cost((tuple(range(8)), (9,), ()))
    assert even is not None
    assert uneven is not None
    assert less is not None
    assert price_of(task) > 0
    assert even < uneven < less


@pytest.mark.parametrize(
    ("balance", "tours", "blamed"),
    [
        (replace(STOPS, tolerance=0.0), ((0, 1), (2,), ()), []),  # three cannot be shared more evenly
        (replace(STOPS, tolerance=0.0), ((0, 1, 2), (), ()), ["one"]),
        (TIME, ((0, 1), (2,), ()), []),  # 640 s and 720 s of 680 s x 1.1
        (TIME, ((0,), (2, 1), ()), ["two"]),
    ],
)
def test_who_is_told_to_have_too_much_has_it_by_the_checker_too(
    balance: Balance, tours: Tours, blamed: list[str]
) -> None:
    problem = balanced(balance)
    problem = replace(problem, visits=problem.visits[:3])
    task, travel = task_of(problem, travel_for(problem)), travel_for(problem)
    solution = solution_of(problem, task, tours, is_approximate=False, method="by hand")
    assert [soft.van_id for soft in solution.soft] == blamed
    assert check(problem, travel, solution) == ()

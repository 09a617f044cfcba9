"""Mending: from tours of whoever knows fewer rules to tours that keep all of them."""

from __future__ import annotations

import random
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.route_problem import GivenRoute
from doorstep.van import Break
from doorstep.visit import VisitKind
from optimizer.routes.engine import Limits
from optimizer.routes.mending.mending import mend, needs_mending
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules
from optimizer.routes.mending.stability import moved
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tours, visits_in
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.days import random_day
from tests.unit.optimizer.routes.town import travel_for


def mended(task: Task, tours: Tours, *, iterations: int = 8) -> Tours:
    return mend(task, tours, seed=1, limits=Limits(monotonic() + 60, iterations))


def scrambled(task: Task, seed: int) -> Tours:
    """Every visit with any van, in any order."""
    draw = random.Random(seed)
    tours: list[list[int]] = [[] for _ in task.vans]
    for number in draw.sample(range(len(task.visits)), len(task.visits)):
        draw.choice(tours).append(number)
    return tuple(map(tuple, tours))


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_whatever_it_gets_it_answers_with_tours_that_keep_every_rule(seed: int) -> None:
    problem = random_day(seed)
    task = task_of(problem, travel_for(problem))
    tours = mended(task, scrambled(task, seed))
    planned = [number for tour in tours for number in visits_in(tour)]
    assert Objective(task).cost(tours) is not None
    assert len(planned) == len(set(planned))


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_tours_that_are_good_already_never_get_worse(seed: int) -> None:
    problem = random_day(seed)
    task = task_of(problem, travel_for(problem))
    first = mended(task, ((),) * len(task.vans), iterations=1)
    objective = Objective(task)
    before, after = objective.cost(first), objective.cost(mended(task, first))
    assert before is not None
    assert after is not None
    assert after <= before


def test_a_task_without_such_rules_comes_back_as_it_is() -> None:
    problem = day([visit("a", 5), visit("b", 6)], van(), van("two"))
    task = task_of(problem, travel_for(problem))
    tours: Tours = ((0,), (1,))
    assert not needs_mending(task)
    assert mended(task, tours) is tours


def test_what_does_not_fit_around_a_break_goes_to_the_other_van() -> None:
    # The doors are 15 minutes away and close at minute 25: who leaves before the break drives through it,
    # who leaves after its window comes at 26.
    doors = [visit(name, 9, windows=(span(0, 25),)) for name in ("a", "b")]
    rest = Break("rest", span(5, 11), 1800)
    problem = day(doors, van(breaks=(rest,)), van("two", fixed_cost_minor=9000))
    task = task_of(problem, travel_for(problem))
    assert needs_mending(task)
    assert sorted(mended(task, ((0, 1), ()))[1]) == [0, 1]


@pytest.mark.parametrize(("stability", "changes"), [(0.0, 2), (1.0, 0)])
def test_drivers_keep_what_they_were_told_as_far_as_it_is_wished(stability: float, changes: int) -> None:
    doors = [visit(name, km) for name, km in (("a", 10), ("b", -10), ("c", 11), ("d", -11))]
    told = (GivenRoute("one", ("a", "b")), GivenRoute("two", ("c", "d")))
    problem = day(doors, van(), van("two"), given=told, stability=stability)
    task = task_of(problem, travel_for(problem))
    assert moved(task, mended(task, ((0, 2), (1, 3)))) == changes


def test_a_drop_off_stays_with_its_van_where_only_its_pick_up_is_frozen() -> None:
    fetch, bring = visit("fetch", 5, kind=VisitKind.PICKUP), visit("bring", 6, from_visit="fetch")
    told = (GivenRoute("one", ("fetch", "bring"), 1),)
    problem = day([fetch, bring], van(), given=told)
    task = task_of(problem, travel_for(problem))
    assert kept_to_rules(Objective(task), ((0, 1),)) == ((0, 1),)

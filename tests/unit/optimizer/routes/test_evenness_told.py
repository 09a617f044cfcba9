"""What is left out for the sake of evenness is told so, and not that time ran out."""

from __future__ import annotations

import pytest

from doorstep.route_problem import Balance, BalanceMeasure
from optimizer.routes.explain import reasons_of
from optimizer.routes.numbered.numbering import task_of
from tests.unit.optimizer.routes.by_hand import day, van, visit
from tests.unit.optimizer.routes.town import travel_for

DOORS = [visit(name, 6, skip_cost_minor=10**6) for name in "ab"]


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (BalanceMeasure.STOPS, "With it, the van would make 3 stops; an even share is 2 at most."),
        # Ten minutes there, two at each of three doors, ten back; the other van stays at home.
        (BalanceMeasure.TIME, "With it, the van would be out 26 min; an even share is 13 min at most."),
    ],
)
def test_what_would_be_uneven_says_by_how_much(measure: BalanceMeasure, text: str) -> None:
    third = visit("c", 6, skip_cost_minor=10**6, pinned_van="one")
    problem = day([*DOORS, third], van(), van("two"), balance=Balance(measure, 0.0))
    task = task_of(problem, travel_for(problem))
    (reason,) = reasons_of(problem, task, ((0, 1), ()), 2)
    assert (reason.text, reason.van_id) == (text, "one")


def test_what_is_even_is_not_blamed_on_evenness() -> None:
    problem = day(
        [*DOORS, visit("c", 6, skip_cost_minor=10**6)], van(), balance=Balance(BalanceMeasure.STOPS)
    )
    task = task_of(problem, travel_for(problem))
    (reason,) = reasons_of(problem, task, ((0, 1),), 2)
    assert "even" not in reason.text

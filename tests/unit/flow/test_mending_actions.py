"""The tables of actions are whole, and money is counted beside what was to be paid."""

from __future__ import annotations

import pytest

from doorstep.incident import IncidentKind, StepAction
from doorstep.money import Money
from gateway.flow.mending.actions import ACTIONS, SENSIBLE
from gateway.flow.mending.actions.answers import most
from gateway.flow.mending.actions.words import LANGUAGES, Ask, worded
from gateway.flow.messaging.people.words import LANGUAGES as OF_NOTICES


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def test_everything_that_a_step_can_be_is_an_action() -> None:
    assert set(ACTIONS) == set(StepAction) - {StepAction.OTHER}


def test_every_kind_has_something_worth_offering_once() -> None:
    assert set(SENSIBLE) == set(IncidentKind)
    for kind, actions in SENSIBLE.items():
        assert set(actions) <= set(ACTIONS), kind
        assert len(set(actions)) == len(actions), kind
        assert actions, kind


def test_questions_are_worded_in_every_language_that_notices_are() -> None:
    assert LANGUAGES == OF_NOTICES
    for ask in Ask:
        assert len({worded(ask, language) for language in LANGUAGES}) == len(LANGUAGES)
    assert worded(Ask.DRIVER, "fi") == worded(Ask.DRIVER, "en")


@pytest.mark.parametrize(
    ("before", "may_spend", "highest"),
    [
        (usd(500), usd(400), usd(900)),
        (usd(500), None, None),
        (None, usd(400), usd(400)),
        (Money(500, "EUR"), usd(400), usd(400)),
    ],
)
def test_a_price_is_bounded_by_what_may_be_spent_on_top(
    before: Money | None, may_spend: Money | None, highest: Money | None
) -> None:
    assert most(before, may_spend) == highest

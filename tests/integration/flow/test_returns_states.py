"""The life of a failed attempt as a table, and what is open when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.delivery import DeliveryEvent, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.failed_attempt import OPEN_ATTEMPTS, AttemptChoice, AttemptFailure, AttemptState
from doorstep.goods import Goods, GoodsTrait
from doorstep.merchant import AttemptRules
from doorstep.order import HandoverRequirement
from doorstep.quote import DeliveryMode
from gateway.flow.returning.choices import Situation, by_rule, failures_in, may_be_left, open_choices
from gateway.flow.returning.states import TABLE, AttemptStep, after, step_of_status
from tests.integration.flow.fakes import NOON

# Rows are states, columns the steps in the order of `AttemptStep`; "-" is a step that is none from there.
LIFE = """
    OPEN         TRYING_AGAIN LEAVING GOING_BACK GIVEN_UP TRYING_AGAIN SUPERSEDED DELIVERED GOING_BACK BACK GIVEN_UP
    TRYING_AGAIN TRYING_AGAIN LEAVING GOING_BACK GIVEN_UP TRYING_AGAIN SUPERSEDED DELIVERED GOING_BACK BACK GIVEN_UP
    LEAVING      TRYING_AGAIN LEAVING GOING_BACK GIVEN_UP LEAVING      SUPERSEDED DELIVERED GOING_BACK BACK GIVEN_UP
    GOING_BACK   GOING_BACK   -       -          GIVEN_UP -            SUPERSEDED DELIVERED GOING_BACK BACK GIVEN_UP
    BACK         SENT_AGAIN   -       -          GIVEN_UP -            -          -         -          BACK -
    SENT_AGAIN   -            -       -          -        -            -          -         -          -    -
    DELIVERED    -            -       -          -        -            -          -         -          -    -
    GIVEN_UP     -            -       -          -        -            -          -         -          -    -
    SUPERSEDED   -            -       -          -        -            -          -         -          -    -
"""  # noqa: E501  # a table is read across
ROWS = [line.split() for line in LIFE.strip().splitlines()]
T, S, R, G = AttemptChoice
OWN, COURIER, PARCEL = DeliveryMode.OWN_FLEET, DeliveryMode.COURIER, DeliveryMode.PARCEL


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_step_from_every_state_leads_where_the_table_says(row: list[str]) -> None:
    state, *expected = row
    reached = [after(AttemptState(state), step) for step in AttemptStep]
    assert [one.value if one else "-" for one in reached] == expected


def test_the_table_has_every_state_and_only_open_ones_go_on() -> None:
    assert [row[0] for row in ROWS] == list(AttemptState) == list(TABLE)
    assert {state for state, steps in TABLE.items() if steps} == OPEN_ATTEMPTS


def test_a_status_before_the_door_says_nothing_of_an_attempt() -> None:
    assert step_of_status(DeliveryStatus.BOOKED) is None
    assert step_of_status(DeliveryStatus.ATTEMPT_FAILED) is None
    assert step_of_status(DeliveryStatus.RETURNED) is AttemptStep.CAME_BACK


@pytest.mark.parametrize(
    ("state", "failure", "mode", "takes_changes", "number", "expected"),
    [
        ("OPEN", "NOT_HOME", OWN, False, 1, (T, S, R, G)),
        ("OPEN", "NOT_HOME", COURIER, True, 1, (T, S, R, G)),
        ("OPEN", "NOT_HOME", COURIER, False, 1, (T, R, G)),
        ("OPEN", "NOT_HOME", PARCEL, False, 1, (G,)),
        ("OPEN", "NOT_HOME", OWN, False, 3, (R, G)),
        ("OPEN", "REFUSED", OWN, False, 1, (R, G)),
        ("OPEN", "AGE_CHECK_FAILED", COURIER, True, 1, (R, G)),
        ("GOING_BACK", "NOT_HOME", COURIER, True, 1, (T, G)),
        ("BACK", "NOT_HOME", PARCEL, False, 1, (T, G)),
        ("DELIVERED", "NOT_HOME", OWN, True, 1, ()),
    ],
)
def test_what_is_open_follows_from_state_failure_carrier_and_number(
    state: str,
    failure: str,
    mode: DeliveryMode,
    takes_changes: bool,
    number: int,
    expected: tuple[AttemptChoice, ...],
) -> None:
    situation = Situation(
        AttemptState(state), AttemptFailure(failure), mode, takes_changes, number, Goods(), ()
    )
    assert open_choices(situation, AttemptRules()) == expected


@pytest.mark.parametrize(
    ("goods", "requirements", "expected"),
    [
        (Goods(), (), True),
        (Goods(), (HandoverRequirement.PHOTO,), True),
        (Goods(), (HandoverRequirement.SIGNATURE,), False),
        (Goods(frozenset({GoodsTrait.ALCOHOL})), (), False),
        (Goods(minimum_age=18), (), False),
        (Goods(frozenset({GoodsTrait.FROZEN})), (), False),
    ],
)
def test_only_what_nobody_has_to_be_seen_for_may_be_left(
    goods: Goods, requirements: tuple[HandoverRequirement, ...], expected: bool
) -> None:
    assert may_be_left(goods, requirements) is expected


def test_without_an_answer_the_rule_follows_and_else_the_way_back() -> None:
    rules = AttemptRules(default_action=T)
    assert by_rule((T, S, R, G), rules) is T
    assert by_rule((R, G), rules) is R
    assert by_rule((G,), rules) is None, "money is a person's to give"


def test_a_carrier_that_says_failed_twice_has_tried_once_unless_it_went_out_in_between() -> None:
    told = [
        ("ATTEMPT_FAILED", 0),
        ("ATTEMPT_FAILED", 1),
        ("OUT_FOR_DELIVERY", 2),
        ("ATTEMPT_FAILED", 3),
        ("ATTEMPT_FAILED", 10),  # seven hours later, of a parcel carrier that scans the door alone
        ("RETURNING", 11),
        ("RETURNED", 12),
    ]
    events = [
        DeliveryEvent(
            f"evt{hour}",
            "mer",
            "del",
            "leg",
            DeliveryStatus(status),
            NOON + timedelta(hours=hour),
            NOON,
            EventSource.CARRIER,
            str(hour),
            "",
        )
        for status, hour in told
    ]
    assert [event.id for event in failures_in(events)] == ["evt0", "evt3", "evt10"]
    assert [event.id for event in failures_in(events[5:])] == ["evt11"], "turned back without a word before"

"""Who fails again and again is left alone, and let in again by one question that decides."""

from __future__ import annotations

import pytest

from doorstep.errors import AccountProblem, RateLimited
from gateway.flow.quoting.breaker import (
    ACCOUNT_PAUSE_S,
    ENOUGH,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    WINDOW_S,
    Breaker,
    BreakerState,
)


def opened(at_s: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(ENOUGH):
        breaker.failed(at_s)
    return breaker


def test_a_few_failures_open_nothing() -> None:
    breaker = Breaker()
    for _ in range(ENOUGH - 1):
        breaker.failed(0.0)
    assert breaker.state(0.0) is BreakerState.CLOSED
    assert breaker.admit(0.0)


def test_more_good_answers_than_bad_ones_keep_it_closed() -> None:
    breaker = Breaker()
    for _ in range(ENOUGH):
        breaker.succeeded(0.0)
        breaker.succeeded(0.0)
        breaker.failed(0.0)
    assert breaker.state(0.0) is BreakerState.CLOSED


def test_failures_of_long_ago_do_not_count() -> None:
    breaker = Breaker()
    for number in range(3 * ENOUGH):
        breaker.failed(number * (WINDOW_S / (ENOUGH - 2)))
    assert breaker.state(3 * ENOUGH * WINDOW_S) is BreakerState.CLOSED


def test_after_the_pause_one_question_goes_through_and_the_others_wait_for_its_answer() -> None:
    breaker = opened()
    assert not breaker.admit(FIRST_PAUSE_S - 0.1)
    assert [breaker.admit(FIRST_PAUSE_S) for _ in range(3)] == [True, False, False]
    breaker.succeeded(FIRST_PAUSE_S + 1)
    assert breaker.state(FIRST_PAUSE_S + 1) is BreakerState.CLOSED
    assert breaker.cause == ""


def test_each_trial_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    breaker, at_s, waits = opened(), 0.0, []
    for _ in range(6):
        waits.append(breaker.wait_s(at_s))
        at_s += waits[-1]
        assert breaker.admit(at_s)
        breaker.failed(at_s)
    assert waits[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert waits[-1] == LONGEST_PAUSE_S


def test_a_trial_that_nobody_waited_for_leaves_the_next_one_to_decide() -> None:
    breaker = opened()
    assert breaker.admit(FIRST_PAUSE_S)
    breaker.abandoned()
    assert breaker.admit(FIRST_PAUSE_S)


@pytest.mark.parametrize(
    ("error", "pause_s"),
    [
        (RateLimited("slow down", system="x", retry_after_s=12.0), 12.0),
        (AccountProblem("wrong key", system="x"), ACCOUNT_PAUSE_S),
    ],
    ids=["told to wait", "turned away"],
)
def test_one_word_of_the_carrier_is_enough_to_leave_it_alone(error: Exception, pause_s: float) -> None:
    breaker = Breaker()
    breaker.failed(0.0, error)
    assert breaker.wait_s(0.0) == pause_s
    assert breaker.cause in {"slow down", "wrong key"}

"""Health: whether an account of a carrier answers, as far as this process has seen today."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from doorstep.scorecard import Scorecard
from gateway.flow.quoting.breaker import LONGEST_PAUSE_S, Breaker, BreakerState

ENOUGH = 20
"""With fewer questions than this in a day nobody is called slow."""

SLOW_BELOW = 0.9
"""Share of questions that are answered in time."""


class CarrierHealth(StrEnum):
    """How an account does: SLOW answers too often too late, FAILING is left alone for a while, and
    SUSPENDED is turned away until a person does something.
    """

    HEALTHY = "HEALTHY"
    SLOW = "SLOW"
    FAILING = "FAILING"
    SUSPENDED = "SUSPENDED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """How an account does.

    Attributes
    ----------
    state
        Of the breaker.
    cause
        Why it is left alone; "" while it is not.
    wait_s
        Until it is tried again, seconds.
    answers, failures
        Of the last half minute, and how many of these failed.
    """

    health: CarrierHealth
    state: BreakerState
    cause: str
    wait_s: float
    answers: int
    failures: int


def health_of(breaker: Breaker, now_s: float, today: Scorecard | None) -> AccountHealth:
    """From the breaker of this process and what all processes counted today.

    Parameters
    ----------
    now_s
        Of the clock that the breaker goes by.
    """
    state, wait_s = breaker.state(now_s), breaker.wait_s(now_s)
    answers, failures = breaker.recent(now_s)
    return AccountHealth(_health(state, wait_s, today), state, breaker.cause, wait_s, answers, failures)


def _health(state: BreakerState, wait_s: float, today: Scorecard | None) -> CarrierHealth:
    if state is not BreakerState.CLOSED:
        # Only an account that is turned away is left alone for so long.
        return CarrierHealth.SUSPENDED if wait_s > LONGEST_PAUSE_S else CarrierHealth.FAILING
    if today is not None and today.asked >= ENOUGH and today.answered < SLOW_BELOW * today.asked:
        return CarrierHealth.SLOW
    return CarrierHealth.HEALTHY

"""A circuit breaker for each carrier account: who fails again and again is left alone for a while.

A carrier that is down costs every shopper the time that one waits for it. After a few failures nobody asks
any more; then one question goes through, and its answer decides.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from doorstep.errors import AccountProblem, RateLimited

WINDOW_S = 30.0
"""Failures are counted over so long."""

ENOUGH = 5
"""With fewer answers than this nothing is concluded."""

BAD_SHARE = 0.5
"""From this share of failures on nobody asks any more."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 60.0
"""The pause doubles with each trial that fails."""

ACCOUNT_PAUSE_S = 300.0
"""An account that is turned away is not let in by asking again: a person has to do something."""


class BreakerState(StrEnum):
    """Whether a carrier is asked."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    TRIAL = "TRIAL"


@dataclass(slots=True)
class Breaker:
    """One account's.

    Times are seconds of the machine's own clock, which never jumps.

    Attributes
    ----------
    cause
        What opened it, in words; "" while it is closed.
    """

    cause: str = ""
    _answers: deque[tuple[float, bool]] = field(default_factory=deque)
    _closed_at_s: float = 0.0
    _pause_s: float = FIRST_PAUSE_S
    _is_open: bool = False
    _has_trial: bool = False

    def state(self, now_s: float) -> BreakerState:
        """Whether a question asked now goes through; TRIAL is one that decides."""
        if not self._is_open:
            return BreakerState.CLOSED
        return BreakerState.TRIAL if now_s >= self._closed_at_s else BreakerState.OPEN

    def admit(self, now_s: float) -> bool:
        """Whether to ask. Of those who come for the trial the first is let through."""
        state = self.state(now_s)
        if state is BreakerState.TRIAL and not self._has_trial:
            self._has_trial = True
            return True
        return state is BreakerState.CLOSED

    def wait_s(self, now_s: float) -> float:
        """Seconds until the next trial."""
        return max(0.0, self._closed_at_s - now_s) if self._is_open else 0.0

    def recent(self, now_s: float) -> tuple[int, int]:
        """Answers that are counted now, and how many of these are failures."""
        counted = [failed for at, failed in self._answers if at >= now_s - WINDOW_S]
        return len(counted), sum(counted)

    def succeeded(self, now_s: float) -> None:
        """It answered, if only to say no."""
        if self._is_open:
            self._close()
        self._note(now_s, failed=False)

    def failed(self, now_s: float, error: Exception | None = None) -> None:
        """It did not answer, or not as it should; None for a time-out."""
        self._note(now_s, failed=True)
        if isinstance(error, RateLimited):
            self._open(now_s, min(error.retry_after_s, LONGEST_PAUSE_S), error.message)
        elif isinstance(error, AccountProblem):
            self._open(now_s, ACCOUNT_PAUSE_S, error.message)
        elif self._is_open or self._is_bad():
            cause = "it did not answer in time" if error is None else str(error)
            pause_s = self._pause_s
            self._pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            self._open(now_s, pause_s, cause)

    def abandoned(self) -> None:
        """Nobody waited for the answer: the next one may try."""
        self._has_trial = False

    def _note(self, now_s: float, *, failed: bool) -> None:
        self._answers.append((now_s, failed))
        while self._answers and self._answers[0][0] < now_s - WINDOW_S:
            self._answers.popleft()

    def _is_bad(self) -> bool:
        failures = sum(failed for _, failed in self._answers)
        return len(self._answers) >= ENOUGH and failures >= BAD_SHARE * len(self._answers)

    def _open(self, now_s: float, pause_s: float, cause: str) -> None:
        self._is_open, self._has_trial = True, False
        self._closed_at_s, self.cause = now_s + pause_s, cause

    def _close(self) -> None:
        self._is_open = self._has_trial = False
        self._pause_s, self.cause = FIRST_PAUSE_S, ""
        self._answers.clear()

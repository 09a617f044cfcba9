"""A second, equal request while the first is slow: the first answer counts, the other call is dropped.

Most carriers answer quickly nearly always, and now and then not at all: whoever asks twice after the time
that most answers take waits far less for the slow ones, at the cost of one call in twenty.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

REMEMBERED = 100
"""Response times that are looked at."""

ENOUGH = 20
"""With fewer nothing is known of what is usual."""

LATE_SHARE = 0.95
"""After the time within which this share of answers comes, the first one counts as slow."""

NOT_BEFORE_S = 0.05
"""Nobody is asked twice sooner than this."""


class ResponseTimes:
    """How long one account's answers took lately."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)

    def note(self, seconds: float) -> None:
        """An answer took so long."""
        self._seconds.append(seconds)

    def hedge_after_s(self) -> float | None:
        """When to ask a second time; None as long as nothing is known."""
        if len(self._seconds) < ENOUGH:
            return None
        ordered = sorted(self._seconds)
        return max(NOT_BEFORE_S, ordered[int(LATE_SHARE * (len(ordered) - 1))])


async def hedged[Answer](call: Callable[[], Awaitable[Answer]], after_s: float | None) -> Answer:
    """The first answer of one call, or of two where the first takes longer than `after_s`.

    Raises
    ------
    Exception
        What the last call to fail raised; one failure alone does not end the other.
    """
    if after_s is None:
        return await call()
    calls = {asyncio.ensure_future(call())}
    try:
        done, _ = await asyncio.wait(calls, timeout=after_s)
        if not done:
            calls.add(asyncio.ensure_future(call()))
        pending = calls
        while True:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            answered = next((one for one in done if one.exception() is None), None)
            if answered is not None or not pending:
                return (answered or done.pop()).result()
    finally:
        for one in calls:
            one.cancel()

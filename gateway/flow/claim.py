"""Claims: whoever is at something long says again and again that it lives: a dead one holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from doorstep.clock import SystemClock

LASTS = timedelta(seconds=45)
"""Machine time after its last sign of life in which whoever is at something is left alone."""

QUIET = timedelta(seconds=15)
"""Whoever could give no sign stops so long before its claim ends, so that a call of its that is still on the
wire is over when the next one begins.
"""

SIGN_EVERY_S = 10.0

Renew = Callable[[datetime], Awaitable[None]]
"""Writes down when the claim ends; raises `ClaimLost` where somebody else has it."""


class ClaimLost(Exception):
    """Somebody else is at it, or may be soon."""


def until() -> datetime:
    """When a claim that is made now ends.

    By the machine's clock: how long a process may be silent has nothing to do with the clock of the world.
    """
    return SystemClock().now() + LASTS


def is_held(claimed_until: datetime | None) -> bool:
    """Whether somebody is at it and lives."""
    return claimed_until is not None and claimed_until > SystemClock().now()


@asynccontextmanager
async def kept_alive(
    renew: Renew, every_s: float = SIGN_EVERY_S, claimed_until: datetime | None = None
) -> AsyncIterator[None]:
    """Renew a claim for as long as the block lasts, by a function that writes down when it ends.

    Parameters
    ----------
    claimed_until
        When it ends if it is never renewed; as if it was made now where absent.

    Raises
    ------
    ClaimLost
        If the block was cancelled: somebody else has the claim, or no sign of life could be written for so
        long that somebody is about to.
    """
    limit = asyncio.timeout(_left_s(claimed_until or until()))

    async def live() -> None:
        while True:
            await asyncio.sleep(every_s)
            ends_at = until()
            # The database may be away for a moment: the next sign is given all the same.
            with suppress(Exception):
                try:
                    await renew(ends_at)
                except ClaimLost:
                    limit.reschedule(_loop_time())
                    return
                limit.reschedule(_loop_time() + _left_s(ends_at))

    try:
        async with limit:
            signs = asyncio.create_task(live())
            try:
                yield
            finally:
                signs.cancel()
                with suppress(asyncio.CancelledError):
                    await signs
    except TimeoutError:
        if limit.expired():
            raise ClaimLost from None
        raise


def _left_s(claimed_until: datetime) -> float:
    """Seconds in which whoever has a claim may go on without another sign."""
    return (claimed_until - QUIET - SystemClock().now()).total_seconds()


def _loop_time() -> float:
    return asyncio.get_running_loop().time()

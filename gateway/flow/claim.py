"""Claims: whoever is at something long says again and again that it lives: a dead one holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from doorstep.clock import SystemClock

LASTS = timedelta(seconds=45)
"""Machine time after its last sign of life in which whoever is at something is left alone."""

SIGN_EVERY_S = 10.0

Renew = Callable[[datetime], Awaitable[None]]


def until() -> datetime:
    """When a claim that is made now ends.

    By the machine's clock: how long a process may be silent has nothing to do with the clock of the world.
    """
    return SystemClock().now() + LASTS


def is_held(claimed_until: datetime | None) -> bool:
    """Whether somebody is at it and lives."""
    return claimed_until is not None and claimed_until > SystemClock().now()


@asynccontextmanager
async def kept_alive(renew: Renew, every_s: float = SIGN_EVERY_S) -> AsyncIterator[None]:
    """Renew a claim for as long as the block lasts, by a function that writes down when it ends."""

    async def live() -> None:
        while True:
            await asyncio.sleep(every_s)
            # The database may be away for a moment: the next sign is given all the same.
            with suppress(Exception):
                await renew(until())

    signs = asyncio.create_task(live())
    try:
        yield
    finally:
        signs.cancel()
        with suppress(asyncio.CancelledError):
            await signs

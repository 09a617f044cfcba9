"""Waits until the gateway has nothing left to do for the instant that the world stands at."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import text

from gateway.bootstrap.house import House

# A job that waits a few seconds for its next try belongs to this instant as well.
_PENDING = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' "
    "OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now() + interval '10 seconds'))"
)

PATIENCE_S = 60.0
"""A gateway that is busy for longer with one instant hangs."""


async def until_idle(house: House) -> None:
    """Return when no job is due.

    Raises
    ------
    TimeoutError
        If jobs are still due after a minute.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        async with house.database.doors() as connection:
            pending = (await connection.execute(_PENDING)).scalar_one()
        if not pending:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{pending} jobs are still due")
        await asyncio.sleep(0.01)

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

# A job that waited for another of its turn is taken up only when the worker looks again, a second later at
# the latest (procrastinate 3.10 tells of new jobs, not of those that become free): this says look now.
_LOOK = text("SELECT pg_notify('procrastinate_any_queue_v1', :message)")
_MESSAGE = {"message": '{"type": "job_inserted", "job_id": 0}'}
_LOOKS_EVERY_S = 0.03

PATIENCE_S = 60.0
"""A gateway that is busy for longer with one instant hangs."""


async def until_idle(house: House) -> None:
    """Return when no job is due.

    Raises
    ------
    TimeoutError
        If jobs are still due after a minute.
    """
    begun = looked = time.monotonic()
    while True:
        async with house.database.doors() as connection:
            pending = (await connection.execute(_PENDING)).scalar_one()
            now = time.monotonic()
            if pending and now - looked > _LOOKS_EVERY_S:
                await connection.execute(_LOOK, _MESSAGE)
                looked = now
        if not pending:
            return
        if now - begun > PATIENCE_S:
            raise TimeoutError(f"{pending} jobs are still due")
        await asyncio.sleep(0.01)

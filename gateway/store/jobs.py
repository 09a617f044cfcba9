"""The job queue: procrastinate on the same PostgreSQL, so that state and jobs share a transaction.

Jobs carry ids only; whoever runs one reads the state anew as the merchant it names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection, Connection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url

from doorstep.events import Event
from gateway.flow import HANDLERS
from gateway.store.tables import APP_ROLE

HANDLE = "doorstep.handle"
"""Name of the one task: run one handler of the flow for one event."""


def open_queue(dsn: str, *, pool_size: int = 4) -> App:
    """The queue behind a libpq URL; `async with queue.open_async()` before use."""
    url = make_url(dsn).set(drivername="postgresql").render_as_string(hide_password=False)

    def pool(**kwargs: Any) -> AsyncConnectionPool[AsyncConnection[Any]]:
        return AsyncConnectionPool(configure=_work_as_application, **kwargs)

    connector = PsycopgConnector(conninfo=url, pool_factory=pool, min_size=1, max_size=pool_size)
    return App(connector=connector)


async def defer(queue: App, connection: AsyncConnection[Any], events: Sequence[Event]) -> None:
    """Queue every handler of these events, in one statement of the transaction that `connection` is in.

    Handlers of events with the same turn run one after the other.
    """
    jobs = []
    for event in events:
        data = dataclasses.asdict(event)
        merchant_id = data.pop("merchant_id")
        task = queue.configure_task(HANDLE, lock=event.turn)
        for handler in HANDLERS[type(event)]:
            jobs.append(
                task.make_new_job(
                    merchant_id=merchant_id,
                    event=type(event).__name__,
                    data=data,
                    handler=handler.__name__,
                )
            )
    if jobs:
        await queue.job_manager.batch_defer_jobs_async(jobs, connection=connection)


async def _work_as_application(connection: AsyncConnection[Any] | Connection[Any]) -> None:
    assert isinstance(connection, AsyncConnection)  # noqa: S101 - the pool above is asynchronous
    cursor = await connection.execute("SELECT current_user")
    row = await cursor.fetchone()
    if row is not None and row[0] != APP_ROLE:
        await connection.execute(f"SET ROLE {APP_ROLE}")
    await connection.commit()

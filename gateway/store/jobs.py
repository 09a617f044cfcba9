"""The job queue: procrastinate on the same PostgreSQL, so that state and jobs share a transaction.

Jobs carry ids only; whoever runs one reads the state anew as the merchant it names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection, Connection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url

from doorstep.events import Event, StepDue, StoreNotified
from gateway.flow import HANDLERS
from gateway.store.tables import APP_ROLE

HANDLE = "doorstep.handle"
"""Name of the one task: run one handler of the flow for one event."""

_WAITING = "SELECT DISTINCT lock FROM procrastinate_jobs WHERE lock = ANY(%s) AND status = 'todo'"


def open_queue(dsn: str, *, pool_size: int = 4) -> App:
    """The queue behind a libpq URL; `async with queue.open_async()` before use."""
    url = make_url(dsn).set(drivername="postgresql").render_as_string(hide_password=False)

    def pool(**kwargs: Any) -> AsyncConnectionPool[AsyncConnection[Any]]:
        return AsyncConnectionPool(configure=_work_as_application, **kwargs)

    connector = PsycopgConnector(conninfo=url, pool_factory=pool, min_size=1, max_size=pool_size)
    return App(connector=connector)


async def defer(
    queue: App, connection: AsyncConnection[Any], events: Sequence[Event]
) -> Sequence[StoreNotified]:
    """Queue every handler of these events, in one statement of the transaction that `connection` is in.

    Handlers of events with the same turn run one after the other. A store's webhooks need one job that has
    not begun, however many they are: it works through all that it finds. So does that of an incident's due
    steps, which is asked for at each look as long as they are due. More of them would wait behind each other,
    and the queue looks at each whenever anybody's job is fetched (procrastinate 3.10; measured, 20,000 of
    them cost every fetch a quarter of a second).

    Returns
    -------
    Sequence[StoreNotified]
        Those for which a job waits already. It finds what lies in the inbox when it begins: whoever has not
        committed yet what it should find has to see to that.
    """
    turns = {event.turn for event in events if isinstance(event, StoreNotified | StepDue)}
    waiting = await _waiting(connection, turns) if turns else frozenset()
    jobs = []
    for event in events:
        if isinstance(event, StoreNotified | StepDue) and event.turn in waiting:
            continue
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
    return [event for event in events if isinstance(event, StoreNotified) and event.turn in waiting]


async def _waiting(connection: AsyncConnection[Any], turns: Collection[str]) -> frozenset[str]:
    """Those of some turns that have a job which has not begun."""
    cursor = await connection.execute(_WAITING, [list(turns)])
    return frozenset(row[0] for row in await cursor.fetchall())


async def _work_as_application(connection: AsyncConnection[Any] | Connection[Any]) -> None:
    assert isinstance(connection, AsyncConnection)  # noqa: S101 - the pool above is asynchronous
    cursor = await connection.execute("SELECT current_user")
    row = await cursor.fetchone()
    if row is not None and row[0] != APP_ROLE:
        await connection.execute(f"SET ROLE {APP_ROLE}")
    await connection.commit()

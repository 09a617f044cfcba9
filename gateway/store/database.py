"""The connection to PostgreSQL: one engine, one transaction at a time, always as somebody."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import msgspec
from psycopg import AsyncConnection as PsycopgConnection
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from gateway.store.codec import write_json
from gateway.store.kept import Kept
from gateway.store.tables import APP_ROLE

RESTED_S = 0.5
"""Of connections in use: to ask each time would be a tenth of all that the database does, and of our own."""

_RESTS_SINCE = "rests since"

_SET_MERCHANT = Kept(text("SELECT set_config('app.merchant_id', :merchant_id, true)"))


def passes_by_itself(error: Exception) -> bool:
    """Whether the database is away, busy or broke a tie: the same again may go well."""
    return isinstance(error, OperationalError | InterfaceError | TimeoutError | PoolTimeout | OSError)


class Database:
    """Hands out transactions.

    Parameters
    ----------
    dsn
        libpq URL. Whoever it logs in as, sessions work as `doorstep_app`, which owns nothing and is
        bound by row level security.
    rested_s
        A connection that has rested for so long is asked whether it is still there before it is used.
    """

    def __init__(self, dsn: str, *, pool_size: int = 10, rested_s: float = RESTED_S) -> None:
        url = make_url(dsn).set(drivername="postgresql+psycopg")
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            # An error's text would show whole documents, and people's addresses with them.
            hide_parameters=True,
            json_serializer=write_json,
            json_deserializer=msgspec.json.decode,
        )
        event.listen(self.engine.sync_engine, "connect", _work_as_application)
        event.listen(self.engine.sync_engine, "checkin", _note_rest)
        event.listen(self.engine.sync_engine, "checkout", partial(_wake, self.engine.dialect, rested_s))

    @asynccontextmanager
    async def tenant(self, merchant_id: str) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees and writes one merchant's rows and no others."""
        if not merchant_id:
            raise ValueError("a tenant's transaction needs a merchant id")
        async with self.engine.begin() as connection:
            await _SET_MERCHANT.send(connection, {"merchant_id": merchant_id})
            yield connection

    @asynccontextmanager
    async def doors(self) -> AsyncIterator[AsyncConnection]:
        """A transaction of nobody: sees no merchant's rows, but may call the door functions."""
        async with self.engine.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Let go of all connections."""
        await self.engine.dispose()


async def psycopg_connection(connection: AsyncConnection) -> PsycopgConnection[tuple[object, ...]]:
    """The psycopg connection under SQLAlchemy's, for procrastinate to join the transaction."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, PsycopgConnection)  # noqa: S101 - the engine's URL says so
    return driver


def _note_rest(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info[_RESTS_SINCE] = time.monotonic()


def _wake(
    dialect: Dialect,
    rested_s: float,
    connection: DBAPIConnection,
    record: ConnectionPoolEntry,
    _proxy: PoolProxiedConnection,
) -> None:
    """Look whether a connection that has rested is still there.

    Raises
    ------
    InvalidatePoolError
        If it is not; the pool then makes others, this one and all that are as old.
    """
    since = record.info.get(_RESTS_SINCE)
    if since is None or time.monotonic() - since < rested_s:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        if dialect.is_disconnect(error, connection, None):
            raise InvalidatePoolError from error
        raise


def _work_as_application(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT current_user")
    row = cursor.fetchone()
    if row is not None and row[0] != APP_ROLE:
        cursor.execute(f"SET ROLE {APP_ROLE}")
    cursor.close()
    connection.commit()

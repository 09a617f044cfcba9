"""The connection to PostgreSQL: one engine, one transaction at a time, always as somebody."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection as PsycopgConnection
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gateway.store.tables import APP_ROLE

_NOUGHT = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped nought, not the letters behind an escaped backslash."""

_SET_MERCHANT = text("SELECT set_config('app.merchant_id', :merchant_id, true)")


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
    """

    def __init__(self, dsn: str, *, pool_size: int = 10) -> None:
        url = make_url(dsn).set(drivername="postgresql+psycopg")
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            # An error's text would show whole documents, and people's addresses with them.
            hide_parameters=True,
            json_serializer=_write_json,
        )
        event.listen(self.engine.sync_engine, "connect", _work_as_application)

    @asynccontextmanager
    async def tenant(self, merchant_id: str) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees and writes one merchant's rows and no others."""
        if not merchant_id:
            raise ValueError("a tenant's transaction needs a merchant id")
        async with self.engine.begin() as connection:
            await connection.execute(_SET_MERCHANT, {"merchant_id": merchant_id})
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


def _write_json(value: object) -> str:
    """JSON that PostgreSQL takes: text from outside may hold noughts and halves of characters, it may not."""
    whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return _NOUGHT.sub(r"\1\\ufffd", whole)


def _work_as_application(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT current_user")
    row = cursor.fetchone()
    if row is not None and row[0] != APP_ROLE:
        cursor.execute(f"SET ROLE {APP_ROLE}")
    cursor.close()
    connection.commit()

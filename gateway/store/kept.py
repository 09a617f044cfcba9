"""Kept statements: written and compiled once, and sent by the driver itself.

For what is asked for again and again. To build a statement, look for its compiled form and hand it to the
driver takes SQLAlchemy more of the processor than all that the driver and the server have to do with it
(measured, SQLAlchemy 2.1 and psycopg 3.3); here only the last two are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ClauseElement

_DIALECT: Dialect = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy has no types there


class Kept:
    """One statement.

    Parameters
    ----------
    statement
        Its values have names and are no lists for an IN, and nothing in it needs SQLAlchemy's conversions:
        JSON is given as text.
    names
        Columns that are inserted; () for those of the statement.
    """

    def __init__(self, statement: Executable, names: Sequence[str] = ()) -> None:
        assert isinstance(statement, ClauseElement)  # noqa: S101 - every statement of SQLAlchemy's is one
        compiled = statement.compile(dialect=_DIALECT, column_keys=names or None)
        self._sql = str(compiled).encode()
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    async def rows(
        self, connection: AsyncConnection, values: Mapping[str, object]
    ) -> Sequence[tuple[Any, ...]]:
        """Send it in the connection's transaction, and give what comes back.

        Raises
        ------
        DBAPIError
            As SQLAlchemy does.
        """
        try:
            cursor = await _driver(connection).execute(self._sql, {**self._constants, **values})
            return await cursor.fetchall()
        except psycopg.Error as error:
            raise _as_usual(error) from error

    async def send(self, connection: AsyncConnection, values: Mapping[str, object]) -> None:
        """The same for a statement that gives nothing back."""
        try:
            await _driver(connection).execute(self._sql, {**self._constants, **values})
        except psycopg.Error as error:
            raise _as_usual(error) from error


def _driver(connection: AsyncConnection) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    assert connection.sync_connection is not None  # noqa: S101 - its transaction has begun
    driver = connection.sync_connection.connection.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)  # noqa: S101 - the engine's URL says so
    return driver


def _as_usual(error: psycopg.Error) -> DBAPIError:
    """What SQLAlchemy would have raised; without values, which may be about people."""
    usual = DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True, dialect=_DIALECT)
    assert isinstance(usual, DBAPIError)  # noqa: S101 - psycopg's errors are those of a DBAPI
    return usual

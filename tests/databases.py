"""Databases of tests: copies of a migrated one, emptied and used again.

A copy is 700 files: to make it and to drop it costs more than what most tests do in it. To empty it costs as
much as the test has written.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from gateway.store.postgres import EmbeddedPostgres

TEMPLATE = "migrated"

REST = 1
"""So many rest while others are used: who was connected takes a moment to be gone, and nobody waits."""

_END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
_WRITTEN = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
_SHAPE = """
SELECT (SELECT array[count(*), sum(oid::bigint), sum(relnatts), count(*) FILTER (WHERE relrowsecurity),
                     count(*) FILTER (WHERE relforcerowsecurity)]
        FROM pg_class WHERE relnamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_policy), (SELECT count(*) FROM pg_trigger),
       (SELECT count(*) FROM pg_constraint), (SELECT string_agg(version_num, ',') FROM alembic_version)
"""

Connection = psycopg.Connection[tuple[object, ...]]


class Databases:
    """Of one worker of the test run. No name comes twice: who outlives a test finds no database of the next.

    Parameters
    ----------
    prefix
        Of the names: the worker's own.
    """

    def __init__(self, server: EmbeddedPostgres, prefix: str, elsewhere: Connection) -> None:
        self._server = server
        self._prefix = prefix
        self._elsewhere = elsewhere
        self._numbers = itertools.count()
        self._spare: deque[str] = deque()
        self._shape: tuple[object, ...] | None = None

    async def take(self) -> str:
        """The name of a migrated, empty database."""
        name = f"{self._prefix}_{next(self._numbers)}"
        if len(self._spare) <= REST or not await self._renamed(self._spare.popleft(), name):
            await self._server.create_database(name, template=TEMPLATE)
            if self._shape is None:
                with self._connected(name) as connection:
                    self._shape = _shape(connection)
        return name

    async def give_back(self, name: str) -> None:
        """Empty it for the next test, or drop it where that cannot be, such as for a changed schema."""
        if self._emptied(name):
            self._spare.append(name)
        else:
            await self._server.drop_database(name)

    def _emptied(self, name: str) -> bool:
        self._elsewhere.execute(_END_OTHERS, [name])
        try:
            with self._connected(name) as connection:
                rows = connection.execute(_WRITTEN).fetchall()
                if rows:
                    tables = sql.SQL(", ").join(sql.Identifier(str(table)) for (table,) in rows)
                    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
                return _shape(connection) == self._shape
        except psycopg.Error:
            return False

    async def _renamed(self, spare: str, name: str) -> bool:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        try:
            self._elsewhere.execute(rename.format(sql.Identifier(spare), sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            # Somebody of the last test came back to it.
            await self._server.drop_database(spare)
            return False
        return True

    @contextmanager
    def _connected(self, name: str) -> Iterator[Connection]:
        with psycopg.connect(
            self._server.dsn("owner", name), autocommit=True, connect_timeout=10
        ) as connection:
            yield connection


@contextmanager
def opened_databases(server: EmbeddedPostgres, prefix: str) -> Iterator[Databases]:
    """Give and take databases until the block ends; what is left goes with the server."""
    with psycopg.connect(server.dsn("owner", "postgres"), autocommit=True) as elsewhere:
        yield Databases(server, prefix, elsewhere)


def _shape(connection: Connection) -> tuple[object, ...] | None:
    """What a test could have changed of the schema."""
    return connection.execute(_SHAPE).fetchone()

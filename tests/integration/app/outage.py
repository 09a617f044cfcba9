"""A database that goes away under a running gateway, and comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.conftest import Dsn


@asynccontextmanager
async def outage(dsn: Dsn) -> AsyncIterator[None]:
    """Nobody can connect for as long as the block lasts, and whoever was connected no longer is."""
    url = make_url(dsn.owner)
    name = sql.Identifier(str(url.database))
    elsewhere = url.set(database="postgres", drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(elsewhere, autocommit=True) as connection:
        await connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database]
        )
        try:
            yield
        finally:
            await connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))

"""Waiting for others to wait: two who want the same are brought together at the same lock."""

from __future__ import annotations

import asyncio

import psycopg

from tests.conftest import Dsn


async def until_somebody_waits(dsn: Dsn) -> None:
    """Until a connection stands before a lock."""
    waiting = """SELECT count(*) FROM pg_stat_activity
                 WHERE wait_event_type = 'Lock' AND datname = current_database()"""
    async with (
        await psycopg.AsyncConnection.connect(dsn.app, autocommit=True) as connection,
        asyncio.timeout(20),
    ):
        while await (await connection.execute(waiting)).fetchone() != (1,):
            await asyncio.sleep(0.01)

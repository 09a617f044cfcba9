"""Connections that have rested are looked at before they are used."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from gateway.store.database import Database
from tests.conftest import Dsn


async def _use(database: Database) -> int:
    """Use the only connection; gives the number of the server's process behind it."""
    async with database.tenant("mer_a") as connection:
        pid: int = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    return pid


async def _cut_off(dsn: Dsn, pid: int) -> None:
    async with await psycopg.AsyncConnection.connect(dsn.app) as connection:
        await connection.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])


async def test_one_that_was_cut_off_while_it_rested_is_replaced_and_nobody_notices(dsn: Dsn) -> None:
    database = Database(dsn.app, pool_size=1, rested_s=0)
    before = await _use(database)
    await _cut_off(dsn, before)
    assert await _use(database) != before
    await database.close()


async def test_one_that_is_cut_off_in_use_fails_once_as_the_database_does_that_is_away(dsn: Dsn) -> None:
    database = Database(dsn.app, pool_size=1, rested_s=60)
    before = await _use(database)
    await _cut_off(dsn, before)
    with pytest.raises(OperationalError):
        await _use(database)
    assert await _use(database) != before
    await database.close()

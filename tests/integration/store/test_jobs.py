"""State and the jobs that follow from it stand or fall together; no job is lost with its worker."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import pytest
from procrastinate import App
from sqlalchemy import func, select, text

from doorstep.errors import NotFound
from doorstep.events import OptionChosen, OrderCancelled, StepDue
from doorstep.merchant import Merchant
from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.flow.ports import Means
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.news import News
from gateway.store.unit_of_work import Transactions
from gateway.workers.dead_letters import dead_letters, replay_dead_letter
from gateway.workers.handling import teach
from gateway.workers.rescue import rescue_stalled
from tests.conftest import Dsn

MERCHANT = Merchant(id="mer_a", name="A shop", currency="USD", time_zone="UTC")


@pytest.fixture
async def queue(dsn: Dsn) -> AsyncIterator[App]:
    queue = open_queue(dsn.app)
    async with queue.open_async():
        yield queue


@pytest.fixture
def told() -> list[News]:
    return []


@pytest.fixture
def transactions(database: Database, queue: App, told: list[News]) -> Transactions:
    return Transactions(database, queue, Vault([Secret("k" * 40)]), told.extend)


async def _jobs(database: Database) -> int:
    async with database.doors() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one())


async def _merchants(database: Database) -> int:
    async with database.tenant("mer_a") as connection:
        return int((await connection.execute(select(func.count()).select_from(t.merchants))).scalar_one())


async def test_however_often_a_step_is_due_one_job_waits_for_it(
    transactions: Transactions, database: Database
) -> None:
    for _ in range(3):
        async with transactions.begin("mer_a") as work:
            await work.emit(StepDue("mer_a", "exc_1"))
            await work.emit(StepDue("mer_a", "exc_2"))
    assert await _jobs(database) == 2
    async with database.doors() as connection:
        await connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
    async with transactions.begin("mer_a") as work:
        await work.emit(StepDue("mer_a", "exc_1"))
    assert await _jobs(database) == 3


async def test_state_and_its_jobs_are_committed_together(
    transactions: Transactions, database: Database, told: list[News]
) -> None:
    async with transactions.begin("mer_a") as work:
        await work.accounts.put_merchant(MERCHANT)
        await work.emit(OrderCancelled("mer_a", "ord_1"))
        work.announce("order", "ord_1")
        assert told == []
    assert (await _merchants(database), await _jobs(database)) == (1, 1)
    assert told == [News("mer_a", "order", "ord_1")]


async def test_state_and_its_jobs_are_rolled_back_together(
    transactions: Transactions, database: Database, told: list[News]
) -> None:
    with suppress(NotFound):
        async with transactions.begin("mer_a") as work:
            await work.accounts.put_merchant(MERCHANT)
            await work.emit(OrderCancelled("mer_a", "ord_1"))
            work.announce("order", "ord_1")
            raise NotFound("ord_1")
    assert (await _merchants(database), await _jobs(database)) == (0, 0)
    assert told == []


async def test_an_event_of_another_merchant_is_refused(transactions: Transactions) -> None:
    with pytest.raises(ValueError, match="another merchant"):
        async with transactions.begin("mer_a") as work:
            await work.emit(OrderCancelled("mer_b", "ord_1"))


async def test_an_event_that_nothing_follows_from_queues_nothing(
    transactions: Transactions, database: Database
) -> None:
    async with transactions.begin("mer_a") as work:
        await work.emit(OptionChosen("mer_a", "cho_1"))
    assert await _jobs(database) == 0


@dataclass(frozen=True, slots=True)
class _BrokenMeans:
    """Lets every handler fail for good at its first step."""

    begin: Callable[[str], Any]


def _refuse(_merchant_id: str) -> None:
    raise NotFound("ord_1")


async def test_a_job_that_fails_for_good_lies_in_the_dead_letters_and_can_be_started_again(
    transactions: Transactions, queue: App
) -> None:
    teach(queue, cast(Means, _BrokenMeans(_refuse)))
    async with transactions.begin("mer_a") as work:
        await work.emit(OrderCancelled("mer_a", "ord_1"))
    await queue.run_worker_async(wait=False, install_signal_handlers=False)
    (letter,) = await dead_letters(queue)
    assert (letter.event, letter.handler, letter.data) == (
        "OrderCancelled",
        "cancel_for_order",
        {"order_id": "ord_1"},
    )

    await replay_dead_letter(queue, letter.job_id)
    assert await dead_letters(queue) == []


DOOMED = """
import asyncio, sys
from gateway.store.jobs import HANDLE, open_queue

async def main():
    queue = open_queue(sys.argv[1])
    @queue.task(name=HANDLE)
    async def handle(**_):
        print("working", flush=True)
        await asyncio.sleep(60)
    async with queue.open_async():
        await queue.run_worker_async(install_signal_handlers=False)

asyncio.run(main())
"""


async def test_the_job_of_a_killed_worker_is_taken_up_again(
    transactions: Transactions, queue: App, dsn: Dsn, database: Database
) -> None:
    async with transactions.begin("mer_a") as work:
        await work.emit(OrderCancelled("mer_a", "ord_1"))
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DOOMED, dsn.app, stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"working\n"
    worker.kill()
    await worker.wait()

    assert await rescue_stalled(queue, stalled_after_s=3600) == 0, "a heartbeat this fresh is not stalled"
    while not await rescue_stalled(queue, stalled_after_s=0.5):
        await asyncio.sleep(0.2)
    async with database.doors() as connection:
        status = await connection.execute(text("SELECT status::text FROM procrastinate_jobs"))
        assert status.scalar_one() == "todo"


def test_waits_between_tries_only_grow() -> None:
    from gateway.workers.handling import WAITS_S

    assert list(WAITS_S) == sorted(WAITS_S)

"""What a process has read before it need not be sent again, and is never old."""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.remembered import RowMemory
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.integration.store.rows import NOON, delivery


@asynccontextmanager
async def _another_process(dsn: Dsn) -> AsyncIterator[Transactions]:
    database = Database(dsn.app, pool_size=1)
    queue = open_queue(dsn.app)
    async with queue.open_async():
        yield Transactions(database, queue, Vault([Secret("k" * 40)]), lambda _: None)
    await database.close()


async def test_what_another_process_changed_is_read_as_it_is(rooms: Transactions, dsn: Dsn) -> None:
    one, two = delivery("one"), delivery("two")
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(one)
        await work.deliveries.put(two)
    async with rooms.begin("mer_a") as work:
        assert await work.deliveries.several([one.id, two.id]) == {one.id: one, two.id: two}
    changed = replace(two, reference="changed", version=2)
    async with _another_process(dsn) as others, others.begin("mer_a") as work:
        await work.deliveries.put(changed)
    async with rooms.begin("mer_a") as work:
        assert await work.deliveries.several([one.id, two.id]) == {one.id: one, two.id: changed}


async def test_what_has_not_changed_is_the_very_same_value(rooms: Transactions) -> None:
    one = delivery("one")
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(one)
    async with rooms.begin("mer_a") as work:
        first = (await work.deliveries.several([one.id]))[one.id]
    async with rooms.begin("mer_a") as work:
        assert (await work.deliveries.several([one.id]))[one.id] is first
        # A lock is for whoever changes it: that is read anew.
        assert (await work.deliveries.several([one.id], lock=True)) == {one.id: one}


async def test_a_change_is_seen_within_its_transaction_and_gone_with_it(rooms: Transactions) -> None:
    one = delivery("one")
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(one)
        assert (await work.deliveries.several([one.id]))[one.id].version == 1

    async def change_it_in_vain() -> None:
        async with rooms.begin("mer_a") as work:
            for version in (2, 3):
                await work.deliveries.put(replace(one, version=version))
                assert (await work.deliveries.several([one.id]))[one.id].version == version
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_it_in_vain()
    async with rooms.begin("mer_a") as work:
        assert (await work.deliveries.several([one.id]))[one.id] == one


async def test_another_merchant_is_not_given_what_was_read_for_one(rooms: Transactions) -> None:
    one = delivery("one")
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(one)
        assert one.id in await work.deliveries.several([one.id])
    async with rooms.begin("mer_b") as work:
        assert await work.deliveries.several([one.id, "del_nobody"]) == {}
        assert await work.deliveries.several([]) == {}


def test_a_memory_has_room_for_so_many_rows_and_forgets_what_was_used_longest_ago() -> None:
    memory = RowMemory(2)
    memory.keep("orders", [("a", "1", "A"), ("b", "1", "B")])
    assert memory.known("orders", {"a": "1"}) == {"a": "A"}
    memory.keep("orders", [("c", "1", "C")])
    assert memory.known("orders", {"a": "1", "b": "1", "c": "1"}) == {"a": "A", "c": "C"}
    assert memory.known("orders", {"a": "2"}) == memory.known("routes", {"a": "1"}) == {}
    assert len(memory) == 2
    with pytest.raises(ValueError, match="at least 1"):
        RowMemory(0)


def test_a_row_that_was_not_used_for_long_is_forgotten() -> None:
    now = [0.0]
    memory = RowMemory(kept_for_s=60, now_s=lambda: now[0])
    memory.keep("orders", [("a", "1", "A"), ("b", "1", "B")])
    now[0] = 50.0
    assert memory.known("orders", {"a": "1"}) == {"a": "A"}
    now[0] = 100.0
    assert memory.known("routes", {}) == {}
    assert len(memory) == 1
    assert memory.known("orders", {"a": "1", "b": "1"}) == {"a": "A"}


async def test_once_somebody_is_erased_nothing_of_them_is_remembered(rooms: Transactions) -> None:
    one = delivery("one")
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(one)
    async with rooms.begin("mer_a") as work:
        remembered = weakref.ref((await work.deliveries.several([one.id]))[one.id])
    gc.collect()
    assert remembered() is not None
    async with rooms.begin("mer_a") as work:
        await work.redaction.erase_orders([one.order_id], NOON)
    gc.collect()
    assert remembered() is None


async def test_what_another_process_erased_is_forgotten_with_the_next_question(
    rooms: Transactions, dsn: Dsn
) -> None:
    one, other = delivery("one"), delivery("two")
    async with rooms.begin("mer_a") as work:
        await work.deliveries.put(one)
        await work.deliveries.put(other)
    async with rooms.begin("mer_a") as work:
        remembered = weakref.ref((await work.deliveries.several([one.id]))[one.id])
    async with _another_process(dsn) as others, others.begin("mer_a") as work:
        await work.redaction.erase_orders([one.order_id], NOON)
    gc.collect()
    assert remembered() is not None
    async with rooms.begin("mer_b") as work:
        await work.deliveries.several([one.id])
    gc.collect()
    assert remembered() is not None, "nobody of another merchant's was erased"
    async with rooms.begin("mer_a") as work:
        again = (await work.deliveries.several([other.id]))[other.id]
    gc.collect()
    assert remembered() is None
    async with rooms.begin("mer_a") as work:
        assert (await work.deliveries.several([other.id]))[other.id] is again, "once is enough"

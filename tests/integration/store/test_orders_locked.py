"""Whoever has locked an order has locked its parts: it will be put back whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentMethod, FulfillmentOrder, FulfillmentOrderStatus, Order
from gateway.flow.ports import UnitOfWork
from gateway.store.unit_of_work import Transactions
from tests.integration.store.rows import order

Lock = Callable[[UnitOfWork, Order], Awaitable[Order | None]]


async def _by_id(work: UnitOfWork, known: Order) -> Order | None:
    return await work.orders.get(known.id, lock=True)


async def _by_name(work: UnitOfWork, known: Order) -> Order | None:
    return await work.orders.by_external_id(known.store_id, known.external_id, lock=True)


async def _with_others(work: UnitOfWork, known: Order) -> Order | None:
    return (await work.orders.lock_all(known.store_id, [known.external_id])).get(known.external_id)


@pytest.mark.parametrize("lock", [_by_id, _by_name, _with_others])
async def test_a_part_that_was_dispatched_meanwhile_stays_so(rooms: Transactions, lock: Lock) -> None:
    known = order("1001")
    part = FulfillmentOrder("1", FulfillmentOrderStatus.OPEN, FulfillmentMethod.SHIP, (), id=new_id("ful"))
    known = replace(known, fulfillment_orders=(replace(part, order_id=known.id),))
    async with rooms.begin("mer_a") as work:
        await work.accounts.put_merchant(Merchant("mer_a", "A shop", "USD", "America/New_York"))
        await work.orders.put(known)

    dispatching = asyncio.Event()

    async def dispatch() -> None:
        async with rooms.begin("mer_a") as work:
            unit = await work.orders.fulfillment_order(part.id, lock=True)
            assert unit is not None
            dispatching.set()
            await asyncio.sleep(0.2)  # while the other waits
            await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.DISPATCHED))

    async def take_in() -> None:
        await dispatching.wait()
        async with rooms.begin("mer_a") as work:
            found = await lock(work, known)
            assert found is not None
            await work.orders.put(replace(found, number="#1001 b"))

    await asyncio.gather(dispatch(), take_in())
    async with rooms.begin("mer_a") as work:
        whole = await work.orders.get(known.id)
    assert whole is not None
    assert whole.number == "#1001 b"
    assert [unit.status for unit in whole.fulfillment_orders] == [FulfillmentOrderStatus.DISPATCHED]

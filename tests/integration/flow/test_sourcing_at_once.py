"""Goods are moved while somebody is booked for them: one of the two comes first, and the other sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from doorstep.dispatch_rules import DispatchStrategy
from doorstep.errors import StateConflict
from doorstep.events import OrderReceived
from doorstep.order import FulfillmentLine, FulfillmentOrder, FulfillmentOrderStatus
from doorstep.sourcing import SourcingOutcome, SourcingRules, SourcingStrategy
from gateway.flow.dispatching.attempts import Mandate, begin_attempt
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.quoting.question import load_unit
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.sourcing.decide import source_order
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage
from tests.integration.flow.two_places import (
    FAR,
    NEAR,
    Chain,
    Grocer,
    boundless,
    cheapest,
    open_places,
)

NOTHING_HERE: dict[str, dict[str, int | None]] = {"kettle": {"": -1}, "tea": {"": -2}}
NO_KETTLE: dict[str, dict[str, int | None]] = {"kettle": {"near": -1, "far": 3}, "tea": {"near": 9, "far": 0}}
WISH = Wish(strategy=DispatchStrategy.CHEAPEST)
ALL_NEAR = SourcingRules(SourcingStrategy.NEAREST, places=(boundless(NEAR),))


@dataclass
class SlowChain(Chain):
    """Takes its time to move; `asked` is set once it has begun, and it ends when it `may_end`."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def move_unit(
        self, unit_external_id: str, location_external_id: str, lines: Sequence[FulfillmentLine] = ()
    ) -> str:
        self.asked.set()
        await self.may_end.wait()
        return await super().move_unit(unit_external_id, location_external_id, lines)


async def _quoted(stage: Stage, shop: Grocer, external_id: str, rules: SourcingRules) -> FulfillmentOrder:
    """A part of an order for which carriers were asked before anybody thought of moving it."""
    await open_places(stage, shop, SourcingRules())
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        by_hand = replace(merchant.dispatch, strategy=DispatchStrategy.MANUAL)
        await work.accounts.put_merchant(replace(merchant, dispatch=by_hand))
    shop.put(external_id)
    await stage.take_in()
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, sourcing=rules))
    unit = (await stage.order(external_id)).fulfillment_orders[0]
    async with stage.means.begin(MERCHANT_ID) as work:
        # As a store that was asked for it anew: sourcing looks at what nobody has quoted.
        await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.OPEN))
    return unit


async def _kept(stage: Stage, unit_id: str) -> FulfillmentOrder:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.orders.fulfillment_order(unit_id)
    assert found is not None
    return found


async def test_what_is_moved_and_booked_at_once_is_fetched_where_it_lies(stage: Stage) -> None:
    shop = Grocer(stage.clock, stock=NOTHING_HERE)
    for number in range(6):
        unit = await _quoted(stage, shop, f"10{number:02}", ALL_NEAR)
        moving = asyncio.create_task(source_order(OrderReceived(MERCHANT_ID, unit.order_id), stage.means))
        await asyncio.wait({moving}, timeout=0.005 * number)  # so that each of them comes first now and then
        try:
            await dispatch_unit(stage.means, MERCHANT_ID, unit.id, None, WISH)
        except StateConflict:
            pass  # it was moved under its hands
        await moving
        now = await _kept(stage, unit.id)
        async with stage.means.begin(MERCHANT_ID) as work:
            delivery = await work.deliveries.live_of(unit.id)
        if delivery is not None:
            assert (delivery.origin_id, now.status) == (now.location_id, FulfillmentOrderStatus.DISPATCHED)
        else:
            assert (now.location_id, now.status) == (NEAR.id, FulfillmentOrderStatus.OPEN)


async def test_nobody_is_booked_for_what_a_store_is_just_moving(stage: Stage) -> None:
    chain = SlowChain(stage.clock, stock=NO_KETTLE)
    unit = await _quoted(stage, chain, "1001", cheapest())
    loaded, proceed = asyncio.Event(), asyncio.Event()
    begin = stage.means.begin

    async def book_late() -> object:
        """Has looked at the fulfillment order before it is moved, and books after."""
        quotes = await quote_unit(stage.means, MERCHANT_ID, unit.id, 0.5)
        assert quotes is not None
        async with begin(MERCHANT_ID) as work:
            seen = await load_unit(work, unit.id, must_be_placed=True)
        assert seen is not None
        loaded.set()
        await proceed.wait()
        return await begin_attempt(stage.means, seen, quotes, quotes.quotes[0], "", Mandate())

    late = asyncio.create_task(book_late())
    await loaded.wait()
    async with begin(MERCHANT_ID) as work:
        await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.OPEN))
    moving = asyncio.create_task(source_order(OrderReceived(MERCHANT_ID, unit.order_id), stage.means))
    await chain.asked.wait()
    proceed.set()
    with pytest.raises(StateConflict, match="has changed since"):
        await late
    with pytest.raises(StateConflict, match="no location"):
        await dispatch_unit(stage.means, MERCHANT_ID, unit.id, None, WISH)
    chain.may_end.set()
    await moving
    parts = (await stage.order()).fulfillment_orders
    assert sorted(one.location_id for one in parts) == sorted([NEAR.id, FAR.id])
    for one in parts:
        assert one.sourcing is not None
        assert one.sourcing.outcome is SourcingOutcome.SPLIT
        sent = await dispatch_unit(stage.means, MERCHANT_ID, one.id, None, WISH)
        assert sent.delivery is not None
        assert sent.delivery.origin_id == one.location_id


async def test_a_store_that_cannot_be_read_again_leaves_goods_where_they_lay(stage: Stage) -> None:
    chain = SlowChain(stage.clock, stock=NO_KETTLE)
    unit = await _quoted(stage, chain, "1001", cheapest())
    moving = asyncio.create_task(source_order(OrderReceived(MERCHANT_ID, unit.order_id), stage.means))
    await chain.asked.wait()
    assert (await _kept(stage, unit.id)).location_id == ""
    chain.is_away = True
    chain.may_end.set()
    await moving
    assert (await _kept(stage, unit.id)).location_id == NEAR.id


async def test_moving_one_part_does_not_undo_the_booking_of_another(stage: Stage) -> None:
    shop = Grocer(stage.clock, stock=NOTHING_HERE)
    shop.put("1001", units=["a", "b"])
    await _quoted(stage, shop, "1001", ALL_NEAR)
    parts = (await stage.order()).fulfillment_orders
    async with stage.means.begin(MERCHANT_ID) as work:
        first = await work.orders.fulfillment_order(parts[1].id, lock=True)
        assert first is not None
        booked = replace(first, status=FulfillmentOrderStatus.DISPATCHED)
        await work.orders.put_fulfillment_order(booked)
        # It reads the other part as it was, and may not write that back.
        moving = asyncio.create_task(source_order(OrderReceived(MERCHANT_ID, first.order_id), stage.means))
        await asyncio.wait({moving}, timeout=0.3)
    await moving
    assert (await _kept(stage, parts[0].id)).location_id == NEAR.id
    assert await _kept(stage, parts[1].id) == booked

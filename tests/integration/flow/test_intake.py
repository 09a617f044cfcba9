"""What a store says is merged with what we know: newer wins, nothing of ours is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from gateway.flow.intake.keep import Intake, forget_order, keep_order
from gateway.flow.ports import UnitOfWork
from gateway.flow.tracking.track import apply_update
from gateway.store.database import passes_by_itself
from tests.integration.flow.fakes import DOOR, MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage

F = FulfillmentOrderStatus


async def _units(stage: Stage) -> dict[str, FulfillmentOrderStatus]:
    return {unit.external_id: unit.status for unit in (await stage.order()).fulfillment_orders}


async def test_a_fulfillment_order_that_moved_replaces_the_old_one_and_its_courier(stage: Stage) -> None:
    old = await stage.booked()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", units=["fo-2"])
    assert (await stage.take_in())[Intake.UPDATED] == 1
    await stage.settle()
    assert await _units(stage) == {"1001": F.CANCELLED, "fo-2": F.DISPATCHED}
    assert (await stage.kept(old.id)).status is DeliveryStatus.CANCELLED
    assert stage.cheap.cancelled == [old.legs[0].external_id], "nobody is sent twice"
    assert len(stage.cheap.booked) == 2


async def test_a_fulfillment_order_that_was_split_keeps_what_stayed(stage: Stage) -> None:
    old = await stage.booked()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", units=["1001", "fo-2"])
    await stage.take_in()
    await stage.settle()
    assert await _units(stage) == {"1001": F.DISPATCHED, "fo-2": F.DISPATCHED}
    assert (await stage.kept(old.id)).status is DeliveryStatus.BOOKED
    assert stage.cheap.cancelled == []


async def test_what_was_delivered_is_not_called_off_when_the_store_forgets_it(stage: Stage) -> None:
    delivery = await stage.booked()
    (leg,) = delivery.legs
    update = stage.cheap.update(leg.external_id, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", units=["fo-2"])
    await stage.take_in()
    assert await _units(stage) == {"1001": F.DELIVERED, "fo-2": F.OPEN}


async def test_an_address_that_has_not_changed_keeps_its_place_on_the_map(stage: Stage) -> None:
    await stage.booked()
    assert len(stage.geocoder.asked) == 1
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", status="OPEN", note="paid")
    await stage.take_in()
    await stage.settle()
    destination = (await stage.order()).destination
    assert destination is not None
    assert destination.location == DOOR
    assert len(stage.geocoder.asked) == 1, "and nobody is asked for it again"


async def test_an_address_that_changed_is_looked_up_anew(stage: Stage) -> None:
    await stage.booked()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", street="14 Mill Street")
    await stage.take_in()
    await stage.settle()
    assert stage.geocoder.asked[-1] == "14 Mill Street"


async def test_a_person_hears_of_an_address_that_changed_after_the_booking(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", street="14 Mill Street")
    await stage.take_in()
    await stage.settle()
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.delivery_id) == (IncidentKind.ADDRESS_PROBLEM, delivery.id)
    assert "Mill" not in f"{incident.title} {incident.evidence}", "the queue holds no addresses"


async def test_a_store_that_still_says_open_does_not_undo_what_only_we_know(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", status="OPEN", unit_status="OPEN")
    await stage.take_in()
    assert await _units(stage) == {"1001": F.DISPATCHED}

    (leg,) = delivery.legs
    update = stage.cheap.update(leg.external_id, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", status="OPEN", unit_status="OPEN")
    await stage.take_in()
    order = await stage.order()
    assert (order.status, order.fulfillment_orders[0].status) == (OrderStatus.DELIVERED, F.DELIVERED)


async def test_a_store_that_says_on_hold_is_obeyed(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", unit_status="ON_HOLD")
    await stage.take_in()
    await stage.settle()
    assert await _units(stage) == {"1001": F.ON_HOLD}
    assert stage.cheap.booked == {}


async def test_our_ids_stay_the_same_through_every_change(stage: Stage) -> None:
    await stage.booked()
    before = await stage.order()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", street="14 Mill Street", units=["1001", "fo-2"])
    await stage.take_in()
    after = await stage.order()
    assert after.id == before.id
    assert {unit.id for unit in before.fulfillment_orders} < {unit.id for unit in after.fulfillment_orders}


async def test_an_order_that_the_store_deleted_is_called_off(stage: Stage) -> None:
    delivery = await stage.booked()
    await forget_order(stage.means, STORE, "1001", stage.clock.now())
    await forget_order(stage.means, STORE, "never heard of", stage.clock.now())
    await stage.settle()
    order = await stage.order()
    assert (order.status, order.raw_status) == (OrderStatus.CANCELLED, "deleted")
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.CANCELLED


async def test_a_webhook_and_a_walk_that_come_at_once_keep_one_order(stage: Stage) -> None:
    import asyncio

    stage.shop.put("1001")
    raw = await stage.shop.fetch_order("1001")
    assert raw is not None
    outcomes = await asyncio.gather(
        *(keep_order(stage.means, replace(STORE), stage.shop, raw) for _ in range(3))
    )
    assert sorted(outcomes) == [Intake.NEW, Intake.UNCHANGED, Intake.UNCHANGED]


async def test_what_was_read_before_an_order_was_deleted_does_not_bring_it_back(stage: Stage) -> None:
    await stage.booked()
    early = await stage.shop.fetch_order("1001")
    stage.clock.advance(seconds=30)
    await forget_order(stage.means, STORE, "1001", stage.clock.now())
    assert early is not None
    assert await keep_order(stage.means, STORE, stage.shop, early) is Intake.UNCHANGED
    assert (await stage.order()).status is OrderStatus.CANCELLED
    # The store has it again: somebody took it out of the trash.
    stage.clock.advance(minutes=5)
    stage.shop.put("1001")
    assert (await stage.take_in())[Intake.UPDATED] == 1


async def test_an_order_that_was_deleted_before_we_knew_it_is_not_taken_in_from_an_older_reading(
    stage: Stage,
) -> None:
    stage.shop.put("1001")
    early = await stage.shop.fetch_order("1001")
    stage.clock.advance(hours=1)
    await forget_order(stage.means, STORE, "1001", stage.clock.now())
    assert early is not None
    assert await keep_order(stage.means, STORE, stage.shop, early) is Intake.UNCHANGED
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.orders.by_external_id(STORE.id, "1001") is None
    stage.clock.advance(minutes=1)
    late = await stage.shop.fetch_order("1001")
    assert late is not None
    assert await keep_order(stage.means, STORE, stage.shop, late) is Intake.NEW


async def test_an_order_is_not_put_aside_because_the_database_was_away_for_a_moment(stage: Stage) -> None:
    stage.shop.put("1001")
    raw = await stage.shop.fetch_order("1001")
    assert raw is not None
    begin, tries = stage.means.begin, 0

    @asynccontextmanager
    async def shaky(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise OperationalError("SELECT 1", {}, Exception("the connection broke"))
        async with begin(merchant_id) as work:
            yield work

    means = replace(stage.means, begin=shaky, passes_by_itself=passes_by_itself)
    with pytest.raises(OperationalError):
        await keep_order(means, STORE, stage.shop, raw)
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.quarantine.waiting_for(STORE.id, "1001") is None

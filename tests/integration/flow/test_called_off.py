"""What is called off while somebody is asked for it stays called off, and with its carrier too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import StateConflict, UnknownOutcome
from doorstep.events import QuotesReady
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from doorstep.quote import CarrierAnswer, QuoteRequest
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_quoted, dispatch_unit
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage


@dataclass
class SeesACancellation(FakeCarrier):
    """While it is asked for a price a person calls the delivery off."""

    means: Means | None = None
    delivery_id: str = ""

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        if self.means is not None:
            await cancel_delivery(self.means, MERCHANT_ID, self.delivery_id, "somebody said so")
        return await super().quote(request, budget_s)


async def test_a_dropped_delivery_that_is_called_off_while_others_are_asked_is_not_booked_anew(
    stage: Stage,
) -> None:
    third = SeesACancellation("third", stage.clock, 600)
    await stage.link(third)
    delivery = await stage.booked()
    third.means, third.delivery_id = stage.means, delivery.id
    dropped = stage.cheap.update("cheap-1", DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "cheap", dropped)
    await stage.settle()
    assert (third.booked, stage.dear.booked, len(stage.cheap.booked)) == ({}, {}, 1)
    async with stage.means.begin(MERCHANT_ID) as work:
        latest = await work.deliveries.latest_of(delivery.fulfillment_order_id)
    assert latest is not None
    assert (latest.id, latest.status) == (delivery.id, DeliveryStatus.CANCELLED)


async def test_a_machine_that_asks_for_prices_while_a_person_calls_off_begins_nothing_else(
    stage: Stage,
) -> None:
    # Given a delivery that nobody has, and a machine that goes on with it
    third = SeesACancellation("third", stage.clock, 600)
    await stage.link(third)
    delivery = await stage.booked()
    dropped = stage.cheap.update("cheap-1", DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "cheap", dropped)
    third.means, third.delivery_id = stage.means, delivery.id
    stage.clock.advance(minutes=20)

    # When it is called off while prices are asked for
    event = QuotesReady(MERCHANT_ID, delivery.fulfillment_order_id, delivery.quote_set_id)
    await dispatch_quoted(event, stage.means)
    await stage.settle()

    # Then nobody is sent
    assert (third.booked, stage.dear.booked, len(stage.cheap.booked)) == ({}, {}, 1)
    async with stage.means.begin(MERCHANT_ID) as work:
        latest = await work.deliveries.latest_of(delivery.fulfillment_order_id)
    assert latest is not None
    assert (latest.id, latest.status) == (delivery.id, DeliveryStatus.CANCELLED)

    # But a person may send somebody again.
    third.means = None
    outcome = await dispatch_unit(stage.means, MERCHANT_ID, delivery.fulfillment_order_id, None, Wish())
    assert outcome.delivery is not None
    assert outcome.delivery.id != delivery.id


async def _cancel_order(stage: Stage, order_id: str) -> None:
    """The store cancels, and nobody has looked at what follows."""
    async with stage.means.begin(MERCHANT_ID) as work:
        order = await work.orders.get(order_id, lock=True)
        assert order is not None
        await work.orders.put(replace(order, status=OrderStatus.CANCELLED))


async def test_for_a_cancelled_order_whose_parts_are_not_closed_yet_nobody_is_sent(stage: Stage) -> None:
    delivery = await stage.booked()
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "the order was cancelled")
    await _cancel_order(stage, delivery.order_id)
    with pytest.raises(StateConflict, match="called off"):
        await dispatch_unit(stage.means, MERCHANT_ID, delivery.fulfillment_order_id, None, Wish())
    assert (len(stage.cheap.booked), stage.dear.booked) == (1, {})


async def test_a_booking_for_an_order_that_is_cancelled_just_then_is_called_off(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    order = await find_place(await stage.order(), stage.means)

    async def meanwhile() -> None:
        await _cancel_order(stage, order.id)

    stage.cheap.meanwhile = meanwhile
    await stage.settle()
    assert (len(stage.cheap.booked), stage.cheap.cancelled) == (1, ["cheap-1"])
    async with stage.means.begin(MERCHANT_ID) as work:
        latest = await work.deliveries.latest_of(order.fulfillment_orders[0].id)
        unit = await work.orders.fulfillment_order(order.fulfillment_orders[0].id)
    assert latest is not None
    assert unit is not None
    assert (latest.status, unit.status) == (DeliveryStatus.CANCELLED, FulfillmentOrderStatus.CANCELLED)


async def test_a_booking_that_is_answered_between_two_steps_of_calling_off_is_given_back(
    stage: Stage,
) -> None:
    # Given a booking whose answer was lost
    stage.shop.put("1001")
    await stage.take_in()
    unit_id = (await find_place(await stage.order(), stage.means)).fulfillment_orders[0].id
    quote_set = await quote_unit(stage.means, MERCHANT_ID, unit_id, 1.0)
    assert quote_set is not None
    stage.cheap.book_errors = [UnknownOutcome("lost", system="cheap")]
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    steps = 0

    @asynccontextmanager
    async def begin(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        nonlocal steps
        steps += 1
        if steps == 2:
            await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
        async with stage.means.begin(merchant_id) as work:
            yield work

    # When it is called off, and answered just then
    delivery = await stage.delivery()
    means = replace(stage.means, begin=begin)
    await cancel_delivery(means, MERCHANT_ID, delivery.id, "somebody said so")
    await stage.settle()

    # Then nobody comes for nothing
    assert (len(stage.cheap.booked), stage.cheap.cancelled) == (1, ["cheap-1"])
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.CANCELLED

"""What changes between the question to carriers and the booking, and what a replacement may cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.events import BookingInDoubt
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import FulfillmentOrderStatus
from doorstep.window import Window
from gateway.flow.dispatching.attempts import GoodsChanged, Mandate, begin_attempt
from gateway.flow.dispatching.doubt import clear_doubt
from gateway.flow.dispatching.remedies import cap_of
from gateway.flow.quoting.question import find_place, load_unit
from gateway.flow.quoting.quote import quote_unit
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


async def test_goods_that_were_divided_meanwhile_are_not_booked_whole(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    await find_place(await stage.order(), stage.means)
    unit_id = (await stage.order()).fulfillment_orders[0].id
    quotes = await quote_unit(stage.means, MERCHANT_ID, unit_id, 0.5)
    assert quotes is not None
    async with stage.means.begin(MERCHANT_ID) as work:
        asked_about = await load_unit(work, unit_id, must_be_placed=False)
        assert asked_about is not None
        current = asked_about.fulfillment_order
        more = tuple(replace(line, quantity=line.quantity + 1) for line in current.lines)
        await work.orders.put_fulfillment_order(replace(current, lines=more))

    with pytest.raises(GoodsChanged):
        await begin_attempt(stage.means, asked_about, quotes, quotes.quotes[0], "", Mandate())
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.deliveries.live_of(unit_id) is None


async def test_what_a_replacement_may_cost_is_a_share_of_the_first_price(stage: Stage) -> None:
    delivery = await stage.booked()
    booked = delivery.active_leg
    assert booked is not None
    dearer = replace(booked, id="leg_2", booking_key="leg_2", external_id="", price=Money(1_400, "USD"))
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()

    refused = replace(delivery, legs=(replace(booked, status=DeliveryStatus.CANCELLED), dearer))
    assert cap_of(merchant, refused) == Money(booked.price.minor * 3, "USD")
    never_booked = replace(delivery, legs=(dearer,))
    assert cap_of(merchant, never_booked) == Money(4_200, "USD")
    anything = replace(merchant, watch=replace(merchant.watch, redispatch_cap_percent=0))
    assert cap_of(anything, refused) is None


async def test_a_store_that_says_nothing_of_times_undoes_none_that_were_agreed(stage: Stage) -> None:
    await stage.booked()
    unit = (await stage.order()).fulfillment_orders[0]
    now = stage.clock.now()
    tomorrow = Window(now + timedelta(hours=20), now + timedelta(hours=22))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.orders.put_fulfillment_order(
            replace(unit, delivery_window=tomorrow, ready_at=tomorrow.start)
        )
    stage.clock.advance(seconds=60)
    stage.shop.put("1001")
    await stage.take_in()

    kept = (await stage.order()).fulfillment_orders[0]
    assert kept.status is FulfillmentOrderStatus.DISPATCHED
    assert (kept.delivery_window, kept.ready_at) == (tomorrow, tomorrow.start)


async def test_a_booking_that_is_not_taken_back_is_a_persons(stage: Stage) -> None:
    delivery = await stage.booked()
    leg = delivery.active_leg
    assert leg is not None
    async with stage.means.begin(MERCHANT_ID) as work:
        over = replace(leg, status=DeliveryStatus.FAILED, ended_at=stage.clock.now())
        await work.deliveries.put(delivery.with_leg(over))
    stage.links.linked.clear()
    await clear_doubt(BookingInDoubt(MERCHANT_ID, delivery.id, leg.id), stage.means)

    (incident,) = [one for one in await stage.incidents() if one.kind is IncidentKind.OTHER]
    assert "linked no longer" in incident.evidence

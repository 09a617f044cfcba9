"""From a store's order to a booked courier, and what happens when somebody says no."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import AccountProblem, RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.incident import IncidentKind, IncidentStatus
from doorstep.order import FulfillmentOrderStatus
from doorstep.position import Position
from doorstep.quote import DeclineReason
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.intake.keep import Intake
from gateway.flow.intake.sync import sync_store
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import HOME, MERCHANT_ID, SHOP, STORE
from tests.integration.flow.stage import Stage


async def _hear(stage: Stage, external_id: str, status: DeliveryStatus, raw: str, **more: object) -> None:
    """The cheap courier reports something."""
    await apply_update(
        stage.means, MERCHANT_ID, "cheap", stage.cheap.update(external_id, status, raw, **more)
    )


async def _sync(stage: Stage) -> dict[Intake, int]:
    return dict((await sync_store(stage.means, MERCHANT_ID, STORE.id)).counts)


async def test_an_order_is_quoted_and_booked_with_the_best_in_rank(stage: Stage) -> None:
    stage.shop.put("1001")
    assert (await _sync(stage))[Intake.NEW] == 1
    await stage.settle()
    delivery = await stage.delivery()
    assert [leg.carrier for leg in delivery.legs] == ["cheap"]
    assert delivery.status is DeliveryStatus.BOOKED
    assert stage.cheap.asked[0].parcels[0].weight_g == 1800, "two kettles of 900 g"
    async with stage.means.begin(MERCHANT_ID) as work:
        unit = await work.orders.fulfillment_order(delivery.fulfillment_order_id)
    assert unit is not None
    assert unit.status is FulfillmentOrderStatus.DISPATCHED


async def test_syncing_twice_changes_nothing_and_books_nothing_twice(stage: Stage) -> None:
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    assert (await _sync(stage))[Intake.UNCHANGED] == 1
    await stage.settle()
    assert len(stage.cheap.booked) == 1


async def test_what_is_older_than_ours_is_not_taken(stage: Stage) -> None:
    stage.shop.put("1001", street="2 New Street")
    await _sync(stage)
    stage.clock.advance(minutes=-5)
    stage.shop.put("1001", street="1 Old Street")
    stage.clock.advance(minutes=5)
    await _sync(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        order = await work.orders.by_external_id(STORE.id, "1001")
    assert order is not None
    assert order.destination is not None
    assert order.destination.line1 == "2 New Street"


async def test_a_broken_order_is_kept_aside_and_the_rest_goes_on(stage: Stage) -> None:
    stage.shop.put("1001", broken=True)
    stage.shop.put("1002")
    counts = await _sync(stage)
    assert (counts[Intake.QUARANTINED], counts[Intake.NEW]) == (1, 1)
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", broken=False)
    assert (await _sync(stage))[Intake.NEW] == 1, "mended in the store, it is taken in by itself"


async def test_a_refusal_books_the_next_in_rank(stage: Stage) -> None:
    stage.cheap.book_errors = [RemoteRefused("no couriers", system="cheap", raw_code="couriers_busy")]
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    delivery = await stage.delivery()
    assert [(leg.carrier, leg.status) for leg in delivery.legs] == [
        ("cheap", DeliveryStatus.FAILED),
        ("dear", DeliveryStatus.BOOKED),
    ]


async def test_a_lost_answer_is_asked_again_with_the_same_key(stage: Stage) -> None:
    stage.cheap.book_errors = [UnknownOutcome("no answer", system="cheap")]
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    key = (await stage.delivery()).legs[0].booking_key
    async with stage.database.doors() as connection:
        await connection.exec_driver_sql("UPDATE procrastinate_jobs SET scheduled_at = now()")
    await stage.settle()
    delivery = await stage.delivery()
    assert [leg.booking_key for leg in delivery.legs] == [key]
    assert list(stage.cheap.booked) == [key]


async def test_when_nobody_takes_it_a_person_sees_it(stage: Stage) -> None:
    for carrier in (stage.cheap, stage.dear):
        carrier.book_errors = [AccountProblem("no money", system=carrier.carrier)]
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    delivery = await stage.delivery()
    assert delivery.status is DeliveryStatus.SEARCHING
    async with stage.means.begin(MERCHANT_ID) as work:
        (incident,) = await work.incidents.all_live()
    assert incident.kind is IncidentKind.NO_COURIER


async def test_a_courier_who_drops_out_is_replaced_and_the_incident_closes(stage: Stage) -> None:
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    (leg,) = (await stage.delivery()).legs
    lost = stage.cheap.update(leg.external_id, DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "cheap", lost)
    assert (await stage.delivery()).status is DeliveryStatus.SEARCHING
    await stage.settle()

    delivery = await stage.delivery()
    assert [(one.carrier, one.is_live) for one in delivery.legs] == [("cheap", False), ("dear", True)]
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.incidents.all_live() == []
    await apply_update(stage.means, MERCHANT_ID, "cheap", lost)
    await stage.settle()
    assert len((await stage.delivery()).legs) == 2, "a repeat of the webhook changes nothing"


async def test_a_machine_does_not_book_again_above_its_cap(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        rules = replace(merchant.watch, redispatch_cap_percent=150)
        await work.accounts.put_merchant(replace(merchant, watch=rules))
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    (leg,) = (await stage.delivery()).legs
    stage.cheap.quote_error = RemoteUnavailable("down", system="cheap")
    lost = stage.cheap.update(leg.external_id, DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "cheap", lost)
    await stage.settle()
    assert stage.dear.booked == {}, "9.00 is more than 150 % of 5.00"
    async with stage.means.begin(MERCHANT_ID) as work:
        kinds = {incident.kind for incident in await work.incidents.all_live()}
    assert IncidentKind.COURIER_CANCELLED in kinds


async def test_a_carrier_that_fails_is_in_the_list_with_its_reason(stage: Stage) -> None:
    stage.cheap.quote_error = RemoteUnavailable("It is down.", system="cheap")
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    delivery = await stage.delivery()
    async with stage.means.begin(MERCHANT_ID) as work:
        quote_set = await work.quotes.get(delivery.quote_set_id)
    assert quote_set is not None
    assert [(no.carrier, no.reason) for no in quote_set.declined] == [("cheap", DeclineReason.CARRIER_DOWN)]


async def test_what_the_shopper_chose_is_booked_though_it_ranks_lower(stage: Stage) -> None:
    cart = Cart([CartItem(quantity=1)], currency="USD")
    options = await delivery_options(stage.means, MERCHANT_ID, HOME, cart, budget_s=10)
    dear = next(quote for quote in options.quotes if quote.offer.carrier == "dear")
    choice = await choose_option(stage.means, MERCHANT_ID, "key-1", options.id, dear.id, "cart-1")
    stage.shop.put("1001", choice=choice.id)
    await _sync(stage)
    await stage.settle()
    assert [leg.carrier for leg in (await stage.delivery()).legs] == ["dear"]


async def test_a_cancelled_order_is_called_off_and_not_replaced(stage: Stage) -> None:
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    (leg,) = (await stage.delivery()).legs
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", status="CANCELLED", unit_status="CANCELLED")
    await _sync(stage)
    await stage.settle()
    assert stage.cheap.cancelled == [leg.external_id]
    await apply_update(
        stage.means,
        MERCHANT_ID,
        "cheap",
        stage.cheap.update(leg.external_id, DeliveryStatus.CANCELLED, "canceled"),
    )
    await stage.settle()
    assert stage.dear.booked == {}


async def test_an_address_that_the_map_does_not_know_waits_for_a_person(stage: Stage) -> None:
    stage.shop.put("1001", street="Nowhere")
    await _sync(stage)
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        (incident,) = await work.incidents.all_live()
    assert incident.kind is IncidentKind.ADDRESS_PROBLEM
    assert stage.cheap.asked == []


async def test_a_late_eta_raises_an_incident_once_and_delivery_closes_it(stage: Stage) -> None:
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    (leg,) = (await stage.delivery()).legs
    late = stage.clock.now().replace(hour=23)
    await _hear(stage, leg.external_id, DeliveryStatus.PICKED_UP, "pickup_complete", dropoff_eta=late)
    await sweep(stage.means, MERCHANT_ID)
    await sweep(stage.means, MERCHANT_ID)
    async with stage.means.begin(MERCHANT_ID) as work:
        (incident,) = await work.incidents.all_live()
    assert incident.kind is IncidentKind.ETA_PAST_PROMISE
    await apply_update(
        stage.means,
        MERCHANT_ID,
        "cheap",
        stage.cheap.update(leg.external_id, DeliveryStatus.DELIVERED, "delivered"),
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        closed = await work.incidents.get(incident.id)
    assert closed is not None
    assert closed.status is IncidentStatus.RESOLVED


@pytest.mark.parametrize("late", [DeliveryStatus.COURIER_ASSIGNED, DeliveryStatus.BOOKED])
async def test_a_report_that_comes_late_takes_no_status_back(stage: Stage, late: DeliveryStatus) -> None:
    stage.shop.put("1001")
    await _sync(stage)
    await stage.settle()
    (leg,) = (await stage.delivery()).legs
    for status, raw in ((DeliveryStatus.PICKED_UP, "pickup_complete"), (late, f"late {late}")):
        await apply_update(
            stage.means, MERCHANT_ID, "cheap", stage.cheap.update(leg.external_id, status, raw)
        )
    assert (await stage.delivery()).status is DeliveryStatus.PICKED_UP


async def test_nobody_drives_for_a_test_order_unless_a_person_says_so(stage: Stage) -> None:
    stage.shop.put("1001", is_test=True)
    await stage.take_in()
    await stage.settle()
    stage.clock.advance(hours=1)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()
    assert (stage.cheap.booked, await stage.incidents()) == ({}, [])
    unit_id = (await stage.order()).fulfillment_orders[0].id
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    assert len(stage.cheap.booked) == 1


async def test_what_was_called_off_is_left_alone_by_the_sweep(stage: Stage) -> None:
    delivery = await stage.booked()
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "the shopper came by", by_person=True)
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        unit = await work.orders.fulfillment_order(delivery.fulfillment_order_id)
        assert unit is not None
        await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.OPEN))
        assert await work.orders.undispatched(10) == []


async def test_the_last_words_of_a_lost_courier_do_not_end_the_delivery(stage: Stage) -> None:
    delivery = await stage.booked()
    leg = delivery.active_leg
    assert leg is not None
    await _hear(stage, leg.external_id, DeliveryStatus.CANCELLED, "canceled")
    # Where the courier was last seen comes before anybody has asked the next one.
    where = Position(SHOP, stage.clock.now())
    await _hear(stage, leg.external_id, DeliveryStatus.CANCELLED, "canceled", position=where)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.SEARCHING
    await stage.settle()
    assert len((await stage.kept(delivery.id)).legs) == 2

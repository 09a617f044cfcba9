"""Calling off what is under way: in time, too late, twice, and while a booking is on its way."""

from __future__ import annotations

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import NotFound, RemoteRefused, RemoteUnavailable, StateConflict
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrderStatus
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage

TOO_LATE = RemoteRefused("The courier has it already.", system="cheap", raw_code="noncancelable_delivery")


async def test_a_delivery_that_is_called_off_is_over_and_nobody_replaces_it(stage: Stage) -> None:
    delivery = await stage.booked()
    cancelled = await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
    assert cancelled.status is DeliveryStatus.CANCELLED
    assert [leg.status for leg in cancelled.legs] == [DeliveryStatus.CANCELLED]
    assert cancelled.legs[0].ended_at == stage.clock.now()
    late = stage.cheap.update(delivery.legs[0].external_id, DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "cheap", late)
    await stage.settle()
    assert stage.dear.booked == {}
    assert await stage.incidents() == []


async def test_calling_off_twice_is_a_success_and_asks_the_carrier_once(stage: Stage) -> None:
    delivery = await stage.booked()
    for _ in range(2):
        cancelled = await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
        assert cancelled.status is DeliveryStatus.CANCELLED
    assert stage.cheap.cancelled == [delivery.legs[0].external_id]


async def test_what_was_called_off_is_dispatched_again_only_when_a_person_says_so(stage: Stage) -> None:
    delivery = await stage.booked()
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "wrong address")
    stage.clock.advance(hours=1)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()
    assert len(stage.cheap.booked) == 1
    done = await dispatch_unit(stage.means, MERCHANT_ID, delivery.fulfillment_order_id, None, Wish())
    assert done.delivery is not None
    assert done.delivery.id != delivery.id
    assert done.delivery.status is DeliveryStatus.BOOKED


async def test_what_has_arrived_cannot_be_called_off(stage: Stage) -> None:
    delivery = await stage.booked()
    update = stage.cheap.update(delivery.legs[0].external_id, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    with pytest.raises(StateConflict, match="DELIVERED and cannot be cancelled") as conflict:
        await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
    assert conflict.value.current_id == delivery.id
    assert stage.cheap.cancelled == []


async def test_what_does_not_exist_cannot_be_called_off(stage: Stage) -> None:
    with pytest.raises(NotFound):
        await cancel_delivery(stage.means, MERCHANT_ID, new_id("del"), "customer asked")


async def test_a_carrier_that_says_too_late_is_heard_and_the_delivery_goes_on(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.cheap.cancel_error = TOO_LATE
    with pytest.raises(RemoteRefused, match="has it already"):
        await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
    kept = await stage.kept(delivery.id)
    assert (kept.status, kept.is_cancel_requested) == (DeliveryStatus.BOOKED, False)
    lost = stage.cheap.update(delivery.legs[0].external_id, DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, "cheap", lost)
    await stage.settle()
    assert len(stage.dear.booked) == 1, "a courier who drops out later is replaced as ever"


async def test_an_order_that_the_store_cancels_too_late_is_shown_to_a_person(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.cheap.cancel_error = TOO_LATE
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", status="CANCELLED", unit_status="CANCELLED")
    await stage.take_in()
    await stage.settle()
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.delivery_id) == (IncidentKind.OTHER, delivery.id)
    assert incident.raw_code == "noncancelable_delivery"
    unit = (await stage.order()).fulfillment_orders[0]
    assert unit.status is FulfillmentOrderStatus.CANCELLED


async def test_a_carrier_that_is_down_is_asked_again(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.cheap.cancel_error = RemoteUnavailable("down", system="cheap")
    with pytest.raises(RemoteUnavailable):
        await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
    stage.cheap.cancel_error = None
    cancelled = await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
    assert cancelled.status is DeliveryStatus.CANCELLED


async def test_a_booking_that_comes_through_after_the_cancellation_is_called_off_too(stage: Stage) -> None:
    async def call_off() -> None:
        await cancel_delivery(stage.means, MERCHANT_ID, (await stage.delivery()).id, "customer asked")

    stage.cheap.meanwhile = call_off
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    (booking,) = stage.cheap.booked.values()
    assert set(stage.cheap.cancelled) == {booking.external_id}, "no courier comes for nothing"
    unit = (await stage.order()).fulfillment_orders[0]
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.deliveries.live_of(unit.id) is None
    assert stage.dear.booked == {}

"""A store moves goods to another place after the booking: whoever was sent to the old one is called off."""

from __future__ import annotations

from dataclasses import replace

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.incident import IncidentKind
from doorstep.order import Location
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import HOME, MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage

BACK_ROOM = Location(
    "loc_01jd0000000000000000000002",
    MERCHANT_ID,
    "Back room",
    replace(HOME, line1="1 Yard Lane", location=SHOP),
    "America/New_York",
    ("back",),
)


async def _moved(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_location(BACK_ROOM)
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", place="back")
    await stage.take_in()
    await stage.settle()


async def test_the_old_booking_is_called_off_and_a_carrier_is_sent_to_the_new_place(stage: Stage) -> None:
    old = await stage.booked()
    await _moved(stage)
    assert (await stage.kept(old.id)).status is DeliveryStatus.CANCELLED
    fresh = await stage.delivery_of("1001")
    assert (fresh.origin_id, fresh.status) == (BACK_ROOM.id, DeliveryStatus.BOOKED)
    assert fresh.id != old.id
    assert (await stage.order()).fulfillment_orders[0].location_id == BACK_ROOM.id


async def test_what_was_picked_up_already_goes_on(stage: Stage) -> None:
    old = await stage.booked()
    leg = old.active_leg
    assert leg is not None
    update = stage.cheap.update(leg.external_id, DeliveryStatus.PICKED_UP, "pickup_complete")
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    await _moved(stage)
    assert (await stage.delivery_of("1001")).id == old.id
    assert stage.cheap.cancelled == []


async def test_a_carrier_that_will_not_turn_back_is_shown_to_a_person(stage: Stage) -> None:
    old = await stage.booked()
    stage.cheap.cancel_error = RemoteRefused("the courier is at the door", system="cheap")
    await _moved(stage)
    assert (await stage.delivery_of("1001")).id == old.id
    assert [one.kind for one in await stage.incidents()] == [IncidentKind.MISSED_PICKUP]


async def test_an_order_that_nobody_was_sent_for_just_leaves_from_the_new_place(stage: Stage) -> None:
    stage.shop.put("1001", unit_status="ON_HOLD")
    await stage.take_in()
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_location(BACK_ROOM)
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", place="back", unit_status="OPEN")
    await stage.take_in()
    await stage.settle()
    assert (await stage.delivery_of("1001")).origin_id == BACK_ROOM.id


async def test_goods_that_a_person_called_off_are_not_booked_again_under_another_id(stage: Stage) -> None:
    old = await stage.booked()
    await cancel_delivery(stage.means, MERCHANT_ID, old.id, "the shopper came by", by_person=True)
    await stage.settle()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", units=["fo-again"])
    await stage.take_in()
    await stage.settle()
    assert len(stage.cheap.booked) == 1


async def test_goods_that_the_store_put_under_another_id_are_booked_again(stage: Stage) -> None:
    await stage.booked()
    stage.clock.advance(minutes=1)
    stage.shop.put("1001", units=["fo-split"])
    await stage.take_in()
    await stage.settle()
    assert len(stage.cheap.booked) == 2
    assert len(stage.cheap.cancelled) == 1

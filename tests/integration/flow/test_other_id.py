"""A carrier goes on with a booking under another id."""

from __future__ import annotations

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from gateway.flow.tracking.track import BookingNotKnownYet, apply_update
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


async def _hear(stage: Stage, external_id: str, status: DeliveryStatus, raw: str, **more: object) -> None:
    await apply_update(
        stage.means, MERCHANT_ID, "cheap", stage.cheap.update(external_id, status, raw, **more)
    )


async def _replaced(stage: Stage, before: str) -> None:
    await _hear(stage, before, DeliveryStatus.BOOKED, "ORDER_REPLACED", replaced_by="cheap-other")


async def _dropped(stage: Stage, external_id: str) -> None:
    await _hear(
        stage, external_id, DeliveryStatus.CANCELLED, "CANCELED", trouble=IncidentKind.COURIER_CANCELLED
    )
    await stage.settle()


async def test_the_leg_follows_and_the_end_of_the_old_id_is_nobodys_loss(stage: Stage) -> None:
    delivery = await stage.booked()
    before = delivery.legs[0].external_id
    for _ in range(2):
        await _replaced(stage, before)
    key = delivery.legs[0].booking_key
    await _hear(stage, before, DeliveryStatus.BOOKED, "ORDER_CREATED", booking_key=key)
    await _dropped(stage, before)
    await _hear(stage, "cheap-other", DeliveryStatus.BOOKED, "ORDER_CREATED", booking_key=key)
    await _hear(stage, "cheap-other", DeliveryStatus.PICKED_UP, "PICKED_UP")
    (leg,) = (await stage.kept(delivery.id)).legs
    assert (leg.external_id, leg.status) == ("cheap-other", DeliveryStatus.PICKED_UP)
    assert (stage.dear.booked, stage.cheap.cancelled, await stage.incidents()) == ({}, [], [])
    async with stage.means.begin(MERCHANT_ID) as work:
        texts = [event.text for event in await work.deliveries.events(delivery.id)]
    assert texts.count("The carrier goes on with it under another number.") == 1
    with pytest.raises(BookingNotKnownYet):
        await _hear(stage, "cheap-nobodys", DeliveryStatus.PICKED_UP, "PICKED_UP")


async def test_where_the_end_of_the_old_id_came_first_the_other_booking_is_given_back(stage: Stage) -> None:
    delivery = await stage.booked()
    before = delivery.legs[0].external_id
    await _dropped(stage, before)
    await _replaced(stage, before)
    await stage.settle()
    assert stage.cheap.cancelled == ["cheap-other"]
    lost, instead = (await stage.kept(delivery.id)).legs
    assert (lost.status, lost.external_id) == (DeliveryStatus.CANCELLED, "cheap-other")
    assert (instead.carrier, instead.is_live) == ("dear", True)


async def test_a_message_about_the_other_id_that_comes_first_calls_nobody_off(stage: Stage) -> None:
    delivery = await stage.booked()
    before, key = delivery.legs[0].external_id, delivery.legs[0].booking_key

    async def created() -> None:
        await _hear(stage, "cheap-other", DeliveryStatus.BOOKED, "ORDER_CREATED", booking_key=key)

    with pytest.raises(BookingNotKnownYet):
        await created()
    stage.clock.advance(seconds=30)
    await _replaced(stage, before)
    await created()
    await stage.settle()
    (leg,) = (await stage.kept(delivery.id)).legs
    assert (leg.external_id, leg.is_live, stage.cheap.cancelled) == ("cheap-other", True, [])

"""What is called off here is called off with its carrier too, however long that cannot be asked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.events import BookingInDoubt, OrderCancelled
from doorstep.order import OrderStatus
from gateway.flow.dispatching.cancel import cancel_delivery, cancel_for_order
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.dispatching.doubt import clear_doubt
from gateway.flow.ports import UnitOfWork
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage

AWAY = RemoteUnavailable("The carrier is away.", system="cheap")


class Killed(Exception):
    """The worker is gone."""


async def _look(stage: Stage, **later: float) -> None:
    stage.clock.advance(**later)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()


async def _unheard(stage: Stage) -> Delivery:
    """A booking whose answer is lost."""
    stage.shop.put("1001")
    await stage.take_in()
    unit_id = (await find_place(await stage.order(), stage.means)).fulfillment_orders[0].id
    quote_set = await quote_unit(stage.means, MERCHANT_ID, unit_id, 1.0)
    assert quote_set is not None
    stage.cheap.book_errors = [UnknownOutcome("lost", system="cheap")]
    with pytest.raises(UnknownOutcome):
        await dispatch_unit(stage.means, MERCHANT_ID, unit_id, quote_set.id, Wish())
    return await stage.delivery()


async def _give_up_on_jobs(stage: Stage, delivery: Delivery) -> None:
    """A job about the doubt is tried for the last time; the queue has no other."""
    with pytest.raises(RemoteUnavailable):
        await clear_doubt(BookingInDoubt(MERCHANT_ID, delivery.id, delivery.legs[0].id), stage.means)
    async with stage.database.tenant(MERCHANT_ID) as connection:
        await connection.exec_driver_sql("DELETE FROM procrastinate_jobs")


async def test_a_booking_whose_carrier_is_away_for_hours_is_given_back_when_it_is_there_again(
    stage: Stage,
) -> None:
    # Given a booking that was answered after it had been called off
    delivery = await _unheard(stage)
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "somebody said so")
    stage.cheap.cancel_error = AWAY
    await stage.settle()
    (leg,) = (await stage.kept(delivery.id)).legs
    assert (leg.external_id, leg.doubted_at) == ("cheap-1", stage.clock.now())
    assert await stage.incidents() == []

    # When nobody can give it back, people see it
    stage.clock.advance(minutes=15)
    await _give_up_on_jobs(stage, await stage.kept(delivery.id))
    (incident,) = await stage.incidents()
    assert (incident.delivery_id, incident.leg_id) == (delivery.id, leg.id)
    assert "called off" in incident.title

    # Then the sweep tries on until it is done
    stage.cheap.cancel_error = None
    before = len(stage.cheap.cancelled)
    await _look(stage, minutes=70)
    assert len(stage.cheap.cancelled) == before
    await _look(stage, minutes=10)
    await _look(stage, minutes=120)
    assert len(stage.cheap.cancelled) == before + 1
    assert (await stage.kept(delivery.id)).legs[0].doubted_at is None
    assert await stage.incidents() == []


async def test_a_clear_no_ends_the_doubt(stage: Stage) -> None:
    delivery = await _unheard(stage)
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "somebody said so")
    stage.cheap.book_errors = [RemoteRefused("no", system="cheap")]
    await stage.settle()
    (leg,) = (await stage.kept(delivery.id)).legs
    assert (leg.doubted_at, leg.is_live, stage.cheap.booked) == (None, False, {})
    await _look(stage, minutes=120)
    assert stage.cheap.booked == {}


async def test_what_a_carrier_does_not_take_back_is_left_to_people(stage: Stage) -> None:
    delivery = await _unheard(stage)
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "somebody said so")
    stage.cheap.cancel_error = RemoteRefused("too late", system="cheap")
    await stage.settle()
    (incident,) = await stage.incidents()
    assert "too late" in incident.evidence
    await _look(stage, minutes=120)
    assert stage.cheap.cancelled == ["cheap-1"]


@pytest.mark.parametrize("by_person", [True, False])
async def test_calling_off_that_broke_off_is_ended_by_the_sweep(stage: Stage, by_person: bool) -> None:
    delivery = await stage.booked()
    steps = 0

    @asynccontextmanager
    async def begin(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        nonlocal steps
        steps += 1
        if steps == 2:
            raise Killed
        async with stage.means.begin(merchant_id) as work:
            yield work

    means = replace(stage.means, begin=begin)
    with pytest.raises(Killed):
        await cancel_delivery(means, MERCHANT_ID, delivery.id, "somebody said so", by_person=by_person)
    await _look(stage, minutes=2)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.BOOKED
    await _look(stage, minutes=2)
    kept = await stage.kept(delivery.id)
    assert (kept.status, kept.is_called_off_by_person) == (DeliveryStatus.CANCELLED, by_person)
    assert stage.dear.booked == {}


async def test_a_carrier_that_is_away_when_the_store_cancels_is_told_when_it_is_back(stage: Stage) -> None:
    delivery = await stage.booked()
    async with stage.means.begin(MERCHANT_ID) as work:
        order = await work.orders.get(delivery.order_id, lock=True)
        assert order is not None
        await work.orders.put(replace(order, status=OrderStatus.CANCELLED))
    stage.cheap.cancel_error = AWAY
    with pytest.raises(RemoteUnavailable):
        await cancel_for_order(OrderCancelled(MERCHANT_ID, delivery.order_id), stage.means)
    await _look(stage, minutes=4)
    (incident,) = await stage.incidents()
    assert "The carrier is away." in incident.evidence

    stage.cheap.cancel_error = None
    await _look(stage, minutes=4)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.CANCELLED
    assert await stage.incidents() == []


async def test_a_person_who_was_told_that_the_carrier_is_away_has_called_nothing_off(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.cheap.cancel_error = AWAY
    with pytest.raises(RemoteUnavailable):
        await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "somebody said so", by_person=True)
    stage.cheap.cancel_error = None
    await _look(stage, minutes=4)
    kept = await stage.kept(delivery.id)
    assert (kept.status, kept.is_cancel_requested) == (DeliveryStatus.BOOKED, False)
    assert len(stage.cheap.cancelled) == 1

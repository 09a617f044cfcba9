"""Losers: a booking that turns up at a carrier with a key of ours, and that no leg here has.

Its answer was lost, or said no though it stands, or the carrier made two of one key. Where the goods have
nobody it is taken up; where somebody else has them, or nobody shall come any more, it is called off.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.booking import Booking, CarrierUpdate
from doorstep.delivery import Delivery, EventSource, Leg
from doorstep.delivery_status import TERMINAL, DeliveryStatus
from doorstep.ids import new_id
from doorstep.order import FulfillmentOrderStatus
from gateway.flow.claim import is_held
from gateway.flow.dispatching.confirm import remember_lost, write_booking
from gateway.flow.ports import UnitOfWork
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.watching.incidents import name_of

GOES_ON_WITHIN = timedelta(seconds=90)
"""A carrier that goes on with a booking under another id says so in a message of its own, which may come
after those about the other one."""

_NOBODY_SENT = (FulfillmentOrderStatus.CANCELLED, FulfillmentOrderStatus.ON_HOLD)


async def take_in_stray(work: UnitOfWork, carrier: str, update: CarrierUpdate, now: datetime) -> str | None:
    """Give a booking that nobody knows here a leg; answers the delivery that it belongs to.

    None where it is none of ours, or a later answer or message will tell more.
    """
    if not update.booking_key:
        return None
    delivery_id = await work.deliveries.id_by_key(carrier, update.booking_key)
    delivery = await work.deliveries.get(delivery_id, lock=True) if delivery_id else None
    if delivery is None or any(leg.external_id == update.external_id for leg in delivery.legs):
        return delivery_id
    leg = next(leg for leg in delivery.legs if leg.booking_key == update.booking_key)
    is_open = leg.is_live and not leg.external_id
    if is_open and (is_held(leg.asked_until) or update.status in TERMINAL):
        return None  # what became of it is found out by asking with its key
    if leg.is_live and leg.external_id and update.occurred_at + GOES_ON_WITHIN > now:
        return None  # perhaps no second booking, but this one under another id
    stray = _twin(leg, now) if leg.external_id else leg
    if update.status in TERMINAL:
        ended = replace(stray, external_id=update.external_id, raw_status=update.raw_status)
        await work.deliveries.put(delivery.with_leg(ended))
    elif is_open or await _is_wanted(work, delivery):
        await _adopt(work, delivery, stray, update, now)
    else:
        await _call_off(work, delivery, stray, update, now)
    return delivery.id


async def _is_wanted(work: UnitOfWork, delivery: Delivery) -> bool:
    """Whether the goods wait for somebody and have nobody, not even one who was asked and did not say."""
    if delivery.is_over or delivery.is_cancel_requested or any(leg.is_live for leg in delivery.legs):
        return False
    unit = await work.orders.fulfillment_order(delivery.fulfillment_order_id)
    return unit is not None and unit.status not in _NOBODY_SENT


async def _adopt(
    work: UnitOfWork, delivery: Delivery, leg: Leg, update: CarrierUpdate, now: datetime
) -> None:
    order = await work.orders.get(delivery.order_id)
    if order is None:
        return
    # That it had ended was a mistake: it was booked all the time.
    alive = replace(leg, status=DeliveryStatus.DRAFT, ended_at=None, doubted_at=None)
    booking = Booking(
        update.external_id,
        update.status,
        update.raw_status,
        update.price or leg.price,
        tracking_number=update.tracking_number,
        tracking_url=update.tracking_url,
        label_url=update.label_url,
    )
    await _note(work, delivery, leg, "had booked it after all, and has it.", "adopted", now)
    await write_booking(work, order, delivery.with_leg(alive), alive, booking, now)


async def _call_off(
    work: UnitOfWork, delivery: Delivery, leg: Leg, update: CarrierUpdate, now: datetime
) -> None:
    lost = replace(leg, external_id=update.external_id, raw_status=update.raw_status)
    text = "had booked it after all, and nobody of theirs shall come: called off."
    await _note(work, delivery, leg, text, "stray", now)
    await remember_lost(work, delivery, lost, now)


def _twin(leg: Leg, now: datetime) -> Leg:
    """A leg for the second booking that was made with one key."""
    leg_id = new_id("leg")
    return replace(
        leg,
        id=leg_id,
        booking_key=leg_id,
        external_id="",
        status=DeliveryStatus.FAILED,
        booked_at=None,
        picked_up_at=None,
        ended_at=now,
        courier=None,
        position=None,
        extra=None,
        giving_up=None,
        why="",
    )


async def _note(work: UnitOfWork, delivery: Delivery, leg: Leg, text: str, key: str, now: datetime) -> None:
    words = f"{await name_of(work, leg)} {text}"
    event = leg_event(delivery, leg, delivery.status, EventSource.RULE, words, key=key, at=now)
    await work.deliveries.add_event(replace(event, is_correction=key == "adopted"))

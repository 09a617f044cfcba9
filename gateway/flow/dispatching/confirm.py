"""Confirm: a carrier's yes, written down with all that follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.booking import Booking
from doorstep.delivery import Delivery, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.events import BookingInDoubt, DeliveryBooked, OrderCancelled, UnitMoved
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order, OrderStatus
from gateway.flow.learning.counting import count_booking
from gateway.flow.ports import UnitOfWork
from gateway.flow.quoting.price_lock import note_booked
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.watching.incidents import name_of, settle

GIVEN_UP = (DeliveryStatus.CANCELLED, DeliveryStatus.FAILED)
_NO_STEP = (DeliveryStatus.UNKNOWN, *GIVEN_UP)
"""What a booking's answer may say and that is not how a booking begins."""


async def write_booking(
    work: UnitOfWork, order: Order, current: Delivery, leg: Leg, booking: Booking, now: datetime
) -> Delivery:
    """Keep what a carrier booked for a leg of a locked delivery."""
    booked = replace(
        leg,
        status=DeliveryStatus.BOOKED if booking.status in _NO_STEP else booking.status,
        raw_status=booking.raw_status,
        external_id=booking.external_id,
        price=booking.price,
        tracking_number=booking.tracking_number,
        tracking_url=booking.tracking_url,
        label_url=booking.label_url,
        pickup_eta=booking.pickup_eta,
        booked_at=now,
        asked_until=None,
    )
    if current.is_over or not leg.is_live:
        # Called off, or given up for another, while the carrier was asked: remembered, so that its
        # webhooks find it, and given back.
        return await remember_lost(work, current, replace(booked, status=leg.status), now)
    changed = replace(
        current.with_leg(booked), status=booked.status, updated_at=now, version=current.version + 1
    )
    await work.deliveries.put(changed)
    booked_with = f"Booked with {await name_of(work, leg)}."
    await work.deliveries.add_event(
        leg_event(
            changed,
            booked,
            booked.status,
            EventSource.CARRIER,
            booked_with,
            key="booked",
            at=now,
            raw_status=booked.raw_status,
        )
    )
    unit = await work.orders.fulfillment_order(current.fulfillment_order_id, lock=True)
    if unit is not None and await _is_cancelled(work, unit):
        # The order was cancelled while the carrier was asked: what follows from that comes again.
        await work.emit(OrderCancelled(current.merchant_id, current.order_id))
    elif unit is not None:
        await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.DISPATCHED))
        if unit.location_id != current.origin_id:
            # The store moved it while the carrier was asked, when there was nothing to fetch elsewhere yet.
            await work.emit(UnitMoved(current.merchant_id, unit.id))
    for subject in (current.id, current.fulfillment_order_id):
        await settle(work, subject, {IncidentKind.NO_COURIER}, booked_with, now)
    work.announce("delivery", current.id)
    await work.emit(DeliveryBooked(current.merchant_id, current.id, leg.id))
    await note_booked(work, order, unit, booked, now)
    await count_booking(work, booked, now)
    return changed


async def _is_cancelled(work: UnitOfWork, unit: FulfillmentOrder) -> bool:
    """Whether the store has cancelled it, or the order of which it is a part."""
    order = await work.orders.get(unit.order_id)
    is_whole = order is not None and order.status is OrderStatus.CANCELLED
    return is_whole or unit.status is FulfillmentOrderStatus.CANCELLED


async def remember_lost(work: UnitOfWork, current: Delivery, leg: Leg, now: datetime) -> Delivery:
    """Keep the carrier's id of a leg that has ended here and stands there, and have it given back."""
    doubted = replace(leg, doubted_at=now)
    changed = replace(current.with_leg(doubted), updated_at=now, version=current.version + 1)
    await work.deliveries.put(changed)
    await work.emit(BookingInDoubt(current.merchant_id, current.id, leg.id))
    return changed

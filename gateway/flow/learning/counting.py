"""Counting: what became of a leg, in the transaction that says so.

A count shares its row with all of the same account and day, so it is the last thing that its transaction
does: others wait for it no longer than for the commit.
"""

from __future__ import annotations

from datetime import datetime

from doorstep.delivery import Delivery, Leg, LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.scorecard import (
    CarrierCounts,
    note_arrival,
    note_booking,
    note_cancellation,
    note_failure,
)
from gateway.flow.ports import UnitOfWork


async def count_booking(work: UnitOfWork, leg: Leg, now: datetime) -> None:
    """A carrier took a leg."""
    await work.scores.add([note_booking(leg.account_id, now, leg.price)])


async def count_dropped(work: UnitOfWork, leg: Leg, now: datetime) -> None:
    """A carrier gave a leg back that was not called off."""
    await work.scores.add([note_cancellation(leg.account_id, now)])


async def count_end(work: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """A delivery came to an end; nothing is counted where we ended it ourselves."""
    counts = await _of_end(work, delivery, now)
    if counts is not None:
        await work.scores.add([counts])


async def count_no_end(work: UnitOfWork, delivery: Delivery) -> None:
    """A person says that an end was none, or another: what was counted of it is taken back.

    Parameters
    ----------
    delivery
        As it was before the correction.
    """
    events = await work.deliveries.events(delivery.id)
    corrected_at = max((one.received_at for one in events if one.is_correction), default=None)
    heard_at = [
        one.received_at
        for one in events
        if one.status is delivery.status and (corrected_at is None or one.received_at >= corrected_at)
    ]
    # It was counted on the day on which it was heard of, and once however often it was said.
    counts = await _of_end(work, delivery, min(heard_at)) if heard_at else None
    if counts is not None:
        await work.scores.add([-counts])


async def _of_end(work: UnitOfWork, delivery: Delivery, now: datetime) -> CarrierCounts | None:
    """What is counted of an end, by what was known at that moment."""
    leg = delivery.active_leg
    if leg is None or leg.direction is not LegDirection.OUTBOUND or delivery.is_cancel_requested:
        return None
    if delivery.status is DeliveryStatus.DELIVERED:
        events = [one for one in await work.deliveries.events(delivery.id) if one.received_at <= now]
        was_tried_before = any(event.status is DeliveryStatus.ATTEMPT_FAILED for event in events)
        arrived_at = leg.ended_at or now
        promise = delivery.promised_first or delivery.promise
        is_on_time = promise is None or arrived_at <= promise.window.end
        return note_arrival(leg.account_id, now, on_time=is_on_time, first_attempt=not was_tried_before)
    if delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.RETURNED):
        return note_failure(leg.account_id, now)
    return None

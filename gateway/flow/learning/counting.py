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
    leg = delivery.active_leg
    if leg is None or leg.direction is not LegDirection.OUTBOUND or delivery.is_cancel_requested:
        return
    counts = await _of_end(work, delivery, leg, now)
    if counts is not None:
        await work.scores.add([counts])


async def _of_end(work: UnitOfWork, delivery: Delivery, leg: Leg, now: datetime) -> CarrierCounts | None:
    if delivery.status is DeliveryStatus.DELIVERED:
        events = await work.deliveries.events(delivery.id)
        was_tried_before = any(event.status is DeliveryStatus.ATTEMPT_FAILED for event in events)
        arrived_at = leg.ended_at or now
        promise = delivery.promised_first or delivery.promise
        is_on_time = promise is None or arrived_at <= promise.window.end
        return note_arrival(leg.account_id, now, on_time=is_on_time, first_attempt=not was_tried_before)
    if delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.RETURNED):
        return note_failure(leg.account_id, now)
    return None

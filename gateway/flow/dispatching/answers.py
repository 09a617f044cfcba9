"""Answers: what a carrier is asked to book, and its yes or no written down with the attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused, UnknownOutcome
from doorstep.incident import IncidentKind
from doorstep.quote import Decline
from doorstep.window import Promise
from gateway.flow.dispatching.attempts import Attempt, let_go, locked
from gateway.flow.dispatching.confirm import GIVEN_UP, write_booking
from gateway.flow.learning.unknowns import count_unknown_errors
from gateway.flow.ports import LinkedCarrier, Means, UnitOfWork
from gateway.flow.quoting.question import Unit
from gateway.flow.quoting.refused import decline_for
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.incidents import name_of


def booking_request(means: Means, unit: Unit, attempt: Attempt) -> BookingRequest:
    """What the carrier is asked to carry."""
    now = means.clock.now()
    quote, delivery = attempt.quote, attempt.delivery
    titles = {line.external_id: line.title for line in unit.order.lines}
    return BookingRequest(
        booking_key=attempt.leg.booking_key,
        reference=delivery.reference,
        service=quote.offer.service,
        pickup=unit.way[0],
        dropoff=unit.way[1],
        direction=unit.direction,
        parcels=delivery.parcels,
        value=unit.value,
        ready_at=max(unit.fulfillment_order.ready_at or now, now),
        asked_at=now,
        promise=quote.offer.promise,
        booking_data=dict(quote.offer.booking_data),
        items=tuple(
            (titles.get(line.line_external_id, "Item"), line.quantity)
            for line in unit.fulfillment_order.lines
        ),
        requirements=delivery.requirements,
        goods=delivery.goods,
        time_zone=unit.origin.time_zone,
        is_repeat=attempt.is_repeat,
    )


async def write_yes(
    means: Means, unit: Unit, attempt: Attempt, booking: Booking, promise: Promise | None = None
) -> Delivery:
    """Keep what the carrier booked for an attempt.

    Parameters
    ----------
    promise
        What the shopper is told, where nobody told anything yet.
    """
    now = means.clock.now()
    async with means.begin(attempt.delivery.merchant_id) as work:
        current = await locked(work, attempt.delivery.id)
        leg = next(leg for leg in current.legs if leg.id == attempt.leg.id)
        if leg.external_id:
            return current  # somebody else asked with the same key and was faster
        told = replace(current, promise=current.promise or promise)
        booked = await write_booking(work, unit.order, told, leg, booking, now)
    if booking.status in GIVEN_UP and not booked.is_cancel_requested:
        # Booked in a call whose answer was lost, and given up by the carrier before this repeat.
        await apply_update(means, unit.merchant.id, attempt.leg.carrier, _last_word(booking, now))
    return booked


async def write_error(
    means: Means, attempts: Sequence[Attempt], carrier: LinkedCarrier, error: RemoteError
) -> Decline:
    """Keep a clear no of a carrier with each of the attempts that it is about.

    Raises
    ------
    UnknownOutcome
        If it is none, but an answer that was lost, or a repeat that could not find out what became of the
        first try; the attempts stay open.
    """
    could_not_ask = any(attempt.is_repeat for attempt in attempts) and not isinstance(error, RemoteRefused)
    if isinstance(error, UnknownOutcome) or could_not_ask:
        # The booking of this try, or of one before, may stand all the same.
        for attempt in attempts:
            await let_go(means, attempt)
        raise _still_unknown(error) from None
    refusal = decline_for(carrier, error)
    await write_refusals(means, attempts, error)
    if not refusal.is_known_code:
        async with means.begin(carrier.account.merchant_id) as work:
            await count_unknown_errors(work, [refusal], means.clock.now())
    return refusal


async def write_refusals(means: Means, attempts: Sequence[Attempt], error: RemoteError) -> None:
    """End attempts that were refused, all of them or none; what was booked or has ended meanwhile stays so.

    Were only some of a stack ended, whoever repeats the others would ask for those again, who go otherwise.
    """
    now = means.clock.now()
    async with means.begin(attempts[0].delivery.merchant_id) as work:
        # In one order for everybody, so that no two wait for each other.
        for attempt in sorted(attempts, key=lambda one: one.delivery.id):
            await _write_refusal(work, attempt, error, now)


async def _write_refusal(work: UnitOfWork, attempt: Attempt, error: RemoteError, now: datetime) -> None:
    current = await locked(work, attempt.delivery.id)
    leg = next(leg for leg in current.legs if leg.id == attempt.leg.id)
    if leg.external_id or leg.status is DeliveryStatus.FAILED:
        return
    # Called off while its carrier was asked: the no ends the doubt, so that nobody asks for it again.
    failed = replace(
        leg,
        status=DeliveryStatus.FAILED,
        raw_status=error.raw_code,
        ended_at=leg.ended_at or now,
        asked_until=None,
        doubted_at=None,
    )
    changed = replace(current.with_leg(failed), updated_at=now, version=current.version + 1)
    await work.deliveries.put(changed)
    text = f"{await name_of(work, leg)} refused: {error.message}"
    source, status = EventSource.CARRIER, DeliveryStatus.DRAFT
    event = leg_event(
        current, failed, status, source, text, key="refused", at=now, raw_status=failed.raw_status
    )
    await work.deliveries.add_event(event)
    work.announce("delivery", current.id)


def _still_unknown(error: RemoteError) -> UnknownOutcome:
    if isinstance(error, UnknownOutcome):
        return error
    text = "It is not known whether an earlier try was booked, and the carrier cannot be asked."
    return UnknownOutcome(text, system=error.system, raw_code=error.raw_code, kind=error.kind)


def _last_word(booking: Booking, now: datetime) -> CarrierUpdate:
    return CarrierUpdate(
        source_event_id=f"{booking.external_id}:given-up",
        external_id=booking.external_id,
        status=booking.status,
        raw_status=booking.raw_status,
        occurred_at=now,
        trouble=IncidentKind.COURIER_CANCELLED,
    )

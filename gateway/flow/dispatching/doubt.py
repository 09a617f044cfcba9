"""Doubt: a leg ended here while nobody knew whether it is booked, or is booked though nobody shall come."""

from __future__ import annotations

from doorstep.delivery import Delivery, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import AccountProblem, RemoteRefused
from doorstep.events import BookingInDoubt
from doorstep.incident import IncidentKind
from gateway.flow.dispatching.attempts import repeat_attempt
from gateway.flow.dispatching.booking import ask_carrier
from gateway.flow.ports import Means
from gateway.flow.quoting.question import load_unit
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.watching.incidents import Alarm, raise_incident


async def clear_doubt(event: BookingInDoubt, means: Means) -> None:
    """A leg ended here while nobody knew whether it is booked: find out, and give it back.

    Raises
    ------
    RemoteError
        If the carrier could not be asked; the job is tried again.
    """
    async with means.begin(event.merchant_id) as work:
        delivery = await work.deliveries.get(event.delivery_id)
        leg = next((leg for leg in delivery.legs if leg.id == event.leg_id), None) if delivery else None
        quote_set = await work.quotes.get(delivery.quote_set_id) if delivery else None
        quote = quote_set.quote(leg.quote_id) if quote_set and leg else None
        unit = (
            await load_unit(work, delivery.fulfillment_order_id, must_be_placed=False) if delivery else None
        )
    if delivery is None or leg is None or unit is None or leg.is_live:
        return
    if leg.external_id:
        await _give_back(means, delivery, leg)
    elif quote is not None:
        attempt = await repeat_attempt(means, event.merchant_id, delivery.id, leg.id, quote)
        if attempt is not None:
            await ask_carrier(means, unit, attempt)


async def _give_back(means: Means, delivery: Delivery, leg: Leg) -> None:
    """The leg had ended here when the carrier said yes: nobody shall come for nothing."""
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None:
        text = f"Its account with {leg.carrier} is linked no longer, so that nobody can be told here."
        await _leave_to_people(means, delivery, text, "not_linked")
        return
    try:
        await carrier.connector.cancel(leg.external_id, "called off", means.booking_budget_s)
        await _note_given_back(means, delivery, leg, carrier.account.name)
    except (RemoteRefused, AccountProblem) as refusal:
        text = f"{carrier.account.name} took the booking and does not take it back: {refusal.message}"
        await _leave_to_people(means, delivery, text, refusal.raw_code)


async def _leave_to_people(means: Means, delivery: Delivery, text: str, raw_code: str) -> None:
    alarm = Alarm(
        IncidentKind.OTHER,
        title=f"{delivery.reference}: called off, but booked",
        evidence=text,
        delivery_id=delivery.id,
        raw_code=raw_code,
    )
    async with means.begin(delivery.merchant_id) as work:
        await raise_incident(work, alarm, means.clock.now())


async def _note_given_back(means: Means, delivery: Delivery, leg: Leg, name: str) -> None:
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        source, text = EventSource.RULE, f"Called off with {name}, which had booked it after all."
        event = leg_event(delivery, leg, DeliveryStatus.CANCELLED, source, text, key="given back", at=now)
        await work.deliveries.add_event(event)
        work.announce("delivery", delivery.id)

"""Doubt: a leg ended here while nobody knew whether it is booked, or is booked though nobody shall come.

It is marked as doubted until that is cleared up, so that neither a job that was given up nor one that is lost
leaves a courier coming for nothing; a person sees what takes long.
"""

from __future__ import annotations

from dataclasses import replace

from doorstep.audit import Actor
from doorstep.delivery import Delivery, EventSource, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import AccountProblem, RemoteError, RemoteRefused
from doorstep.events import BookingInDoubt
from doorstep.incident import IncidentKind, Resolution
from gateway.flow.dispatching.attempts import repeat_attempt
from gateway.flow.dispatching.booking import ask_carrier
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import load_unit
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.watching.incidents import Alarm, raise_incident, resolve
from gateway.flow.watching.late import IN_DOUBT


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
    if delivery is None or leg is None or leg.is_live:
        return
    try:
        if leg.external_id:
            await _give_back(means, delivery, leg)
        else:
            await _ask(means, delivery, leg)
    except RemoteError as error:
        if leg.ended_at is not None and leg.ended_at + IN_DOUBT <= means.clock.now():
            await _show(means, delivery, leg, error)
        raise


async def _ask(means: Means, delivery: Delivery, leg: Leg) -> None:
    """Repeat the attempt with its own key; a yes is given back by what follows from it."""
    async with means.begin(delivery.merchant_id) as work:
        quote_set = await work.quotes.get(delivery.quote_set_id)
        unit = await load_unit(work, delivery.fulfillment_order_id, must_be_placed=False)
    quote = quote_set.quote(leg.quote_id) if quote_set else None
    if quote is None or unit is None:
        text = f"{leg.carrier} was asked, did not say, and cannot be asked again from here."
        await _leave_to_people(means, delivery, leg, text, "not_asked")
        return
    attempt = await repeat_attempt(means, delivery.merchant_id, delivery.id, leg.id, quote)
    answer = await ask_carrier(means, unit, attempt) if attempt is not None else None
    if not isinstance(answer, Delivery):
        async with means.begin(delivery.merchant_id) as work:
            await _clear(work, delivery.id, leg.id, "It is not booked.", means)


async def _give_back(means: Means, delivery: Delivery, leg: Leg) -> None:
    """The leg had ended here when the carrier said yes: nobody shall come for nothing."""
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None:
        text = f"Its account with {leg.carrier} is linked no longer, so that nobody can be told here."
        await _leave_to_people(means, delivery, leg, text, "not_linked")
        return
    name = carrier.account.name
    try:
        await carrier.connector.cancel(leg.external_id, "called off", means.booking_budget_s)
    except (RemoteRefused, AccountProblem) as refusal:
        text = f"{name} took the booking and does not take it back: {refusal.message}"
        await _leave_to_people(means, delivery, leg, text, refusal.raw_code)
        return
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        text = f"Called off with {name}, which had booked it after all."
        source, status = EventSource.RULE, DeliveryStatus.CANCELLED
        event = leg_event(delivery, leg, status, source, text, key="given back", at=now)
        await _clear(work, delivery.id, leg.id, text, means)
        await work.deliveries.add_event(event)
        work.announce("delivery", delivery.id)


async def _clear(work: UnitOfWork, delivery_id: str, leg_id: str, note: str, means: Means) -> None:
    """Nothing is in doubt about the leg any more, and nobody need look after it."""
    delivery = await work.deliveries.get(delivery_id, lock=True)
    leg = next((one for one in delivery.legs if one.id == leg_id), None) if delivery else None
    if delivery is None or leg is None:
        return
    if leg.doubted_at is not None:
        await work.deliveries.put(delivery.with_leg(replace(leg, doubted_at=None)))
    for incident in await work.incidents.live_of(delivery_id):
        if incident.kind is IncidentKind.OTHER and incident.leg_id == leg_id:
            await resolve(work, incident, Actor.PLAYBOOK, Resolution.FIXED, note, means.clock.now())


async def _show(means: Means, delivery: Delivery, leg: Leg, error: RemoteError) -> None:
    alarm = Alarm(
        IncidentKind.OTHER,
        title=f"{delivery.reference}: called off, and {leg.carrier} does not know it yet",
        evidence=f"{error.message} It is tried again until it is known; its courier may come all the same.",
        delivery_id=delivery.id,
        leg_id=leg.id,
        raw_code=error.raw_code,
    )
    async with means.begin(delivery.merchant_id) as work:
        await raise_incident(work, alarm, means.clock.now())


async def _leave_to_people(means: Means, delivery: Delivery, leg: Leg, text: str, raw_code: str) -> None:
    now = means.clock.now()
    alarm = Alarm(
        IncidentKind.OTHER,
        title=f"{delivery.reference}: called off, but booked",
        evidence=text,
        delivery_id=delivery.id,
        raw_code=raw_code,
    )
    async with means.begin(delivery.merchant_id) as work:
        await _clear(work, delivery.id, leg.id, text, means)
        await raise_incident(work, alarm, now)

"""Dispatch: book the shopper's choice, else the best in rank; on a refusal the next one.

A booking is written down before the carrier is asked and again when it has answered, so that a worker
killed in between finds the attempt and repeats it with the same key, which carriers take once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import (
    Booking,
    BookingRequest,
    Delivery,
    DeliveryEvent,
    DeliveryStatus,
    EventSource,
    Leg,
)
from doorstep.errors import (
    DoorstepError,
    NotFound,
    NotServiceable,
    RemoteError,
    StateConflict,
    UnknownOutcome,
)
from doorstep.events import DeliveryBooked, LegLost, QuotesReady
from doorstep.ids import new_id
from doorstep.incident import Actor, IncidentKind, Resolution, StepAction, StepStatus
from doorstep.money import Money
from doorstep.order import FulfillmentOrderStatus
from doorstep.quote import Choice, Decline, Quote, QuoteSet
from gateway.flow.incidents import Alarm, add_step, raise_incident, resolve
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quote import Unit, decline_for, load_unit, quote_unit


@dataclass(frozen=True, slots=True)
class Wish:
    """What to book.

    Attributes
    ----------
    quote_id
        This very quote first; else the shopper's choice, else the best rank.
    max_price
        Nothing dearer.
    allow_fallback
        Whether the next in rank may be tried.
    avoid_account_id
        Tried last: it has just let us down.
    """

    quote_id: str | None = None
    max_price: Money | None = None
    allow_fallback: bool = True
    avoid_account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of one fulfillment order: a delivery or a problem, and who was tried before."""

    fulfillment_order_id: str
    delivery: Delivery | None
    problem: DoorstepError | None
    attempts: tuple[Decline, ...]


async def dispatch_quoted(event: QuotesReady, means: Means) -> None:
    """Book as soon as quotes are in."""
    await dispatch_unit(means, event.merchant_id, event.fulfillment_order_id, event.quote_set_id, Wish())


async def dispatch_unit(
    means: Means, merchant_id: str, unit_id: str, quote_set_id: str | None, wish: Wish
) -> Dispatched:
    """Book one fulfillment order with the first carrier that says yes.

    Raises
    ------
    NotFound
        If there is no such fulfillment order or quote.
    StateConflict
        If it is on hold, cancelled or over.
    UnknownOutcome
        If an answer was lost; call again, the same booking is repeated.
    """
    async with means.begin(merchant_id) as work:
        unit = await load_unit(work, unit_id, must_be_placed=means.geocoder is not None)
        live = await work.deliveries.live_of(unit_id)
        quote_set = await (work.quotes.get(quote_set_id) if quote_set_id else work.quotes.latest_for(unit_id))
        choice = (
            await work.quotes.choice(unit.order.choice_reference)
            if unit and unit.order.choice_reference
            else None
        )
    if unit is None:
        raise StateConflict(f"{unit_id} has no address on the map yet.", current_id=unit_id)
    leg = live.active_leg if live else None
    if live is not None and leg is not None and leg.is_live and leg.external_id:
        return Dispatched(unit_id, live, None, ())
    if live is not None and live.is_over:
        return Dispatched(unit_id, live, None, ())
    if not unit.fulfillment_order.is_dispatchable and live is None:
        state = unit.fulfillment_order.status
        raise StateConflict(f"{unit_id} is {state} and cannot be dispatched.", current_id=unit_id)
    if quote_set is None or quote_set.expires_at <= means.clock.now():
        quote_set = await quote_unit(means, merchant_id, unit_id, means.quote_budget_s)
    if quote_set is None:
        raise StateConflict(f"{unit_id} has no address on the map yet.", current_id=unit_id)
    return await _book_in_order(means, unit, quote_set, _in_order(quote_set, choice, wish), live)


async def replace_lost_leg(event: LegLost, means: Means) -> None:
    """A carrier dropped the job: ask all again and book the next, within the cap for machines."""
    async with means.begin(event.merchant_id) as work:
        delivery = await work.deliveries.get(event.delivery_id)
        merchant = await work.accounts.merchant()
    if delivery is None or delivery.is_over or delivery.is_cancel_requested:
        return
    active = delivery.active_leg
    if active is not None and active.is_live and active.external_id:
        return
    lost = next((leg for leg in delivery.legs if leg.id == event.leg_id), None)
    quote_set = await quote_unit(
        means, event.merchant_id, delivery.fulfillment_order_id, means.quote_budget_s
    )
    cap = (
        Money(lost.price.minor * merchant.watch.redispatch_cap_percent // 100, lost.price.currency)
        if lost
        else None
    )
    if cap is not None and cap.minor == 0:
        cap = None
    wish = Wish(max_price=cap, avoid_account_id=lost.account_id if lost else None)
    outcome = await dispatch_unit(
        means, event.merchant_id, delivery.fulfillment_order_id, quote_set.id if quote_set else None, wish
    )
    await _report_replacement(means, event, outcome)


async def _report_replacement(means: Means, event: LegLost, outcome: Dispatched) -> None:
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        incident = await work.incidents.live(IncidentKind.COURIER_CANCELLED, event.delivery_id)
        if incident is None:
            return
        leg = outcome.delivery.active_leg if outcome.delivery else None
        if leg is not None and leg.is_live and leg.external_id:
            text = f"Booked again with {leg.carrier} for {leg.price}."
            incident = await add_step(work, incident, StepAction.REDISPATCH, StepStatus.DONE, text, now)
            await resolve(work, incident, Actor.PLAYBOOK, Resolution.FIXED, text, now)
        else:
            text = "Nobody else could take it; a person must decide."
            await add_step(work, incident, StepAction.REDISPATCH, StepStatus.FAILED, text, now)


def _in_order(quote_set: QuoteSet, choice: Choice | None, wish: Wish) -> list[Quote]:
    """Who is tried, first to last."""

    def place(quote: Quote) -> tuple[bool, bool, bool, int]:
        chosen = (
            choice is not None
            and quote.account_id == choice.account_id
            and quote.offer.service == choice.service
        )
        return (quote.id != wish.quote_id, quote.account_id == wish.avoid_account_id, not chosen, quote.rank)

    quotes = sorted(quote_set.quotes, key=place)
    if wish.quote_id is not None and not any(quote.id == wish.quote_id for quote in quotes):
        raise NotFound(wish.quote_id, path=("input", "fulfillmentOrders", "0", "quoteId"))
    if wish.max_price is not None:
        quotes = [quote for quote in quotes if quote.offer.price.minor <= wish.max_price.minor]
    return quotes if wish.allow_fallback else quotes[:1]


async def _book_in_order(
    means: Means, unit: Unit, quote_set: QuoteSet, quotes: Sequence[Quote], live: Delivery | None
) -> Dispatched:
    attempts: list[Decline] = []
    pending = live.active_leg if live and live.active_leg and live.active_leg.is_live else None
    if pending is not None:
        # An attempt whose answer we never heard: repeat that one before any other.
        first = [quote for quote in quote_set.quotes if quote.account_id == pending.account_id]
        quotes = [*first[:1], *(quote for quote in quotes if quote not in first[:1])]
    for quote in quotes:
        carrier = await means.links.carrier(unit.merchant.id, quote.account_id)
        if carrier is None:
            continue
        delivery, leg = await _write_down(means, unit, quote_set, quote)
        if delivery.is_cancel_requested:
            break
        try:
            booking = await carrier.connector.book(
                _booking_request(means, unit, quote, delivery, leg), means.booking_budget_s
            )
        except UnknownOutcome:
            raise
        except RemoteError as error:
            attempts.append(decline_for(carrier, error))
            await _write_refusal(means, delivery, leg.id, error)
            continue
        booked = await _confirm(means, delivery, leg.id, booking)
        return Dispatched(unit.fulfillment_order.id, booked, None, tuple(attempts))
    return await _nobody(means, unit, attempts)


async def _write_down(means: Means, unit: Unit, quote_set: QuoteSet, quote: Quote) -> tuple[Delivery, Leg]:
    now = means.clock.now()
    async with means.begin(unit.merchant.id) as work:
        delivery = await work.deliveries.live_of(unit.fulfillment_order.id, lock=True)
        pending = delivery.active_leg if delivery else None
        if delivery and pending and pending.is_live and pending.account_id == quote.account_id:
            return delivery, pending
        if delivery is None:
            delivery = Delivery(
                id=new_id("del"),
                merchant_id=unit.merchant.id,
                order_id=unit.order.id,
                fulfillment_order_id=unit.fulfillment_order.id,
                reference=_reference(unit.order.number),
                status=DeliveryStatus.DRAFT,
                origin_id=unit.origin.id,
                destination=unit.destination,
                parcels=quote_set.request.parcels,
                created_at=now,
                updated_at=now,
            )
        leg_id = new_id("leg")
        leg = Leg(
            id=leg_id,
            account_id=quote.account_id,
            carrier=quote.offer.carrier,
            service=quote.offer.service,
            mode=quote.offer.mode,
            status=DeliveryStatus.DRAFT,
            price=quote.offer.price,
            booking_key=leg_id,
            quote_id=quote.id,
            pickup_by=quote.offer.pickup_by,
        )
        # The shopper was promised a window once; a replacement does not move it by itself.
        promise = delivery.promise or quote.offer.promise
        changed = replace(
            delivery.with_leg(leg),
            quote_set_id=quote_set.id,
            promise=promise,
            updated_at=now,
            version=delivery.version + 1,
        )
        await work.deliveries.put(changed)
        return changed, leg


async def _write_refusal(means: Means, delivery: Delivery, leg_id: str, error: RemoteError) -> None:
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        current = await _locked(work, delivery.id)
        leg = next(leg for leg in current.legs if leg.id == leg_id)
        failed = replace(leg, status=DeliveryStatus.FAILED, raw_status=error.raw_code, ended_at=now)
        await work.deliveries.put(
            replace(current.with_leg(failed), updated_at=now, version=current.version + 1)
        )
        await work.deliveries.add_event(
            _event(
                current,
                failed,
                DeliveryStatus.DRAFT,
                f"{leg.carrier} refused: {error.message}",
                "refused",
                now,
            )
        )
        work.announce("delivery", delivery.id)


async def _confirm(means: Means, delivery: Delivery, leg_id: str, booking: Booking) -> Delivery:
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        current = await _locked(work, delivery.id)
        leg = next(leg for leg in current.legs if leg.id == leg_id)
        booked = replace(
            leg,
            status=booking.status if booking.status is not DeliveryStatus.UNKNOWN else DeliveryStatus.BOOKED,
            raw_status=booking.raw_status,
            external_id=booking.external_id,
            price=booking.price,
            tracking_number=booking.tracking_number,
            tracking_url=booking.tracking_url,
            label_url=booking.label_url,
            booked_at=now,
        )
        changed = replace(
            current.with_leg(booked), status=booked.status, updated_at=now, version=current.version + 1
        )
        await work.deliveries.put(changed)
        await work.deliveries.add_event(
            _event(changed, booked, booked.status, f"Booked with {leg.carrier}.", "booked", now)
        )
        unit = await work.orders.fulfillment_order(current.fulfillment_order_id, lock=True)
        if unit is not None:
            await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.DISPATCHED))
        for incident in await work.incidents.live_of(delivery.id):
            if incident.kind is IncidentKind.NO_COURIER:
                note = f"Booked with {leg.carrier}."
                await resolve(work, incident, Actor.PLAYBOOK, Resolution.FIXED, note, now)
        work.announce("delivery", delivery.id)
        await work.emit(DeliveryBooked(delivery.merchant_id, delivery.id, leg_id))
        return changed


async def _nobody(means: Means, unit: Unit, attempts: Sequence[Decline]) -> Dispatched:
    now = means.clock.now()
    unit_id = unit.fulfillment_order.id
    problem = NotServiceable(f"No carrier would take {unit_id}.")
    async with means.begin(unit.merchant.id) as work:
        delivery = await work.deliveries.live_of(unit_id, lock=True)
        if delivery is not None and not delivery.is_over:
            delivery = replace(
                delivery, status=DeliveryStatus.SEARCHING, updated_at=now, version=delivery.version + 1
            )
            await work.deliveries.put(delivery)
            work.announce("delivery", delivery.id)
        said = "; ".join(f"{no.carrier}: {no.text}" for no in attempts) or "nobody made an offer"
        alarm = Alarm(
            IncidentKind.NO_COURIER,
            title=f"Order {unit.order.number}: nobody takes it",
            evidence=f"All in rank were tried: {said}.",
            delivery_id=delivery.id if delivery else None,
            raw_code=unit_id,
        )
        await raise_incident(work, alarm, now)
    return Dispatched(unit_id, delivery, problem, tuple(attempts))


def _booking_request(means: Means, unit: Unit, quote: Quote, delivery: Delivery, leg: Leg) -> BookingRequest:
    now = means.clock.now()
    titles = {line.external_id: line.title for line in unit.order.lines}
    return BookingRequest(
        booking_key=leg.booking_key,
        reference=delivery.reference,
        service=quote.offer.service,
        pickup=unit.origin.address,
        dropoff=unit.destination,
        parcels=delivery.parcels,
        value=unit.order.total,
        ready_at=max(unit.fulfillment_order.ready_at or now, now),
        asked_at=now,
        promise=quote.offer.promise,
        booking_data=dict(quote.offer.booking_data),
        items=tuple(
            (titles.get(line.line_external_id, "Item"), line.quantity)
            for line in unit.fulfillment_order.lines
        ),
        requirements=delivery.requirements,
    )


def _event(
    delivery: Delivery, leg: Leg, status: DeliveryStatus, text: str, key: str, at: datetime
) -> DeliveryEvent:
    return DeliveryEvent(
        id=new_id("evt"),
        merchant_id=delivery.merchant_id,
        delivery_id=delivery.id,
        leg_id=leg.id,
        status=status,
        occurred_at=at,
        received_at=at,
        source=EventSource.CARRIER,
        source_event_id=f"{leg.id}:{key}",
        text=text,
        raw_status=leg.raw_status,
    )


async def _locked(work: UnitOfWork, delivery_id: str) -> Delivery:
    delivery = await work.deliveries.get(delivery_id, lock=True)
    if delivery is None:
        raise NotFound(delivery_id)
    return delivery


def _reference(order_number: str) -> str:
    """Short and human, unlike any other: the order's number and four letters."""
    alphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
    digits = "".join(char for char in order_number if char.isalnum())[-10:]
    return f"{digits}-{''.join(secrets.choice(alphabet) for _ in range(4))}"

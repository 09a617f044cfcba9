"""Dispatch: who is asked, and in which order: the shopper's choice, else the best in rank, then the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from doorstep.delivery import Delivery, DeliveryStatus, Leg
from doorstep.errors import DoorstepError, InvalidInput, NotFound, NotServiceable, StateConflict
from doorstep.events import LegLost, QuotesReady
from doorstep.incident import Actor, IncidentKind, Resolution, StepAction, StepStatus
from doorstep.money import Money
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.quote import Choice, Decline, Quote, QuoteSet
from gateway.flow.dispatching.booking import CALLED_OFF, ask_carrier, begin_attempt, repeat_attempt
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import Unit, load_unit
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.watching.incidents import Alarm, add_step, name_of, raise_incident, resolve

CHANCES = 2
"""How often one account may drop the same delivery before no machine sends it again."""

MEETINGS = 2
"""How often somebody else's open attempt may be met before the quote in hand is passed by."""


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
    without_account_ids
        Not tried: they have let us down again and again.
    """

    quote_id: str | None = None
    max_price: Money | None = None
    allow_fallback: bool = True
    avoid_account_id: str | None = None
    without_account_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of one fulfillment order: a delivery or a problem, and who was tried before."""

    fulfillment_order_id: str
    delivery: Delivery | None
    problem: DoorstepError | None
    attempts: tuple[Decline, ...]


async def dispatch_quoted(event: QuotesReady, means: Means) -> None:
    """Book as soon as quotes are in; what was called off meanwhile is not booked by a machine again."""
    async with means.begin(event.merchant_id) as work:
        latest = await work.deliveries.latest_of(event.fulfillment_order_id)
        unit = await work.orders.fulfillment_order(event.fulfillment_order_id)
        if unit is None or unit.status in CALLED_OFF or (latest is not None and latest.is_cancel_requested):
            return
        order = await work.orders.get(unit.order_id)
        # Nobody drives for an order with which a merchant tries the shop; a person may still send somebody.
        if order is None or order.is_test:
            return
        if latest is None and await _was_called_off_before(work, order, unit):
            return
    await dispatch_unit(means, event.merchant_id, event.fulfillment_order_id, event.quote_set_id, Wish())


async def _was_called_off_before(work: UnitOfWork, order: Order, unit: FulfillmentOrder) -> bool:
    """Whether a person called the same goods off under another id.

    Shopify makes a new fulfillment order of what was sent on paper only: of a shipment that was taken back.
    """
    goods = {line.line_external_id for line in unit.lines}
    for other in order.fulfillment_orders:
        if other.id != unit.id and goods & {line.line_external_id for line in other.lines}:
            latest = await work.deliveries.latest_of(other.id)
            if latest is not None and latest.is_called_off_by_person:
                return True
    return False


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
    state = unit.fulfillment_order.status
    # A delivery that was called off or failed may be followed by another if a person says so.
    is_free = unit.fulfillment_order.is_dispatchable or state is FulfillmentOrderStatus.DISPATCHED
    if not is_free and live is None:
        raise StateConflict(f"{unit_id} is {state} and cannot be dispatched.", current_id=unit_id)
    if live is not None and leg is not None and leg.is_live:
        # An attempt whose answer nobody heard: that very one is repeated before anybody else is asked.
        repeated = await _repeat(means, unit, live, leg)
        if repeated is not None:
            return repeated
    if quote_set is None or quote_set.expires_at <= means.clock.now():
        quote_set = await quote_unit(means, merchant_id, unit_id, means.quote_budget_s)
    if quote_set is None:
        raise StateConflict(f"{unit_id} has no address on the map yet.", current_id=unit_id)
    return await _book_in_order(means, unit, quote_set, _in_order(quote_set, choice, wish))


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
    wish = Wish(
        max_price=cap,
        avoid_account_id=lost.account_id if lost else None,
        without_account_ids=_unfaithful(delivery),
    )
    outcome = await dispatch_unit(
        means, event.merchant_id, delivery.fulfillment_order_id, quote_set.id if quote_set else None, wish
    )
    await _report_replacement(means, event, outcome)


def _unfaithful(delivery: Delivery) -> frozenset[str]:
    """Accounts that took this delivery and dropped it `CHANCES` times: asking once more goes on for ever."""
    dropped = Counter(leg.account_id for leg in delivery.legs if leg.external_id and not leg.is_live)
    return frozenset(account_id for account_id, times in dropped.items() if times >= CHANCES)


async def _report_replacement(means: Means, event: LegLost, outcome: Dispatched) -> None:
    now = means.clock.now()
    async with means.begin(event.merchant_id) as work:
        await work.deliveries.get(event.delivery_id, lock=True)  # as everybody does who looks at both
        incident = await work.incidents.live(IncidentKind.COURIER_CANCELLED, event.delivery_id)
        if incident is None:
            return
        leg = outcome.delivery.active_leg if outcome.delivery else None
        if leg is not None and leg.is_live and leg.external_id:
            text = f"Booked again with {await name_of(work, leg)} for {leg.price}."
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

    willing = [quote for quote in quote_set.quotes if quote.account_id not in wish.without_account_ids]
    quotes = sorted(willing, key=place)
    if wish.quote_id is not None and not any(quote.id == wish.quote_id for quote in quotes):
        raise NotFound(wish.quote_id, path=("input", "fulfillmentOrders", "0", "quoteId"))
    if wish.max_price is not None:
        _require_currency(wish.max_price, quote_set)
        quotes = [quote for quote in quotes if quote.offer.price.minor <= wish.max_price.minor]
    return quotes if wish.allow_fallback else quotes[:1]


def _require_currency(cap: Money, quote_set: QuoteSet) -> None:
    wanted = quote_set.request.value.currency
    if cap.currency != wanted:
        raise InvalidInput(
            f"maxPrice is in {cap.currency}, but this order is priced in {wanted}.",
            path=("input", "fulfillmentOrders", "0", "maxPrice"),
        )


async def _repeat(means: Means, unit: Unit, delivery: Delivery, leg: Leg) -> Dispatched | None:
    """Ask for a pending attempt again, with its own quote and key; None if the carrier clearly says no."""
    async with means.begin(delivery.merchant_id) as work:
        quote_set = await work.quotes.get(delivery.quote_set_id)
    quote = quote_set.quote(leg.quote_id) if quote_set else None
    if quote is None:
        return None
    attempt = await repeat_attempt(means, delivery.merchant_id, delivery.id, leg.id, quote)
    if attempt is None:
        return None
    answer = await ask_carrier(means, unit, attempt)
    if isinstance(answer, Delivery):
        return Dispatched(unit.fulfillment_order.id, answer, None, ())
    return None


async def _book_in_order(
    means: Means, unit: Unit, quote_set: QuoteSet, quotes: Sequence[Quote]
) -> Dispatched:
    """The first who says yes; whoever has begun meanwhile is repeated rather than passed by."""
    attempts: list[Decline] = []
    for quote in quotes:
        for _ in range(MEETINGS):
            attempt = await begin_attempt(means, unit, quote_set, quote)
            answer = await ask_carrier(means, unit, attempt)
            if isinstance(answer, Delivery):
                return Dispatched(unit.fulfillment_order.id, answer, None, tuple(attempts))
            attempts.append(answer)
            if attempt.quote.id == quote.id:
                break
    return await _nobody(means, unit, attempts)


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
            fulfillment_order_id=unit_id,
        )
        await raise_incident(work, alarm, now)
    return Dispatched(unit_id, delivery, problem, tuple(attempts))

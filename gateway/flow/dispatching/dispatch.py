"""Dispatch: one carrier after another is asked until one says yes, in the order that `strategy` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchLimits, DispatchRules, DispatchStrategy
from doorstep.errors import DoorstepError, InvalidInput, NotFound, NotServiceable, StateConflict
from doorstep.events import QuotesReady
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.quote import Choice, Decline, DeclineReason, Quote, QuoteSet
from doorstep.window import Window
from gateway.flow.dispatching.allowed import within
from gateway.flow.dispatching.attempts import (
    CALLED_OFF,
    CalledOff,
    GoodsChanged,
    Mandate,
    begin_attempt,
    repeat_attempt,
)
from gateway.flow.dispatching.booking import ask_carrier
from gateway.flow.dispatching.pools import NoRoom
from gateway.flow.dispatching.strategy import Errand, Line, line_up
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import Unit, choice_for, load_unit
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.sourcing.parts import whole_of
from gateway.flow.watching.incidents import Alarm, raise_incident

MEETINGS = 2
"""How often somebody else's open attempt may be met before the quote in hand is passed by."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to book.

    Attributes
    ----------
    quote_id
        This very quote first; else the shopper's choice, else whom the strategy puts first.
    max_price
        Nothing dearer.
    allow_fallback
        Whether the next in line may be tried.
    avoid_account_id
        Tried last: it has just let us down.
    without_account_ids
        Not tried: they have let us down again and again.
    strategy
        Instead of the merchant's.
    of_delivery
        Only for this delivery: called off meanwhile, it is not followed by another.
    is_machine
        Nobody has said so just now: what was called off is not booked again, and whoever dispatched it
        before sets the limits.
    why
        Kept with the booking of `quote_id`; "" for the strategy's own words.
    new_id
        Of the delivery, where another is begun; "" for any.
    """

    quote_id: str | None = None
    max_price: Money | None = None
    allow_fallback: bool = True
    avoid_account_id: str | None = None
    without_account_ids: frozenset[str] = frozenset()
    strategy: DispatchStrategy | None = None
    of_delivery: str = ""
    is_machine: bool = False
    why: str = ""
    new_id: str = ""

    @property
    def mandate(self) -> Mandate:
        """On whose word attempts begin."""
        limits = None if self.is_machine else DispatchLimits(self.max_price, self.allow_fallback)
        return Mandate(self.of_delivery, self.is_machine, limits, new_id=self.new_id)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of one fulfillment order: a delivery or a problem, and who was tried before.

    Attributes
    ----------
    left_out
        Offers that the merchant's limits kept from being tried.
    """

    fulfillment_order_id: str
    delivery: Delivery | None
    problem: DoorstepError | None
    attempts: tuple[Decline, ...]
    left_out: tuple[Decline, ...] = ()

    @property
    def why(self) -> str:
        """Why the carrier that has it was asked; "" where nobody has it or nobody wrote it down."""
        leg = self.delivery.active_leg if self.delivery is not None else None
        return leg.why if leg is not None else ""


async def dispatch_quoted(event: QuotesReady, means: Means) -> None:
    """Book as soon as quotes are in."""
    async with means.begin(event.merchant_id) as work:
        if not await is_for_machines(work, event.fulfillment_order_id):
            return
    wish = Wish(is_machine=True)
    try:
        await dispatch_unit(means, event.merchant_id, event.fulfillment_order_id, event.quote_set_id, wish)
    except (CalledOff, GoodsChanged):
        return  # whoever changed them asks for quotes


async def is_for_machines(work: UnitOfWork, unit_id: str) -> bool:
    """Whether a machine may book it: what was called off is not booked again without a person."""
    latest = await work.deliveries.latest_of(unit_id)
    order = await work.orders.of_unit(unit_id)
    # Nobody drives for an order with which a merchant tries the shop; a person may still send somebody.
    if order is None or order.is_test or (latest is not None and latest.is_cancel_requested):
        return False
    unit = next(part for part in order.fulfillment_orders if part.id == unit_id)
    if unit.status in CALLED_OFF:
        return False
    return latest is not None or not await _was_called_off_before(work, order, unit)


async def _was_called_off_before(work: UnitOfWork, order: Order, unit: FulfillmentOrder) -> bool:
    """Whether a person called the same goods off under another id.

    Shopify makes a new fulfillment order of what was sent on paper only: of a shipment that was taken back.
    """
    goods = {line.line_external_id for line in unit.lines}
    for other in order.fulfillment_orders:
        if whole_of(other) == whole_of(unit):
            continue  # itself, or another part of the same, with pieces of its own
        if goods & {line.line_external_id for line in other.lines}:
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
    InvalidInput
        If the wish cannot be done for this merchant.
    UnknownOutcome
        If an answer was lost; call again, the same booking is repeated.
    """
    async with means.begin(merchant_id) as work:
        unit = await load_unit(work, unit_id, must_be_placed=means.geocoder is not None)
        live = await work.deliveries.live_of(unit_id)
        quote_set = await (work.quotes.get(quote_set_id) if quote_set_id else work.quotes.latest_for(unit_id))
        choice = await choice_for(work, unit.order, unit.fulfillment_order) if unit else None
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
    is_gone = bool(wish.of_delivery) and (live is None or live.id != wish.of_delivery)
    if is_gone or (not is_free and live is None):
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
    line = _in_order(quote_set, errand_of(unit, live, choice, wish), wish)
    if wish.is_machine and live is not None:
        line = within(line, live.limits)
    # What the shopper chose is theirs; pools say what a machine may choose.
    mandate = replace(wish.mandate, keeps_pools=wish.is_machine and choice is None)
    return await _book_in_order(means, unit, quote_set, line, mandate)


def errand_of(unit: Unit, live: Delivery | None, choice: Choice | None, wish: Wish) -> Errand:
    """What counts beside the offers for a fulfillment order."""
    return Errand(
        rules=_rules(unit.merchant, wish),
        choice=choice,
        promised_by=_promised_by(unit, live, choice),
        paid=unit.paid(choice),
        grace_s=unit.merchant.watch.late_grace_s,
        named_quote_id=wish.quote_id,
        dropped_account_id=wish.avoid_account_id,
        without_account_ids=wish.without_account_ids,
    )


def _promised_by(unit: Unit, live: Delivery | None, choice: Choice | None) -> datetime | None:
    """The end of what was told last: with a booking, at the checkout, or by the store."""
    window = promised_window(unit, live, choice)
    return window.end if window is not None else None


def promised_window(unit: Unit, live: Delivery | None, choice: Choice | None) -> Window | None:
    """In which the shopper was told to have it; None where nobody was told anything."""
    told = live.promise if live is not None else None
    promise = told or (choice.promise if choice is not None else None)
    return promise.window if promise is not None else unit.fulfillment_order.delivery_window


def _rules(merchant: Merchant, wish: Wish) -> DispatchRules:
    if wish.strategy is None:
        return merchant.dispatch
    at = ("input", "fulfillmentOrders", "0", "strategy")
    if wish.strategy in (DispatchStrategy.MANUAL, DispatchStrategy.OTHER):
        raise InvalidInput(f"{wish.strategy} books nobody; name another strategy, or none.", path=at)
    if wish.strategy is DispatchStrategy.SEQUENTIAL and not merchant.dispatch.preferred:
        text = "SEQUENTIAL asks the preferred carriers alone, and the merchant's settings name none."
        raise InvalidInput(text, path=at)
    return replace(merchant.dispatch, strategy=wish.strategy)


def _in_order(quote_set: QuoteSet, errand: Errand, wish: Wish) -> Line:
    """Who is tried, first to last."""
    line = line_up(quote_set, errand)
    turns = line.turns
    if wish.quote_id is not None and not any(turn.quote.id == wish.quote_id for turn in turns):
        raise NotFound(wish.quote_id, path=("input", "fulfillmentOrders", "0", "quoteId"))
    if wish.why and turns:
        # Whoever is named comes first.
        turns = (replace(turns[0], why=wish.why), *turns[1:])
    if wish.max_price is not None:
        _require_currency(wish.max_price, quote_set)
        turns = tuple(turn for turn in turns if turn.quote.offer.price.minor <= wish.max_price.minor)
    return replace(line, turns=turns if wish.allow_fallback else turns[:1])


def _require_currency(cap: Money, quote_set: QuoteSet) -> None:
    wanted = quote_set.request.value.currency
    if cap.currency != wanted:
        raise InvalidInput(
            f"maxPrice is in {cap.currency}, but this order is priced in {wanted}.",
            path=("input", "fulfillmentOrders", "0", "maxPrice"),
        )


async def repeat_open(means: Means, delivery: Delivery) -> Dispatched | None:
    """Put the open attempt of a delivery to its carrier again; None where there is none or it says no.

    Raises
    ------
    UnknownOutcome
        If the answer was lost again; the attempt stays open.
    """
    async with means.begin(delivery.merchant_id) as work:
        unit = await load_unit(work, delivery.fulfillment_order_id, must_be_placed=False)
    leg = delivery.active_leg
    if unit is None or leg is None or not leg.is_live:
        return None
    return await _repeat(means, unit, delivery, leg)


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
    means: Means, unit: Unit, quote_set: QuoteSet, line: Line, mandate: Mandate
) -> Dispatched:
    """The first who says yes; whoever has begun meanwhile is repeated rather than passed by."""
    attempts: list[Decline] = []
    for turn in line.turns:
        for _ in range(MEETINGS):
            try:
                attempt = await begin_attempt(means, unit, quote_set, turn.quote, turn.why, mandate)
            except NoRoom as full:
                attempts.append(_passed_by(turn.quote, full))
                break
            answer = await ask_carrier(means, unit, attempt)
            if isinstance(answer, Delivery):
                unit_id = unit.fulfillment_order.id
                return Dispatched(unit_id, answer, None, tuple(attempts), line.left_out)
            attempts.append(answer)
            if attempt.quote.id == turn.quote.id:
                break
    return await _nobody(means, unit, attempts, line.left_out)


def _passed_by(quote: Quote, full: NoRoom) -> Decline:
    return Decline(quote.offer.carrier, DeclineReason.RULE, full.message, account_id=quote.account_id)


async def _nobody(
    means: Means, unit: Unit, attempts: Sequence[Decline], left_out: Sequence[Decline]
) -> Dispatched:
    now = means.clock.now()
    unit_id = unit.fulfillment_order.id
    problem = NotServiceable(f"No carrier would take {unit_id}.")
    async with means.begin(unit.merchant.id) as work:
        delivery = await work.deliveries.live_of(unit_id, lock=True)
        leg = delivery.active_leg if delivery is not None else None
        if leg is not None and leg.is_live:
            # Somebody else has begun meanwhile, and says what becomes of it.
            found = None if leg.external_id else problem
            return Dispatched(unit_id, delivery, found, tuple(attempts), tuple(left_out))
        if delivery is not None and not delivery.is_over:
            delivery = replace(
                delivery, status=DeliveryStatus.SEARCHING, updated_at=now, version=delivery.version + 1
            )
            await work.deliveries.put(delivery)
            work.announce("delivery", delivery.id)
        said = "; ".join(f"{no.carrier}: {no.text}" for no in attempts) or "nobody made an offer"
        if left_out:
            limits = "; ".join(f"{no.carrier}: {no.text}" for no in left_out)
            said += f". Left out by the merchant's limits: {limits.rstrip('.')}"
        alarm = Alarm(
            IncidentKind.NO_COURIER,
            title=f"Order {unit.order.number}: nobody takes it",
            evidence=f"All in rank were tried: {said}.",
            delivery_id=delivery.id if delivery else None,
            fulfillment_order_id=unit_id,
        )
        await raise_incident(work, alarm, now)
    return Dispatched(unit_id, delivery, problem, tuple(attempts), tuple(left_out))

"""Quote: every carrier is asked at once within a time budget; the answers are ranked and explained."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from doorstep.deadline import Deadline
from doorstep.events import OrderReceived, QuotesReady
from doorstep.goods import all_needs
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrderStatus
from doorstep.quote import Decline, DeclineReason, QuoteRequest, QuoteSet
from doorstep.scorecard import Scorecard
from gateway.flow.learning.standing import standings
from gateway.flow.learning.unknowns import count_unknown_errors
from gateway.flow.packing import Load
from gateway.flow.ports import Heard, LinkedCarrier, Means, Rates, Reuse, UnitOfWork
from gateway.flow.quoting.fallback import fallback_offers
from gateway.flow.quoting.loading import handling_of, loading_of_unit, packed_unit
from gateway.flow.quoting.promising import Promising, as_offered
from gateway.flow.quoting.question import chosen_slot, facts_of, find_place, load_unit, question
from gateway.flow.quoting.ranking import Candidate, rank
from gateway.flow.rules import Facts, Option, RuleBook
from gateway.flow.watching.incidents import Alarm, raise_incident, settle


async def quote_order(event: OrderReceived, means: Means) -> None:
    """Ask carriers for each part of a fresh order that somebody should carry."""
    async with means.begin(event.merchant_id) as work:
        order = await work.orders.get(event.order_id)
    if order is None or order.needs_personal_data:
        return
    order = await find_place(order, means)
    for unit in order.fulfillment_orders:
        if unit.is_dispatchable and unit.status is FulfillmentOrderStatus.OPEN:
            await quote_unit(means, event.merchant_id, unit.id, means.quote_budget_s, keep_quiet=False)


async def quote_unit(
    means: Means,
    merchant_id: str,
    unit_id: str,
    budget_s: float,
    *,
    account_ids: Sequence[str] = (),
    keep_quiet: bool = True,
) -> QuoteSet | None:
    """Ask for one fulfillment order and keep the answers.

    Parameters
    ----------
    account_ids
        Ask only these; () asks all.
    keep_quiet
        Do not let a booking follow by itself.

    Returns
    -------
    None if the address is unknown to the map, which opens an incident.
    """
    async with means.begin(merchant_id) as work:
        unit = await load_unit(work, unit_id, must_be_placed=means.geocoder is not None)
        if unit is None:
            await _miss_address(work, unit_id, means.clock.now())
            return None
        await settle(
            work, unit_id, {IncidentKind.ADDRESS_PROBLEM}, "The map knows the address now.", means.clock.now()
        )
        scorecards = await standings(work, means.clock.now())
        book = await means.shelf.book(work.rules, unit.merchant)
        slot = await chosen_slot(work, unit.order, unit.fulfillment_order)
        loading = await loading_of_unit(work, unit)
    carriers = await means.links.carriers(merchant_id)
    asked = [carrier for carrier in carriers if not account_ids or carrier.account.id in account_ids]
    reuse = Reuse.NOTHING if keep_quiet else Reuse.REFUSALS
    now = means.clock.now()
    load, handling = await packed_unit(means, unit, loading, carriers), handling_of(means, unit, now)
    request = question(unit, now, slot, lines=loading.lines, load=load, ready_at=handling.ready_at)
    asking = Asking(
        unit.merchant,
        request,
        unit.origin.id,
        unit_id,
        book,
        facts_of(unit, request),
        scorecards,
        load,
        means.promiser.promising(request, unit.merchant.handling_of(unit.origin.id), handling),
    )
    quote_set = await ask(means.rates, asking, asked, Deadline(budget_s), reuse)
    is_next = not keep_quiet and unit.merchant.books_by_itself
    await _keep(means, quote_set, unit_id, is_next=is_next)
    return quote_set


async def _keep(means: Means, quote_set: QuoteSet, unit_id: str, *, is_next: bool) -> None:
    """Keep what carriers said of a fulfillment order; `is_next` lets a booking follow."""
    async with means.begin(quote_set.merchant_id) as work:
        await work.quotes.put(quote_set)
        current = await work.orders.fulfillment_order(unit_id, lock=True)
        if current is not None and current.status is FulfillmentOrderStatus.OPEN and quote_set.quotes:
            await work.orders.put_fulfillment_order(replace(current, status=FulfillmentOrderStatus.QUOTED))
        if is_next:
            await work.emit(QuotesReady(quote_set.merchant_id, unit_id, quote_set.id))
        await count_unknown_errors(work, quote_set.declined, quote_set.request.asked_at)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks what; `unit_id` is None for a question from a checkout.

    Attributes
    ----------
    book, facts
        What the merchant's rules say, and of what.
    load
        How the request's parcels are packed; None where nobody looked.
    promising
        Puts promises of days right.
    """

    merchant: Merchant
    request: QuoteRequest
    origin_id: str
    unit_id: str | None
    book: RuleBook
    facts: Facts
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    load: Load | None = None
    promising: Promising = as_offered


async def ask(
    rates: Rates,
    asking: Asking,
    carriers: Sequence[LinkedCarrier],
    deadline: Deadline,
    reuse: Reuse,
    settle_s: float | None = None,
) -> QuoteSet:
    """Ask all carriers at once; who has not answered when the deadline is over is declined as TIMED_OUT.

    Parameters
    ----------
    settle_s
        As `Rates.shop`.
    """
    started, budget_s = time.monotonic(), deadline.left_s
    merchant, request = asking.merchant, _with_needs(asking)
    heard = await rates.shop(carriers, request, deadline, reuse=reuse, settle_s=settle_s)
    candidates, declined = _sorted(heard, request)
    if reuse.is_for_checkout:
        fallbacks = fallback_offers(merchant.fallback_rates, heard, request)
        candidates += [
            Candidate(carrier.account.id, offer, carrier.account.reliability, 0)
            for carrier, offer in fallbacks
        ]
    candidates = [replace(one, offer=asking.promising(one.offer)) for one in candidates]
    outcome = asking.book.apply(asking.facts, _options(candidates, carriers), explain=False)
    quotes = rank(
        candidates, merchant.weights, request.asked_at, outcome=outcome, scorecards=asking.scorecards
    )
    declined += outcome.declined
    return QuoteSet(
        id=new_id("qst"),
        merchant_id=merchant.id,
        request=request,
        fulfillment_order_id=asking.unit_id,
        origin_id=asking.origin_id,
        quotes=quotes,
        declined=tuple(declined),
        budget_ms=round(budget_s * 1000),
        took_ms=round((time.monotonic() - started) * 1000),
        is_complete=all(no.reason is not DeclineReason.TIMED_OUT for no in declined),
        # A checkout is drawn again and again: what lies where is kept where somebody will pack it.
        packed=asking.load.packed if asking.load is not None and asking.unit_id is not None else (),
        notes=asking.load.notes if asking.load is not None else (),
    )


def with_late(
    asking: Asking, kept: QuoteSet, heard: Sequence[Heard], carriers: Sequence[LinkedCarrier]
) -> QuoteSet:
    """A list that was shown already, with the offers of carriers that answered after it.

    What was shown keeps its id and its price; where something stood in for a carrier, that stays.
    """
    fresh, declined = _sorted(heard, kept.request)
    shown = {(quote.account_id, quote.offer.code) for quote in kept.quotes}
    fresh = [replace(one, offer=asking.promising(one.offer)) for one in fresh]
    before = [
        Candidate(quote.account_id, quote.offer, quote.reliability, quote.response_ms)
        for quote in kept.quotes
    ]
    after = [
        replace(one, response_ms=one.response_ms + kept.took_ms)
        for one in fresh
        if (one.account_id, one.offer.code) not in shown
    ]
    outcome = asking.book.apply(asking.facts, _options([*before, *after], carriers), explain=False)
    quotes = rank(
        [*before, *after],
        asking.merchant.weights,
        kept.request.asked_at,
        outcome=outcome,
        scorecards=asking.scorecards,
    )
    # Two offers may say the same: they are told apart as the objects that they are.
    known = {id(quote.offer): quote for quote in kept.quotes}
    heard_of = {one.carrier.account.id for one in heard}
    late = [no for no in kept.declined if no.account_id in heard_of and no.reason is DeclineReason.TIMED_OUT]
    all_declined = (*(no for no in kept.declined if no not in late), *declined, *outcome.declined)
    return replace(
        kept,
        quotes=tuple(
            replace(quote, id=known[id(quote.offer)].id, charge=known[id(quote.offer)].charge)
            if id(quote.offer) in known
            else quote
            for quote in quotes
        ),
        declined=all_declined,
        is_complete=all(no.reason is not DeclineReason.TIMED_OUT for no in all_declined),
    )


def _options(candidates: Sequence[Candidate], carriers: Sequence[LinkedCarrier]) -> Sequence[Option]:
    """Offers as rules look at them, with what their carriers do at the door."""
    handovers = {carrier.account.id: carrier.limits.handovers for carrier in carriers}
    return [Option(one.offer, one.account_id, handovers[one.account_id]) for one in candidates]


def _with_needs(asking: Asking) -> QuoteRequest:
    """The question with what its goods need at the door, and what rules about the order ask for there."""
    request = asking.request
    wanted = (*request.requirements, *asking.book.needs(asking.facts))
    return replace(request, requirements=all_needs(request.goods, wanted))


def _sorted(heard: Sequence[Heard], request: QuoteRequest) -> tuple[list[Candidate], list[Decline]]:
    """Offers that can be compared, and why there are no others."""
    candidates: list[Candidate] = []
    declined: list[Decline] = []
    for one in heard:
        account = one.carrier.account
        declined += [replace(no, account_id=account.id) for no in one.answer.declined]
        for offer in one.answer.quotes:
            if offer.price.currency != request.value.currency:
                declined.append(_foreign(account.id, account.carrier, offer.price.currency))
            else:
                candidates.append(Candidate(account.id, offer, account.reliability, one.response_ms))
    return candidates, declined


def _foreign(account_id: str, carrier: str, currency: str) -> Decline:
    text = f"Its price is in {currency}, which cannot be compared with the others."
    return Decline(carrier, DeclineReason.OTHER, text, account_id=account_id)


async def _miss_address(work: UnitOfWork, unit_id: str, now: datetime) -> None:
    unit = await work.orders.fulfillment_order(unit_id)
    order = await work.orders.get(unit.order_id) if unit else None
    number = order.number if order else unit_id
    await raise_incident(
        work,
        Alarm(
            IncidentKind.ADDRESS_PROBLEM,
            title=f"Order {number}: address not found on the map",
            evidence="The geocoder knows no such address. Correct it in the store; the order then goes on.",
            fulfillment_order_id=unit_id,
        ),
        now,
    )

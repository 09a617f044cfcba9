"""Fetch: somebody is booked to bring back what a shopper gives back: an own van, a courier, or a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from doorstep.deadline import Deadline
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.errors import StateConflict
from doorstep.events import ReturnRequested
from doorstep.incident import IncidentKind
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from doorstep.return_request import ReturnMethod, ReturnStatus
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.learning.standing import standings
from gateway.flow.ports import LinkedCarrier, Means, Reuse
from gateway.flow.quoting.question import Unit, facts_of, find_place, load_unit
from gateway.flow.quoting.quote import Asking, ask, quote_unit
from gateway.flow.returning.fetched import follow_return
from gateway.flow.watching.incidents import Alarm, raise_incident

_BY = {
    ReturnMethod.DOOR: (DeliveryMode.OWN_FLEET, DeliveryMode.COURIER),
    ReturnMethod.PARCEL_SHOP: (DeliveryMode.PARCEL,),
    ReturnMethod.OTHER: tuple(DeliveryMode),
}
"""Who can bring it back which way."""


async def book_return(event: ReturnRequested, means: Means) -> None:
    """Ask those who can for the way back and book the cheapest; a repeat finds what is booked.

    Raises
    ------
    UnknownOutcome
        If an answer was lost; the job is tried again, and the same booking with it.
    """
    merchant_id, return_id = event.merchant_id, event.return_id
    async with means.begin(merchant_id) as work:
        request = await work.returns.request(return_id, lock=True)
        if request is None or request.status is not ReturnStatus.REQUESTED:
            return
        order = await work.orders.get(request.order_id)
        live = await work.deliveries.live_of(return_id)
        if live is None:
            # Counted before anybody is asked: a job that dies each time does not go on for ever.
            await work.returns.put_request(
                replace(request, tries=request.tries + 1, version=request.version + 1)
            )
    if order is not None:
        await find_place(order, means)
    async with means.begin(merchant_id) as work:
        unit = await load_unit(work, return_id, must_be_placed=means.geocoder is not None)
    modes = _BY[request.method]
    carriers = [one for one in await means.links.carriers(merchant_id) if one.account.mode in modes]
    quotes = await _ask(means, unit, return_id, carriers) if unit is not None else None
    if quotes is None or not quotes.quotes:
        await _nobody(means, merchant_id, return_id, unit)
        return
    try:
        booked = await dispatch_unit(
            means, merchant_id, return_id, quotes.id, Wish(strategy=DispatchStrategy.CHEAPEST)
        )
    except StateConflict:
        return  # it was called off meanwhile
    if booked.delivery is not None:
        await _bind(means, merchant_id, return_id, booked.delivery.id)
        await follow_return(means, booked.delivery)


async def _ask(
    means: Means, unit: Unit, return_id: str, carriers: Sequence[LinkedCarrier]
) -> QuoteSet | None:
    """All offers in one list, the cheapest first: nobody waits for the goods."""
    vans = [one for one in carriers if one.account.mode is DeliveryMode.OWN_FLEET]
    others = [one.account.id for one in carriers if one.account.mode is not DeliveryMode.OWN_FLEET]
    # Without anybody else nobody is asked, and the question is what is wanted of it.
    ids = others or [return_id]
    merchant_id, budget_s = unit.merchant.id, means.quote_budget_s
    quote_set = await quote_unit(means, merchant_id, return_id, budget_s, account_ids=ids)
    if quote_set is None or not vans:
        return quote_set
    by_van = await _ask_vans(means, unit, quote_set, vans)
    ranked = sorted((*quote_set.quotes, *by_van.quotes), key=_cheapest)
    merged = replace(
        quote_set,
        quotes=tuple(replace(one, rank=place) for place, one in enumerate(ranked, start=1)),
        declined=(*quote_set.declined, *by_van.declined),
    )
    async with means.begin(merchant_id) as work:
        await work.quotes.put(merged)
    return merged


async def _ask_vans(means: Means, unit: Unit, quote_set: QuoteSet, vans: Sequence[LinkedCarrier]) -> QuoteSet:
    """An own van comes from its depot to the door whichever way the goods go: it is asked for that way."""
    request = quote_set.request
    round_trip = replace(request, pickup=request.dropoff, dropoff=request.pickup)
    async with means.begin(unit.merchant.id) as work:
        book = await means.shelf.book(work.rules, unit.merchant)
        scorecards = await standings(work, means.clock.now())
    facts = facts_of(unit, round_trip)
    asking = Asking(
        unit.merchant, round_trip, unit.origin.id, quote_set.fulfillment_order_id, book, facts, scorecards
    )
    return await ask(means.rates, asking, vans, Deadline(means.quote_budget_s), Reuse.NOTHING)


def _cheapest(quote: Quote) -> tuple[int, int]:
    return (quote.offer.price.minor, quote.rank)


async def _bind(means: Means, merchant_id: str, return_id: str, delivery_id: str) -> None:
    async with means.begin(merchant_id) as work:
        request = await work.returns.request(return_id, lock=True)
        if request is not None and request.delivery_id != delivery_id:
            bound = replace(request, delivery_id=delivery_id, version=request.version + 1)
            await work.returns.put_request(bound)


async def _nobody(means: Means, merchant_id: str, return_id: str, unit: Unit | None) -> None:
    async with means.begin(merchant_id) as work:
        number = unit.order.number if unit else return_id
        alarm = Alarm(
            IncidentKind.NO_COURIER,
            title=f"Order {number}: nobody brings the return",
            evidence="Nobody who could bring it back made an offer.",
            fulfillment_order_id=return_id,
        )
        await raise_incident(work, alarm, means.clock.now())

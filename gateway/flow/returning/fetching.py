"""Fetch: what a shopper gives back is booked, an own van, a courier, or a label, and followed to the shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from doorstep.deadline import Deadline
from doorstep.delivery import Delivery
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.errors import NotFound, StateConflict
from doorstep.events import ReturnRequested
from doorstep.incident import IncidentKind
from doorstep.money import Money
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from doorstep.return_request import ReturnMethod, ReturnRequest, ReturnStatus
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.documents.document import is_data
from gateway.flow.learning.standing import standings
from gateway.flow.ports import LinkedCarrier, Means, Reuse, UnitOfWork
from gateway.flow.quoting.question import Unit, facts_of, find_place, load_unit
from gateway.flow.quoting.quote import Asking, ask, quote_unit
from gateway.flow.returning.keeping import keep_request
from gateway.flow.watching.incidents import Alarm, raise_incident, settle

WHY_NOT = "the goods stay where they are"
"""What carriers are told when a return is called off."""

TRIES = 2
"""So often a machine books the way back; after that a person does."""

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
    if quotes is None or not any(_is_affordable(one, request.max_price) for one in quotes.quotes):
        await _nobody(means, merchant_id, return_id, unit)
        return
    try:
        wish = Wish(strategy=DispatchStrategy.CHEAPEST, max_price=request.max_price)
        booked = await dispatch_unit(means, merchant_id, return_id, quotes.id, wish)
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


def _is_affordable(quote: Quote, most: Money | None) -> bool:
    price = quote.offer.price
    return most is None or (price.currency == most.currency and price <= most)


def _cheapest(quote: Quote) -> tuple[int, int]:
    return (quote.offer.price.minor, quote.rank)


async def _bind(means: Means, merchant_id: str, return_id: str, delivery_id: str) -> None:
    async with means.begin(merchant_id) as work:
        request = await work.returns.request(return_id, lock=True)
        if request is not None and request.delivery_id != delivery_id:
            await keep_request(work, replace(request, delivery_id=delivery_id))


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


async def call_off_return(means: Means, merchant_id: str, return_id: str) -> None:
    """Nobody fetches it; what is booked for it is called off.

    Raises
    ------
    NotFound
        If there is no such return.
    StateConflict
        If it is over, or the goods have left the door.
    RemoteError
        If the carrier says that it is too late, or cannot be asked.
    """
    async with means.begin(merchant_id) as work:
        request = await work.returns.request(return_id, lock=True)
        if request is None:
            raise NotFound(return_id)
        if request.status is ReturnStatus.CANCELLED:
            return
        if request.is_over or request.status is ReturnStatus.IN_TRANSIT:
            raise StateConflict(f"The return is {request.status} already.", current_version=request.version)
        live = await work.deliveries.live_of(return_id)
        if live is None:
            await keep_request(work, replace(request, status=ReturnStatus.CANCELLED))
            return
    await follow_return(means, await cancel_delivery(means, merchant_id, live.id, WHY_NOT, by_person=True))


async def follow_return(means: Means, delivery: Delivery) -> None:
    """The delivery of a return stands otherwise than before."""
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        request = await work.returns.request(delivery.fulfillment_order_id, lock=True)
        if current is None or request is None or request.is_over:
            return
        if request.delivery_id not in {None, current.id} or _waits_again(request, current):
            return  # old news of one that another has taken the place of
        if current.status in {DeliveryStatus.CANCELLED, DeliveryStatus.FAILED}:
            await _lose(work, request, current, now)
            return
        leg = current.active_leg
        moved = replace(
            request,
            status=status_of(request.status, current),
            delivery_id=current.id,
            label_url=_link(leg.label_url if leg else request.label_url),
            cost=leg.price if leg and leg.external_id else request.cost,
        )
        if moved.status is ReturnStatus.RECEIVED:
            moved = await receive(work, moved, now)
        if moved != request:
            await keep_request(work, moved)


def _link(label_url: str) -> str:
    """Where the carrier keeps a label; one that came whole is a document of the delivery's leg."""
    return "" if is_data(label_url) else label_url


def status_of(status: ReturnStatus, delivery: Delivery) -> ReturnStatus:
    """Where a return stands by its delivery.

    What an own van has fetched is there once the van is: until its tour is over it is on its way.
    """
    leg = delivery.active_leg
    is_own = leg is not None and leg.mode is DeliveryMode.OWN_FLEET
    if delivery.status is DeliveryStatus.DELIVERED:
        return ReturnStatus.IN_TRANSIT if is_own else ReturnStatus.RECEIVED
    if delivery.status is DeliveryStatus.SEARCHING and not (leg and leg.is_live and leg.external_id):
        return ReturnStatus.REQUESTED  # whoever was asked said no, or let it go
    rank = RANK.get(delivery.status, 0)
    if rank >= RANK[DeliveryStatus.PICKED_UP]:
        # An own van that leaves its depot for the door has not fetched anything yet.
        return ReturnStatus.APPROVED if is_own else ReturnStatus.IN_TRANSIT
    if delivery.status is DeliveryStatus.LABEL_READY:
        return ReturnStatus.LABEL_READY
    return ReturnStatus.APPROVED if rank >= RANK[DeliveryStatus.BOOKED] else status


async def receive(work: UnitOfWork, request: ReturnRequest, now: datetime) -> ReturnRequest:
    """It is back in the shop; once all that was brought is, so is its part of the order."""
    received = replace(request, status=ReturnStatus.RECEIVED, received_at=now)
    await settle(work, request.delivery_id or request.id, None, "It is back.", now)
    order = await work.orders.get(request.order_id, lock=True)
    unit = await work.orders.fulfillment_order(request.unit_id, lock=True)
    if order is None or unit is None:
        return received
    others = [one for one in await work.returns.requests_of(order.id) if one.id != request.id]
    back = [one for one in (*others, received) if one.status is ReturnStatus.RECEIVED]
    for line in unit.lines:
        pieces = sum(
            one.quantity
            for came in back
            if came.unit_id == unit.id
            for one in came.lines
            if one.line_external_id == line.line_external_id
        )
        if pieces < line.quantity:
            return received
    await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.RETURNED))
    whole = await work.orders.get(order.id) or order
    live = [one for one in whole.fulfillment_orders if one.status is not FulfillmentOrderStatus.CANCELLED]
    if all(one.status is FulfillmentOrderStatus.RETURNED for one in live):
        # The parts are others' to write as well: they stay as they stand.
        await work.orders.put(replace(whole, status=OrderStatus.RETURNED, fulfillment_orders=()))
    work.announce("order", order.id)
    return received


def _waits_again(request: ReturnRequest, delivery: Delivery) -> bool:
    """Whether this loss was seen to already."""
    return request.delivery_id is None and request.tries > 0 and delivery.is_over


async def _lose(work: UnitOfWork, request: ReturnRequest, delivery: Delivery, now: datetime) -> None:
    """Nobody fetches it: called off, or another is asked, or a person has to."""
    if delivery.is_cancel_requested:
        await keep_request(work, replace(request, status=ReturnStatus.CANCELLED))
        return
    had_goods = any(leg.picked_up_at is not None for leg in delivery.legs)
    if not had_goods and request.tries < TRIES:
        await keep_request(work, replace(request, status=ReturnStatus.REQUESTED, delivery_id=None))
        await work.emit(ReturnRequested(request.merchant_id, request.id))
        return
    await raise_incident(work, overdue(request, delivery, "Nobody brings it back."), now)


def overdue(request: ReturnRequest, delivery: Delivery | None, why: str) -> Alarm:
    """Goods that should be back and are not."""
    return Alarm(
        IncidentKind.RETURN_OVERDUE,
        title=f"{delivery.reference if delivery else request.id}: the return is not back",
        evidence=why,
        delivery_id=delivery.id if delivery else None,
        fulfillment_order_id=None if delivery else request.unit_id,
    )

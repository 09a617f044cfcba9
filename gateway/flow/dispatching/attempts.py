"""Attempts: each is written down before its carrier is asked, so that whoever comes next repeats it.

At most one attempt of a fulfillment order is open at a time. Whoever finds one open repeats it, with its
own quote and its own key, which carriers take once; so neither a worker that was killed, nor a lost answer,
nor two people at once lead to two bookings.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.clock import SystemClock
from doorstep.delivery import Delivery, Leg, LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchLimits
from doorstep.errors import NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.order import FulfillmentOrder, FulfillmentOrderStatus, OrderStatus
from doorstep.quote import Quote, QuoteSet
from gateway.flow.claim import is_held
from gateway.flow.dispatching.pools import require_room, use_of
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import Unit, shown_promise, unit_of

CALLED_OFF = (
    FulfillmentOrderStatus.CANCELLED,
    FulfillmentOrderStatus.ON_HOLD,
    FulfillmentOrderStatus.DELIVERED,
    FulfillmentOrderStatus.RETURNED,
)
"""States in which nobody is sent."""


LOOK_AGAIN_S = 0.05
"""How often somebody else's asking is looked at, seconds of the machine."""


class CalledOff(StateConflict):
    """Nobody shall be sent: it was called off, perhaps while carriers were asked."""


class GoodsChanged(StateConflict):
    """The goods were divided or moved while carriers were asked about them: what they quoted is void."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """On whose word an attempt is begun.

    Attributes
    ----------
    of_delivery
        Only as a leg of this delivery; "" begins another where there is none under way.
    is_machine
        Nobody has said so just now: what was called off is not begun again.
    limits
        Are kept with the delivery; None leaves those that it has.
    keeps_pools
        A carrier gets no more of it than the merchant's pools leave.
    new_id
        Of the delivery, where another is begun: tours may have been planned of it. "" for any.
    """

    of_delivery: str = ""
    is_machine: bool = False
    limits: DispatchLimits | None = None
    keeps_pools: bool = False
    new_id: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A leg that is written down, with the quote that it was made from.

    Attributes
    ----------
    is_repeat
        Somebody may have asked the carrier with this leg's key before.
    """

    delivery: Delivery
    leg: Leg
    quote: Quote
    is_repeat: bool = True


async def begin_attempt(
    means: Means, unit: Unit, quote_set: QuoteSet, quote: Quote, why: str, mandate: Mandate
) -> Attempt:
    """Write an attempt down, or take up the one that is open once nobody else is at it.

    Parameters
    ----------
    why
        Why this quote's turn has come; kept with the leg.

    Raises
    ------
    CalledOff
        If nobody shall be sent any more.
    GoodsChanged
        If the quote is for other goods.
    NoRoom
        If the merchant's pools leave its carrier nothing.
    """
    while True:
        attempt = await _try_to_begin(means, unit, quote_set, quote, why, mandate)
        if attempt is not None:
            return attempt
        await asyncio.sleep(LOOK_AGAIN_S)


async def repeat_attempt(
    means: Means, merchant_id: str, delivery_id: str, leg_id: str, quote: Quote
) -> Attempt | None:
    """Take up a leg that was written down, once nobody else is at it; None where it has ended meanwhile."""
    while True:
        async with means.begin(merchant_id) as work:
            delivery = await locked(work, delivery_id)
            leg = next(leg for leg in delivery.legs if leg.id == leg_id)
            if not leg.is_live and leg.status is not DeliveryStatus.CANCELLED:
                return None
            attempt = await _take_up(means, work, delivery, leg, quote)
        if attempt is not None:
            return attempt
        await asyncio.sleep(LOOK_AGAIN_S)


async def let_go(means: Means, attempt: Attempt) -> None:
    """Nobody is asking any more: the next one may."""
    async with means.begin(attempt.delivery.merchant_id) as work:
        current = await locked(work, attempt.delivery.id)
        leg = next(leg for leg in current.legs if leg.id == attempt.leg.id)
        if leg.asked_until == attempt.leg.asked_until:
            await work.deliveries.put(current.with_leg(replace(leg, asked_until=None)))


async def _try_to_begin(
    means: Means, unit: Unit, quote_set: QuoteSet, quote: Quote, why: str, mandate: Mandate
) -> Attempt | None:
    """None while somebody else is asking."""
    now = means.clock.now()
    async with means.begin(unit.merchant.id) as work:
        await work.orders.hold(unit.fulfillment_order.id)
        delivery = await work.deliveries.live_of(unit.fulfillment_order.id, lock=True)
        current = await unit_of(work, unit.fulfillment_order.id)
        if await is_off(work, unit, current, delivery, mandate):
            raise CalledOff(
                f"{unit.fulfillment_order.id} was called off.", current_id=unit.fulfillment_order.id
            )
        open_leg = delivery.active_leg if delivery else None
        if delivery is not None and open_leg is not None and open_leg.is_live:
            theirs = await work.quotes.get(delivery.quote_set_id)
            own = theirs.quote(open_leg.quote_id) if theirs else None
            return await _take_up(means, work, delivery, open_leg, own or quote)
        if current is not None and has_changed(unit.fulfillment_order, current):
            text = f"What {current.id} ships, or from where, has changed since carriers were asked."
            raise GoodsChanged(text, current_id=current.id)
        if mandate.keeps_pools:
            wanted = {unit.fulfillment_order.id: use_of(quote, quote_set)}
            await require_room(work, unit.merchant, wanted, now)
        fresh = replace(new_leg(quote), asked_until=lease(means), why=why, direction=unit.direction)
        delivery = delivery or await _another(work, unit, quote_set, mandate, now)
        changed = replace(
            delivery.with_leg(fresh),
            quote_set_id=quote_set.id,
            requirements=tuple(dict.fromkeys((*delivery.requirements, *quote.requirements))),
            # The shopper was promised a window once; a replacement does not move it by itself.
            promise=delivery.promise
            or await shown_promise(work, unit.order, unit.fulfillment_order, now)
            or quote.offer.promise,
            limits=delivery.limits if mandate.limits is None else mandate.limits,
            updated_at=now,
            version=delivery.version + 1,
        )
        await work.deliveries.put(changed)
        await work.stacks.stop_waiting([unit.fulfillment_order.id])
        return Attempt(changed, fresh, quote, is_repeat=False)


async def _another(
    work: UnitOfWork, unit: Unit, quote_set: QuoteSet, mandate: Mandate, now: datetime
) -> Delivery:
    """A new delivery; one that is over keeps its id for itself."""
    made = new_delivery(unit, quote_set, now)
    is_free = mandate.new_id and await work.deliveries.get(mandate.new_id) is None
    return replace(made, id=mandate.new_id) if is_free else made


async def is_off(
    work: UnitOfWork,
    unit: Unit,
    current: FulfillmentOrder | None,
    delivery: Delivery | None,
    mandate: Mandate,
) -> bool:
    """Whether nobody shall be sent, as things stand at this moment.

    They are looked at here, where nobody else begins: while carriers are asked for prices a delivery can be
    booked and called off again.
    """
    if current is None or current.status in CALLED_OFF:
        return True
    if delivery is not None:
        is_another = bool(mandate.of_delivery) and delivery.id != mandate.of_delivery
        return is_another or delivery.is_cancel_requested
    latest = await work.deliveries.latest_of(current.id) if mandate.is_machine else None
    if mandate.of_delivery or (latest is not None and latest.is_cancel_requested):
        return True
    # A part of a cancelled order is closed after its delivery was called off: not everything at once.
    order = await work.orders.get(unit.order.id) if unit.direction is LegDirection.OUTBOUND else None
    return order is not None and order.status is OrderStatus.CANCELLED


async def _take_up(
    means: Means, work: UnitOfWork, delivery: Delivery, leg: Leg, quote: Quote
) -> Attempt | None:
    """None while somebody else is asking. What goes in a stack is taken up with all of it, by who asks."""
    if leg.external_id or leg.stack_id:
        return Attempt(delivery, leg, quote)
    if is_held(leg.asked_until):
        return None
    asked = replace(leg, asked_until=lease(means))
    await work.deliveries.put(delivery.with_leg(asked))
    return Attempt(delivery.with_leg(asked), asked, quote)


def has_changed(asked: FulfillmentOrder, current: FulfillmentOrder) -> bool:
    """Whether a quote for one is none for the other: it was cut or moved meanwhile."""
    return (asked.location_id, asked.lines) != (current.location_id, current.lines)


def lease(means: Means) -> datetime:
    """Until when whoever asks is left alone: no call takes longer than its budget."""
    return SystemClock().now() + timedelta(seconds=2 * means.booking_budget_s)


def new_delivery(unit: Unit, quote_set: QuoteSet, now: datetime) -> Delivery:
    return Delivery(
        id=new_id("del"),
        merchant_id=unit.merchant.id,
        order_id=unit.order.id,
        fulfillment_order_id=unit.fulfillment_order.id,
        reference=unit.reference,
        status=DeliveryStatus.DRAFT,
        origin_id=unit.origin.id,
        destination=unit.destination,
        parcels=quote_set.request.parcels,
        goods=quote_set.request.goods,
        requirements=quote_set.request.requirements,
        created_at=now,
        updated_at=now,
    )


def new_leg(quote: Quote) -> Leg:
    leg_id = new_id("leg")
    return Leg(
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
        free_cancel_until=quote.offer.free_cancel_until,
    )


async def locked(work: UnitOfWork, delivery_id: str) -> Delivery:
    delivery = await work.deliveries.get(delivery_id, lock=True)
    if delivery is None:
        raise NotFound(delivery_id)
    return delivery

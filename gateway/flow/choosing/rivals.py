"""Rivals: an order of which it is open who takes it, with fresh offers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, LegDirection
from doorstep.merchant import Merchant
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from gateway.flow.choosing.offers import Rival, is_today, open_turns
from gateway.flow.choosing.waiting import wait_until
from gateway.flow.dispatching.allowed import within
from gateway.flow.dispatching.attempts import new_delivery
from gateway.flow.dispatching.dispatch import Wish, errand_of, is_for_machines, promised_window
from gateway.flow.dispatching.remedies import cap_of
from gateway.flow.dispatching.strategy import line_up
from gateway.flow.planning.days.leaving import REVIEW_S
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import Unit, choice_for, load_unit
from gateway.flow.quoting.quote import quote_unit

STANDS = timedelta(minutes=2)
"""Offers that end sooner are asked for again: choosing takes a while, and booking as well."""


async def read_rival(
    means: Means, merchant: Merchant, unit_id: str, quote_set_id: str, delivery: Delivery | None
) -> Rival | None:
    """An order with fresh offers; None where it is not open who takes it.

    Parameters
    ----------
    quote_set_id
        Of the offers that it waits with; "" for its latest.
    delivery
        Where the own vans have it already.

    Raises
    ------
    DoorstepError
        If it cannot be asked for again.
    """
    async with means.begin(merchant.id) as work:
        unit = await load_unit(work, unit_id, must_be_placed=True)
        quotes = work.quotes
        quote_set = await (quotes.get(quote_set_id) if quote_set_id else quotes.latest_for(unit_id))
        is_open = unit is not None and await _is_open(work, unit, delivery)
    if unit is None or not is_open:
        return None
    if quote_set is None or _ends(quote_set) <= means.clock.now() + STANDS:
        quote_set = await quote_unit(means, merchant.id, unit_id, means.quote_budget_s)
    return None if quote_set is None else rival_of(unit, quote_set, delivery, means.clock.now())


async def _is_open(work: UnitOfWork, unit: Unit, delivery: Delivery | None) -> bool:
    """Whether the shopper chose nobody, it may be booked, and stands as it did."""
    unit_id = unit.fulfillment_order.id
    if unit.direction is LegDirection.RETURN or not await is_for_machines(work, unit_id):
        return False
    if await choice_for(work, unit.order, unit.fulfillment_order) is not None:
        return False
    latest = await work.deliveries.latest_of(unit_id)
    return latest is None if delivery is None else latest is not None and latest.id == delivery.id


def _ends(quote_set: QuoteSet) -> datetime:
    """When the first of its offers ends."""
    return min((quote.offer.expires_at for quote in quote_set.quotes), default=quote_set.request.asked_at)


def rival_of(unit: Unit, quote_set: QuoteSet, booked: Delivery | None, now: datetime) -> Rival | None:
    """What an order's offers come to; None where it is on no map, or nobody offers.

    Parameters
    ----------
    booked
        Where the own vans have it already. Who has dropped it before is not among those that may have it.
    """
    if unit.destination.location is None:
        return None
    merchant = unit.merchant
    gone = frozenset(leg.account_id for leg in booked.legs if not leg.is_live) if booked else frozenset()
    line = line_up(quote_set, errand_of(unit, booked, None, Wish(without_account_ids=gone)))
    if booked is not None:
        limits = replace(booked.limits, max_price=cap_of(merchant, booked))
        line = within(line, limits)
    quotes = tuple(turn.quote for turn in open_turns(line) if turn.quote.offer.expires_at > now)
    has_depot = unit.origin.address.location is not None
    own = next((quote for quote in quotes if has_depot and _is_for_today(quote, merchant, now)), None)
    if booked is None and not quotes:
        return None
    window = promised_window(unit, booked, None)
    # Without a limit of their own for waiting: for as long as a person may take to look.
    patient = replace(merchant.modes, longest_wait_s=REVIEW_S)
    grace = timedelta(seconds=merchant.watch.late_grace_s)
    return Rival(
        unit_id=unit.fulfillment_order.id,
        quote_set=quote_set,
        quotes=quotes,
        own=own,
        delivery=booked or _draft(unit, quote_set, own or quotes[0], now),
        is_booked=booked is not None,
        due=window.end + grace if window is not None else None,
        may_wait_until=wait_until(open_turns(line), quote_set, patient, window, now, timedelta()),
    )


def _is_for_today(quote: Quote, merchant: Merchant, now: datetime) -> bool:
    offer, window = quote.offer, quote.offer.promise.window
    is_open = now < window.end and is_today(window.start, merchant, now)
    return offer.mode is DeliveryMode.OWN_FLEET and is_open


def _draft(unit: Unit, quote_set: QuoteSet, quote: Quote, now: datetime) -> Delivery:
    """The delivery that would be booked with an offer."""
    return replace(new_delivery(unit, quote_set, now), promise=quote.offer.promise)

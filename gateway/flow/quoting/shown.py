"""Shown: what a store's own checkout was answered with, found again by the order that comes of it.

WooCommerce carries the very option with the order. Shopify carries no more than the code of the rate, which
stays the same from call to call: there the option is found by what was in the cart and where it went.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from doorstep.address import Address
from doorstep.events import OptionChosen
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import FulfillmentOrderStatus, Order, OrderStatus, TakenRate
from doorstep.quote import Choice, Quote, QuoteSet
from gateway.flow.ports import UnitOfWork
from gateway.flow.quoting.codes import by_code
from gateway.flow.slots.chosen import choose_late

REMEMBERED_FOR = timedelta(hours=24)
"""Before the order was placed: a shopper may leave a page open for the night."""

Goods = Sequence[tuple[str, int]]
"""A store's ids of articles that are to be carried, with how many of each."""

_AHEAD = (OrderStatus.OPEN, OrderStatus.ON_HOLD)


def cart_key(store_id: str, destination: Address, goods: Goods) -> str:
    """The same for a cart and for the order that comes of it.

    Parameters
    ----------
    destination
        Its country and postal code count: the rest is written in many ways.
    goods
        The store's ids of the articles that are to be carried, with how many of each.
    """
    pieces: dict[str, int] = {}
    for article_id, quantity in goods:
        pieces[article_id] = pieces.get(article_id, 0) + quantity
    postal_code = "".join(destination.postal_code.split()).upper()
    known = [store_id, destination.country, postal_code, sorted(pieces.items())]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


async def with_choices(
    work: UnitOfWork, store_id: str, order: Order, known: Order | None, now: datetime
) -> Order:
    """The order with the choices that follow from the rates its shopper took; as it is where none do.

    What was locked before paying comes along. Where nothing was, since we were away just then, the option is
    chosen here, with the slot that was picked.
    """
    if not order.rates:
        return order
    before = _found_before(known)

    async def chosen(rate: TakenRate, goods: Goods, locked: str = "") -> TakenRate:
        named = rate.choice_reference or locked or before.get(_name(rate), "")
        is_ours = await _is_free(work, named, known)
        reference = named if is_ours else await _choose(work, store_id, order, rate, goods, now)
        return replace(rate, choice_reference=reference)

    locked = order.choice_reference if len(order.rates) == 1 else ""
    whole = _goods(order)
    rates = [await chosen(rate, whole, locked) for rate in order.rates]
    if not any(rate.choice_reference for rate in rates):
        by_place = [await chosen(rate, goods) for rate, goods in _by_place(order)]
        rates = by_place if any(rate.choice_reference for rate in by_place) else rates
    first = next((rate.choice_reference for rate in rates if rate.choice_reference), "")
    if not first and await _is_free(work, order.choice_reference, known):
        first = order.choice_reference
    return replace(
        order,
        choice_reference=first,
        taken_rate=rates[0],
        more_rates=tuple(rates[1:]),
    )


async def _is_free(work: UnitOfWork, named: str, known: Order | None) -> bool:
    """Whether a choice is there, and no other order's: an order that is copied brings its marks along."""
    if known is not None and named in known.choices:
        return True
    choice = await work.quotes.choice(named) if named else None
    return choice is not None and choice.order_id in {None, known.id if known else None}


def _name(rate: TakenRate) -> tuple[str, ...]:
    """The same whenever the order is read: how a rate was taken, and for what."""
    return (rate.code, rate.option, rate.slot_id, *rate.line_ids)


def _by_place(order: Order) -> Iterable[tuple[TakenRate, Goods]]:
    """One rate that was taken, for what leaves from each place by itself; nothing where one place sends all.

    Shopify asks once for each place, and lets the shopper take what has the same code everywhere.
    """
    by_place: dict[str, dict[str, int]] = {}
    for unit in order.fulfillment_orders:
        if unit.status is not FulfillmentOrderStatus.CANCELLED:
            pieces = by_place.setdefault(unit.location_external_id, {})
            pieces |= {line.line_external_id: line.quantity for line in unit.lines}
    lines = [line_id for pieces in by_place.values() for line_id in pieces]
    is_apart = len(by_place) > 1 and len(lines) == len(set(lines))
    if len(order.rates) != 1 or not is_apart:
        return
    for pieces in by_place.values():
        here = [
            replace(line, quantity=pieces[line.external_id])
            for line in order.lines
            if line.external_id in pieces
        ]
        yield (
            replace(order.rates[0], line_ids=tuple(sorted(pieces))),
            _goods(replace(order, lines=tuple(here))),
        )


def _found_before(known: Order | None) -> Mapping[tuple[str, ...], str]:
    """What was chosen for a rate when the order was read last; a rate that is taken anew is another one."""
    if known is None:
        return {}
    first = known.choice_reference if len(known.rates) == 1 else ""
    return {_name(rate): rate.choice_reference or first for rate in reversed(known.rates)}


async def _choose(
    work: UnitOfWork, store_id: str, order: Order, rate: TakenRate, goods: Goods, now: datetime
) -> str:
    """Choose what was taken; "" where nobody remembers showing it."""
    found = await _option(work, store_id, order, rate, goods)
    if found is None:
        return ""
    quote_set, quote = found
    merchant = await work.accounts.merchant()
    choice = Choice(
        id=new_id("cho"),
        merchant_id=merchant.id,
        quote_set_id=quote_set.id,
        quote_id=quote.id,
        carrier=quote.offer.carrier,
        service=quote.offer.service,
        account_id=quote.account_id,
        price=quote.price,
        promise=quote.offer.promise,
        chosen_at=order.placed_at,
        price_locked_until=now + timedelta(seconds=merchant.price_lock_s),
    )
    await work.quotes.put_choice(choice)
    if rate.slot_id and order.status in _AHEAD:
        choice = await choose_late(work, choice, rate.slot_id, now)
    await work.emit(OptionChosen(merchant.id, choice.id))
    return choice.id


async def _option(
    work: UnitOfWork, store_id: str, order: Order, rate: TakenRate, goods: Goods
) -> tuple[QuoteSet, Quote] | None:
    quote_set_id, _, quote_id = rate.option.partition("/")
    named = await work.quotes.get(quote_set_id) if quote_set_id else None
    quote = named.quote(quote_id) if named is not None else None
    if named is not None and quote is not None:
        return named, quote
    if order.destination is None:
        return None
    key = cart_key(store_id, order.destination, goods)
    shown = await work.quotes.shown(key, order.placed_at - REMEMBERED_FOR)
    return _latest(shown, rate.code, order)


def _goods(order: Order) -> Goods:
    return [
        (line.product_external_id, line.quantity)
        for line in order.lines
        if line.requires_shipping and line.quantity
    ]


def _latest(shown: Sequence[QuoteSet], code: str, order: Order) -> tuple[QuoteSet, Quote] | None:
    """The newest that was shown under this code, first of all at the price that was paid."""
    found = [(one, quote) for one in shown if (quote := by_code(one.quotes).get(code)) is not None]
    at_its_price = [pair for pair in found if _hundredths(pair[1].price) == _hundredths(order.shipping_paid)]
    return next(iter((*at_its_price, *found)), None)


def _hundredths(price: Money | None) -> tuple[str, Decimal] | None:
    """Stores take hundredths at the most: 1.295 dinars are paid as 1.30."""
    if price is None:
        return None
    return price.currency, Decimal(price.amount).quantize(Decimal("0.01"), ROUND_HALF_UP)

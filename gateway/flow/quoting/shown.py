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

from doorstep.address import Address
from doorstep.events import OptionChosen
from doorstep.ids import new_id
from doorstep.order import Order, TakenRate
from doorstep.quote import Choice, Quote, QuoteSet
from gateway.flow.ports import UnitOfWork

REMEMBERED_FOR = timedelta(hours=24)
"""Before the order was placed: a shopper may leave a page open for the night."""


def code_of(quote: Quote) -> str:
    """The name of a rate, the same from call to call: stores keep the shopper's selection by it."""
    return f"{quote.offer.carrier}.{quote.offer.service}"


def by_code(quotes: Iterable[Quote]) -> Mapping[str, Quote]:
    """The best of each code, best first: two accounts with one service look alike to shoppers."""
    found: dict[str, Quote] = {}
    for quote in sorted(quotes, key=lambda one: one.rank):
        found.setdefault(code_of(quote), quote)
    return found


def cart_key(store_id: str, destination: Address, goods: Iterable[tuple[str, int]]) -> str:
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


async def with_choice(
    work: UnitOfWork, store_id: str, order: Order, known: Order | None, now: datetime
) -> Order:
    """The order with the choice that follows from the rate its shopper took; as it is where none does."""
    is_chosen = bool(order.choice_reference) or (known is not None and bool(known.choice_reference))
    if is_chosen or order.taken_rate is None:
        return order
    found = await _option(work, store_id, order, order.taken_rate)
    if found is None:
        return order
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
    await work.emit(OptionChosen(merchant.id, choice.id))
    return replace(order, choice_reference=choice.id)


async def _option(
    work: UnitOfWork, store_id: str, order: Order, rate: TakenRate
) -> tuple[QuoteSet, Quote] | None:
    quote_set_id, _, quote_id = rate.option.partition("/")
    named = await work.quotes.get(quote_set_id) if quote_set_id else None
    quote = named.quote(quote_id) if named is not None else None
    if named is not None and quote is not None:
        return named, quote
    if order.destination is None:
        return None
    key = cart_key(store_id, order.destination, _goods(order))
    shown = await work.quotes.shown(key, order.placed_at - REMEMBERED_FOR)
    return _latest(shown, rate.code, order)


def _goods(order: Order) -> Sequence[tuple[str, int]]:
    return [
        (line.product_external_id, line.quantity)
        for line in order.lines
        if line.requires_shipping and line.quantity
    ]


def _latest(shown: Sequence[QuoteSet], code: str, order: Order) -> tuple[QuoteSet, Quote] | None:
    """The newest that was shown under this code, first of all at the price that was paid."""
    found = [(one, quote) for one in shown if (quote := by_code(one.quotes).get(code)) is not None]
    at_its_price = [(one, quote) for one, quote in found if quote.price == order.shipping_paid]
    return next(iter((*at_its_price, *found)), None)

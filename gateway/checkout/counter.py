"""The counter: every question of a store's checkout gets an answer in time, whatever happens behind it."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

import structlog

from doorstep.address import Address
from doorstep.errors import InvalidInput
from doorstep.quote import QuoteSet
from gateway.checkout.pressure import Pressure
from gateway.flow.ports import Means
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import delivery_options
from gateway.flow.quoting.shown import cart_key

log = structlog.get_logger(__name__)

LIVE_S = 0.6
"""For carriers, at most: who is not back by then is in the next answer for the same cart."""

KNOWN_S = 0.05
"""For what is remembered and for the merchant's own table, where there is no time to ask."""

AFTERWARDS_S = 0.2
"""For everything around it: packing, rules, and writing down what was shown."""

SHOWN_FOR_S = 900.0
"""An answer is given again when none can be had: as long as Shopify keeps it itself."""

MOST_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Shop:
    """Who asks: a linked store, by our ids."""

    store_id: str
    merchant_id: str


@dataclass(frozen=True, slots=True)
class Question:
    """A cart as a store tells it; `budget_s` is how long the store waits."""

    destination: Address
    items: tuple[CartItem, ...]
    currency: str
    budget_s: float
    cart_id: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a shopper may choose from.

    Attributes
    ----------
    why_empty
        A sentence for the merchant where there is nothing to choose.
    """

    quote_set: QuoteSet | None
    why_empty: str = ""


class NotNow(Exception):
    """Nothing is known and nobody could be asked: the store has rates of its own for that."""


class Counter:
    """Answers what stores ask; one for each process."""

    def __init__(self, means: Means, pressure: Pressure | None = None) -> None:
        self._means = means
        self._pressure = pressure or Pressure()
        self._shown: OrderedDict[str, tuple[float, QuoteSet]] = OrderedDict()

    async def ask(self, shop: Shop, question: Question) -> Shown:
        """Ask every carrier, as far as there is time for it.

        Raises
        ------
        NotNow
            If not even a price of the merchant's own can be given.
        """
        goods = [(one.article_id or one.sku, one.quantity) for one in question.items if one.requires_shipping]
        key = cart_key(shop.store_id, question.destination, goods)
        cart = Cart(question.items, question.currency, shop.store_id, question.cart_id, key)
        try:
            found = await self._options(shop, question, cart)
        except InvalidInput as problem:
            return Shown(None, problem.message)
        except Exception as error:
            # A checkout is never an exception: what it was shown before stands for a while.
            name = type(error).__name__
            log.warning("a checkout could not be answered", store_id=shop.store_id, error=name)
            return Shown(self._shown_before(key))
        if found.quotes:
            self._remember(key, found)
            return Shown(found)
        return Shown(found, _why_empty(found))

    async def _options(self, shop: Shop, question: Question, cart: Cart) -> QuoteSet:
        live_s = self._time_for_carriers(question.budget_s)
        with self._pressure.question(shop.store_id) as may_ask:
            found = await self._within(shop, question, cart, live_s if may_ask else KNOWN_S)
            # Late is better than nothing at all, where nothing was known.
            return found if found.quotes or may_ask else await self._within(shop, question, cart, live_s)

    async def _within(self, shop: Shop, question: Question, cart: Cart, budget_s: float) -> QuoteSet:
        async with asyncio.timeout(budget_s + AFTERWARDS_S):
            return await delivery_options(self._means, shop.merchant_id, question.destination, cart, budget_s)

    def _time_for_carriers(self, budget_s: float) -> float:
        return max(KNOWN_S, min(LIVE_S, budget_s - 2 * AFTERWARDS_S))

    def _remember(self, key: str, quote_set: QuoteSet) -> None:
        self._shown[key] = (time.monotonic() + SHOWN_FOR_S, quote_set)
        self._shown.move_to_end(key)
        if len(self._shown) > MOST_SHOWN:
            self._shown.popitem(last=False)

    def _shown_before(self, key: str) -> QuoteSet:
        ends_s, quote_set = self._shown.get(key, (0.0, None))
        if quote_set is None or ends_s <= time.monotonic():
            raise NotNow
        return quote_set


def _why_empty(quote_set: QuoteSet) -> str:
    said = "; ".join(f"{no.carrier}: {no.text}" for no in quote_set.declined)
    return said or "No carrier is linked that could deliver this."

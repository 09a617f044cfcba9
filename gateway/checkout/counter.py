"""The counter: every question of a store's checkout gets an answer in time, whatever happens behind it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import structlog

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.errors import InvalidInput
from doorstep.quote import QuoteSet
from gateway.checkout.pressure import Pressure
from gateway.checkout.remembered import Remembered
from gateway.flow.ports import Means, Reuse
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.cart_question import CartQuestion, cart_question, question_from_memory
from gateway.flow.quoting.fallback import is_for
from gateway.flow.quoting.options import add_late, keep_in_the_end, keep_shown
from gateway.flow.quoting.premises import NowhereToLeaveFrom
from gateway.flow.quoting.shown import cart_key

log = structlog.get_logger(__name__)

ANSWER_S = 0.75
"""For all of it, where the merchant has a table of prices or anything else can be shown."""

LIVE_S = 0.6
"""For carriers, of that: who is not back by then is in the next answer for the same cart."""

KEEPING_S = 0.1
"""For writing down what was shown; it goes on behind the answer where that takes longer."""

LOOKING_UP_S = 0.15
"""For reading what is known of shop and cart, which takes a tenth of it where all is well."""

WORTH_ASKING_S = 0.05
"""Nobody is asked where less is left."""


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

    quote_set: QuoteSet
    why_empty: str = ""


class NotNow(Exception):
    """Nothing is known and nobody could be asked: the store has rates of its own for that.

    The text is for the merchant.
    """

    def __init__(self, text: str = "No rates are known just now.") -> None:
        super().__init__(text)


class Counter:
    """Answers what stores ask; one for each process."""

    def __init__(self, means: Means, pressure: Pressure | None = None) -> None:
        self._means = means
        self._pressure = pressure or Pressure()
        self._remembered = Remembered()

    async def ask(self, shop: Shop, question: Question) -> Shown:
        """Ask every carrier, as far as there is time for it.

        Raises
        ------
        NotNow
            If not even a price of the merchant's own can be given, and others may serve at another time.
        InvalidInput
            If nothing in the cart needs delivery, or it goes to no country.
        """
        goods = [(one.article_id or one.sku, one.quantity) for one in question.items if one.requires_shipping]
        key = cart_key(shop.store_id, question.destination, goods)
        cart = Cart(question.items, question.currency, shop.store_id, question.cart_id, key)
        try:
            found = await self._look_and_ask(shop, question, cart)
        except NowhereToLeaveFrom as problem:
            raise NotNow(problem.message) from None
        except InvalidInput:
            raise
        except Exception as error:
            # A checkout is never late and never an exception: what is known already has to do.
            name = type(error).__name__
            log.warning("a checkout is answered from memory", store_id=shop.store_id, error=name)
            return await self._from_memory(shop, question, cart)
        if found.quotes:
            self._remembered.note_shown(_memory_key(cart), found)
            return Shown(found)
        if not found.declined:
            raise NotNow("No carrier is linked that could be asked.")
        if not any(no.reason.is_passing for no in found.declined):
            return Shown(found, "; ".join(f"{no.carrier}: {no.text}" for no in found.declined))
        # Who could not be asked may well deliver there.
        before = self._remembered.shown(_memory_key(cart))
        if before is None:
            raise NotNow
        return Shown(before)

    async def _look_and_ask(self, shop: Shop, question: Question, cart: Cart) -> QuoteSet:
        patience, looking_up = Deadline(question.budget_s), Deadline(LOOKING_UP_S)
        whole = Deadline(min(ANSWER_S, question.budget_s))
        with self._pressure.question(shop.store_id) as may_ask:
            async with asyncio.timeout(whole.left_s):
                asked = await cart_question(self._means, shop.merchant_id, question.destination, cart, whole)
            self._remembered.note_premises(shop.store_id, asked.premises)
            live_s = min(LIVE_S, whole.left_s - KEEPING_S)
            table = asked.premises.merchant.fallback_rates
            if not any(is_for(rate, asked.asking.request) for rate in table):
                # Late is better than nothing at all, where the merchant has nothing else to show.
                live_s = max(live_s, patience.left_s - 2 * KEEPING_S)
            # Who needed so long for what lies at hand has too much to do to ask anybody.
            is_at_ease = may_ask and not looking_up.is_over
            found, was_asked = await self._put(asked, live_s, is_at_ease=is_at_ease)
        shown = await self._kept(asked, replace(found, cart_key=cart.key), whole)
        if was_asked and not shown.is_complete:
            self._means.later.begin(add_late(self._means, asked, shown))
        return shown

    async def _put(self, asked: CartQuestion, live_s: float, *, is_at_ease: bool) -> tuple[QuoteSet, bool]:
        """What there is, and whether carriers were asked for it."""
        is_worth_asking = live_s >= WORTH_ASKING_S
        if not is_at_ease or not is_worth_asking:
            found = await asked.put(Deadline(0), reuse=Reuse.ONLY)
            if found.quotes or not is_worth_asking:
                return found, False
        return await asked.put(Deadline(live_s), self._means.checkout_settles_s), True

    async def _kept(self, asked: CartQuestion, found: QuoteSet, whole: Deadline) -> QuoteSet:
        """What is shown, as it is written down; as it was found, where writing takes too long."""
        writing = asyncio.create_task(keep_shown(self._means, asked, found))
        await asyncio.wait({writing}, timeout=max(KEEPING_S, whole.left_s))
        if not writing.done() or writing.exception() is not None:
            self._means.later.begin(keep_in_the_end(self._means, asked, found, writing))
            return found
        return writing.result()

    async def _from_memory(self, shop: Shop, question: Question, cart: Cart) -> Shown:
        shown = self._remembered.shown(_memory_key(cart))
        if shown is not None:
            return Shown(shown)
        premises = self._remembered.premises(shop.store_id)
        if premises is None:
            raise NotNow
        try:
            asked = question_from_memory(self._means, premises, question.destination, cart)
            found = replace(await asked.put(Deadline(0), reuse=Reuse.ONLY), cart_key=cart.key)
        except InvalidInput:
            raise
        except Exception as error:
            name = type(error).__name__
            log.warning("a checkout cannot be answered", store_id=shop.store_id, error=name)
            raise NotNow from error
        if not found.quotes:
            raise NotNow
        self._means.later.begin(keep_in_the_end(self._means, asked, found))
        return Shown(found)


def _memory_key(cart: Cart) -> str:
    """An order finds what it was shown whatever it pays in; a shopper is shown nothing in other money."""
    return f"{cart.key} {cart.currency}"

"""Choose: options for a cart, and the one that the shopper takes, with its price locked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.errors import NotFound, OptionExpired
from doorstep.events import OptionChosen
from doorstep.ids import new_id
from doorstep.quote import PRICE_STANDS, Choice, DeclineReason, QuoteSet
from gateway.flow.idempotency import once
from gateway.flow.ports import Means, Reuse
from gateway.flow.quoting.cart import Cart, CartItem, CartQuestion, cart_question
from gateway.flow.quoting.loading import want_articles
from gateway.flow.quoting.price_lock import locked
from gateway.flow.quoting.quote import with_late

__all__ = ["LATE_S", "Cart", "CartItem", "add_late", "choose_option", "delivery_options"]

LATE_S = 10.0
"""So long after a checkout was answered its late carriers are added to what it was shown."""


async def delivery_options(
    means: Means, merchant_id: str, destination: Address, cart: Cart, budget_s: float
) -> QuoteSet:
    """Ask every carrier for a cart that is no order yet.

    Raises
    ------
    InvalidInput
        If the destination names no country, or nothing in the cart needs shipping.
    """
    deadline = Deadline(budget_s)
    question = await cart_question(means, merchant_id, destination, cart, deadline)
    quote_set = await question.put(deadline, means.checkout_settles_s)
    async with means.begin(merchant_id) as work:
        until = question.asking.request.asked_at + PRICE_STANDS
        quotes = await locked(work, quote_set.quotes, until)
        quote_set = replace(quote_set, quotes=quotes, cart_key=cart.key)
        await want_articles(means, work, question.store, question.loading)
        await work.quotes.put(quote_set)
    if not quote_set.is_complete:
        means.later.begin(add_late(means, question, quote_set))
    return quote_set


async def add_late(means: Means, question: CartQuestion, shown: QuoteSet) -> None:
    """Wait for the carriers that a checkout did not wait for, and add what they offer to what was shown."""
    waited_for = {no.account_id for no in shown.declined if no.reason is DeclineReason.TIMED_OUT}
    # Who may not be remembered could only be asked anew.
    late = [one for one in question.carriers if one.account.id in waited_for and one.quoting.cached_s]
    if not late:
        return
    deadline = Deadline(min(LATE_S, max(one.quoting.timeout_s for one in late)))
    # One by one: who is asked along with somebody that has answered by now is not waited for.
    answers = [
        question.rates.shop([one], shown.request, deadline, reuse=Reuse.ALL, is_counted=False) for one in late
    ]
    heard = [one for answer in await asyncio.gather(*answers) for one in answer]
    async with means.begin(shown.merchant_id) as work:
        kept = await work.quotes.get(shown.id)
        if kept is None:
            return
        added = with_late(question.asking, kept, heard, question.carriers)
        before = {quote.id for quote in kept.quotes}
        fresh = [quote for quote in added.quotes if quote.id not in before]
        held = {quote.id: quote for quote in await locked(work, fresh, shown.request.asked_at + PRICE_STANDS)}
        await work.quotes.put(
            replace(added, quotes=tuple(held.get(quote.id, quote) for quote in added.quotes))
        )


async def choose_option(
    means: Means, merchant_id: str, idempotency_key: str, quote_set_id: str, quote_id: str, cart_id: str
) -> Choice:
    """Lock the price and promise of one option.

    Raises
    ------
    NotFound
        If there is no such set or option.
    OptionExpired
        If its offer has ended.
    """

    async def lock() -> str:
        async with means.begin(merchant_id) as work:
            merchant = await work.accounts.merchant()
            quote_set = await work.quotes.get(quote_set_id)
            if quote_set is None:
                raise NotFound(quote_set_id, path=("input", "deliveryOptionsId"))
            quote = quote_set.quote(quote_id)
            if quote is None:
                raise NotFound(quote_id, path=("input", "selections", "0", "optionId"))
            now = means.clock.now()
            if quote_set.stands_until(quote) <= now:
                raise OptionExpired("This option has expired; ask for delivery options again.")
            choice = Choice(
                id=new_id("cho"),
                merchant_id=merchant_id,
                quote_set_id=quote_set_id,
                quote_id=quote_id,
                carrier=quote.offer.carrier,
                service=quote.offer.service,
                account_id=quote.account_id,
                price=quote.price,
                promise=quote.offer.promise,
                chosen_at=now,
                price_locked_until=now + timedelta(seconds=merchant.price_lock_s),
                cart_id=cart_id,
            )
            await work.quotes.put_choice(choice)
            await work.emit(OptionChosen(merchant_id, choice.id))
            return choice.id

    asked = (quote_set_id, quote_id, cart_id)
    choice_id = await once(means, merchant_id, "chooseDeliveryOption", idempotency_key, asked, lock)
    async with means.begin(merchant_id) as work:
        choice = await work.quotes.choice(choice_id)
    if choice is None:
        raise NotFound(choice_id)
    return choice

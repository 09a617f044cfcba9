"""Options: what a shopper may choose from for a cart, kept as it was shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.quote import PRICE_STANDS, DeclineReason, QuoteSet
from gateway.flow.ports import Means, Reuse
from gateway.flow.quoting.cart import Cart
from gateway.flow.quoting.cart_question import CartQuestion, cart_question
from gateway.flow.quoting.loading import want_articles
from gateway.flow.quoting.price_lock import locked
from gateway.flow.quoting.quote import with_late

log = structlog.get_logger(__name__)

LATE_S = 10.0
"""So long after a checkout was answered its late carriers are added to what it was shown."""

KEPT_AGAIN_S = (1.0, 5.0, 20.0, 60.0)
"""What could not be written down at once is tried again after so long."""


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
    found = await question.put(deadline, means.checkout_settles_s)
    shown = await keep_shown(means, question, replace(found, cart_key=cart.key))
    if not shown.is_complete:
        means.later.begin(add_late(means, question, shown))
    return shown


def why_nobody(destination: Address) -> str:
    """What to say where nobody offers to deliver: of a country or a city alone hardly anybody can tell."""
    if destination.postal_code or destination.line1 or destination.location is not None:
        return "Nobody delivers this cart there."
    return "With so little of the address nobody offers to deliver: give its postal code or street too."


async def keep_shown(means: Means, question: CartQuestion, found: QuoteSet) -> QuoteSet:
    """Write down what a checkout is shown, at prices that stand for as long as it may be shown.

    Returns
    -------
    QuoteSet
        As it is kept: with a buffer on prices whose carriers let them end sooner.
    """
    async with means.begin(found.merchant_id) as work:
        quotes = await locked(work, found.quotes, found.request.asked_at + PRICE_STANDS)
        shown = replace(found, quotes=quotes)
        await want_articles(means, work, question.premises.store, question.loading)
        await work.quotes.put(shown)
    return shown


async def keep_in_the_end(
    means: Means, question: CartQuestion, found: QuoteSet, writing: asyncio.Task[QuoteSet] | None = None
) -> None:
    """Write it down behind an answer that did not wait for it: an order may come of what was shown.

    Parameters
    ----------
    writing
        A first attempt that is under way.
    """
    for pause_s in KEPT_AGAIN_S:
        try:
            await (writing or keep_shown(means, question, found))
        except Exception as error:
            # Whatever it was, a database that comes back or a setting that is mended may end it.
            log.warning("what a checkout was shown is not written down yet", error=type(error).__name__)
        else:
            return
        writing = None
        await asyncio.sleep(pause_s)
    await keep_shown(means, question, found)


async def add_late(means: Means, question: CartQuestion, shown: QuoteSet) -> None:
    """Wait for the carriers that a checkout did not wait for, and add what they offer to what was shown."""
    waited_for = {no.account_id for no in shown.declined if no.reason is DeclineReason.TIMED_OUT}
    carriers = question.premises.carriers
    # Who may not be remembered could only be asked anew.
    late = [one for one in carriers if one.account.id in waited_for and one.quoting.cached_s]
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
        added = with_late(question.asking, kept, heard, carriers)
        before = {quote.id for quote in kept.quotes}
        fresh = [quote for quote in added.quotes if quote.id not in before]
        held = {quote.id: quote for quote in await locked(work, fresh, shown.request.asked_at + PRICE_STANDS)}
        await work.quotes.put(
            replace(added, quotes=tuple(held.get(quote.id, quote) for quote in added.quotes))
        )

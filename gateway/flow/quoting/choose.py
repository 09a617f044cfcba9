"""Choose: the option that a shopper takes, with its price locked."""

from __future__ import annotations

from datetime import timedelta

from doorstep.errors import NotFound, OptionExpired
from doorstep.events import OptionChosen
from doorstep.ids import new_id
from doorstep.quote import Choice
from gateway.flow.idempotency import once
from gateway.flow.ports import Means


async def choose_option(
    means: Means,
    merchant_id: str,
    idempotency_key: str,
    quote_set_id: str,
    quote_id: str,
    cart_id: str,
    cart_part: str = "",
) -> Choice:
    """Lock the price and promise of one option.

    Parameters
    ----------
    cart_part
        See `Choice`.

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
                cart_part=cart_part,
            )
            await work.quotes.put_choice(choice)
            await work.emit(OptionChosen(merchant_id, choice.id))
            return choice.id

    asked = (quote_set_id, quote_id, cart_id, *([cart_part] if cart_part else []))
    choice_id = await once(means, merchant_id, "chooseDeliveryOption", idempotency_key, asked, lock)
    async with means.begin(merchant_id) as work:
        choice = await work.quotes.choice(choice_id)
    if choice is None:
        raise NotFound(choice_id)
    return choice

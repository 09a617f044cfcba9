"""Choose: options for a cart, and the one that the shopper takes, with its price locked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.errors import InvalidInput, NotFound, OptionExpired
from doorstep.events import OptionChosen
from doorstep.geo import distance_m
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import Location, Store
from doorstep.quote import PRICE_STANDS, Choice, DeclineReason, QuoteRequest, QuoteSet
from gateway.flow.idempotency import once
from gateway.flow.learning.standing import standings
from gateway.flow.packing import goods_of
from gateway.flow.ports import LinkedCarrier, Means, Rates, Reuse
from gateway.flow.quoting.loading import (
    CHECKOUT_WAITS_S,
    Loading,
    loading_of_cart,
    packed,
    want_articles,
)
from gateway.flow.quoting.price_lock import locked
from gateway.flow.quoting.quote import Asking, ask, with_late
from gateway.flow.rules import Facts
from gateway.flow.sourcing.cart import leaves_from

LATE_S = 10.0
"""So long after a checkout was answered its late carriers are added to what it was shown."""


@dataclass(frozen=True, slots=True)
class CartItem:
    """One line of a cart; `weight_g` is of one piece, None where unknown."""

    quantity: int
    line_id: str = ""
    sku: str = ""
    unit_price: Money | None = None
    weight_g: int | None = None
    requires_shipping: bool = True


@dataclass(frozen=True, slots=True)
class Cart:
    """What shall be delivered, and from which store's place."""

    items: Sequence[CartItem]
    currency: str | None = None
    store_id: str | None = None
    cart_id: str = ""


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
        quote_set = replace(quote_set, quotes=await locked(work, quote_set.quotes, until))
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


@dataclass(frozen=True, slots=True)
class CartQuestion:
    """What carriers are asked about a cart, who they are, and what asks them."""

    asking: Asking
    carriers: Sequence[LinkedCarrier]
    rates: Rates
    store: Store | None
    loading: Loading

    async def put(self, deadline: Deadline, settle_s: float | None = None) -> QuoteSet:
        """Ask as a checkout does; `settle_s` as in `Rates.shop`."""
        return await ask(self.rates, self.asking, self.carriers, deadline, Reuse.ALL, settle_s)


async def cart_question(
    means: Means, merchant_id: str, destination: Address, cart: Cart, deadline: Deadline
) -> CartQuestion:
    """Everything that is known of a cart before carriers are asked; raises as `delivery_options`."""
    if not destination.country:
        raise InvalidInput("A destination needs at least a country.", path=("destination", "countryCode"))
    shipped = [item for item in cart.items if item.requires_shipping]
    if cart.items and not shipped:
        raise InvalidInput("Nothing in this cart needs delivery.", path=("items",))
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        stores = await work.accounts.stores()
        places = {place.id: place for place in await work.accounts.locations()}
        scorecards = await standings(work, means.clock.now())
        book = await means.shelf.book(work.rules, merchant)
        store = next((s for s in stores if s.id == cart.store_id), stores[0] if stores else None)
        loading = await loading_of_cart(work, store, shipped)
    origin = places.get(store.location_id) if store else next(iter(places.values()), None)
    if origin is None:
        raise InvalidInput(
            "This merchant has no location to ship from yet; link a store first.", path=("cart", "storeId")
        )
    if means.geocoder is not None and destination.location is None and not destination.missing:
        destination = destination.at(await means.geocoder.locate(destination))
    leaving = await leaves_from(means, merchant, store, shipped, destination, origin, deadline)
    origin, rates = leaving.origin, leaving.rates(means.rates)
    carriers = await means.links.carriers(merchant_id)
    load = await packed(means, merchant, loading, carriers, CHECKOUT_WAITS_S)
    now, rules = means.clock.now(), merchant.handling_of(origin.id)
    handling = means.promiser.handling(now, now, rules, origin.address, origin.time_zone)
    request = replace(
        _question(origin, destination, shipped, cart.currency or merchant.currency, now),
        parcels=load.parcels,
        goods=goods_of(loading.lines, merchant.goods),
        ready_at=handling.ready_at,
    )
    facts = _facts(request, shipped, store, origin)
    promising = means.promiser.promising(request, rules, handling)
    asking = Asking(merchant, request, origin.id, None, book, facts, scorecards, load, promising)
    return CartQuestion(asking, carriers, rates, store, loading)


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


def _facts(request: QuoteRequest, items: Sequence[CartItem], store: Store | None, origin: Location) -> Facts:
    here, there = request.pickup.location, request.dropoff.location
    return Facts.of(
        request,
        item_skus=[item.sku for item in items if item.sku],
        store_id=store.id if store is not None else "",
        location_id=origin.id,
        distance_m=round(distance_m(here, there)) if here is not None and there is not None else None,
    )


def _question(
    origin: Location, destination: Address, items: Sequence[CartItem], currency: str, now: datetime
) -> QuoteRequest:
    """All but what is in the parcels."""
    priced = [item.unit_price.times(item.quantity) for item in items if item.unit_price is not None]
    return QuoteRequest(
        reference=new_id("qst"),
        pickup=origin.address,
        dropoff=destination,
        parcels=(),
        value=Money(sum(p.minor for p in priced if p.currency == currency), currency),
        asked_at=now,
        ready_at=now,
        time_zone=origin.time_zone,
    )

"""Choose: options for a cart, and the one that the shopper takes, with its price locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.errors import InvalidInput, NotFound, OptionExpired
from doorstep.events import OptionChosen
from doorstep.geo import distance_m
from doorstep.goods import Goods
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import Location, Store
from doorstep.quote import PRICE_STANDS, Choice, QuoteRequest, QuoteSet
from gateway.flow.idempotency import once
from gateway.flow.learning.standing import standings
from gateway.flow.ports import Means, Reuse
from gateway.flow.quoting.parcels import UNKNOWN_ITEM_G, usual_carton
from gateway.flow.quoting.price_lock import locked
from gateway.flow.quoting.quote import Asking, ask
from gateway.flow.rules import Facts


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
    if not destination.country:
        raise InvalidInput("A destination needs at least a country.", path=("destination", "countryCode"))
    shipped = [item for item in cart.items if item.requires_shipping]
    if cart.items and not shipped:
        raise InvalidInput("Nothing in this cart needs delivery.", path=("items",))
    deadline = Deadline(budget_s)
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        stores = await work.accounts.stores()
        places = {place.id: place for place in await work.accounts.locations()}
        scorecards = await standings(work, means.clock.now())
        book = await means.shelf.book(work.rules, merchant)
    store = next((s for s in stores if s.id == cart.store_id), stores[0] if stores else None)
    origin = places.get(store.location_id) if store else next(iter(places.values()), None)
    if origin is None:
        raise InvalidInput(
            "This merchant has no location to ship from yet; link a store first.", path=("cart", "storeId")
        )
    if means.geocoder is not None and destination.location is None and not destination.missing:
        destination = destination.at(await means.geocoder.locate(destination))
    request = _question(origin, destination, shipped, cart.currency or merchant.currency, means)
    carriers = await means.links.carriers(merchant_id)
    facts = _facts(request, shipped, store, origin)
    asking = Asking(merchant, request, origin.id, None, book, facts, scorecards)
    quote_set = await ask(means.rates, asking, carriers, deadline, Reuse.ALL, means.checkout_settles_s)
    async with means.begin(merchant_id) as work:
        until = request.asked_at + PRICE_STANDS
        quote_set = replace(quote_set, quotes=await locked(work, quote_set.quotes, until))
        await work.quotes.put(quote_set)
    return quote_set


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
    origin: Location, destination: Address, items: Sequence[CartItem], currency: str, means: Means
) -> QuoteRequest:
    pieces = [
        (item.weight_g if item.weight_g is not None else UNKNOWN_ITEM_G, item.quantity) for item in items
    ]
    weight_g = sum(piece_g * quantity for piece_g, quantity in pieces) or UNKNOWN_ITEM_G
    priced = [item.unit_price.times(item.quantity) for item in items if item.unit_price is not None]
    now = means.clock.now()
    return QuoteRequest(
        reference=new_id("qst"),
        pickup=origin.address,
        dropoff=destination,
        parcels=(usual_carton(weight_g),),
        value=Money(sum(p.minor for p in priced if p.currency == currency), currency),
        asked_at=now,
        ready_at=now,
        time_zone=origin.time_zone,
        goods=Goods(pieces=sum(item.quantity for item in items) or 1),
    )

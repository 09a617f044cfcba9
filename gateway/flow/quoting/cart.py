"""Cart: what carriers are asked about goods that are no order yet, and from how many places they leave."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.errors import InvalidInput
from doorstep.geo import distance_m
from doorstep.goods import all_needs
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.money import Money
from doorstep.order import Location, Store
from doorstep.product import Dimensions
from doorstep.quote import CarrierQuote, PriceBasis, QuoteRequest, QuoteSet
from gateway.flow.learning.standing import standings
from gateway.flow.packing import Load, goods_of
from gateway.flow.ports import LinkedCarrier, Means, Rates, Reuse
from gateway.flow.quoting.loading import CHECKOUT_WAITS_S, Loading, loading_of_cart, packed
from gateway.flow.quoting.promising import Promising
from gateway.flow.quoting.quote import Asking, ask
from gateway.flow.rules import Facts, RuleBook
from gateway.flow.sourcing.cart import CartPart, Leaving, cart_value, leaves_from
from gateway.flow.sourcing.combined import CombinedRates, Share


@dataclass(frozen=True, slots=True)
class CartItem:
    """One line of a cart.

    Attributes
    ----------
    weight_g, sides
        Of one piece; None where the page or the store does not say.
    article_id
        The store's id of the article, as `StoreConnector.products` takes it; "" where only the SKU is known.
    words
        Tags, categories and shipping classes that the store tells with the cart.
    """

    quantity: int
    line_id: str = ""
    sku: str = ""
    unit_price: Money | None = None
    weight_g: int | None = None
    requires_shipping: bool = True
    article_id: str = ""
    title: str = ""
    sides: Dimensions | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cart:
    """What shall be delivered, and from which store's place.

    Attributes
    ----------
    key
        By which an order finds what its checkout was shown, see `shown`; "" where the choice comes along.
    """

    items: Sequence[CartItem]
    currency: str | None = None
    store_id: str | None = None
    cart_id: str = ""
    key: str = ""


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


@dataclass(frozen=True, slots=True)
class _Checkout:
    """What is known of a cart whatever place it leaves from."""

    merchant: Merchant
    store: Store | None
    book: RuleBook
    destination: Address
    currency: str
    now: datetime


@dataclass(frozen=True, slots=True)
class _Bundle:
    """What of a cart leaves from one place, packed like a fulfillment order of its own."""

    request: QuoteRequest
    facts: Facts
    load: Load
    promising: Promising


async def cart_question(
    means: Means, merchant_id: str, destination: Address, cart: Cart, deadline: Deadline
) -> CartQuestion:
    """Everything that is known of a cart before carriers are asked.

    Raises
    ------
    InvalidInput
        If the destination names no country, or nothing in the cart needs shipping.
    """
    shipped = _shipped(destination, cart)
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        stores = await work.accounts.stores()
        places = {place.id: place for place in await work.accounts.locations()}
        scorecards = await standings(work, means.clock.now())
        book = await means.shelf.book(work.rules, merchant)
        store = next((s for s in stores if s.id == cart.store_id), stores[0] if stores else None)
        loading = await loading_of_cart(work, store, shipped)
    usual = places.get(store.location_id) if store else next(iter(places.values()), None)
    if usual is None:
        raise InvalidInput(
            "This merchant has no location to ship from yet; link a store first.", path=("cart", "storeId")
        )
    if means.geocoder is not None and destination.location is None and not destination.missing:
        destination = destination.at(await means.geocoder.locate(destination))
    leaving = await leaves_from(means, merchant, store, shipped, destination, usual, deadline)
    carriers = await means.links.carriers(merchant_id)
    checkout = _Checkout(
        merchant, store, book, destination, cart.currency or merchant.currency, means.clock.now()
    )
    parts = leaving.parts or (_whole(leaving, shipped),)
    bundles = await asyncio.gather(
        *(_bundle(means, checkout, part, shipped, loading, carriers) for part in parts)
    )
    asking = _asking(checkout, leaving, bundles, shipped)
    rates: Rates = means.rates
    if leaving.parts:
        shares = [_share(checkout, part, one) for part, one in zip(parts, bundles, strict=True)]
        rates = CombinedRates(means.rates, shares)
    return CartQuestion(replace(asking, scorecards=scorecards), carriers, rates, store, loading)


def _shipped(destination: Address, cart: Cart) -> Sequence[CartItem]:
    if not destination.country:
        raise InvalidInput("A destination needs at least a country.", path=("destination", "countryCode"))
    shipped = [item for item in cart.items if item.requires_shipping]
    if cart.items and not shipped:
        raise InvalidInput("Nothing in this cart needs delivery.", path=("items",))
    return shipped


def _whole(leaving: Leaving, items: Sequence[CartItem]) -> CartPart:
    return CartPart(leaving.origin, {number: item.quantity for number, item in enumerate(items)})


async def _bundle(
    means: Means,
    checkout: _Checkout,
    part: CartPart,
    items: Sequence[CartItem],
    loading: Loading,
    carriers: Sequence[LinkedCarrier],
) -> _Bundle:
    """What leaves from one place, in boxes, with what its goods are and when they are ready there."""
    merchant, place, now = checkout.merchant, part.place, checkout.now
    numbers = [number for number, pieces in sorted(part.pieces.items()) if pieces > 0]
    chosen = [replace(items[number], quantity=part.pieces[number]) for number in numbers]
    lines = tuple(replace(loading.lines[number], quantity=part.pieces[number]) for number in numbers)
    load = await packed(means, merchant, replace(loading, lines=lines), carriers, CHECKOUT_WAITS_S)
    rules = merchant.handling_of(place.id)
    handling = means.promiser.handling(now, now, rules, place.address, place.time_zone)
    request = QuoteRequest(
        reference=new_id("qst"),
        pickup=place.address,
        dropoff=checkout.destination,
        parcels=load.parcels,
        value=cart_value(chosen, checkout.currency),
        asked_at=now,
        ready_at=handling.ready_at,
        time_zone=place.time_zone,
        goods=goods_of(lines, merchant.goods),
        is_cart=True,
    )
    facts = _facts(request, chosen, checkout.store, place)
    return _Bundle(request, facts, load, means.promiser.promising(request, rules, handling))


def _asking(
    checkout: _Checkout, leaving: Leaving, bundles: Sequence[_Bundle], items: Sequence[CartItem]
) -> Asking:
    """The question about all of it; of several parts the first one's place stands for all."""
    first = bundles[0]
    if len(bundles) == 1:
        known = (first.request, leaving.origin.id, None, checkout.book, first.facts)
        return Asking(checkout.merchant, *known, load=first.load, promising=first.promising)
    goods = [one.request.goods for one in bundles]
    ages = [one.minimum_age for one in goods if one.minimum_age is not None]
    whole = replace(
        goods[0],
        traits=frozenset().union(*(one.traits for one in goods)),
        pieces=sum(one.pieces for one in goods),
        minimum_age=max(ages, default=None),
        tags=frozenset().union(*(one.tags for one in goods)),
    )
    load = Load(
        tuple(parcel for one in bundles for parcel in one.load.parcels),
        notes=tuple(dict.fromkeys(note for one in bundles for note in one.load.notes)),
    )
    value = cart_value(items, checkout.currency)
    request = replace(first.request, parcels=load.parcels, value=value, goods=whole)
    return Asking(
        checkout.merchant,
        request,
        leaving.origin.id,
        None,
        checkout.book,
        _facts(request, items, checkout.store, leaving.origin),
        load=load,
        promising=_of_fallbacks(first.promising),
    )


def _share(checkout: _Checkout, part: CartPart, bundle: _Bundle) -> Share:
    request = bundle.request
    return Share(
        part.place,
        request.parcels,
        request.goods,
        request.value,
        all_needs(request.goods, checkout.book.needs(bundle.facts)),
        request.ready_at,
        bundle.promising,
    )


def _of_fallbacks(promising: Promising) -> Promising:
    """Of several parts each one's promises are put right with its offers; the merchant's table has none."""

    def promised(offer: CarrierQuote) -> CarrierQuote:
        return promising(offer) if offer.price_basis is PriceBasis.FALLBACK else offer

    return promised


def _facts(request: QuoteRequest, items: Sequence[CartItem], store: Store | None, origin: Location) -> Facts:
    here, there = request.pickup.location, request.dropoff.location
    return Facts.of(
        request,
        item_skus=[item.sku for item in items if item.sku],
        store_id=store.id if store is not None else "",
        location_id=origin.id,
        distance_m=round(distance_m(here, there)) if here is not None and there is not None else None,
    )

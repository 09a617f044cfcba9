"""The question of a checkout: what carriers are asked about a cart, and from how many places it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.geo import distance_m
from doorstep.goods import all_needs
from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.order import Location, Store
from doorstep.quote import CarrierQuote, PriceBasis, QuoteRequest, QuoteSet
from gateway.flow.packing import Load, LoadLine, estimate_of, goods_of, lines_of_cart
from gateway.flow.ports import Means, Rates, Reuse
from gateway.flow.quoting.cart import Cart, CartItem, shipped_of
from gateway.flow.quoting.loading import CHECKOUT_WAITS_S, Loading, packed
from gateway.flow.quoting.premises import Premises, look_up
from gateway.flow.quoting.promising import Promising
from gateway.flow.quoting.quote import Asking, ask
from gateway.flow.rules import Facts
from gateway.flow.sourcing.cart import CartPart, Leaving, cart_value, leaves_from
from gateway.flow.sourcing.combined import CombinedRates, Share


@dataclass(frozen=True, slots=True)
class CartQuestion:
    """What carriers are asked about a cart, and what asks them."""

    premises: Premises
    asking: Asking
    rates: Rates
    loading: Loading

    async def put(
        self, deadline: Deadline, settle_s: float | None = None, reuse: Reuse = Reuse.ALL
    ) -> QuoteSet:
        """Ask as a checkout does; `settle_s` as in `Rates.shop`."""
        return await ask(self.rates, self.asking, self.premises.carriers, deadline, reuse, settle_s)


@dataclass(frozen=True, slots=True)
class _Checkout:
    """What is known of a cart whatever place it leaves from."""

    premises: Premises
    destination: Address
    currency: str
    now: datetime

    @property
    def merchant(self) -> Merchant:
        return self.premises.merchant


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
    shipped = shipped_of(destination, cart)
    premises, loading = await look_up(means, merchant_id, cart, shipped)
    if means.geocoder is not None and destination.location is None and not destination.missing:
        destination = destination.at(await means.geocoder.locate(destination))
    merchant, store = premises.merchant, premises.store
    usual = premises.sends(shipped)
    leaving = await leaves_from(means, merchant, store, shipped, destination, usual, deadline)
    checkout = _checkout(means, premises, destination, cart)
    parts = leaving.parts or (_whole(leaving, shipped),)
    bundles = await asyncio.gather(*(_packed(means, checkout, part, shipped, loading) for part in parts))
    asking = _asking(checkout, leaving, bundles, shipped)
    rates: Rates = means.rates
    if leaving.parts:
        shares = [_share(checkout, part, one) for part, one in zip(parts, bundles, strict=True)]
        rates = CombinedRates(means.rates, shares)
    return CartQuestion(premises, asking, rates, loading)


def question_from_memory(means: Means, premises: Premises, destination: Address, cart: Cart) -> CartQuestion:
    """The same for a shop that is known, looking up nothing: parcels are estimated, the usual place sends.

    Raises
    ------
    InvalidInput
        As `cart_question`.
    """
    shipped = shipped_of(destination, cart)
    loading = Loading(lines_of_cart(shipped, {}, {}))
    checkout, leaving = _checkout(means, premises, destination, cart), Leaving(premises.sends(shipped))
    load = Load(estimate_of(loading.lines, premises.merchant.goods).parcels)
    bundle = _bundle(means, checkout, leaving.origin, shipped, loading.lines, load)
    return CartQuestion(premises, _asking(checkout, leaving, (bundle,), shipped), means.rates, loading)


def _checkout(means: Means, premises: Premises, destination: Address, cart: Cart) -> _Checkout:
    currency = cart.currency or premises.merchant.currency
    return _Checkout(premises, destination, currency, means.clock.now())


def _whole(leaving: Leaving, items: Sequence[CartItem]) -> CartPart:
    return CartPart(leaving.origin, {number: item.quantity for number, item in enumerate(items)})


async def _packed(
    means: Means, checkout: _Checkout, part: CartPart, items: Sequence[CartItem], loading: Loading
) -> _Bundle:
    """What leaves from one place, in boxes."""
    numbers = [number for number, pieces in sorted(part.pieces.items()) if pieces > 0]
    chosen = [replace(items[number], quantity=part.pieces[number]) for number in numbers]
    lines = tuple(replace(loading.lines[number], quantity=part.pieces[number]) for number in numbers)
    carriers = checkout.premises.carriers
    load = await packed(means, checkout.merchant, replace(loading, lines=lines), carriers, CHECKOUT_WAITS_S)
    return _bundle(means, checkout, part.place, chosen, lines, load)


def _bundle(
    means: Means,
    checkout: _Checkout,
    place: Location,
    items: Sequence[CartItem],
    lines: Sequence[LoadLine],
    load: Load,
) -> _Bundle:
    """What its goods are, and when they are ready where they leave from."""
    merchant, now = checkout.merchant, checkout.now
    rules = merchant.handling_of(place.id)
    handling = means.promiser.handling(now, now, rules, place.address, place.time_zone)
    request = QuoteRequest(
        reference=new_id("qst"),
        pickup=place.address,
        dropoff=checkout.destination,
        parcels=load.parcels,
        value=cart_value(items, checkout.currency),
        asked_at=now,
        ready_at=handling.ready_at,
        time_zone=place.time_zone,
        goods=goods_of(lines, merchant.goods),
        is_cart=True,
    )
    facts = _facts(request, items, checkout.premises.store, place)
    return _Bundle(request, facts, load, means.promiser.promising(request, rules, handling))


def _asking(
    checkout: _Checkout, leaving: Leaving, bundles: Sequence[_Bundle], items: Sequence[CartItem]
) -> Asking:
    """The question about all of it; of several parts the first one's place stands for all."""
    first = bundles[0]
    if len(bundles) == 1:
        return Asking(
            checkout.merchant,
            first.request,
            leaving.origin.id,
            None,
            checkout.premises.book,
            first.facts,
            checkout.premises.scorecards,
            first.load,
            first.promising,
        )
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
        checkout.premises.book,
        _facts(request, items, checkout.premises.store, leaving.origin),
        checkout.premises.scorecards,
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
        all_needs(request.goods, checkout.premises.book.needs(bundle.facts)),
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

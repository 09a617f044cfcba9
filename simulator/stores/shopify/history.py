"""A past for a simulated shop: thousands of orders from a seed, of every kind that shops have."""

from __future__ import annotations

import gc
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.money import Money
from simulator.stores.shopify.records import CartLine, Company, Customer, LineRecord, OrderRecord
from simulator.stores.shopify.routing import route

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

_FIRST_NAMES = "Ana Ben Chi Dara Eli Fay Gus Hana Ivo Jun Kit Lea Mio Nia Oto Pia Quin Rui Sol Tia".split()
_LAST_NAMES = "Amber Birch Cedar Dune Elm Fern Grove Heath Iris Juniper Kelp Larch Moss Nettle Oak".split()
_STREETS = "Harbor Mill Orchard Quarry River Station Tanner Vine Willow Weaver".split()
_GOODS = ("Tea tin", "Mug", "Kettle", "Lamp", "Blanket", "Notebook", "Soap", "Candle", "Basket", "Clock")


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many of a hundred orders are of an odd kind; the rest are plain.

    Attributes
    ----------
    many_lines
        Of a thousand, with 60 lines, more than one page of most readers.
    """

    pick_up: int = 4
    local: int = 3
    digital: int = 3
    business: int = 3
    test: int = 1
    presented_otherwise: int = 5
    two_locations: int = 8
    without_location: int = 10
    many_lines: int = 2


def fill(
    shop: FakeShopify,
    count: int,
    *,
    seed: int = 0,
    days: float = 30.0,
    mixture: Mixture | None = None,
) -> list[str]:
    """Give a shop `count` orders of the last `days`, routed, oldest first; nobody is told of them.

    Gives their gids. Without `read_all_orders` an app sees 60 days back.
    """
    # Nothing of what is made here is garbage, and looking for some took twice as long as all the rest.
    gc.disable()
    try:
        return _write(shop, count, random.Random(seed), timedelta(days=days), mixture or Mixture())
    finally:
        gc.enable()


def _write(shop: FakeShopify, count: int, rng: random.Random, span: timedelta, mixture: Mixture) -> list[str]:
    author = _Author(shop, rng, mixture)
    start = shop.now() - span
    gids: list[str] = []
    for index in range(count):
        at = (start + span * index / count).replace(microsecond=0)
        order = author.order(at)
        shop.add_order(order)
        route(shop, order, at)
        gids.append(order.gid)
    shop.catch_up(at_once=True)
    return gids


class _Author:
    def __init__(self, shop: FakeShopify, rng: random.Random, mixture: Mixture) -> None:
        self._shop = shop
        self._rng = rng
        self._mixture = mixture
        self._articles = [_article(shop.currency, index) for index in range(200)]
        self._digital = CartLine(
            "DIGITAL-1", "Recipe book", 1, Money(900, shop.currency), requires_shipping=False
        )
        self._gift = CartLine(
            "GIFT-25",
            "Gift card",
            1,
            Money(2500, shop.currency),
            requires_shipping=False,
            is_gift_card=True,
        )
        if len(shop.places) < 2:
            self._articles = self._articles[:100]
        for article in (*self._articles, self._digital, self._gift):
            shop.stock.know(article)

    def order(self, at: datetime) -> OrderRecord:
        """One order of that instant."""
        shop, rng = self._shop, self._rng
        chance = rng.random
        is_digital = chance() * 100 < self._mixture.digital
        method = self._method(is_digital)
        customer = self._customer()
        return OrderRecord(
            number=shop.next_number(),
            name=f"#{shop.next_position()}",
            customer=customer,
            address=None if is_digital or method == "PICK_UP" else self._address(),
            lines=[
                LineRecord(shop.next_number(), article, article.quantity)
                for article in self._cart(is_digital)
            ],
            created_at=at,
            updated_at=at,
            routing_due=at,
            shipping_code="" if is_digital else "standard",
            shipping_price=Money(0 if is_digital else 500, shop.currency),
            attributes={},
            method=method,
            is_test=chance() * 100 < self._mixture.test,
            company=Company(f"{customer.last_name} Works", "Head office", "PO-7")
            if chance() * 100 < self._mixture.business
            else None,
            presentment=("EUR", 2) if chance() * 100 < self._mixture.presented_otherwise else None,
        )

    def _method(self, is_digital: bool) -> str:
        drawn = self._rng.random() * 100
        if is_digital:
            return "NONE"
        if drawn < self._mixture.pick_up:
            return "PICK_UP"
        return "LOCAL" if drawn < self._mixture.pick_up + self._mixture.local else "SHIPPING"

    def _cart(self, is_digital: bool) -> Sequence[CartLine]:
        rng = self._rng
        if is_digital:
            return [self._digital, self._gift][: rng.randint(1, 2)]
        count = 60 if rng.random() * 1000 < self._mixture.many_lines else rng.choice((1, 1, 1, 2, 2, 3))
        cart = rng.sample(self._articles[:100], count)
        is_split = len(self._shop.places) > 1 and rng.random() * 100 < self._mixture.two_locations
        return [*cart, rng.choice(self._articles[100:])] if is_split else cart

    def _customer(self) -> Customer:
        rng = self._rng
        first, last = rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)
        number = rng.randrange(10**6)
        mail = f"{first}.{last}.{number}@example.test".lower()
        return Customer(first, last, mail, f"+1212555{number % 10**4:04}")

    def _address(self) -> Address:
        rng = self._rng
        is_placed = rng.random() * 100 >= self._mixture.without_location
        lat, lng = 40.6 + rng.random() / 5, -74.0 + rng.random() / 5
        return Address(
            "US",
            line1=f"{rng.randint(1, 999)} {rng.choice(_STREETS)} Street",
            city="New York",
            province="NY",
            postal_code=f"1{rng.randrange(10**4):04}",
            location=LatLng(lat, lng) if is_placed else None,
        )


def _article(currency: str, index: int) -> CartLine:
    return CartLine(
        sku=f"SKU-{index:03}",
        title=f"{_GOODS[index % len(_GOODS)]} {index}",
        quantity=1 + index % 3,
        unit_price=Money(500 + 37 * index, currency),
        weight_g=100 + 15 * index,
        location=0 if index < 100 else 1,
    )

"""Invented people and what they buy."""

from __future__ import annotations

import random

from doorstep.address import Address
from doorstep.money import Money
from simulator.stores.shopify import CartLine

_FIRST = ("Ana", "Ben", "Chi", "Dara", "Eli", "Fay", "Gus", "Hana")
_LAST = ("Lopez", "Moss", "Ngo", "Okafor", "Park", "Quinn", "Reyes", "Stone")
_STREETS = ("5th Ave", "Canal St", "Grand St", "Hudson St", "Mercer St", "Spring St")

BREAD, FLOWERS, FISH, CAKE, CARD = "BREAD-1", "FLOW-1", "FISH-1", "CAKE-L", "GIFT-25"
_PRICES = {BREAD: 650, FLOWERS: 4900, FISH: 3500, CAKE: 4200, CARD: 2500}
_WEIGHTS_G = {BREAD: 750, FLOWERS: 1200, FISH: 4000, CAKE: 2500}


def home(rng: random.Random) -> Address:
    """Where somebody lives."""
    number = rng.randint(1, 99999)
    return Address(
        "US",
        name=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        line1=f"{rng.randint(1, 9999)} {rng.choice(_STREETS)}",
        city="New York",
        province="NY",
        postal_code=f"100{rng.randint(1, 40):02d}",
        phone_raw=f"+1212555{number % 10000:04d}",
        email=f"shopper-{number}@example.test",
    )


def basket(rng: random.Random, *, is_digital: bool) -> list[tuple[str, int]]:
    """Articles and how many of each."""
    if is_digital:
        return [(CARD, 1)]
    skus = rng.sample((BREAD, FLOWERS, FISH, CAKE), k=rng.choice((1, 2, 2, 3)))
    return [(sku, rng.randint(1, 4)) for sku in skus]


def cart(rng: random.Random, lines: list[tuple[str, int]]) -> list[CartLine]:
    """The same as Shopify has it; now and then an article lies at the other location."""
    elsewhere = rng.random() < 0.15
    return [
        CartLine(
            sku=sku,
            title=sku.title(),
            quantity=quantity,
            unit_price=Money(_PRICES[sku], "USD"),
            weight_g=_WEIGHTS_G.get(sku, 0),
            requires_shipping=sku != CARD,
            location=1 if elsewhere and index == 1 else 0,
        )
        for index, (sku, quantity) in enumerate(lines)
    ]

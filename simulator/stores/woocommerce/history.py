"""A history of many orders for a simulated WooCommerce, made from a seed in seconds."""

from __future__ import annotations

import random
from datetime import timedelta

from doorstep.address import Address
from simulator.stores.woocommerce.orders import Carriage, Line, Purchase, StoredOrder
from simulator.stores.woocommerce.shelf import Shelf

_FIRST = ("Ana", "Ben", "Chi", "Dara", "Eli", "Fay", "Gus", "Hana")
_LAST = ("Lopez", "Moss", "Ngo", "Okafor", "Park", "Quinn", "Reyes", "Stone")
_STREETS = ("5th Ave", "Canal St", "Grand St", "Hudson St", "Mercer St", "Spring St")
_STATUSES = ("processing", "completed", "on-hold", "cancelled")
_WEIGHTS = (70, 20, 6, 4)


def fill(shelf: Shelf, count: int, seed: int, *, span_s: float) -> None:
    """Place `count` orders between `span_s` seconds ago and now, oldest first, and tell nobody.

    Some share a second, and some were changed after they were placed.
    """
    rng = random.Random(seed)
    products = [product for product in shelf.products.values() if not product.is_virtual and product.weight]
    homes = [_home(rng, number) for number in range(512)]
    now = shelf.now()
    start = now - timedelta(seconds=span_s)
    ages = sorted(rng.uniform(0, span_s) for _ in range(count))
    for age in ages:
        picked = rng.sample(products, k=min(len(products), rng.choice((1, 1, 2))))
        lines = tuple(Line(shelf.next_id(), product, rng.randint(1, 3)) for product in picked)
        home = rng.choice(homes)
        purchase = Purchase(lines, Carriage(shelf.next_id(), "flat_rate", "7.50"), home, home)
        placed = (start + timedelta(seconds=age)).replace(microsecond=0)
        changed = min(now, placed + timedelta(seconds=rng.choice((0, 0, 0, rng.randint(1, 86400)))))
        (status,) = rng.choices(_STATUSES, _WEIGHTS)
        order = StoredOrder(shelf.next_id(), purchase, status, placed, changed)
        if status == "completed":
            order.paid_at = order.completed_at = changed
        shelf.put(order)


def _home(rng: random.Random, number: int) -> Address:
    return Address(
        "US",
        name=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        line1=f"{rng.randint(1, 999)} {rng.choice(_STREETS)}",
        city="New York",
        province="NY",
        postal_code=f"100{rng.randint(1, 40):02d}",
        phone_raw=f"212-555-{100 + number % 100:04d}",
        email=f"shopper-{number}@example.test",
    )

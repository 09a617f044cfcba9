"""Waves small enough to be tried in every way."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from random import Random

import numpy as np
import pytest

from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.wave import Pool, Tier, TierKind, Wave, WaveOption, WaveOrder
from optimizer.modes.book import Book

CARRIERS = ("Dart", "Lark", "Acorn")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def offer(carrier: str, minor: int, late: float | None = None) -> WaveOption:
    mode = DeliveryMode.PARCEL if carrier == "Acorn" else DeliveryMode.COURIER
    return WaveOption(carrier, carrier, mode, usd(minor), late_chance=late)


def random_wave(seed: int, orders: int = 6) -> Wave:
    """Caps, budgets, commitments and tiers, each with a chance; some orders have two parcels."""
    random = Random(seed)
    wanted = tuple(
        WaveOrder(
            f"o{number}",
            tuple(offer(name, random.randint(300, 1500)) for name in CARRIERS if random.random() < 0.85),
            undelivered=usd(3000) if random.random() < 0.5 else None,
            parcels=random.choice((1, 1, 2)),
        )
        for number in range(orders)
    )
    return Wave("USD", wanted, tuple(_random_pool(random, name, orders) for name in CARRIERS))


def _random_pool(random: Random, name: str, orders: int) -> Pool:
    first = random.randint(2, 3)
    second, off = first + random.randint(1, 3), random.randint(20, 120)
    return Pool(
        name,
        carriers=frozenset({name}),
        most=random.choice((None, orders // 2 + 1, orders)),
        least=random.choice((0, 0, 1)),
        shortfall=random.choice((None, usd(500))),
        most_spent=random.choice((None, usd(random.randint(1000, 4000)))),
        tiers=random.choice(((), (Tier(first, usd(off)), Tier(second, usd(off + 90))))),
        tier_kind=random.choice(tuple(TierKind)),
    )


@pytest.fixture(scope="session")
def least_cost() -> Callable[[Book], float]:
    """What the best choice costs, found by trying every one."""

    def least(book: Book) -> float:
        columns = [np.flatnonzero(np.isfinite(row)).tolist() for row in book.cost]
        return min(book.cost_of(np.array(pick)) for pick in product(*columns))

    return least

"""Questions that are all different, so that no answer of one stands for another."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace

from doorstep.address import Address
from doorstep.clock import SystemClock
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.quote import QuoteRequest

SHOP = Address(
    "US",
    line1="1 Quay",
    city="Port Meridian",
    province="NY",
    postal_code="10001",
    location=LatLng(40.7306, -73.9866),
)


def doors(seed: int) -> Iterator[Address]:
    """Addresses that nobody lives at, each with a postcode of its own."""
    rng = random.Random(seed)
    for number in itertools.count():
        place = LatLng(40.6 + rng.random() / 4, -74.1 + rng.random() / 4)
        code = f"{number:07d}"
        yield replace(SHOP, line1=f"{number} Side St", postal_code=code, location=place)


def questions(seed: int) -> Iterator[QuoteRequest]:
    """One question for each door."""
    clock = SystemClock()
    for number, door in enumerate(doors(seed)):
        now = clock.now()
        parcel = Parcel(500 + number % 4_000, 300, 200, 100)
        yield QuoteRequest(
            f"qst_{number}", SHOP, door, (parcel,), Money(4_200, "USD"), now, now, "America/New_York"
        )

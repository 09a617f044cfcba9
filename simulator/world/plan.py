"""The plan of a day: who will order what, where and when. Pure, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from simulator.city import City
from simulator.people.names import draw_home, draw_shopper
from simulator.people.purchase import Handover
from simulator.people.shopper import Errand
from simulator.world.catalogue import draw_basket


@dataclass(frozen=True, slots=True)
class Customs:
    """How shoppers of this city behave; every share is 0 to 1.

    Attributes
    ----------
    orders_per_hour
        Of both stores together.
    checkout
        Share that chooses a delivery option at the gateway's checkout.
    digital, pickup
        Shares of orders that nobody has to carry.
    cancelled, moved
        Shares that are cancelled, or get another address, minutes after they were placed.
    broken
        Share that lacks its street, as the stores' protocols allow.

    Raises
    ------
    ValueError
        If a share is none, or `orders_per_hour` is negative.
    """

    orders_per_hour: float = 8.0
    checkout: float = 0.6
    digital: float = 0.05
    pickup: float = 0.06
    cancelled: float = 0.05
    moved: float = 0.05
    broken: float = 0.0

    def __post_init__(self) -> None:
        if self.orders_per_hour < 0:
            raise ValueError(f"orders_per_hour must not be negative, got {self.orders_per_hour}")
        for name in ("checkout", "digital", "pickup", "cancelled", "moved", "broken"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise ValueError(f"{name} must lie in 0 to 1, got {share}")


def plan_day(
    seed: int, city: City, customs: Customs, stores: tuple[str, ...], opens: datetime, closes: datetime
) -> tuple[Errand, ...]:
    """Every errand from `opens` up to `closes`, in order of time, with exponential gaps."""
    return tuple(
        draw_errand(seed, number, city, customs, stores, at)
        for number, at in enumerate(_instants(Random(f"{seed}:arrivals"), customs, opens, closes))
    )


def draw_errand(
    seed: int, number: int, city: City, customs: Customs, stores: tuple[str, ...], at: datetime
) -> Errand:
    """One errand; each has a stream of its own, so that one more or less leaves the others as they are."""
    random = Random(f"{seed}:errand:{number}")
    handover = random.choices(
        (Handover.DIGITAL, Handover.PICKUP, Handover.SHIP),
        (customs.digital, customs.pickup, max(0.0, 1 - customs.digital - customs.pickup)),
    )[0]
    shopper = draw_shopper(random, city)
    lines = draw_basket(random, handover)
    ships = handover is Handover.SHIP
    is_cancelled = random.random() < customs.cancelled
    return Errand(
        number=number,
        at=at,
        store=random.choice(stores),
        shopper=shopper,
        lines=lines,
        handover=handover,
        uses_checkout=ships and random.random() < customs.checkout,
        taste=random.random(),
        is_broken=ships and random.random() < customs.broken,
        cancels_at=at + timedelta(seconds=random.uniform(60, 480)) if is_cancelled else None,
        moves_at=(
            at + timedelta(seconds=random.uniform(60, 360))
            if ships and random.random() < customs.moved and not is_cancelled
            else None
        ),
        moves_to=draw_home(random, city, shopper.name, shopper.phone),
    )


def plain_errand(seed: int, number: int, city: City, store: str, at: datetime, uses_checkout: bool) -> Errand:
    """An errand by hand: shipped, neither cancelled nor moved nor broken."""
    checkout = 1.0 if uses_checkout else 0.0
    plain = Customs(checkout=checkout, digital=0, pickup=0, cancelled=0, moved=0, broken=0)
    return draw_errand(seed, number, city, plain, (store,), at)


def _instants(random: Random, customs: Customs, opens: datetime, closes: datetime) -> Iterator[datetime]:
    if customs.orders_per_hour <= 0:
        return
    at = opens
    while True:
        at += timedelta(seconds=random.expovariate(customs.orders_per_hour / 3600))
        if at >= closes:
            return
        yield at

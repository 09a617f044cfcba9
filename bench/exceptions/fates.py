"""Fates: what becomes of an order, drawn from a seed, and what of that counts as trouble."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bench.exceptions.turns import START
from doorstep.geo import LatLng
from doorstep.incident import IncidentKind as Kind

SHOP = LatLng(39.9, -71.5)
METRE = 1 / 111_195
OPENS, CLOSES = 9, 20
LOST_KNOWN_AFTER_DAYS = 8

COURIER_TROUBLE = (
    Kind.NO_COURIER,
    Kind.COURIER_CANCELLED,
    Kind.MISSED_PICKUP,
    Kind.MERCHANT_NOT_READY,
    Kind.ETA_PAST_PROMISE,
    Kind.ETA_PAST_PROMISE,
    Kind.ETA_PAST_PROMISE,
    Kind.RECIPIENT_UNAVAILABLE,
    Kind.SECOND_FAILED_ATTEMPT,
    Kind.REFUSED,
    Kind.RETURN_OVERDUE,
    Kind.DAMAGED,
    Kind.LOST,
    Kind.PROOF_MISMATCH,
    Kind.ADDRESS_PROBLEM,
)
"""Each as often as it stands here; the third of jams are for the share of late orders in the trade."""

WITH = {
    Kind.SECOND_FAILED_ATTEMPT: (Kind.RECIPIENT_UNAVAILABLE,),
    Kind.RETURN_OVERDUE: (Kind.REFUSED,),
}
"""What cannot go wrong without something else."""


@dataclass(frozen=True, slots=True)
class Jam:
    """From a part of the ride on everything takes several times as long.

    Attributes
    ----------
    begins, ends
        Shares of the way.
    """

    begins: float = 1.0
    ends: float = 1.0
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Fate:
    """One order.

    Attributes
    ----------
    trouble
        What is injected; None for an order that goes well.
    ride_min
        At the usual speed; carriers plan with it, and promise `slack_min` more.
    """

    number: int
    placed_at: datetime
    door: LatLng
    ride_min: float
    slack_min: float
    is_parcel: bool = False
    trouble: Kind | None = None
    jam: Jam = field(default_factory=Jam)
    luck: float = 0.5

    @property
    def street(self) -> str:
        """Where it goes; the map knows all streets but one kind."""
        name = "Nowhere" if self.trouble is Kind.ADDRESS_PROBLEM else "Road"
        return f"{self.number} {name}"

    @property
    def expected(self) -> frozenset[Kind]:
        """What must be raised about it; lateness is judged by what really happened."""
        if self.trouble is None or self.trouble is Kind.ETA_PAST_PROMISE:
            return frozenset()
        return frozenset({self.trouble, *WITH.get(self.trouble, ())})

    def arrives_after_min(self, share: float) -> float:
        """Minutes from the shop until so much of the way is done."""
        slow = max(0.0, min(share, self.jam.ends) - self.jam.begins)
        return self.ride_min * (share + slow * (self.jam.times - 1))


def fates(seed: int, days: int, orders_a_day: int) -> Sequence[Fate]:
    """All orders, by the time at which they are placed."""
    draw = random.Random(f"{seed}:fates")
    bag = _bag(draw)
    drawn = []
    for day in range(days):
        for place in range(orders_a_day):
            number = day * 1_000 + place
            fate = _fate(draw, number, day, next(bag))
            # What gets lost in the post is known after days.
            is_lost = fate.is_parcel and fate.luck > 0.6 and day < days - LOST_KNOWN_AFTER_DAYS
            drawn.append(replace(fate, trouble=Kind.LOST) if is_lost else fate)
    return sorted(drawn, key=lambda fate: fate.placed_at)


def _bag(draw: random.Random) -> Iterator[Kind | None]:
    """All of it in some order, and as much again of what goes well; then anew."""
    while True:
        full: list[Kind | None] = [*COURIER_TROUBLE, *([None] * len(COURIER_TROUBLE))]
        draw.shuffle(full)
        yield from full


def _jam(draw: random.Random, begins: float, times: float) -> Jam:
    """Half of all jams end before the door, which nobody in them knows."""
    ends = draw.uniform(begins, 1.0) if draw.random() < 0.5 else 1.0
    return Jam(begins, ends, times)


def _fate(draw: random.Random, number: int, day: int, trouble: Kind | None) -> Fate:
    minute = draw.uniform(OPENS * 60, CLOSES * 60)
    ride = draw.uniform(12, 40)
    jam = Jam()
    if trouble is Kind.ETA_PAST_PROMISE:
        jam = _jam(draw, draw.uniform(0.1, 0.7), draw.uniform(2.0, 6.0))
    elif draw.random() < 0.4:
        # The usual traffic, in which promises hold more often than not.
        jam = _jam(draw, draw.uniform(0.0, 0.8), draw.uniform(1.1, 1.6))
    metres = ride * 300
    door = LatLng(SHOP.lat + metres * METRE * draw.uniform(0.6, 0.8), SHOP.lng + metres * METRE * 0.8)
    return Fate(
        number,
        START + timedelta(days=day, minutes=minute),
        door,
        ride,
        draw.uniform(12, 30),
        trouble is None and draw.random() < 0.15,
        trouble,
        jam,
        draw.random(),
    )

"""Trips of vans with receivers as bad as real ones: those that keep to their way, and those that leave it.

Fixes with correlated noise of 15 m and 2 % outliers of 150 m, as the thresholds were found with.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import pairwise

from bench.exceptions.turns import START
from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.flow.tracking.along import Along, Way

NOISE_M, OUTLIER_M, OUTLIERS = 15.0, 150.0, 0.02
KEEPS = 0.85
"""Of one fix's noise in the next after 10 s: buildings stay beside the road for a while."""

CANYON_NOISE_M = 40.0
"""Between high buildings; the phone says that it is unsure."""

SPEED_MPS, LENGTH_M, CORNER_M = 8.0, 8_000, 400
BESIDE_M, LEFT_FOR_M = 110.0, 1_600
"""How far a parallel street is; how far a van drives once it has left its way."""

OFF_M, OFF_S = 75.0, 60
"""Who is truly farther from the way than this for so long has left it; others only cut a corner."""

_METRE = 1 / 111_195

Spot = tuple[float, float]
"""Metres east and north."""


class Leaving(Enum):
    """How a van leaves its way, if it does."""

    NOT = "keeps to it"
    TURNS_OFF = "turns off and drives away"
    BESIDE = "goes along a parallel street"


@dataclass(frozen=True, slots=True)
class Trip:
    """What a van's device said on one trip.

    Attributes
    ----------
    fixes
        Each with the place on the way that it means.
    off
        Whether the van truly was off its way at each fix.
    every_s
        Between two fixes.
    """

    fixes: Sequence[tuple[Position, Along]]
    off: Sequence[bool]
    every_s: int

    @property
    def has_left(self) -> bool:
        """Whether it was off for long; who only cuts a corner need not be found."""
        enough = OFF_S // self.every_s + 1
        return any(all(self.off[n : n + enough]) for n in range(len(self.off) - enough + 1))

    def delay_s(self, number: int) -> int | None:
        """How long it had been off at a fix, counted from 0; None where it was not."""
        since = number
        while since >= 0 and self.off[since]:
            since -= 1
        return (number - since - 1) * self.every_s if since < number else None


def trip(draw: random.Random, leaving: Leaving, every_s: int, *, in_canyon: bool = False) -> Trip:
    """One trip, a fix each `every_s` seconds.

    Parameters
    ----------
    in_canyon
        Its middle third lies between high buildings, and the phone says how unsure it is.
    """
    corners = _corners(draw)
    way = Way([_place(spot) for spot in corners])
    driven = corners if leaving is Leaving.NOT else _with_departure(draw, corners, leaving)
    noise = _noise(draw, every_s)
    fixes, off, done_m = [], [], 0.0
    length = sum(math.dist(a, b) for a, b in pairwise(driven))
    for number, spot in enumerate(_spots(driven, every_s * SPEED_MPS)):
        second = number * every_s
        off.append(leaving is not Leaving.NOT and way.nearest(_place(spot)).off_m > OFF_M)
        is_unsure = in_canyon and 1 / 3 < second * SPEED_MPS / length < 2 / 3
        sigma = CANYON_NOISE_M if is_unsure else NOISE_M
        where = _place(_heard(draw, spot, next(noise), sigma))
        accuracy = sigma if in_canyon else None
        along = way.nearest(where, done_m)
        done_m = along.done_m
        at = START + timedelta(seconds=second)
        fixes.append((Position(where, at, accuracy_m=accuracy), along))
    return Trip(fixes, off, every_s)


def _noise(draw: random.Random, every_s: int) -> Iterator[Spot]:
    """Errors of one sigma in each direction, each like the one before."""
    keeps = KEEPS ** (every_s / 10)
    share, east, north = math.sqrt(1 - keeps**2), 0.0, 0.0
    while True:
        east = keeps * east + share * draw.gauss(0.0, 1.0)
        north = keeps * north + share * draw.gauss(0.0, 1.0)
        yield east, north


def _heard(draw: random.Random, spot: Spot, error: Spot, sigma_m: float) -> Spot:
    east, north = spot[0] + sigma_m * error[0], spot[1] + sigma_m * error[1]
    if draw.random() >= OUTLIERS:
        return east, north
    turn = draw.uniform(0, 2 * math.pi)
    return east + OUTLIER_M * math.cos(turn), north + OUTLIER_M * math.sin(turn)


def _corners(draw: random.Random) -> list[Spot]:
    """A way through blocks of a town: straight on, or round a corner."""
    corners, east, north, heading = [(0.0, 0.0)], 0.0, 0.0, 0
    for _ in range(LENGTH_M // CORNER_M):
        heading += draw.choice((-1, 0, 0, 1))
        east += CORNER_M * math.sin(heading * math.pi / 2)
        north += CORNER_M * math.cos(heading * math.pi / 2)
        corners.append((east, north))
    return corners


def _with_departure(draw: random.Random, corners: Sequence[Spot], leaving: Leaving) -> list[Spot]:
    """The same way until a corner, and elsewhere from there on."""
    last = draw.randrange(3, len(corners) - 5)
    before, here, there = corners[last - 1], corners[last], corners[last + 1]
    came, goes = _unit(before, here), _unit(here, there)
    if leaving is Leaving.BESIDE:
        side = draw.choice((-1, 1))
        aside = (here[0] - side * goes[1] * BESIDE_M, here[1] + side * goes[0] * BESIDE_M)
        return [*corners[: last + 1], aside, _on(aside, goes, LEFT_FOR_M)]
    # Any way but back and the planned one.
    ways = [came, (came[1], -came[0]), (-came[1], came[0])]
    other = draw.choice([way for way in ways if math.dist(way, goes) > 0.5])
    return [*corners[: last + 1], _on(here, other, LEFT_FOR_M)]


def _spots(path: Sequence[Spot], step_m: float) -> Iterator[Spot]:
    """Places along a path, a step apart."""
    ahead = 0.0
    for a, b in pairwise(path):
        length = math.dist(a, b)
        while ahead < length:
            share = ahead / length
            yield a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])
            ahead += step_m
        ahead -= length


def _unit(a: Spot, b: Spot) -> Spot:
    length = math.dist(a, b)
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length


def _on(spot: Spot, way: Spot, metres: float) -> Spot:
    return spot[0] + way[0] * metres, spot[1] + way[1] * metres


def _place(spot: Spot) -> LatLng:
    return LatLng(39.9 + spot[1] * _METRE, -71.5 + spot[0] * _METRE / 0.7672)

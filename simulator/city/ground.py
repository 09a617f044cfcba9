"""The ground the city stands on: from a square grid to bent streets in metres, and on to degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from doorstep.geo import EARTH_RADIUS_M, LatLng

CENTRE = LatLng(39.9, -71.5)
"""Open water, 190 km from the nearest coast."""

_METRES_PER_DEGREE = math.pi * EARTH_RADIUS_M / 180
_BLOCK_M = 280.0


class Spot(NamedTuple):
    """A point in metres east and north of the city's centre."""

    x_m: float
    y_m: float

    def to_latlng(self) -> LatLng:
        """In degrees, rounded to 6 decimals (0.1 m) so that texts made from it are stable."""
        lat = CENTRE.lat + self.y_m / _METRES_PER_DEGREE
        lng = CENTRE.lng + self.x_m / (_METRES_PER_DEGREE * math.cos(math.radians(CENTRE.lat)))
        return LatLng(round(lat, 6), round(lng, 6))


def gap_m(a: Spot, b: Spot) -> float:
    """Straight distance in metres."""
    return math.hypot(b.x_m - a.x_m, b.y_m - a.y_m)


@dataclass(frozen=True, slots=True)
class Ground:
    """Bends a grid of `size` x `size` lines into something that looks grown.

    Blocks are small in the middle and large outside, the square is rounded towards a disc, the old
    centre is turned against the rest, and long waves run through everything. The bend is continuous and
    one to one, so what does not cross on the grid does not cross on the ground.
    """

    size: int
    turn_rad: float
    swirl_rad: float
    wave_phase_x: float
    wave_phase_y: float

    @classmethod
    def drawn(cls, random: Random, size: int) -> Ground:
        """Ground with a random turn, swirl and waves."""
        return cls(
            size=size,
            turn_rad=random.uniform(0.12, 0.45),
            swirl_rad=random.choice((-1, 1)) * random.uniform(0.2, 0.4),
            wave_phase_x=random.uniform(0, math.tau),
            wave_phase_y=random.uniform(0, math.tau),
        )

    @property
    def radius_m(self) -> float:
        """From the centre to the middle of a side."""
        return _BLOCK_M * (self.size - 1) / 2

    def spot(self, row: float, column: float) -> Spot:
        """Where a point of the grid lies; fractions and a little beyond the edges are fine."""
        u = _denser_inside(2 * column / (self.size - 1) - 1)
        v = _denser_inside(2 * row / (self.size - 1) - 1)
        x = u * math.sqrt(max(0.3, 1 - 0.4 * v * v)) * self.radius_m
        y = v * math.sqrt(max(0.3, 1 - 0.4 * u * u)) * self.radius_m
        distance = math.hypot(x, y) / self.radius_m
        angle = self.turn_rad + self.swirl_rad * math.exp(-((distance / 0.45) ** 2))
        x, y = x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
        x += 0.022 * self.radius_m * math.sin(2.4 * math.pi * y / self.radius_m + self.wave_phase_x)
        y += 0.022 * self.radius_m * math.sin(2.0 * math.pi * x / self.radius_m + self.wave_phase_y)
        return Spot(x, y)


def _denser_inside(t: float) -> float:
    return 0.68 * t + 0.32 * t**3

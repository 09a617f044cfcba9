"""From places to pixels: a small part of the earth laid flat, with a scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from doorstep.geo import EARTH_RADIUS_M, LatLng
from gateway.flow.showing.drawing import Point

_M_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M
_LEAST_EXTENT_M = 400.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Equirectangular about the middle of what is shown: true to scale within the reach of a van.

    Attributes
    ----------
    middle
        The place in the middle of the picture.
    at
        Where that is, pixels.
    px_per_m
        Scale.
    """

    middle: LatLng
    at: Point
    px_per_m: float

    @classmethod
    def fitting(cls, places: Iterable[LatLng], corner: Point, width: float, height: float) -> Self:
        """As large as all places fit a rectangle; somewhere, where there are none."""
        known = list(places) or [LatLng(0, 0)]
        lats, lngs = [place.lat for place in known], [place.lng for place in known]
        middle = LatLng((min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2)
        high_m = max(_LEAST_EXTENT_M, (max(lats) - min(lats)) * _M_PER_DEGREE)
        wide_m = max(_LEAST_EXTENT_M, (max(lngs) - min(lngs)) * _M_PER_DEGREE * _narrowing(middle))
        at = (corner[0] + width / 2, corner[1] + height / 2)
        return cls(middle, at, min(width / wide_m, height / high_m))

    def point(self, place: LatLng) -> Point:
        """Where a place lies on the picture."""
        scale = self.px_per_m * _M_PER_DEGREE
        return (
            self.at[0] + (place.lng - self.middle.lng) * scale * _narrowing(self.middle),
            self.at[1] - (place.lat - self.middle.lat) * scale,
        )

    def bar_m(self, most_px: float) -> float:
        """The longest round length (1, 2 or 5 times a power of ten, metres) that is no longer on paper."""
        most_m = most_px / self.px_per_m
        power = 10.0 ** math.floor(math.log10(most_m))
        return max(step * power for step in (1, 2, 5) if step * power <= most_m)


def _narrowing(middle: LatLng) -> float:
    """How much shorter a degree of longitude is than one of latitude."""
    return max(0.01, math.cos(math.radians(middle.lat)))

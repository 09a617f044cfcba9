"""Small plane geometry: clipped convex polygons, buffered lines, points inside, smoothed corners."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from simulator.city.ground import Spot


def circle(radius_m: float, corners: int = 36) -> list[Spot]:
    """A regular polygon around the origin."""
    angles = (math.tau * index / corners for index in range(corners))
    return [Spot(radius_m * math.cos(angle), radius_m * math.sin(angle)) for angle in angles]


def nearer_part(polygon: Sequence[Spot], here: Spot, there: Spot) -> list[Spot]:
    """The part of a convex polygon that lies nearer to `here` than to `there`."""

    def side(spot: Spot) -> float:
        """Positive nearer to `here`: the difference of the squared distances, halved."""
        x, y = (here.x_m + there.x_m) / 2 - spot.x_m, (here.y_m + there.y_m) / 2 - spot.y_m
        return x * (there.x_m - here.x_m) + y * (there.y_m - here.y_m)

    kept: list[Spot] = []
    for index, spot in enumerate(polygon):
        before = polygon[index - 1]
        a, b = side(before), side(spot)
        if (a >= 0) != (b >= 0):
            share = a / (a - b)
            kept.append(
                Spot(
                    before.x_m + share * (spot.x_m - before.x_m), before.y_m + share * (spot.y_m - before.y_m)
                )
            )
        if b >= 0:
            kept.append(spot)
    return kept


def contains(polygon: Sequence[Spot], spot: Spot) -> bool:
    """Whether a point lies inside a simple polygon (even-odd rule)."""
    inside = False
    for index, b in enumerate(polygon):
        a = polygon[index - 1]
        if (a.y_m > spot.y_m) != (b.y_m > spot.y_m):
            crossing_x = a.x_m + (spot.y_m - a.y_m) / (b.y_m - a.y_m) * (b.x_m - a.x_m)
            inside ^= spot.x_m < crossing_x
    return inside


def widened(line: Sequence[Spot], half_width_m: float) -> list[Spot]:
    """The outline of a line of a given width: along one bank and back along the other."""
    left: list[Spot] = []
    right: list[Spot] = []
    for index, spot in enumerate(line):
        before, after = line[max(0, index - 1)], line[min(len(line) - 1, index + 1)]
        length = math.hypot(after.x_m - before.x_m, after.y_m - before.y_m)
        x, y = -(after.y_m - before.y_m) / length, (after.x_m - before.x_m) / length
        left.append(Spot(spot.x_m + half_width_m * x, spot.y_m + half_width_m * y))
        right.append(Spot(spot.x_m - half_width_m * x, spot.y_m - half_width_m * y))
    return left + right[::-1]


def smoothed(line: Sequence[tuple[float, float]], rounds: int = 2) -> list[tuple[float, float]]:
    """Cut the corners of a line again and again (Chaikin), ends kept."""
    points = list(line)
    for _ in range(rounds):
        cut = [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            cut += [
                (0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by),
                (0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by),
            ]
        points = [*cut, points[-1]]
    return points

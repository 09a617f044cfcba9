"""Marks that would lie on one another are moved aside a little."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from gateway.flow.showing.drawing import Point

_ROUNDS = 12
_REACH = 0.9
"""Farthest that a mark is moved, in widths of a mark: it still stands where it belongs."""

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def apart(points: Sequence[Point], width: float) -> list[Point]:
    """The points, those closer than `width` pushed apart; the same points always end the same."""
    moved = list(points)
    for _ in range(_ROUNDS):
        pairs = _neighbours(moved, width)
        if not pairs:
            break
        for one, other in pairs:
            _push(moved, one, other, width)
        moved = [_leashed(home, at, _REACH * width) for home, at in zip(points, moved, strict=True)]
    return moved


def _neighbours(points: Sequence[Point], width: float) -> list[tuple[int, int]]:
    """Pairs that are closer than `width`, found among those in the same or the next square."""
    squares: dict[tuple[int, int], list[int]] = defaultdict(list)
    pairs = []
    for number, (x, y) in enumerate(points):
        column, row = math.floor(x / width), math.floor(y / width)
        for beside in ((column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            pairs += [(o, number) for o in squares.get(beside, ()) if math.dist(points[o], (x, y)) < width]
        squares[column, row].append(number)
    return pairs


def _push(points: list[Point], one: int, other: int, width: float) -> None:
    (ax, ay), (bx, by) = points[one], points[other]
    gap = math.hypot(bx - ax, by - ay)
    if gap > 0:
        dx, dy = (bx - ax) / gap, (by - ay) / gap
    else:
        # On the very same spot every pair takes a direction of its own.
        dx, dy = math.cos(other * _GOLDEN_ANGLE), math.sin(other * _GOLDEN_ANGLE)
    step = max(0.0, width - gap) / 2
    points[one], points[other] = (ax - dx * step, ay - dy * step), (bx + dx * step, by + dy * step)


def _leashed(home: Point, at: Point, reach: float) -> Point:
    away = math.dist(home, at)
    if away <= reach:
        return at
    share = reach / away
    return (home[0] + (at[0] - home[0]) * share, home[1] + (at[1] - home[1]) * share)

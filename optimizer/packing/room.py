"""The free space of a box while it is being filled from above.

Pieces are laid against corners ("extreme points": Crainic, Perboli and Tadei, INFORMS Journal on Computing,
2008). A corner lies on the floor or on a piece. What is free from it along the box is kept as a staircase of
rectangles, and upwards it is free to the lid, since nothing is ever pushed in below what lies already: every
packing can be laid in by hand in the order in which it was made. Lengths are whole millimetres.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from optimizer.packing.check import SUPPORTED_PERCENT

Turn = tuple[int, int, int]
"""Length, width and height of a piece as it is turned."""

Stairs = list[tuple[int, int]]
"""The largest free (length, width) from a corner on: growing in length, falling in width."""


class Spot(NamedTuple):
    """Where a piece lies, and how it is turned."""

    x: int
    y: int
    z: int
    length: int
    width: int
    height: int


class Taste(Enum):
    """How a piece is turned where several ways fit: as flat as it goes, or with the least gap on one side."""

    FLAT = auto()
    SNUG = auto()


class Room:
    """A box of some length, width and height, empty at first.

    Parameters
    ----------
    thinnest
        The shortest side of all pieces to come; narrower gaps are forgotten.

    Attributes
    ----------
    looks
        How many corners were looked at: the work done so far, the same on every machine.
    """

    def __init__(self, length: int, width: int, height: int, thinnest: int, taste: Taste) -> None:
        self.looks = 0
        self._length, self._width, self._height = length, width, height
        self._thinnest = thinnest
        self._is_snug = taste is Taste.SNUG
        # Lowest first, then from the back to the front and from left to right: (z, y, x, stairs).
        self._corners: list[tuple[int, int, int, Stairs]] = [(0, 0, 0, [(length, width)])]
        self._seen = {(0, 0, 0)}
        # Height -> the rectangles (left, back, right, front) that can be stood on there.
        self._tops: dict[int, list[tuple[int, int, int, int]]] = {}
        # (left, back, right, front, height below which it is in the way).
        self._laid: list[tuple[int, int, int, int, int]] = []

    def find(self, turns: Sequence[Turn]) -> Spot | None:
        """The first corner that takes a piece, turned as it suits best; None where no corner does."""
        for z, y, x, stairs in self._corners:
            self.looks += 1
            best = self._best_turn(turns, x, y, z, stairs)
            if best is not None:
                return best
        return None

    def _best_turn(self, turns: Sequence[Turn], x: int, y: int, z: int, stairs: Stairs) -> Spot | None:
        room_height = self._height - z
        best: Turn | None = None
        best_score = 0
        for turn in turns:
            length, width, height = turn
            if height > room_height:
                continue
            for room_length, room_width in stairs:
                if length > room_length or width > room_width:
                    continue
                score = (
                    min(room_length - length, room_width - width, room_height - height)
                    if self._is_snug
                    else -length * width
                )
                if best is not None and score >= best_score:
                    continue
                if z and not self._is_borne(x, y, z, length, width):
                    break
                best, best_score = turn, score
        return None if best is None else Spot(x, y, z, *best)

    def put(self, spot: Spot, *, is_fragile: bool) -> None:
        """Lay a piece where `find` found a place."""
        left, back, z, length, width, height = spot
        right, front, top = left + length, back + width, z + height
        in_the_way_below = self._height + 1 if is_fragile else top
        corners = []
        for corner in self._corners:
            corner_z, y, x, stairs = corner
            if x >= right or y >= front or corner_z >= in_the_way_below:
                corners.append(corner)
            elif rest := _cut(stairs, left - x, back - y, self._thinnest):
                corners.append((corner_z, y, x, rest))
        self._corners = corners
        self._laid.append((left, back, right, front, in_the_way_below))
        self.looks += len(self._laid)
        if not is_fragile:
            self._tops.setdefault(top, []).append((left, back, right, front))
            self._add_corner(left, back, top)
        self._add_corner(right, back, z)
        self._add_corner(left, front, z)
        self._add_corner(right, self._back_of(right, back, z), z)
        self._add_corner(self._left_of(left, front, z), front, z)

    def _is_borne(self, left: int, back: int, z: int, length: int, width: int) -> bool:
        """Whether enough of a rectangle lies on the tops of other pieces."""
        right, front, borne = left + length, back + width, 0
        for top_left, top_back, top_right, top_front in self._tops.get(z, ()):
            shared_length = min(right, top_right) - max(left, top_left)
            shared_width = min(front, top_front) - max(back, top_back)
            if shared_length > 0 and shared_width > 0:
                borne += shared_length * shared_width
        return borne * 100 >= SUPPORTED_PERCENT * length * width

    def _back_of(self, x: int, y: int, z: int) -> int:
        """Where one comes to lie that is pushed back from a point."""
        wall = 0
        for left, _, right, front, height in self._laid:
            if height > z and left <= x < right and wall < front <= y:
                wall = front
        return wall

    def _left_of(self, x: int, y: int, z: int) -> int:
        """Where one comes to lie that is pushed to the left from a point."""
        wall = 0
        for _, back, right, front, height in self._laid:
            if height > z and back <= y < front and wall < right <= x:
                wall = right
        return wall

    def _add_corner(self, x: int, y: int, z: int) -> None:
        length, width = self._length - x, self._width - y
        thinnest = self._thinnest
        if length < thinnest or width < thinnest or self._height - z < thinnest:
            return
        if (z, y, x) in self._seen or (z and not self._is_top(x, y, z)):
            return
        self._seen.add((z, y, x))
        stairs = [(length, width)]
        for left, back, right, front, height in self._laid:
            if height > z and x < right and y < front:
                stairs = _cut(stairs, left - x, back - y, thinnest)
                if not stairs:
                    return
        insort(self._corners, (z, y, x, stairs))

    def _is_top(self, x: int, y: int, z: int) -> bool:
        """Whether a point lies on a piece."""
        for left, back, right, front in self._tops.get(z, ()):
            if left <= x < right and back <= y < front:
                return True
        return False


def _cut(stairs: Stairs, length: int, width: int, thinnest: int) -> Stairs:
    """What is left of a corner's free rectangles when all beyond (length, width) of it is taken.

    The rectangles that reach beyond both stand side by side; the first of them is shortened to `length`, the
    last narrowed to `width`.
    """
    if len(stairs) == 1:
        [(long, broad)] = stairs
        if long <= length or broad <= width:
            return stairs
        left = [(length, broad)] if length >= thinnest else []
        return [*left, (long, width)] if width >= thinnest else left
    taken = [(long, broad) for long, broad in stairs if long > length and broad > width]
    if not taken:
        return stairs
    before = [step for step in stairs if step[0] <= length]
    after = [step for step in stairs if step[0] > length and step[1] <= width]
    if length >= thinnest and not (before and before[-1][0] == length):
        before.append((length, taken[0][1]))
    if width >= thinnest and not (after and after[0][1] == width):
        before.append((taken[-1][0], width))
    return before + after

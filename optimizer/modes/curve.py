"""What a pool costs on top of prices, by how much of it is used: pieces of straight lines, with jumps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.wave import Pool

_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Piece:
    """The line over [first, last], in minor units."""

    first: float
    last: float
    at_first: float
    slope: float

    def cost(self, used: float) -> float:
        """On the line, also beyond its ends."""
        return self.at_first + self.slope * (used - self.first)


@dataclass(frozen=True, slots=True)
class Curve:
    """Pieces in their order; less than the first or more than the last piece allows cannot be used."""

    pieces: tuple[Piece, ...]

    @property
    def last(self) -> float:
        """The most that can be used."""
        return self.pieces[-1].last

    def piece_of(self, used: float) -> int:
        """The piece that so much lies on; the last for more than all."""
        for number, piece in enumerate(self.pieces):
            if used <= piece.last + _EDGE:
                return number
        return len(self.pieces) - 1

    def cost(self, used: float) -> float:
        """In minor units; negative where it saves."""
        return self.pieces[self.piece_of(used)].cost(used)

    def hull_cost(self, used: float, first: int, last: int) -> float:
        """The least that a mixture of uses on pieces `first` to `last` costs that is `used` on average."""
        ends = corners(self.pieces[first : last + 1])
        used = min(max(used, ends[0][0]), ends[-1][0])
        return min(
            low if right == left else low + (high - low) * (used - left) / (right - left)
            for left, low in ends
            for right, high in ends
            if left <= used <= right
        )


def corners(pieces: Sequence[Piece]) -> list[tuple[float, float]]:
    """(use, cost) at both ends of each piece."""
    return [(end, piece.cost(end)) for piece in pieces for end in (piece.first, piece.last)]


def curve_of(pool: Pool, possible: int, missing_minor: int) -> Curve:
    """Discounts and commitment of a pool that at most `possible` parcels can go to.

    Parameters
    ----------
    missing_minor
        What each parcel costs that a commitment misses.
    """
    last = possible if pool.most is None else min(possible, pool.most)
    starts = sorted({0, *(tier.from_parcel for tier in pool.tiers), pool.least})
    starts = [start for start in starts if start <= last]

    def cost(parcels: int) -> int:
        return missing_minor * max(0, pool.least - parcels) - pool.discount_minor(parcels)

    pieces = []
    for start, following in zip(starts, [*starts[1:], last + 1], strict=True):
        slope = cost(start + 1) - cost(start) if following - start > 1 else 0
        pieces.append(Piece(start, following - 1, cost(start), slope))
    return Curve(tuple(pieces))


def ceiling(most: float) -> Curve:
    """Nothing but a limit."""
    return Curve((Piece(0.0, most, 0.0, 0.0),))

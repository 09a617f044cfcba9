"""What room in each pool is worth: prices that bound every choice from below, and guide good ones.

Lagrangian relaxation: rows are let go for a price, then each order takes its cheapest column and each row its
cheapest use, apart from the others. Any prices give a lower bound. They are raised by subgradient steps with
Polyak's length along averaged directions (Barahona and Anbil's volume algorithm, 2000), until the bound is
that of the linear relaxation but for some hundredths of a per cent. A step over 2,000 x 40 offers is about a
millisecond, where the simplex takes a second for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.modes.book import Book, Pick
from optimizer.modes.curve import corners

_TOWARDS_NEW = 0.3
"""Weight of the newest direction in the averaged one."""

_PATIENCE = 8
"""Steps without a better bound before they become shorter."""

_SHORTER = 0.6

_SHORTEST = 0.02
"""Steps of less than this share of Polyak's length no longer help."""

type Levels = tuple[tuple[int, int], ...]
"""By row, the first and the last piece of its curve that may be used."""


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """The best bound that was found.

    Attributes
    ----------
    prices
        By row, for a unit of weight; negative where more use saves.
    used
        By row, what orders took on the way on average: close to what the relaxation uses.
    """

    bound: float
    prices: NDArray[np.float64]
    used: NDArray[np.float64]


def all_levels(book: Book) -> Levels:
    """Every piece of every row."""
    return tuple((0, len(curve.pieces) - 1) for curve in book.curves)


def cheapest(costs: NDArray[np.float64]) -> Pick:
    """The cheapest column of each order."""
    return costs.argmin(axis=1)


def ascend(book: Book, levels: Levels, prices: NDArray[np.float64], *, target: float, steps: int) -> Priced:
    """Raise the bound from `prices` on.

    Parameters
    ----------
    target
        What some choice costs; steps are the longer, the farther the bound is from it.
    """
    uses = _Uses(book, levels)
    best, best_prices = -np.inf, prices
    direction = average = None
    length, stalled = 1.0, 0
    for _ in range(max(1, steps)):
        costs = book.reduced(prices)
        pick = cheapest(costs)
        used = book.used(pick)
        extra, wanted = uses.cheapest(prices)
        bound = float(costs[np.arange(len(pick)), pick].sum()) + extra
        average = used if average is None else 0.15 * used + 0.85 * average
        if bound > best + 1e-3:
            best, best_prices, stalled = bound, prices, 0
        elif (stalled := stalled + 1) >= _PATIENCE:
            length, stalled, prices = length * _SHORTER, 0, best_prices
        newest = used - wanted
        direction = newest if direction is None else direction + _TOWARDS_NEW * (newest - direction)
        norm = float(direction @ direction)
        if norm < 1e-9 or length < _SHORTEST or best >= target - 1e-3:
            break
        prices = prices + direction * (length * max(target - bound, 0.0) / norm)
    return Priced(best, best_prices, np.zeros_like(prices) if average is None else average)


def bound_at(book: Book, levels: Levels, prices: NDArray[np.float64]) -> float:
    """What these prices prove: every choice within the levels costs at least as much."""
    extra, _ = _Uses(book, levels).cheapest(prices)
    return float(book.reduced(prices).min(axis=1, initial=np.inf).sum()) + extra


class _Uses:
    """The corners of all curves: somewhere among them every line has its least value."""

    def __init__(self, book: Book, levels: Levels) -> None:
        ends = [
            (row, use, cost)
            for row, (curve, (first, last)) in enumerate(zip(book.curves, levels, strict=True))
            for use, cost in corners(curve.pieces[first : last + 1])
        ]
        self._row = np.array([row for row, _, _ in ends], np.intp)
        self._use = np.array([use for _, use, _ in ends])
        self._cost = np.array([cost for _, _, cost in ends])
        self._starts = np.searchsorted(self._row, np.arange(len(book.curves)))

    def cheapest(self, prices: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """What all rows cost at their cheapest use less what it earns, and that use."""
        if not len(self._row):
            return 0.0, np.zeros(0)
        costs = self._cost - prices[self._row] * self._use
        least = np.minimum.reduceat(costs, self._starts)
        hits = np.flatnonzero(costs <= least[self._row] + 1e-9)
        first = hits[np.searchsorted(self._row[hits], np.arange(len(self._starts)))]
        return float(least.sum()), self._use[first]

"""A choice that keeps every limit, made of one that need not: whoever minds least gives way.

With no prices it is the plain greedy choice; with good ones it is close to the best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.modes.book import Book, Pick
from optimizer.modes.prices import Levels, cheapest

_EDGE = 1e-6


def fill(book: Book, levels: Levels, costs: NDArray[np.float64]) -> Pick:
    """A choice within all limits, close to the cheapest by `costs`.

    Parameters
    ----------
    levels
        The uses that are aimed at: more than the last piece of a row allows is never taken, less than the
        first asks for only where no order can help.
    costs
        Of shape (orders, columns), as `prices.reduced` gives them.
    """
    filling = _Filling(book, levels, costs)
    filling.give_way()
    filling.fill_up()
    return filling.pick


class _Filling:
    """A choice on its way to being one that can be kept."""

    def __init__(self, book: Book, levels: Levels, costs: NDArray[np.float64]) -> None:
        self._book, self._costs = book, costs
        ends = list(zip(book.curves, levels, strict=True))
        # The row that stands for none has room without end, and nothing is asked of it.
        self._least = np.array([*(curve.pieces[first].first for curve, (first, _) in ends), 0.0])
        self._most = np.array([*(curve.pieces[last].last for curve, (_, last) in ends), np.inf])
        self.pick = cheapest(costs)
        self._used = np.append(book.used(self.pick), 0.0)

    def give_way(self) -> None:
        """Move orders out of rows that are too full, those first that lose least.

        It ends, for nobody has room for all.
        """
        while (row := int(np.argmax(self._used - self._most))) < len(self._most) - 1:
            if self._used[row] <= self._most[row] + _EDGE:
                return
            orders = np.flatnonzero((self._current() == row).any(axis=1))
            columns, losses = self._best(orders)
            for place in np.argsort(losses, kind="stable"):
                if self._used[row] <= self._most[row] + _EDGE:
                    break
                self._move(int(orders[place]), int(columns[place]))

    def fill_up(self) -> None:
        """Move orders into rows that are to be used more, those first that lose least."""
        wanted = self._least.copy()
        while (row := int(np.argmax(wanted - self._used))) < len(wanted) - 1:
            if self._used[row] >= wanted[row] - _EDGE:
                return
            current = self._current()
            needed = (self._used <= self._least + _EDGE) & (self._least > 0)
            orders = np.flatnonzero(~(current == row).any(axis=1) & ~needed[current].any(axis=1))
            columns, losses = self._best(orders, into=row)
            moved = False
            for place in np.argsort(losses, kind="stable"):
                if self._used[row] >= self._least[row] - _EDGE or not np.isfinite(losses[place]):
                    break
                moved |= self._move(int(orders[place]), int(columns[place]), keeps_least=True)
            if not moved:
                wanted[row] = 0.0

    def _current(self) -> NDArray[np.intp]:
        """The rows that each order is in, of shape (orders, depth)."""
        return self._book.members(np.arange(len(self.pick)), self.pick)[0]

    def _best(self, orders: NDArray[np.intp], into: int | None = None) -> tuple[Pick, NDArray[np.float64]]:
        """Of each order the cheapest column that has room for it, and what it loses with it."""
        picked = self.pick[orders]
        rows, weights = self._book.members(orders)
        after = self._used[rows] + weights
        leaving, freed = self._book.members(orders, picked)
        for row, weight in zip(leaving.T, freed.T, strict=True):
            after -= np.where(rows == row[:, None, None], weight[:, None, None], 0.0)
        costs = np.where((after > self._most[rows] + _EDGE).any(axis=2), np.inf, self._costs[orders])
        if into is not None:
            costs = np.where((rows == into).any(axis=2), costs, np.inf)
        columns = costs.argmin(axis=1)
        here = np.arange(len(orders))
        return columns, costs[here, columns] - self._costs[orders, picked]

    def _move(self, order: int, column: int, *, keeps_least: bool = False) -> bool:
        """Give an order another column, if there is room."""
        here = np.array([order])
        out, away = self._book.members(here, self.pick[here])
        into, there = self._book.members(here, np.array([column]))
        after = self._used.copy()
        np.subtract.at(after, out, away)
        np.add.at(after, into, there)
        if np.any((after > self._most + _EDGE) & (after > self._used + _EDGE)):
            return False
        if keeps_least and np.any((after < self._least - _EDGE) & (after < self._used - _EDGE)):
            return False
        after[-1] = 0.0
        self._used = after
        self.pick[order] = column
        return True

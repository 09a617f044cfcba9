"""Drives between cells of the map, remembered pair by pair in bounded memory.

Of each pair three numbers are kept: seconds, metres, and whether they are estimates.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from optimizer.roads.cells import Cell

UNKNOWN = -2
"""A pair that nobody has asked for yet; -1 is a pair that no road joins."""

LAYERS = 3

_FIRST_SIDE = 64

Pairs = NDArray[np.int32]


class PairTable:
    """Numbers from cell to cell; the cells used longest ago make room.

    Takes 12 bytes a pair: 75 MB for 2,500 cells, of which only as much is taken as is filled.

    Parameters
    ----------
    most_cells
        How many are remembered, at least 1.
    """

    def __init__(self, most_cells: int) -> None:
        self._most_cells = most_cells
        self._rows: OrderedDict[Cell, int] = OrderedDict()
        self._pairs = _nothing(min(_FIRST_SIDE, most_cells))

    def __len__(self) -> int:
        """Remembered cells."""
        return len(self._rows)

    def read(self, origins: Collection[Cell], destinations: Collection[Cell]) -> Pairs:
        """(3, origins, destinations), `UNKNOWN` where a pair is not remembered."""
        found = np.full((LAYERS, len(origins), len(destinations)), UNKNOWN, np.int32)
        rows, columns = self._known(origins), self._known(destinations)
        here = np.ix_(range(LAYERS), rows >= 0, columns >= 0)
        found[here] = self._pairs[np.ix_(range(LAYERS), rows[rows >= 0], columns[columns >= 0])]
        return found

    def write(self, origins: Collection[Cell], destinations: Collection[Cell], pairs: Pairs) -> None:
        """Remember pairs of shape (3, origins, destinations); more cells than fit are not kept at all."""
        cells = dict.fromkeys([*origins, *destinations])
        if len(cells) > self._most_cells:
            return
        for cell in cells:
            # What is about to be written must not make room for the rest of it.
            if cell in self._rows:
                self._rows.move_to_end(cell)
        for cell in cells:
            if cell not in self._rows:
                self._rows[cell] = self._free_row()
        rows, columns = [self._rows[cell] for cell in origins], [self._rows[cell] for cell in destinations]
        self._pairs[np.ix_(range(LAYERS), rows, columns)] = pairs

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._pairs = _nothing(min(_FIRST_SIDE, self._most_cells))

    def _known(self, cells: Collection[Cell]) -> NDArray[np.intp]:
        """Rows of cells, -1 where one is not remembered; those that are become the last used."""
        rows = np.full(len(cells), -1, np.intp)
        for number, cell in enumerate(cells):
            if cell in self._rows:
                rows[number] = self._rows[cell]
                self._rows.move_to_end(cell)
        return rows

    def _free_row(self) -> int:
        if len(self._rows) == self._most_cells:
            _, row = self._rows.popitem(last=False)
            self._pairs[:, row, :] = self._pairs[:, :, row] = UNKNOWN
            return row
        row, side = len(self._rows), self._pairs.shape[1]
        if row == side:
            grown = _nothing(min(2 * side, self._most_cells))
            grown[:, :side, :side] = self._pairs
            self._pairs = grown
        return row


def unknown_parts(pairs: Pairs) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows and columns that cover what is `UNKNOWN`, in at most two questions.

    Where places are new, their rows are asked for as a whole, and of the other rows only the columns of
    the new.
    """
    is_unknown = pairs[0] == UNKNOWN
    share = is_unknown.mean(axis=1)
    parts = []
    for is_row in (share > 0.5, (share > 0) & (share <= 0.5)):
        rows = np.flatnonzero(is_row)
        if rows.size:
            parts.append((rows, np.flatnonzero(is_unknown[rows].any(axis=0))))
    return parts


def _nothing(side: int) -> Pairs:
    return np.full((LAYERS, side, side), UNKNOWN, np.int32)

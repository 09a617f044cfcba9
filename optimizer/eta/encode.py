"""Numbers and categories to the matrices that models take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.eta.table import Column, Floats, Kind, Table, codes_in, counts

MOST_VALUES = 48
"""Categories with more values are known by their past alone: a tree learns the rarest by heart."""

FEWEST_ROWS = 5
"""Rarer values of a category are one."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """Which columns there are and what their categories are called.

    Attributes
    ----------
    numbers
        Their names, in the order of the matrix; the categories follow.
    middles, spreads
        Of each number in training; a missing one counts as the middle where a model needs a value.
    categories
        Name -> label -> code. Every other label has the code that follows the last.
    """

    numbers: tuple[str, ...]
    middles: tuple[float, ...]
    spreads: tuple[float, ...]
    categories: Mapping[str, Mapping[str, int]]

    @staticmethod
    def of(table: Table) -> Encoder:
        """For columns such as these."""
        numbers = [c for c in table.of(Kind.NUMBER) if np.isfinite(c.values).any()]
        middles = [float(np.nanmedian(column.values)) for column in numbers]
        spreads = [float(np.nanstd(_within_reason(column.values))) or 1.0 for column in numbers]
        categories = {c.name: _frequent(c) for c in table.of(Kind.CATEGORY)}
        return Encoder(
            tuple(column.name for column in numbers),
            tuple(middles),
            tuple(spreads),
            {name: codes for name, codes in categories.items() if codes},
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns of `for_trees`."""
        return (*self.numbers, *self.categories)

    @property
    def category_places(self) -> list[int]:
        """Which columns of `for_trees` are codes."""
        return list(range(len(self.numbers), len(self.numbers) + len(self.categories)))

    def for_trees(self, table: Table) -> Floats:
        """`(n, columns) float64`; NaN is missing."""
        matrix = np.full((table.rows, len(self.names)), np.nan)
        for place, name in enumerate(self.numbers):
            if name in table:
                matrix[:, place] = table[name].values
        for place, (name, known) in enumerate(self.categories.items(), start=len(self.numbers)):
            if name in table:
                matrix[:, place] = self._codes(table[name], known)
        return matrix

    def for_lines(self, table: Table) -> Floats:
        """`(n, columns) float64` without gaps: one, numbers in spreads from the middle, labels as 0 and 1."""
        parts = [np.ones((table.rows, 1))]
        for name, middle, spread in zip(self.numbers, self.middles, self.spreads, strict=True):
            values = table[name].values if name in table else np.full(table.rows, np.nan)
            filled = np.where(np.isnan(values), middle, values)
            # What lies far outside of all that was seen is no farther: a line would follow it anywhere.
            parts.append(np.clip((filled - middle) / spread, -8.0, 8.0)[:, None])
        for name, known in self.categories.items():
            codes = self._codes(table[name], known) if name in table else np.full(table.rows, np.nan)
            parts.append((codes[:, None] == np.arange(len(known))[None, :]).astype(np.float64))
        return np.concatenate(parts, axis=1)

    @staticmethod
    def _codes(column: Column, known: Mapping[str, int]) -> Floats:
        codes = codes_in(column, known)
        others = np.where(np.isnan(column.values), np.nan, float(len(known)))
        return np.where(codes < 0, others, codes)


def _frequent(column: Column) -> dict[str, int]:
    sizes = counts(column)
    if (sizes > 0).sum() > MOST_VALUES:
        return {}
    often = [label for label, size in zip(column.labels, sizes, strict=True) if size >= FEWEST_ROWS]
    return {label: code for code, label in enumerate(often)}


def _within_reason(values: Floats) -> Floats:
    low, high = np.nanquantile(values, (0.005, 0.995))
    return np.clip(values, low, high)

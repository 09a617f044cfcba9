"""The model: when it will be there, and between which two times with which probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.eta.boosting import Trees
from optimizer.eta.derive import derived
from optimizer.eta.encode import Encoder
from optimizer.eta.lines import Line
from optimizer.eta.past import Standing
from optimizer.eta.rolling import Rolling
from optimizer.eta.slices import Family, memberships
from optimizer.eta.table import Column, Floats, Ints, Table

BEYOND = 0.05
"""How often the end may lie beyond either side of the interval."""

CONFIDENCE = 1 - 2 * BEYOND

QUANTILES: Mapping[str, float | None] = {"mean": None, "low": BEYOND, "middle": 0.5, "high": 1 - BEYOND}
"""What trees are grown for."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of many rows, in the unit of the target.

    Attributes
    ----------
    point
        `(n,)`: one figure, for those who want one.
    middle
        `(n,)`: as often passed as not.
    low, high
        `(n,)`: the interval, raw or corrected.
    slices
        `(n, families) int`.
    """

    point: Floats
    middle: Floats
    low: Floats
    high: Floats
    slices: Ints


@dataclass(slots=True)
class EtaModel:
    """What was learned of a merchant's deliveries, or of a table.

    Attributes
    ----------
    base
        "line" where trees correct a line, "road" where they correct the column `road`, "" for trees alone.
    blend
        Weight of the mean, the middle and the line in the point forecast; they sum to 1.
    level
        What all forecasts are moved by: how far they were off lately.
    level_span
        How many ends that is the mean of; 0 for none.
    lowest, highest
        Nothing outside of these is ever said.
    errors
        Of the last ends that were held back, the oldest first; the level goes on from them.
    """

    encoder: Encoder
    trees: Mapping[str, Trees]
    line: Line
    base: str
    road: str
    blend: tuple[float, float, float]
    cuts: tuple[Family, ...]
    rolling: Rolling
    standings: tuple[Standing, ...]
    level_span: int
    level: float
    lowest: float
    highest: float
    errors: Floats
    cut: float

    def forecast(self, table: Table) -> Forecast:
        """Raw quantiles of `derived` rows; the past by category is added where it is not there."""
        full = self._with_past(table)
        return self.of_parts(raw(self.encoder, self.trees, self.line, self.base, self.road, full), full)

    def of_parts(self, parts: Mapping[str, Floats], table: Table) -> Forecast:
        """The same of what trees and line say of rows, as `raw` gives it."""
        point = np.column_stack((parts["mean"], parts["middle"], parts["line"])) @ np.array(self.blend)
        ordered = np.sort(np.column_stack((parts["low"], parts["middle"], parts["high"])), axis=1)
        low, middle, high = (self._within(column) for column in ordered.T)
        slices = memberships(self.cuts, table, point)
        return Forecast(self._within(point), middle, low, high, slices)

    def predict(self, table: Table, time: Column) -> Forecast:
        """Corrected forecasts of rows as they were read, by what was known when the model was made."""
        return self.foretold(derived(table, time))

    def foretold(self, table: Table) -> Forecast:
        """The same of `derived` rows."""
        found = self.forecast(table)
        moved = shifted(found, np.full(table.rows, self.level))
        ends = [
            self.rolling.corrected(low, high, slices)
            for low, high, slices in zip(moved.low, moved.high, moved.slices, strict=True)
        ]
        low, high = (np.array([end[place] for end in ends]) for place in (0, 1))
        return Forecast(
            self._within(moved.point), self._within(moved.middle), self._within(low), high, found.slices
        )

    def _with_past(self, table: Table) -> Table:
        missing = [
            column
            for standing in self.standings
            for column in standing.columns(table)
            if column.name not in table
        ]
        return table.plus(missing)

    def _within(self, values: Floats) -> Floats:
        return np.clip(values, self.lowest, self.highest)


def shifted(found: Forecast, by: Floats) -> Forecast:
    """All of it moved."""
    return Forecast(found.point + by, found.middle + by, found.low + by, found.high + by, found.slices)


def raw(
    encoder: Encoder, trees: Mapping[str, Trees], line: Line, base: str, road: str, table: Table
) -> dict[str, Floats]:
    """What trees and line say, each `(n,)`."""
    straight = line.predict(encoder.for_lines(table))
    under = beneath(base, straight, table, road)
    matrix = encoder.for_trees(table)
    return {"line": straight, **{name: under + each.predict(matrix) for name, each in trees.items()}}


def beneath(base: str, straight: Floats, table: Table, road: str) -> Floats:
    """What trees correct, `(n,)`; 0 where they stand alone."""
    if base == "line":
        return straight
    if base == "road":
        values = table[road].values
        return np.where(np.isnan(values), np.nanmedian(values) if np.isfinite(values).any() else 0.0, values)
    return np.zeros(table.rows)

"""What a forecast has to beat: the mean, a line, and LightGBM as it comes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimizer.eta.boosting import plain
from optimizer.eta.encode import Encoder
from optimizer.eta.lines import fit_line
from optimizer.eta.model import BEYOND
from optimizer.eta.table import Floats, Kind, Table, codes_in

Forecaster = Callable[[Table], Floats]


def mean_of(target: Floats) -> Forecaster:
    """Always the mean."""
    mean = float(target.mean())
    return lambda table: np.full(table.rows, mean)


def line_through(table: Table, target: Floats) -> Forecaster:
    """Least squares through numbers and labels."""
    encoder = Encoder.of(table)
    line = fit_line(encoder.for_lines(table), target)
    return lambda other: line.predict(encoder.for_lines(other))


def plain_trees(table: Table, target: Floats) -> tuple[Forecaster, Forecaster, Forecaster]:
    """LightGBM with its default settings: the mean, and both ends of the interval without any correction."""
    numbers = [column.name for column in table.of(Kind.NUMBER)]
    labels = {
        column.name: {label: code for code, label in enumerate(column.labels)}
        for column in table.of(Kind.CATEGORY)
    }

    def matrix(rows: Table) -> Floats:
        parts = [rows[name].values for name in numbers]
        parts += [_codes(rows, name, known) for name, known in labels.items()]
        return np.column_stack(parts)

    columns = matrix(table)
    places = list(range(len(numbers), len(numbers) + len(labels)))

    def grown(quantile: float | None) -> Forecaster:
        trees = plain(columns, target, places, quantile)
        return lambda rows: trees.predict(matrix(rows))

    return grown(None), grown(BEYOND), grown(1 - BEYOND)


def _codes(table: Table, name: str, known: dict[str, int]) -> Floats:
    codes = codes_in(table[name], known)
    return np.where(codes < 0, np.nan, codes.astype(np.float64))

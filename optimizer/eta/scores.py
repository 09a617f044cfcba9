"""How good forecasts were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.eta.slices import Family, titles
from optimizer.eta.table import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class SliceCoverage:
    """How often the interval held in one slice."""

    title: str
    rows: int
    coverage: float
    mae: float


def mae(target: Floats, forecast: Floats) -> float:
    """Mean absolute error."""
    return float(np.mean(np.abs(target - forecast)))


def rmse(target: Floats, forecast: Floats) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(np.mean((target - forecast) ** 2)))


def held(target: Floats, low: Floats, high: Floats) -> Flags:
    """`(n,) bool`: whether the interval held."""
    return np.asarray((low <= target) & (target <= high), dtype=np.bool_)


def of_slices(
    cuts: tuple[Family, ...], slices: Ints, is_held: Flags, errors: Floats, fewest: int
) -> list[SliceCoverage]:
    """Of every slice with at least `fewest` rows, the worst first.

    Parameters
    ----------
    slices
        `(n, families)`, numbered as `slices.memberships` does.
    errors
        `(n,)` absolute errors.
    """
    names = titles(cuts)
    found = []
    for number in range(len(names)):
        rows = np.any(slices == number, axis=1)
        if rows.sum() >= fewest:
            share, error = float(is_held[rows].mean()), float(errors[rows].mean())
            found.append(SliceCoverage(names[number], int(rows.sum()), share, error))
    return sorted(found, key=lambda each: each.coverage)

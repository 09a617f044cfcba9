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
    rows, families = np.nonzero(slices >= 0)
    numbers = slices[rows, families]
    sizes, holding, wrong = (
        np.bincount(numbers, weights=weights[rows], minlength=len(names))
        for weights in (np.ones(len(errors)), is_held.astype(np.float64), errors)
    )
    often = np.flatnonzero(sizes >= max(1, fewest))
    found = [
        SliceCoverage(names[number], int(sizes[number]), float(share), float(error))
        for number, share, error in zip(
            often, holding[often] / sizes[often], wrong[often] / sizes[often], strict=True
        )
    ]
    return sorted(found, key=lambda each: each.coverage)

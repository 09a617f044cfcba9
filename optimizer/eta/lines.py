"""A straight line through many columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.eta.table import Floats

MANY = 50
"""Rows for each column."""


@dataclass(frozen=True, slots=True)
class Line:
    """`columns @ weights`."""

    weights: Floats

    def predict(self, columns: Floats) -> Floats:
        """`(n,) float64` of `(n, columns)`."""
        return np.asarray(columns @ self.weights, dtype=np.float64)


def fit_line(columns: Floats, target: Floats, *, ridge: float = 0.0) -> Line:
    """Least squares; the first column is one and is not held small.

    Parameters
    ----------
    ridge
        How much the weights are held small, in rows' worth; 0 for plain least squares.
    """
    # Squaring the columns is as good where rows are many, and takes a tenth of the time.
    if ridge == 0 and columns.shape[0] < MANY * columns.shape[1]:
        return Line(np.linalg.lstsq(columns, target, rcond=None)[0])
    held = np.full(columns.shape[1], ridge)
    held[0] = 0.0
    inner = columns.T @ columns + np.diag(held)
    return Line(np.linalg.lstsq(inner, columns.T @ target, rcond=None)[0])

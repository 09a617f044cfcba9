"""How far off the forecasts were lately: a level that moves the next ones."""

from __future__ import annotations

import numpy as np

from optimizer.eta.table import Floats

SPAN = 400
"""Ends that a level is the mean of."""

TOO_BAD = 1.03
"""A level is left out where it made the forecasts of rows that were held back worse by this factor.

Where it makes no difference it is used: worlds that stood still while the model learned may move afterwards.
"""


def levels(rest: Floats, at: Floats, known_at: Floats, span: int, before: Floats | None = None) -> Floats:
    """The mean of the last `span` errors that were known before each row, held towards 0; `(n,)`.

    Parameters
    ----------
    rest
        `(n,)` target less forecast, extremes cut off.
    before
        Errors that were all known before the first row, the oldest first.
    """
    first = np.empty(0) if before is None or not span else before[-span:]
    if not span:
        return np.zeros(len(at))
    order = np.argsort(known_at, kind="stable")
    known = known_at[order]
    sums = np.concatenate(([0.0], np.cumsum(np.concatenate((first, rest[order])))))
    ends = np.searchsorted(known, at, side="left") + len(first)
    starts = np.maximum(0, ends - span)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts + span / 10), dtype=np.float64)


def worth_it(target: Floats, forecast: Floats, at: Floats, known_at: Floats, cut: float) -> bool:
    """Whether a level does no harm on these rows.

    Parameters
    ----------
    cut
        No error counts for more.
    """
    rest = np.clip(target - forecast, -cut, cut)
    moved = np.clip(rest - levels(rest, at, known_at, SPAN), -cut, cut)
    return bool(np.mean(np.abs(moved)) <= TOO_BAD * np.mean(np.abs(rest)))

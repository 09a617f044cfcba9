"""How far off the forecasts were lately: a level that moves the next ones."""

from __future__ import annotations

import numpy as np

from optimizer.eta.table import Floats, Ints

SPAN = 400
"""Ends that a level is the mean of."""

JUMP_SPAN, JUMP = 40, 4.0
"""The last few ends alone count as far as their mean lies farther off than chance: by so many of its errors.

A world that jumps, where roads are dug up, is followed within some dozen ends instead of hundreds.
"""

FINE = 0.5
"""Share of different times from which on the order in which ends were known tells which were the last."""

TOO_BAD = 1.03
"""A level is left out where it made the forecasts of rows that were held back worse by this factor.

Where it makes no difference it is used: worlds that stood still while the model learned may move afterwards.
"""


def levels(rest: Floats, at: Floats, known_at: Floats, span: int, before: Floats | None = None) -> Floats:
    """The mean of the last `span` errors that were known before each row, held towards 0; `(n,)`.

    Where the last `JUMP_SPAN` of them lie off by more than chance, it goes after these.

    Parameters
    ----------
    rest
        `(n,)` target less forecast, extremes cut off.
    before
        Errors that were all known before the first row, the oldest first.
    """
    if not span:
        return np.zeros(len(at))
    first = np.empty(0) if before is None else before[-span:]
    order = np.argsort(known_at, kind="stable")
    errors = np.concatenate((first, rest[order]))
    ends = np.searchsorted(known_at[order], at, side="left") + len(first)
    long, spread = _mean(errors, ends, span, span / 10)
    short, _ = _mean(errors, ends, JUMP_SPAN, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = JUMP**2 * spread / (np.minimum(ends, JUMP_SPAN) * (short - long) ** 2)
    # Of rows that all carry one time the last to be known are the longest, which says nothing of a jump.
    is_fine = len(np.unique(at)) > FINE * len(at)
    believed = np.where(is_fine & (ends >= JUMP_SPAN), np.clip(1 - np.nan_to_num(chance, nan=1.0), 0, 1), 0.0)
    return np.asarray(long + believed * (short - long), dtype=np.float64)


def _mean(errors: Floats, ends: Ints, span: int, doubt: float) -> tuple[Floats, Floats]:
    """Of the last `span` errors before each end, held towards 0 by `doubt` ends; and their variance."""
    sums, squares = (np.concatenate(([0.0], np.cumsum(each))) for each in (errors, errors**2))
    starts = np.maximum(0, ends - span)
    sizes = np.maximum(1, ends - starts)
    total = sums[ends] - sums[starts]
    variance = (squares[ends] - squares[starts]) / sizes - (total / sizes) ** 2
    return total / (sizes + doubt), np.maximum(variance, 0.0)


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

"""Columns that say what happened later: they would make any forecast look good, and are not there in time.

The rules, in their order; what a person names in `keep` is kept:

1. A moment that lies after the time of most rows, unless its name says that it is a plan (`words.PLANNED`).
2. A moment or a clock whose distance from the time (or from another clock) goes with the target by more than
   `TOO_ALIKE`, unless its name says that it is a plan.
3. A number that is the target in another unit, or all but (`SAME`), and a category whose values tell it.
4. A number or category whose name tells of the end (`words.OUTCOME`: actual, late, delay, delivered, speed)
   and that goes with the target by more than `SUSPICIOUS`.
5. A pair of numbers that makes the target exactly as sum, product or ratio, such as a mean speed and the
   distance; of these the one whose name tells of the end, else both that are no plan and no distance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

import numpy as np

from optimizer.eta.table import Column, Floats, Kind, Table, counts
from optimizer.eta.words import is_outcome, is_planned, words

TOO_ALIKE, SUSPICIOUS, SAME = 0.98, 0.4, 0.9999
ROWS_LOOKED_AT = 5_000
MOST_NUMBERS = 40
"""Pairs are looked at only among so few numbers."""

DAY_S = 86400.0
DISTANCES = frozenset("distance km miles mile kilometers kilometres metres meters haversine".split())


def telling_columns(
    table: Table, target: Floats, time: Column, *, keep: Collection[str] = ()
) -> dict[str, str]:
    """Name -> why it is left out, of the columns that tell of the end.

    Parameters
    ----------
    target
        `(n,)`, of the rows of the table and the time.
    """
    rows = _some_rows(target)
    sample, y, start = table.take(rows), target[rows], time.take(rows)
    told: dict[str, str] = {}
    for column in sample:
        reason = "" if column.name in keep else _reason(column, sample, y, start)
        if reason:
            told[column.name] = reason
    told.update(_pairs(sample.without([*told, *keep]), y))
    return told


def alike(values: Floats, target: Floats) -> float:
    """How much two columns go together, 0 to 1, by ranks or by values, whichever says more."""
    known = np.isfinite(values) & np.isfinite(target)
    if known.sum() < 10:
        return 0.0
    a, b = _within_reason(values[known]), _within_reason(target[known])
    return max(_correlation(a, b), _correlation(_ranks(a), _ranks(b)))


def same_share(values: Floats, target: Floats) -> float:
    """How nearly one is the other in a different unit, 0 to 1, with its extremes and without."""
    known = np.isfinite(values) & np.isfinite(target)
    if known.sum() < 10:
        return 0.0
    a, b = values[known], target[known]
    return min(_correlation(a, b), _correlation(_within_reason(a), _within_reason(b)))


def _reason(column: Column, table: Table, y: Floats, time: Column) -> str:
    if column.kind is Kind.MOMENT:
        return _of_moment(column, y, time)
    if column.kind is Kind.CLOCK:
        return _of_clock(column, table, y, time)
    if column.kind is Kind.CATEGORY:
        return _of_category(column, y)
    return _of_number(column, y)


def _of_moment(column: Column, y: Floats, time: Column) -> str:
    if is_planned(column.name):
        return ""
    after = column.values - time.values
    known = after[np.isfinite(after)]
    # Whole days say nothing of which came first within one.
    grain = DAY_S if np.all(known % DAY_S == 0) else 60.0
    later = float(np.mean(known >= grain)) if len(known) else 0.0
    if later > 0.5:
        return f"lies after {time.name} in {later:.0%} of the rows: it is known only later"
    if alike(after, y) > TOO_ALIKE:
        return f"its distance from {time.name} is the target"
    return ""


def _of_clock(column: Column, table: Table, y: Floats, time: Column) -> str:
    if is_planned(column.name):
        return ""
    wall = time.values if time.wall is None else time.wall
    others = [("the time of day", wall % DAY_S)]
    others += [(other.name, other.values) for other in table.of(Kind.CLOCK) if other.name != column.name]
    for name, clock in others:
        ahead = (column.values - clock) % DAY_S
        # Of the two ends of a trip the first is known; a clock that runs ahead of the other is the last.
        if np.isfinite(ahead).any() and np.nanmedian(ahead) < DAY_S / 2 and alike(ahead, y) > TOO_ALIKE:
            return f"its distance from {name} is the target"
    return ""


def _of_number(column: Column, y: Floats) -> str:
    if same_share(column.values, y) > SAME:
        return "it is the target, in another unit or nearly"
    if is_outcome(column.name) and alike(column.values, y) > SUSPICIOUS:
        return "its name tells of the end, and it goes with the target"
    return ""


def _of_category(column: Column, y: Floats) -> str:
    explained = _explained(column, y)
    if explained > TOO_ALIKE and (counts(column) > 0).sum() * 5 < np.isfinite(column.values).sum():
        return "its values tell the target"
    if is_outcome(column.name) and explained > SUSPICIOUS**2:
        return "its name tells of the end, and it goes with the target"
    return ""


def _explained(column: Column, y: Floats) -> float:
    """Share of the target's variance that lies between the values of a category."""
    known = np.isfinite(column.values) & np.isfinite(y)
    if known.sum() < 10:
        return 0.0
    codes, target = column.values[known].astype(np.int64), _within_reason(y[known])
    sums = np.bincount(codes, weights=target)
    sizes = np.bincount(codes)
    between = float(np.sum(sums[sizes > 0] ** 2 / sizes[sizes > 0])) / len(target) - float(target.mean()) ** 2
    spread = float(target.var())
    return between / spread if spread > 0 else 0.0


def _pairs(table: Table, y: Floats) -> dict[str, str]:
    numbers = [column for column in table.of(Kind.NUMBER) if np.isfinite(column.values).mean() > 0.5]
    told: dict[str, str] = {}
    if len(numbers) > MOST_NUMBERS:
        return told
    for first, second in combinations(numbers, 2):
        how = _how(first.values, second.values, y)
        if how and first.name not in told and second.name not in told:
            for name, other in _to_blame(first, second):
                told[name] = f"with {other} it makes the target: their {how}"
    return told


def _to_blame(first: Column, second: Column) -> Iterator[tuple[str, str]]:
    names = (first.name, second.name)
    blamed = [name for name in names if is_outcome(name)]
    blamed = blamed or [name for name in names if not is_planned(name) and not DISTANCES & set(words(name))]
    for name in blamed:
        yield name, names[1] if name == names[0] else names[0]


def _how(a: Floats, b: Floats, y: Floats) -> str:
    known = np.isfinite(a) & np.isfinite(b) & np.isfinite(y)
    if known.sum() < 50:
        return ""
    a, b, y = a[known], b[known], y[known]
    if _fits(np.column_stack((a, b)), y):
        return "sum"
    if np.all(a > 0) and np.all(b > 0) and np.all(y > 0):
        for how, made in (("product", a * b), ("ratio", a / b), ("ratio", b / a)):
            if _correlation(made, y) > SAME:
                return how
    return ""


def _fits(columns: Floats, y: Floats) -> bool:
    centred, target = columns - columns.mean(axis=0), y - y.mean()
    spread = centred.std(axis=0)
    if np.any(spread == 0) or not target.any():
        return False
    centred = centred / spread
    solution = np.linalg.lstsq(centred, target, rcond=None)[0]
    rest = target - centred @ solution
    return float(rest @ rest) < (1 - SAME**2) * float(target @ target)


def _some_rows(target: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    rows = np.flatnonzero(np.isfinite(target))
    return rows[:: max(1, len(rows) // ROWS_LOOKED_AT)]


def _within_reason(values: Floats) -> Floats:
    low, high = np.quantile(values, (0.005, 0.995))
    return np.clip(values, low, high)


def _ranks(values: Floats) -> Floats:
    _, places, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return (ends - (sizes - 1) / 2)[places].astype(np.float64)


def _correlation(a: Floats, b: Floats) -> float:
    da, db = a - a.mean(), b - b.mean()
    size = float(np.sqrt((da @ da) * (db @ db)))
    return abs(float(da @ db)) / size if size > 0 else 0.0

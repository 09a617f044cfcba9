"""Deliveries that are over, in order of time, ready to be learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doorstep.errors import InvalidInput
from optimizer.eta.derive import derived
from optimizer.eta.past import Standing, past_columns, standing, told_by
from optimizer.eta.table import Column, Flags, Floats, Ints, Kind, Table
from optimizer.eta.words import UNITS_S

FEWEST = 60
"""With fewer deliveries there is nothing to learn from and nothing to judge it by."""

DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class History:
    """What was known of each delivery beforehand, and what came of it.

    Attributes
    ----------
    table
        `derived` columns, and the past by category.
    target, at, known_at
        `(n,) float64`: what is to be foretold, the rising times of the rows, and when ends were known.
    by
        The categories by which the past is remembered.
    overall
        Mean of the first deliveries, said of what nothing is known of.
    """

    table: Table
    target: Floats
    at: Floats
    known_at: Floats
    by: tuple[tuple[str, ...], ...]
    overall: float

    @property
    def rows(self) -> int:
        """How many deliveries."""
        return len(self.at)

    def take(self, rows: slice | Ints | Flags) -> History:
        """Some of the deliveries, in order."""
        return History(
            self.table.take(rows),
            self.target[rows],
            self.at[rows],
            self.known_at[rows],
            self.by,
            self.overall,
        )

    def standings(self) -> tuple[Standing, ...]:
        """What is known of every category after the last of these."""
        return tuple(
            standing(self.table, names, self.target, self.known_at, self.overall) for names in self.by
        )


def history_of(
    table: Table, target: Floats, time: Column, known_at: Floats, *, learned: int | None = None
) -> History:
    """Order rows by time and add what the past said of each.

    Parameters
    ----------
    table
        Columns as they were read; moments and clocks become spans here.
    target, known_at
        `(n,)`, by row of the table.
    learned
        Rows, the first by time, by which to choose what to remember; None for all.

    Raises
    ------
    InvalidInput
        If there are fewer than `FEWEST` rows with a time and a target, or the target is always the same.
    """
    is_whole = np.isfinite(target) & np.isfinite(time.values)
    rows = np.flatnonzero(is_whole)
    if len(rows) < FEWEST:
        message = f"{len(rows)} rows have both a time and a target; at least {FEWEST} are needed"
        raise InvalidInput(message, path=(time.name,))
    if np.ptp(target[rows]) == 0:
        message = f"the target is {target[rows][0]:g} in every row: there is nothing to foretell"
        raise InvalidInput(message, path=(time.name,))
    order = rows[np.argsort(time.values[rows], kind="stable")]
    columns = derived(table.take(order), time.take(order))
    y, at, known = target[order], time.values[order], known_at[order]
    first = slice(0, learned or len(order))
    by = tuple(told_by(columns.take(first)))
    overall = float(np.median(y[first][: max(FEWEST, len(y[first]) // 10)]))
    past = [column for names in by for column in past_columns(columns, names, y, at, known, overall)]
    return History(columns.plus(past), y, at, known, by, overall)


def known_after(target: Floats, time: Column, unit_s: float | None) -> tuple[Floats, str]:
    """When each end was known, and how that was reckoned, in words.

    A span of time is over when it has passed. Where the unit of the target is not known, ends count as known
    after a day, or a fiftieth of all the time there is, whichever is less.
    """
    at = time.values
    span = float(np.nanmax(at) - np.nanmin(at))
    # Spans of time that are longer than all the time there is are of another unit than their name says.
    is_span = unit_s is not None and np.nanmedian(target) * unit_s <= span
    if unit_s is not None and is_span and np.nanquantile(target, 0.01) >= 0:
        return at + np.maximum(target, 0) * unit_s, "when the time foretold is over"
    delay = min(DAY_S, span / 50)
    return at + delay, f"{delay:.0f} s after the time of the row"


def unit_by_ends(table: Table, target: Floats, time: Column) -> float | None:
    """Seconds in one of the target, where a moment of the table is the end that it was measured by."""
    for column in table.of(Kind.MOMENT):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = (column.values - time.values) / target
        known = ratios[np.isfinite(ratios)]
        if len(known) < FEWEST:
            continue
        middle = float(np.median(known))
        unit = min(UNITS_S.values(), key=lambda each: abs(each - middle))
        # Ends are often written down to the minute.
        if abs(middle / unit - 1) < 0.02 and np.mean(np.abs(known / middle - 1) < 0.1) > 0.5:
            return unit
    return None

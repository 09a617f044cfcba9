"""What deliveries that are over say of the next: means by category, of ends that were known by then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from optimizer.eta.table import Column, Floats, Ints, Kind, Table, codes_in

LATELY = 20
"""So many of the last ends make the mean of late."""

DOUBT = 10.0
"""A category is believed by half once it has ended so often."""

MOST_ALONE, MOST_PAIRS, FEWEST_VALUES = 6, 2, 3
JOINT = " × "


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one category at the end of the training.

    Attributes
    ----------
    means, lately, sizes
        `(labels,) float64`, by code of `known`.
    """

    names: tuple[str, ...]
    known: Mapping[str, int]
    overall: float
    means: Floats
    lately: Floats
    sizes: Floats

    def columns(self, table: Table) -> list[Column]:
        """For rows that come after everything that is known here."""
        codes = codes_in(joint(table, self.names), self.known)
        is_new = codes < 0
        at = np.where(is_new, 0, codes)
        return _named(
            self.names,
            np.where(is_new, self.overall, self.means[at]),
            np.where(is_new, self.overall, self.lately[at]),
            np.where(is_new, 0.0, self.sizes[at]),
        )


def told_by(table: Table) -> list[tuple[str, ...]]:
    """The categories, and pairs of those with most values, by which the past is remembered."""
    rich = [c for c in table.of(Kind.CATEGORY) if FEWEST_VALUES <= len(c.labels) < table.rows / 4]
    rich.sort(key=lambda column: -len(column.labels))
    alone = [(column.name,) for column in rich[:MOST_ALONE]]
    pairs = [
        (first.name, second.name)
        for first, second in combinations(rich[:3], 2)
        if len(joint(table, (first.name, second.name)).labels) < table.rows / 5
    ]
    return [*alone, *pairs[:MOST_PAIRS]]


def joint(table: Table, names: Sequence[str]) -> Column:
    """One category, or two as one; a name that the table has not is nowhere known."""
    missing = [name for name in names if name not in table]
    if missing:
        return Column(JOINT.join(names), Kind.CATEGORY, np.full(table.rows, np.nan))
    if len(names) == 1:
        return table[names[0]]
    first, second = (table[name] for name in names)
    width = max(1, len(second.labels))
    both = first.values * width + second.values
    values, codes = np.unique(both[np.isfinite(both)], return_inverse=True)
    found = np.full(table.rows, np.nan)
    found[np.isfinite(both)] = codes
    labels = tuple(
        first.labels[int(value) // width] + JOINT + second.labels[int(value) % width] for value in values
    )
    return Column(JOINT.join(names), Kind.CATEGORY, found, labels)


def past_columns(
    table: Table, names: Sequence[str], target: Floats, at: Floats, known_at: Floats, overall: float
) -> list[Column]:
    """Mean, mean of late and count of the ends of the same category that were known before each row.

    Parameters
    ----------
    target, at, known_at
        `(n,)`: what came of each row, its time, and when that was known, seconds. NaN in the target is never
        known. An end that is known at the very time of a row does not count for it.
    overall
        What is said of a category of which nothing is known.
    """
    codes = np.where(np.isnan(joint(table, names).values), -1, joint(table, names).values).astype(np.int64)
    means, lately, sizes = _before(codes, target, at, known_at, overall)
    return _named(tuple(names), means, lately, sizes)


def standing(
    table: Table, names: Sequence[str], target: Floats, known_at: Floats, overall: float
) -> Standing:
    """What is known of each value once everything has ended."""
    column = joint(table, names)
    codes = np.arange(len(column.labels), dtype=np.int64)
    own = np.where(np.isnan(column.values), -1, column.values).astype(np.int64)
    end = np.full(len(codes), np.inf)
    log = _Log(own, target, known_at)
    means, lately, sizes = log.asked(codes, end, overall)
    known = {label: code for code, label in enumerate(column.labels)}
    return Standing(tuple(names), known, overall, means, lately, sizes)


def _before(
    codes: Ints, target: Floats, at: Floats, known_at: Floats, overall: float
) -> tuple[Floats, Floats, Floats]:
    return _Log(codes, target, known_at).asked(codes, at, overall)


class _Log:
    """Ends in the order in which they were known, category by category."""

    def __init__(self, codes: Ints, target: Floats, known_at: Floats) -> None:
        keep = (codes >= 0) & np.isfinite(target)
        order = np.lexsort((known_at[keep], codes[keep]))
        self._codes = codes[keep][order]
        self._known_at = known_at[keep][order]
        self._sums = np.concatenate(([0.0], np.cumsum(target[keep][order])))

    def asked(self, codes: Ints, at: Floats, overall: float) -> tuple[Floats, Floats, Floats]:
        starts = np.searchsorted(self._codes, codes, side="left")
        ends = self._ends(codes, at, starts)
        sizes = (ends - starts).astype(np.float64)
        means = (self._sums[ends] - self._sums[starts] + DOUBT * overall) / (sizes + DOUBT)
        since = np.maximum(starts, ends - LATELY)
        few = (ends - since).astype(np.float64)
        # A category's own mean stands in for the ends that it has not had lately.
        lately = (self._sums[ends] - self._sums[since] + DOUBT / 2 * means) / (few + DOUBT / 2)
        is_asked = codes >= 0
        return (
            np.where(is_asked, means, overall),
            np.where(is_asked, lately, overall),
            np.where(is_asked, sizes, 0.0),
        )

    def _ends(self, codes: Ints, at: Floats, starts: Ints) -> Ints:
        """Places behind the last end that was known before each moment: both lists sorted as one."""
        everything = np.concatenate((self._codes, codes))
        moments = np.concatenate((self._known_at, at))
        # At one and the same moment the question comes first.
        is_end = np.concatenate((np.ones(len(self._codes)), np.zeros(len(codes))))
        order = np.lexsort((is_end, moments, everything))
        before = np.cumsum(is_end[order])
        places = np.empty(len(order))
        places[order] = before
        return np.maximum(places[len(self._codes) :].astype(np.int64), starts)


def _named(names: tuple[str, ...], means: Floats, lately: Floats, sizes: Floats) -> list[Column]:
    of = JOINT.join(names)
    return [
        Column(f"past mean of {of}", Kind.NUMBER, means),
        Column(f"late mean of {of}", Kind.NUMBER, lately),
        Column(f"past count of {of}", Kind.NUMBER, np.log1p(sizes)),
    ]

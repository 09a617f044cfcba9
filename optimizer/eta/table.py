"""Columns of one length: what is known of many deliveries before they end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Kind(StrEnum):
    """What the values of a column are.

    NUMBER is any quantity, CATEGORY a code into the labels, MOMENT seconds since 1970 (UTC), CLOCK seconds
    since midnight of a day that the column does not name.
    """

    NUMBER = "NUMBER"
    CATEGORY = "CATEGORY"
    MOMENT = "MOMENT"
    CLOCK = "CLOCK"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    values
        `(n,) float64`; NaN where nothing is known. For a CATEGORY an index into `labels`.
    wall
        Of a MOMENT: the same by the clock that was written down, seconds since 1970 as if it were UTC. Rush
        hours go by it.
    """

    name: str
    kind: Kind
    values: Floats
    labels: tuple[str, ...] = ()
    wall: Floats | None = None

    def __post_init__(self) -> None:
        if self.kind is Kind.MOMENT and self.wall is None:
            object.__setattr__(self, "wall", self.values)

    def take(self, rows: Ints | Flags | slice) -> Column:
        """The same column of some rows."""
        wall = None if self.wall is None else self.wall[rows]
        return Column(self.name, self.kind, self.values[rows], self.labels, wall)


class Table:
    """Columns by name, all of one length.

    Raises
    ------
    ValueError
        If two columns have one name or different lengths.
    """

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns: dict[str, Column] = {}
        lengths: set[int] = set()
        for column in columns:
            if column.name in self._columns:
                raise ValueError(f"two columns are called {column.name!r}")
            self._columns[column.name] = column
            lengths.add(len(column.values))
        if len(lengths) > 1:
            raise ValueError(f"columns must be of one length, got {sorted(lengths)}")
        self.rows: int = lengths.pop() if lengths else 0

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[Column]:
        return iter(self._columns.values())

    @property
    def names(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(self._columns)

    def of(self, kind: Kind) -> list[Column]:
        """Those of one kind."""
        return [column for column in self if column.kind is kind]

    def take(self, rows: Ints | Flags | slice) -> Table:
        """The same columns of some rows, in the order in which they are named."""
        return Table(column.take(rows) for column in self)

    def without(self, names: Iterable[str]) -> Table:
        """The other columns."""
        left_out = set(names)
        return Table(column for column in self if column.name not in left_out)

    def plus(self, columns: Iterable[Column]) -> Table:
        """These columns too."""
        return Table([*self, *columns])


def number(name: str, values: Iterable[float | None]) -> Column:
    """A NUMBER; None is not known."""
    return Column(name, Kind.NUMBER, _floats(values))


def moment(name: str, values: Iterable[float | None]) -> Column:
    """A MOMENT from seconds since 1970."""
    return Column(name, Kind.MOMENT, _floats(values))


def category(name: str, values: Iterable[str | None]) -> Column:
    """A CATEGORY; "" and None are not known."""
    labels: dict[str, int] = {}
    codes = [labels.setdefault(value, len(labels)) if value else np.nan for value in values]
    return Column(name, Kind.CATEGORY, np.asarray(codes, dtype=np.float64), tuple(labels))


def codes_in(column: Column, known: Mapping[str, int]) -> Ints:
    """The codes of a CATEGORY by another's numbering; -1 for what is missing or not known there."""
    numbering = np.array([known.get(label, -1) for label in column.labels] or [-1], dtype=np.int64)
    is_missing = np.isnan(column.values)
    own = np.where(is_missing, 0, column.values).astype(np.int64)
    return np.where(is_missing, -1, numbering[own])


def counts(column: Column) -> Ints:
    """How often each label of a CATEGORY occurs, `(labels,) int`."""
    own = column.values[~np.isnan(column.values)].astype(np.int64)
    return np.bincount(own, minlength=len(column.labels)).astype(np.int64)


def _floats(values: Iterable[float | None]) -> Floats:
    given: Sequence[float | None] = list(values)
    return np.array([np.nan if value is None else value for value in given], dtype=np.float64)

"""Parts of the deliveries that each deserve intervals that hold: a carrier, an hour, long drives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.eta.derive import HOUR, WEEKDAY
from optimizer.eta.leaks import DISTANCES
from optimizer.eta.table import Column, Floats, Ints, Kind, Table, codes_in, counts
from optimizer.eta.words import is_planned, unit_s, words

MOST_FAMILIES, MOST_VALUES, PARTS = 12, 24, 5
FEW_NUMBERS = 12
"""A number with so few values, such as how many parcels, is cut by its values."""

FORECAST = "forecast"


@dataclass(frozen=True, slots=True)
class Family:
    """One way to cut all rows; a row is in one of its slices or in none.

    Attributes
    ----------
    labels
        Of a category or a number with few values: those with a slice of their own.
    edges
        Of a number: the inner borders of its parts.
    """

    name: str
    labels: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """How many slices there are."""
        return len(self.labels) or len(self.edges) + 1

    def title(self, place: int) -> str:
        """What a slice is called."""
        if self.labels:
            return f"{self.name} = {self.labels[place]}"
        low = f"{self.edges[place - 1]:.4g} <= " if place else ""
        high = f" < {self.edges[place]:.4g}" if place < len(self.edges) else ""
        return f"{low}{self.name}{high}"

    def places(self, table: Table, forecast: Floats) -> Ints:
        """`(n,) int`: the slice of each row, -1 for none."""
        if self.name == FORECAST:
            return np.searchsorted(self.edges, forecast, side="right").astype(np.int64)
        if self.name not in table:
            return np.full(table.rows, -1, dtype=np.int64)
        column = table[self.name]
        if column.kind is Kind.CATEGORY:
            return codes_in(column, {label: place for place, label in enumerate(self.labels)})
        values = np.floor(column.values) if self.name == HOUR else column.values
        found = np.full(table.rows, -1, dtype=np.int64)
        if self.labels:
            for place, label in enumerate(self.labels):
                found[values == float(label)] = place
            return found
        known = np.isfinite(values)
        found[known] = np.searchsorted(self.edges, values[known], side="right")
        return found


def families(table: Table, forecast: Floats, fewest: int) -> tuple[Family, ...]:
    """How to cut rows such as these (those of `derive.derived`) into slices of at least `fewest`.

    Every value of a category, the hour, numbers with few values, and fifths of distances, planned durations
    and the forecast itself. Not the weekday: it comes back too seldom to learn from its own errors.
    """
    found = [Family(FORECAST, edges=_edges(forecast))]
    if HOUR in table:
        found.append(_by_value(table[HOUR], fewest))
    for column in sorted(table.of(Kind.CATEGORY), key=lambda each: len(each.labels)):
        found.append(_by_label(column, fewest))
    for column in table.of(Kind.NUMBER):
        if column.name not in (HOUR, WEEKDAY):
            found.append(_by_number(column, fewest))
    return tuple(family for family in found if family.size > 1)[:MOST_FAMILIES]


def memberships(cuts: tuple[Family, ...], table: Table, forecast: Floats) -> Ints:
    """`(n, families) int`: the slices of each row, numbered through all families; -1 for none."""
    found = np.full((table.rows, len(cuts)), -1, dtype=np.int64)
    offset = 0
    for place, family in enumerate(cuts):
        own = family.places(table, forecast)
        found[:, place] = np.where(own < 0, -1, own + offset)
        offset += family.size
    return found


def titles(cuts: tuple[Family, ...]) -> list[str]:
    """Of all slices, by number."""
    return [family.title(place) for family in cuts for place in range(family.size)]


def _by_label(column: Column, fewest: int) -> Family:
    sizes = counts(column)
    often = [int(code) for code in np.argsort(-sizes, kind="stable")[:MOST_VALUES] if sizes[code] >= fewest]
    return Family(column.name, tuple(column.labels[code] for code in often))


def _by_value(column: Column, fewest: int) -> Family:
    known = np.floor(column.values[np.isfinite(column.values)])
    values, sizes = np.unique(known, return_counts=True)
    return Family(column.name, tuple(f"{value:g}" for value in values[sizes >= fewest]))


def _by_number(column: Column, fewest: int) -> Family:
    known = column.values[np.isfinite(column.values)]
    values, sizes = np.unique(known, return_counts=True)
    if len(values) <= FEW_NUMBERS:
        return Family(column.name, tuple(f"{value:g}" for value in values[sizes >= fewest]))
    told = set(words(column.name))
    if told & DISTANCES or (is_planned(column.name) and (unit_s(column.name) or "duration" in told)):
        return Family(column.name, edges=_edges(known))
    return Family(column.name, ("",))


def _edges(values: Floats) -> tuple[float, ...]:
    known = values[np.isfinite(values)]
    if not len(known):
        return ()
    inner = np.quantile(known, np.arange(1, PARTS) / PARTS)
    return tuple(float(edge) for edge in np.unique(inner))

"""What follows from the columns of one row alone: calendar, spans between moments, distances."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from optimizer.eta.table import Column, Floats, Kind, Table
from optimizer.eta.words import LATITUDE, LONGITUDE, words

DAY_S, HOUR_S = 86400.0, 3600.0
EARTH_KM = 6371.0088
MOST_PLACES, MOST_CLOCKS = 4, 4

HOUR, WEEKDAY = "hour of day", "weekday"
"""Columns that everything else goes by too; Monday is 0."""


def derived(table: Table, time: Column) -> Table:
    """Only numbers and categories: moments become spans from `time`, clocks hours, places distances.

    The hour is left out where `time` only names days.
    """
    columns = [column for column in table if column.kind in (Kind.NUMBER, Kind.CATEGORY)]
    columns += _calendar(time)
    for column in table.of(Kind.MOMENT):
        columns += _of_moment(column, time)
    clocks = table.of(Kind.CLOCK)[:MOST_CLOCKS]
    columns += [Column(f"hour of {clock.name}", Kind.NUMBER, clock.values / HOUR_S) for clock in clocks]
    for first, second in combinations(clocks, 2):
        columns.append(_apart(first.name, first.values, second.name, second.values))
    if clocks and not _names_days(time):
        columns += [_apart("time", _wall(time), clock.name, clock.values) for clock in clocks]
    columns += _distances(table)
    taken: dict[str, Column] = {}
    for column in columns:
        taken.setdefault(column.name, column)
    return Table(taken.values())


def haversine_km(latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats) -> Floats:
    """Great circles between `(n,)` pairs of places in degrees."""
    a, b, c, d = (np.radians(each) for each in (latitude, longitude, to_latitude, to_longitude))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))), dtype=np.float64)


def _wall(time: Column) -> Floats:
    return time.values if time.wall is None else time.wall


def _names_days(time: Column) -> bool:
    wall = _wall(time)
    known = wall[np.isfinite(wall)]
    # Many rows of one moment say nothing of the column; rows of many days, all at midnight, do.
    return len(np.unique(known)) > 1 and bool(np.all(known % DAY_S == known[0] % DAY_S))


def _calendar(time: Column) -> list[Column]:
    wall = _wall(time)
    days = np.floor(wall / DAY_S)
    found = [Column(WEEKDAY, Kind.NUMBER, (days + 3) % 7)]
    if not _names_days(time):
        found.append(Column(HOUR, Kind.NUMBER, wall % DAY_S / HOUR_S))
    return found


def _of_moment(column: Column, time: Column) -> list[Column]:
    span_h = (column.values - time.values) / HOUR_S
    found = [Column(f"{column.name} from time, hours", Kind.NUMBER, span_h)]
    if not _names_days(column):
        found.append(Column(f"hour of {column.name}", Kind.NUMBER, _wall(column) % DAY_S / HOUR_S))
    return found


def _apart(first: str, first_s: Floats, second: str, second_s: Floats) -> Column:
    # From -12 to 12 hours: a clock just after midnight is a little ahead of one just before.
    apart = (second_s - first_s + DAY_S / 2) % DAY_S - DAY_S / 2
    return Column(f"{second} after {first}, hours", Kind.NUMBER, apart / HOUR_S)


def _distances(table: Table) -> list[Column]:
    places = _places(table)[:MOST_PLACES]
    found: list[Column] = []
    for (first, lat, lng), (second, to_lat, to_lng) in combinations(places, 2):
        between = f"{first or 'here'} to {second or 'here'}"
        found.append(
            Column(f"km from {between}", Kind.NUMBER, haversine_km(lat, lng, to_lat, to_lng)),
        )
        found.append(Column(f"bearing from {between}", Kind.NUMBER, _bearing(lat, lng, to_lat, to_lng)))
    return found


def _places(table: Table) -> list[tuple[str, Floats, Floats]]:
    """Pairs of a latitude and a longitude whose names are otherwise the same."""
    halves: dict[tuple[str, ...], dict[bool, Floats]] = {}
    for column in table.of(Kind.NUMBER):
        told = words(column.name)
        is_latitude, is_longitude = bool(LATITUDE & set(told)), bool(LONGITUDE & set(told))
        if is_latitude != is_longitude:
            stem = tuple(word for word in told if word not in LATITUDE | LONGITUDE)
            halves.setdefault(stem, {})[is_latitude] = column.values
    return [
        (" ".join(stem), *_on_earth(both[True], both[False]))
        for stem, both in halves.items()
        if len(both) == 2
    ]


def _on_earth(latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
    """NaN for what is no place: outside of the ranges, or (0, 0), where nobody delivers."""
    is_place = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
    is_place &= (np.abs(latitude) > 0.1) | (np.abs(longitude) > 0.1)
    return np.where(is_place, latitude, np.nan), np.where(is_place, longitude, np.nan)


def _bearing(lat: Floats, lng: Floats, to_lat: Floats, to_lng: Floats) -> Floats:
    a, b, c, d = (np.radians(each) for each in (lat, lng, to_lat, to_lng))
    east = np.sin(d - b) * np.cos(c)
    north = np.cos(a) * np.sin(c) - np.sin(a) * np.cos(c) * np.cos(d - b)
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360, dtype=np.float64)

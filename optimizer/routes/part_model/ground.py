"""Locations and matrices of a model: places of the task, and nowhere.

One profile for each set of territories that costs something to leave: whoever comes to a visit outside of
them drives so much farther.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Task
from optimizer.routes.part_model.vans import Fleet

_MOST_PROFILES = 12


class Ground:
    """Where the visits and vans of a model are.

    Attributes
    ----------
    spots
        Coordinates by location; none of them is read by the search.
    metres, seconds
        One matrix for each profile; PyVRP types them as arrays of one unknown kind.
    """

    def __init__(self, task: Task, fleet: Fleet, visits: Sequence[int]) -> None:
        self._task = task
        self._visits = visits
        self._profiles = _profiles(task, fleet, visits)
        row_of = {visit: row for row, visit in enumerate(visits)}
        keys: list[tuple[int, bytes | None]] = [(place, None) for place, _ in fleet.depots]
        self._marks = {
            visit: b"".join(column[row : row + 1].tobytes() for column, _ in self._profiles)
            for visit, row in row_of.items()
        }
        keys += [(task.visits[visit].place, self._marks[visit]) for visit in visits]
        self._numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        self.spots = [(0.0, 0.0)] * len(self._numbers)
        places = np.array([place for place, _ in self._numbers], dtype=np.intp)
        self.seconds: list[Any] = []
        self.metres: list[Any] = []
        seconds, metres = _square(task, fleet, places)
        for column, extra_m in self._profiles:
            self.metres.append(self._lengthened(metres, column, extra_m) if column.any() else metres)
            self.seconds.append(seconds)

    def _lengthened(
        self, metres: NDArray[np.int64], column: NDArray[np.bool_], extra_m: int
    ) -> NDArray[np.int64]:
        """With the metres that stand for being outside of the territories."""
        outside = np.zeros(len(metres), np.bool_)
        for row, visit in enumerate(self._visits):
            outside[self.location(visit)] = column[row]
        longer = metres + extra_m * outside[None, :]
        np.fill_diagonal(longer, 0)
        return longer

    def location(self, visit: int) -> int:
        """Of a visit."""
        return self._numbers[self._task.visits[visit].place, self._marks[visit]]

    def end(self, place: int) -> int:
        """Of a place where vans start, end or reload."""
        return self._numbers[place, None]

    def profile(self, van: int) -> int:
        """Which matrices a van drives by."""
        wanted = _outside_of(self._task, van, self._visits)
        keys = [(column.tobytes(), extra_m) for column, extra_m in self._profiles]
        return keys.index(wanted) if wanted in keys else 0


def _profiles(task: Task, fleet: Fleet, visits: Sequence[int]) -> list[tuple[NDArray[np.bool_], int]]:
    found = {}
    for kind in fleet.kinds:
        column, extra_m = _outside_of(task, kind.vans[0], visits)
        found[column, extra_m] = (np.frombuffer(column, np.bool_), extra_m)
    if len(found) > _MOST_PROFILES:
        return [(np.zeros(len(visits), np.bool_), 0)]
    return list(found.values())


def _outside_of(task: Task, van: int, visits: Sequence[int]) -> tuple[bytes, int]:
    """Which visits cost extra, and the metres that cost as much."""
    limits = task.vans[van]
    if not limits.outside_cost or not limits.cost_per_metre or limits.max_metres < UNBOUNDED:
        return np.zeros(len(visits), np.bool_).tobytes(), 0
    column = task.is_outside[list(visits), van]
    return column.tobytes(), -(-limits.outside_cost // limits.cost_per_metre) if column.any() else 0


def _square(
    task: Task, fleet: Fleet, places: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Seconds with setting up, and metres; a drive without a road takes longer than any shift."""
    known = np.where(places == NOWHERE, 0, places)
    chosen = np.ix_(known, known)
    seconds, metres = task.seconds_table[chosen], task.metres_table[chosen]
    has_road = seconds < UNBOUNDED
    if task.speeds is not None:
        seconds = np.ceil(seconds / _mean_speed(task, fleet)).astype(np.int64)
    if not has_road.all():
        seconds = np.where(has_road, seconds, 2 * fleet.horizon_s + 1)
        metres = np.where(has_road, metres, metres[has_road].max(initial=0))
    nowhere = places == NOWHERE
    for table in (seconds, metres) if nowhere.any() else ():
        table[nowhere, :] = 0
        table[:, nowhere] = 0
    if any(task.setup_s):
        sites, setup_s = np.array(task.sites)[known], np.array(task.setup_s)[known]
        is_elsewhere = (sites[:, None] != sites[None, :]) | nowhere[:, None]
        seconds = seconds + is_elsewhere * np.where(nowhere, 0, setup_s)[None, :]
    for table in (seconds, metres):
        np.fill_diagonal(table, 0)
    return seconds, metres


def _mean_speed(task: Task, fleet: Fleet) -> float:
    """The harmonic mean of the factors while vans are on duty."""
    assert task.speeds is not None  # noqa: S101  # narrows
    first = min(kind.starts_s for kind in fleet.kinds)
    pairs = zip(task.speeds.starts_s, task.speeds.factors, strict=True)
    on_duty = [factor for start, factor in pairs if first - 3600 < start < fleet.horizon_s]
    return len(on_duty) / sum(1 / factor for factor in on_duty) if on_duty else 1.0

"""A tour as bounds: the earliest a van can leave each place of it and the latest it may be at the next.

The bounds know drives, setting up, service, windows, shifts and loads from and to depots. Breaks, order and
traffic only make things worse than they say: what they refuse is impossible, what they admit is to be tried.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.numbered.task import (
    NOWHERE,
    RELOAD,
    UNBOUNDED,
    Task,
    TaskVan,
    TaskVisit,
    Tour,
    is_reload,
    visits_in,
)

Rows = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Outline:
    """Bounds of one feasible tour; position i lies before its i-th entry, the last one before the end.

    Attributes
    ----------
    places
        Start, entries, end: one more at either end than the tour has entries.
    leaves_s
        By position: the earliest second of leaving the place before it.
    due_s
        By position: the latest second of being at the place after it.
    trips
        By position: on which trip from a depot it is.
    brought, taken
        By trip and dimension: what is loaded at the depot, and what is taken back to it.
    first, last
        Positions between which something may be put in.
    """

    places: tuple[int, ...]
    leaves_s: tuple[int, ...]
    due_s: tuple[int, ...]
    trips: tuple[int, ...]
    brought: tuple[tuple[int, ...], ...]
    taken: tuple[tuple[int, ...], ...]
    first: int
    last: int


class Outlines:
    """Makes outlines of a task's tours, and remembers them.

    Attributes
    ----------
    seconds, metres
        ``rows[origin][destination]``, setting up included in the seconds, and nothing from or to NOWHERE.
    """

    def __init__(self, task: Task, held: Sequence[tuple[int, ...]]) -> None:
        self._task = task
        self._held = held
        self.seconds: Rows = _SecondsFrom(task)
        self.metres: Rows = _MetresFrom(task)
        self.of = lru_cache(maxsize=20_000)(self._of)

    def _of(self, van: int, tour: Tour) -> Outline:
        limits = self._task.vans[van]
        places = (limits.start, *(self._place(limits, entry) for entry in tour), limits.end)
        trips = [0]
        for entry in tour:
            trips.append(trips[-1] + is_reload(entry))
        brought, taken = self._loads(tour, trips)
        first, last = self._free(van, tour)
        return Outline(
            places=places,
            leaves_s=self._leaves(limits, tour, places),
            due_s=self._due(limits, tour, places),
            trips=tuple(trips),
            brought=brought,
            taken=taken,
            first=first,
            last=last,
        )

    def _place(self, van: TaskVan, entry: int) -> int:
        return van.reload_places[RELOAD - entry] if is_reload(entry) else self._task.visits[entry].place

    def _leaves(self, van: TaskVan, tour: Tour, places: tuple[int, ...]) -> tuple[int, ...]:
        leaves = [van.shift_start_s]
        for position, entry in enumerate(tour):
            arrives = leaves[-1] + self.seconds[places[position]][places[position + 1]]
            if is_reload(entry):
                leaves.append(arrives + van.reload_s)
            else:
                visit = self._task.visits[entry]
                begins = earliest_start(visit, arrives)
                leaves.append((arrives if begins is None else begins) + visit.service_s)
        return tuple(leaves)

    def _due(self, van: TaskVan, tour: Tour, places: tuple[int, ...]) -> tuple[int, ...]:
        due = [van.shift_end_s + van.overtime_s]
        for position in range(len(tour) - 1, -1, -1):
            entry, drive = tour[position], self.seconds[places[position + 1]][places[position + 2]]
            if is_reload(entry):
                due.append(due[-1] - drive - van.reload_s)
            else:
                visit = self._task.visits[entry]
                due.append(latest_start(visit, due[-1] - drive - visit.service_s))
        return tuple(reversed(due))

    def _loads(
        self, tour: Tour, trips: list[int]
    ) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
        nothing = [0] * len(self._task.dimensions)
        brought = [list(nothing) for _ in range(trips[-1] + 1)]
        taken = [list(nothing) for _ in range(trips[-1] + 1)]
        for entry, trip in zip(tour, trips, strict=False):
            if is_reload(entry):
                continue
            visit = self._task.visits[entry]
            if visit.is_from_depot or visit.kind is VisitKind.COLLECTION:
                sums = brought[trip] if visit.is_from_depot else taken[trip]
                for dimension, load in enumerate(visit.loads):
                    sums[dimension] += load
        return tuple(map(tuple, brought)), tuple(map(tuple, taken))

    def _free(self, van: int, tour: Tour) -> tuple[int, int]:
        kept = [position for position, entry in enumerate(tour) if entry in self._held[van]]
        first = kept[-1] + 1 if kept else 0
        visits = visits_in(tour)
        if visits and self._task.visits[visits[0]].pinned_place is PinnedPlace.FIRST:
            first = max(first, tour.index(visits[0]) + 1)
        ends_pinned = visits and self._task.visits[visits[-1]].pinned_place is PinnedPlace.LAST
        return first, tour.index(visits[-1]) if ends_pinned else len(tour)


def earliest_start(visit: TaskVisit, arrives_s: int) -> int | None:
    """The first second from an arrival on at which the service may begin, late included; None after all."""
    for first, last in visit.windows:
        if arrives_s <= last + visit.late_at_most_s:
            return max(arrives_s, first)
    return None


def latest_start(visit: TaskVisit, limit_s: int) -> int:
    """The last second up to a limit at which the service may begin, late included; -1 before all."""
    for first, last in reversed(visit.windows):
        if first <= limit_s:
            return min(last + visit.late_at_most_s, limit_s)
    return -1


class _SecondsFrom(dict[int, array[int]]):
    """Rows of seconds, made when they are asked for: traffic at its best, setting up included."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task
        self._sites = np.array(task.sites, dtype=np.int64)
        self._setup_s = np.array(task.setup_s, dtype=np.int64)
        self._most_speed = max(task.speeds.factors) if task.speeds is not None else None

    def __missing__(self, origin: int) -> array[int]:
        if origin == NOWHERE:
            return self.setdefault(origin, _row(np.zeros_like(self._setup_s)))
        seconds = self._task.seconds_table[origin]
        if self._most_speed is not None:
            quicker = np.floor(seconds / self._most_speed).astype(np.int64)
            seconds = np.where(seconds < UNBOUNDED, quicker, seconds)
        setup_s = np.where(self._sites != self._sites[origin], self._setup_s, 0)
        return self.setdefault(origin, _row(seconds + setup_s))


class _MetresFrom(dict[int, array[int]]):
    """Rows of metres, made when they are asked for."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._table = task.metres_table

    def __missing__(self, origin: int) -> array[int]:
        row = np.zeros_like(self._table[0]) if origin == NOWHERE else self._table[origin]
        return self.setdefault(origin, _row(row))


def _row(numbers: NDArray[np.int64]) -> array[int]:
    """For single look-ups, with nothing at the end, where NOWHERE is looked up as -1."""
    return array("q", np.append(numbers, 0).tobytes())

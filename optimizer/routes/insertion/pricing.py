"""What it would cost to put a visit into each of many gaps, all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.routes.insertion.legs import TABLE_PACE, Legs
from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Task, TaskVisit

Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class VanTerms:
    """What vans cost and may, one entry for each van."""

    per_metre: Cells
    per_second: Cells
    per_overtime_second: Cells
    shift_end_s: Cells
    max_seconds: Cells
    has_overtime: bool
    has_limit: bool

    @classmethod
    def of(cls, task: Task) -> VanTerms:
        """Of the vans of a task."""
        vans = task.vans

        def column(values: list[int]) -> Cells:
            return np.array(values, np.int64)

        return cls(
            column([van.cost_per_metre for van in vans]),
            column([van.cost_per_second for van in vans]),
            column([van.overtime_cost for van in vans]),
            column([van.shift_end_s for van in vans]),
            column([van.max_seconds for van in vans]),
            any(van.overtime_cost for van in vans),
            any(min(van.max_seconds, van.max_metres) < UNBOUNDED for van in vans),
        )


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of tours in columns: see `optimizer.routes.insertion.stretches.Stretch`."""

    takes_s: Cells
    first: Cells
    last: Cells

    def then(
        self, drive_s: Cells | int, takes_s: Cells | int, first: Cells | int, last: Cells | int
    ) -> Stretches:
        """With another stretch behind it. Whether that comes too late is not looked at."""
        on_the_way_s = self.takes_s + drive_s
        gap_s = first - on_the_way_s
        wait_s = np.maximum(gap_s - self.last, 0)
        return Stretches(
            on_the_way_s + wait_s + takes_s,
            np.maximum(gap_s, self.first) - wait_s,
            np.minimum(last - on_the_way_s, self.last),
        )

    def at(self, rows: NDArray[np.intp]) -> Stretches:
        """Some of them."""
        return Stretches(self.takes_s[rows], self.first[rows], self.last[rows])


class Drives:
    """Drives between gaps and the places of a task, with setting up at their ends."""

    def __init__(self, task: Task) -> None:
        self._seconds, self._metres = task.seconds_table, task.metres_table
        ends = [place for van in task.vans for place in (van.start, van.end)]
        self._has_nowhere = NOWHERE in ends
        self._has_paces = task.speeds is not None
        self._setup_s = np.array([*task.setup_s, 0], np.int64) if any(task.setup_s) else None
        self._sites = np.array([*task.sites, NOWHERE], np.int64)

    def seconds(self, origins: Cells | int, destinations: Cells | int, pace: Cells) -> Cells:
        """From places to places, one of which may be a single one; 0 from and to any door."""
        seconds = self._on_the_map(self._seconds[origins, destinations], origins, destinations)
        if self._has_paces:
            seconds = seconds * pace // TABLE_PACE
        if self._setup_s is not None:
            # NOWHERE finds the last entry: nothing is set up there, and who comes from there sets up.
            is_elsewhere = self._sites[origins] != self._sites[destinations]
            seconds = seconds + np.where(is_elsewhere, self._setup_s[destinations], 0)
        return seconds

    def metres(self, origins: Cells | int, destinations: Cells | int) -> Cells:
        """As `seconds`."""
        return self._on_the_map(self._metres[origins, destinations], origins, destinations)

    def _on_the_map(self, cells: Cells, origins: Cells | int, destinations: Cells | int) -> Cells:
        if not self._has_nowhere:
            return cells
        is_off = (np.asarray(origins) == NOWHERE) | (np.asarray(destinations) == NOWHERE)
        return np.where(is_off, 0, cells)


class Pricer:
    """Prices of visits in gaps, in cost units; by the table's speed, rests where they are."""

    def __init__(self, task: Task) -> None:
        self.terms = VanTerms.of(task)
        self.use(task)

    def use(self, task: Task) -> None:
        """Go on with a task of the same vans."""
        self.task = task
        self.drives = Drives(task)

    def prices(
        self, legs: Legs, is_open: NDArray[np.bool_], visit: TaskVisit
    ) -> tuple[NDArray[np.intp], Cells]:
        """The gaps that a visit fits into, and what it costs there.

        Parameters
        ----------
        is_open
            By gap: whether the visit may be there at all.
        """
        leaves_s = legs.before_s + legs.before_first
        if visit.ready_s > 0:
            leaves_s = np.maximum(leaves_s, np.maximum(legs.trip_first, visit.ready_s) + legs.trip_s)
            is_open = is_open & (legs.trip_last >= visit.ready_s)
        there_s = self.drives.seconds(legs.origin, visit.place, legs.pace)
        first, last = windows_at(visit, leaves_s + there_s)
        begins_s = np.maximum(leaves_s + there_s, first)
        on_s = self.drives.seconds(visit.place, legs.destination, legs.pace)
        fits = is_open & (begins_s <= last) & (begins_s + visit.service_s + on_s <= legs.due)
        rows = np.flatnonzero(fits)
        few = Legs(legs.cells[:, rows])
        before = Stretches(few.before_s, few.before_first, few.before_last)
        if visit.ready_s > 0:
            before = before.then(0, 0, leaves_s[rows], UNBOUNDED)
        first, last = _at(first, rows), _at(last, rows)
        served = before.then(there_s[rows], visit.service_s, first, last)
        whole = served.then(on_s[rows], few.after_s, few.after_first, few.after_last)
        metres = self.drives.metres(few.origin, visit.place) + self.drives.metres(
            visit.place, few.destination
        )
        within, price = self.price(few, whole, metres - few.leg_m)
        if visit.late_cost:
            price += np.maximum(begins_s[rows] - visit.windows[-1][1], 0) * visit.late_cost
        return (rows, price) if within is None else (rows[within], price[within])

    def detours(self, legs: Legs, rows: NDArray[np.intp], *visits: TaskVisit) -> Cells:
        """The least that visits one after the other in some gaps can cost, for their way alone."""
        metres, at = -legs.leg_m[rows], legs.origin[rows]
        for visit in visits:
            metres = metres + self.drives.metres(at, visit.place)
            at = np.full(len(rows), visit.place, np.int64)
        metres = metres + self.drives.metres(at, legs.destination[rows])
        return metres * self.terms.per_metre[legs.van[rows]]

    def price(self, legs: Legs, whole: Stretches, metres: Cells) -> tuple[NDArray[np.bool_] | None, Cells]:
        """Which tours stay within their limits (None for all), and what they cost more than now."""
        terms, van = self.terms, legs.van
        price = metres * terms.per_metre[van] + whole.takes_s * terms.per_second[van]
        price += legs.entry_cost - legs.time_cost
        if terms.has_overtime:
            overtime_s = whole.first + whole.takes_s - terms.shift_end_s[van]
            price += np.maximum(overtime_s, 0) * terms.per_overtime_second[van]
        if not terms.has_limit:
            return None, price
        return (metres <= legs.free_m) & (whole.takes_s <= terms.max_seconds[van]), price


def windows_at(visit: TaskVisit, ready_s: Cells) -> tuple[Cells | int, Cells | int]:
    """The window in which service begins for whom is ready then, with as much lateness as that takes."""
    first, last = visit.windows[-1]
    if len(visit.windows) == 1 and not visit.late_at_most_s:
        return first, last
    firsts: Cells = np.full(ready_s.shape, first, np.int64)
    lasts = np.maximum(last, np.minimum(ready_s, last + visit.late_at_most_s))
    for first, last in visit.windows[-2::-1]:
        is_before_end = ready_s <= last
        firsts, lasts = np.where(is_before_end, first, firsts), np.where(is_before_end, last, lasts)
    return firsts, lasts


def _at(values: Cells | int, rows: NDArray[np.intp]) -> Cells | int:
    return values if isinstance(values, int) else values[rows]

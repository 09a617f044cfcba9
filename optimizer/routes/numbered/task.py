"""A route problem in whole seconds and numbered places, as the searching parts read it.

Seconds count from the problem's epoch. Half-open windows become closed spans of whole seconds: service may
begin in [first, last]. A shift ends at the last second at which the van may come home.

A tour is a row of numbers: a visit's own, or `RELOAD - k` for a way back to reload place k of its van.
Breaks are in no tour: the timetable finds their places.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from doorstep.route_problem import Balance
from doorstep.visit import PinnedPlace, VisitKind

UNBOUNDED = 1 << 40
"""Stands for no limit, and for the seconds of a drive that no road allows: more than any shift has."""

COST_UNITS = 3_600_000
"""Cost units per minor unit of money, so that metres and seconds both cost whole numbers."""

NOWHERE = -1
"""The start or end of a van that may begin or end at any door."""

RELOAD = -1
"""`RELOAD - k` in a tour is a way back to `TaskVan.reload_places[k]`."""

Tour = tuple[int, ...]
"""The visits of one van in their order, and where it reloads between them."""

Tours = tuple[Tour, ...]
"""One for each van of the task."""


@dataclass(frozen=True, slots=True)
class TaskVisit:
    """A visit.

    Attributes
    ----------
    windows
        Closed (first, last) seconds, sorted and apart from each other.
    loads
        One for each dimension of the task.
    late_cost
        Cost units of each second of lateness; None where windows are hard.
    late_at_most_s
        After a window's last second; 0 where windows are hard.
    skip_cost_minor
        None where it is made if it can be.
    partner
        The other visit of a pick-up and its drop-off; None where goods come from or go to a depot.
    """

    place: int
    depot_id: str
    kind: VisitKind
    service_s: int
    loads: tuple[int, ...]
    windows: tuple[tuple[int, int], ...]
    ready_s: int
    late_cost: int | None = None
    late_at_most_s: int = 0
    priority: int = 0
    skip_cost_minor: int | None = None
    pinned_place: PinnedPlace | None = None
    partner: int | None = None

    @property
    def is_from_depot(self) -> bool:
        """Whether its goods are loaded at a depot."""
        return self.kind is VisitKind.DELIVERY and self.partner is None


@dataclass(frozen=True, slots=True)
class TaskBreak:
    """A rest that begins in [first_s, last_s]."""

    id: str
    first_s: int
    last_s: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class TaskVan:
    """A van: limits that it does not have are `UNBOUNDED`; `start` and `end` may be `NOWHERE`.

    Attributes
    ----------
    cost_per_metre, cost_per_second, overtime_cost, fixed_cost, outside_cost
        In cost units; `overtime_cost` is of each second of overtime, on top.
    reload_places
        Where it can reload, () where it cannot.
    """

    start: int
    end: int
    depot_id: str
    shift_start_s: int
    shift_end_s: int
    capacity: tuple[int, ...]
    max_stops: int
    max_metres: int
    max_seconds: int
    cost_per_metre: int
    cost_per_second: int
    fixed_cost: int
    overtime_s: int = 0
    overtime_cost: int = 0
    outside_cost: int = 0
    breaks: tuple[TaskBreak, ...] = ()
    reload_places: tuple[int, ...] = ()
    reload_ids: tuple[str, ...] = ()
    most_reloads: int = 0
    reload_s: int = 0
    is_lifo: bool = False
    is_under_way: bool = False


@dataclass(frozen=True, slots=True)
class Speeds:
    """Speed factors from one whole hour to the next, by seconds of the task.

    Attributes
    ----------
    starts_s
        When each factor begins to hold; the first lies before everything. Whole hours of the clock, so that
        they are no whole seconds of a plan whose epoch is none.
    """

    starts_s: tuple[float, ...]
    factors: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """The numbered problem.

    Attributes
    ----------
    dimensions
        Names of the loads: "weight_g", "volume_ml", then the merchant's own.
    seconds, metres
        ``seconds[origin][destination]``, `UNBOUNDED` where no road leads; at the table's speed, without
        setting up. Rows for single look-ups.
    seconds_table, metres_table
        The same as arrays, of shape (places, places).
    setup_s
        By place: spent there by whoever comes from another site.
    sites
        By place: places of one site are one spot on the map, and differ in what setting up takes.
    may
        Of shape (visits, vans): whether the van may make the visit at all (depot, skills, kind, territory,
        pin, what is on board).
    is_outside
        Of the same shape: whether the visit lies outside of the van's territories, which costs.
    skip_costs
        By visit, in cost units: what leaving it out costs. For one that is made if it can be, more than the
        dearest tour of any van and than every visit that has a price, and more the higher its priority. For
        one that has a price that price, and a minor unit more for each lower priority that has one.
    given
        What drivers were told, and how many of it may not change, by van.
    keeps_all
        Nothing of `given` may go to another van.
    move_cost
        Cost units of each visit of `given` that goes to another van, or to none.
    balance
        What the vans share evenly; None where they need not.
    """

    visits: tuple[TaskVisit, ...]
    vans: tuple[TaskVan, ...]
    dimensions: tuple[str, ...]
    seconds: Sequence[Sequence[int]]
    metres: Sequence[Sequence[int]]
    seconds_table: NDArray[np.int64]
    metres_table: NDArray[np.int64]
    setup_s: tuple[int, ...]
    sites: tuple[int, ...]
    may: NDArray[np.bool_]
    is_outside: NDArray[np.bool_]
    skip_costs: tuple[int, ...]
    epoch: datetime
    speeds: Speeds | None = None
    given: Tours = ()
    frozen: tuple[int, ...] = ()
    keeps_all: bool = False
    move_cost: int = 0
    balance: Balance | None = None
    van_numbers: Mapping[str, int] = field(default_factory=dict)
    visit_numbers: Mapping[str, int] = field(default_factory=dict)

    def instant(self, second: int) -> datetime:
        """The moment that a second of the plan stands for."""
        return self.epoch + timedelta(seconds=second)

    def drive_s(self, origin: int, destination: int, leaves_s: int) -> int:
        """Seconds of a drive that begins at `leaves_s`; `UNBOUNDED` where no road leads."""
        seconds = self.seconds[origin][destination]
        if self.speeds is None or not 0 < seconds < UNBOUNDED:
            return seconds
        return _through(self.speeds, leaves_s, seconds) - leaves_s


def in_minor(cost: int) -> int:
    """Cost units as minor units of money, rounded half up."""
    return (2 * cost + COST_UNITS) // (2 * COST_UNITS)


def is_reload(number: int) -> bool:
    """Whether an entry of a tour is a way back to a depot."""
    return number < 0


def last_reloads_only(tour: Sequence[int]) -> list[int]:
    """A tour with one reload where several follow each other, and none behind its last visit."""
    kept: list[int] = []
    for number in tour:
        if is_reload(number) and kept and is_reload(kept[-1]):
            kept.pop()
        kept.append(number)
    while kept and is_reload(kept[-1]):
        kept.pop()
    return kept


def visits_in(tour: Sequence[int]) -> list[int]:
    """A tour without its reloads."""
    return [number for number in tour if number >= 0]


def _through(speeds: Speeds, leaves_s: int, table_s: int) -> int:
    """When a drive ends, by `SpeedProfile`'s rule: hour by hour, rounded up to whole seconds at the end."""
    hour = bisect_right(speeds.starts_s, leaves_s) - 1
    now, left = float(leaves_s), float(table_s)
    while hour + 1 < len(speeds.starts_s):
        till_s = speeds.starts_s[hour + 1] - now
        if left <= till_s * speeds.factors[hour] + 1e-9:
            break
        left -= till_s * speeds.factors[hour]
        now = speeds.starts_s[hour + 1]
        hour += 1
    return leaves_s + math.ceil(now - leaves_s + left / speeds.factors[hour] - 1e-6)

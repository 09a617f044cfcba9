"""A route problem in whole seconds and numbered places, as the searching parts read it.

Seconds count from the problem's epoch. Half-open windows become closed spans of whole seconds: service may
begin in [first, last]. A shift ends at the last second at which the van may come home.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from doorstep.road import RoadMatrix
from doorstep.route import RouteProblem, Van, Visit
from doorstep.window import Window
from optimizer.routes.travel import Travel

UNBOUNDED = 1 << 40
"""Stands for no limit, and for the seconds of a drive that no road allows: more than any shift has."""

COST_UNITS = 3_600_000
"""Cost units per minor unit of money, so that metres and seconds both cost whole numbers."""

Tours = tuple[tuple[int, ...], ...]
"""For each van, the visits that it makes in their order; both are numbers into the task."""


@dataclass(frozen=True, slots=True)
class TaskVisit:
    """A visit: `windows` are closed (first, last) seconds, sorted and apart from each other."""

    place: int
    depot_id: str
    service_s: int
    weight_g: int
    volume_ml: int
    windows: tuple[tuple[int, int], ...]
    ready_s: int


@dataclass(frozen=True, slots=True)
class TaskVan:
    """A van: limits that it does not have are `UNBOUNDED`."""

    start: int
    end: int
    depot_id: str
    shift_start_s: int
    shift_end_s: int
    capacity_g: int
    capacity_ml: int
    max_stops: int
    fixed_cost_minor: int


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """The numbered problem.

    Attributes
    ----------
    seconds, metres
        ``seconds[origin][destination]``, `UNBOUNDED` where no road leads.
    seconds_table, metres_table
        The same as arrays, of shape (places, places).
    """

    visits: tuple[TaskVisit, ...]
    vans: tuple[TaskVan, ...]
    seconds: list[list[int]]
    metres: list[list[int]]
    seconds_table: NDArray[np.int64]
    metres_table: NDArray[np.int64]
    cost_per_km_minor: int
    cost_per_hour_minor: int
    epoch: datetime

    @classmethod
    def of(cls, problem: RouteProblem, travel: Travel) -> Task:
        """Number a problem."""
        epoch = problem.epoch
        seconds, metres = _square(travel.table.seconds), _square(travel.table.metres)
        return cls(
            visits=tuple(_visit(visit, epoch, travel) for visit in problem.visits),
            vans=tuple(_van(van, epoch, travel) for van in problem.vans),
            seconds=seconds.tolist(),
            metres=metres.tolist(),
            seconds_table=seconds,
            metres_table=metres,
            cost_per_km_minor=problem.cost_per_km_minor,
            cost_per_hour_minor=problem.cost_per_hour_minor,
            epoch=epoch,
        )

    def instant(self, second: int) -> datetime:
        """The moment that a second of the plan stands for."""
        return self.epoch + timedelta(seconds=second)

    def cost(self, metres: int, seconds: int, fixed_minor: int = 0) -> int:
        """What a drive, the time it takes and a fixed cost come to, in cost units."""
        return (
            metres * self.cost_per_km_minor * 3600
            + seconds * self.cost_per_hour_minor * 1000
            + fixed_minor * COST_UNITS
        )


def in_minor(cost: int) -> int:
    """Cost units as minor units of money, rounded half up."""
    return (2 * cost + COST_UNITS) // (2 * COST_UNITS)


def _visit(visit: Visit, epoch: datetime, travel: Travel) -> TaskVisit:
    return TaskVisit(
        place=travel.index[visit.location],
        depot_id=visit.depot_id,
        service_s=visit.service_s,
        weight_g=visit.weight_g,
        volume_ml=visit.volume_ml,
        windows=_spans(visit.windows, epoch),
        ready_s=0 if visit.ready_at is None else max(0, _ceil(visit.ready_at, epoch)),
    )


def _van(van: Van, epoch: datetime, travel: Travel) -> TaskVan:
    return TaskVan(
        start=travel.index[van.start],
        end=travel.index[van.end],
        depot_id=van.depot_id,
        shift_start_s=max(0, _ceil(van.shift.start, epoch)),
        shift_end_s=math.floor((van.shift.end - epoch).total_seconds()),
        capacity_g=van.capacity_g,
        capacity_ml=UNBOUNDED if van.capacity_ml is None else van.capacity_ml,
        max_stops=UNBOUNDED if van.max_stops is None else van.max_stops,
        fixed_cost_minor=van.fixed_cost_minor,
    )


def _spans(windows: Sequence[Window], epoch: datetime) -> tuple[tuple[int, int], ...]:
    if not windows:
        return ((0, UNBOUNDED),)
    spans: list[tuple[int, int]] = []
    for first, last in sorted((_ceil(w.start, epoch), _ceil(w.end, epoch) - 1) for w in windows):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return tuple(spans)


def _ceil(instant: datetime, epoch: datetime) -> int:
    return math.ceil((instant - epoch).total_seconds())


def _square(rows: Sequence[Sequence[int | None]]) -> NDArray[np.int64]:
    matrix = rows if isinstance(rows, RoadMatrix) else RoadMatrix.of(rows)
    cells = np.frombuffer(matrix.cells, np.int32).reshape(matrix.rows, matrix.columns).astype(np.int64)
    cells[cells < 0] = UNBOUNDED
    np.fill_diagonal(cells, 0)
    return cells

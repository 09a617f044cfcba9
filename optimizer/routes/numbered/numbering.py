"""From a route problem and its road table to the numbered task that searches read."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from doorstep.geo import LatLng
from doorstep.road import RoadMatrix
from doorstep.route_problem import RouteProblem, SpeedProfile
from doorstep.van import Van
from doorstep.visit import Visit, VisitKind
from doorstep.window import Window
from optimizer.routes.numbered.eligibility import may_make
from optimizer.routes.numbered.skipping import dearest_tour, skip_costs
from optimizer.routes.numbered.task import (
    COST_UNITS,
    NOWHERE,
    UNBOUNDED,
    Speeds,
    Task,
    TaskBreak,
    TaskVan,
    TaskVisit,
    Tours,
)
from optimizer.routes.timetable.schedule import faults
from optimizer.routes.travel import Travel

_HOUR_S = 3600


def task_of(problem: RouteProblem, travel: Travel) -> Task:
    """Number a problem; `travel` knows all its places."""
    places = _Places(problem)
    seconds, metres = places.table(travel, travel.table.seconds), places.table(travel, travel.table.metres)
    dimensions = _dimensions(problem)
    numbers = {visit.id: number for number, visit in enumerate(problem.visits)}
    partners = _partners(problem, numbers)
    vans = tuple(_van(problem, van, places, dimensions) for van in problem.vans)
    visits = tuple(_visit(problem, visit, places, dimensions, partners) for visit in problem.visits)
    given, frozen = _given(problem, numbers)
    may, is_outside = may_make(problem, given, frozen)
    task = Task(
        visits=visits,
        vans=vans,
        dimensions=dimensions,
        seconds=_rows(seconds),
        metres=_rows(metres),
        seconds_table=seconds,
        metres_table=metres,
        setup_s=tuple(setup_s for _, setup_s in places.numbers),
        sites=places.sites,
        may=may,
        is_outside=is_outside,
        skip_costs=skip_costs(visits, vans, seconds, metres),
        epoch=problem.epoch,
        speeds=None if problem.speeds is None else _speeds(problem, problem.speeds, vans),
        given=given,
        frozen=frozen,
        keeps_all=problem.stability == 1,
        balance=problem.balance,
        van_numbers={van.id: number for number, van in enumerate(problem.vans)},
        visit_numbers=numbers,
    )
    return _with_move_cost(task, problem.stability)


def _with_move_cost(task: Task, stability: float) -> Task:
    """A change has to save s / (1 - s) times what a visit of the given plan costs on average."""
    told = sum(len(tour) for tour in task.given)
    if not told or not stability:
        return task
    if task.keeps_all:
        return replace(
            task, move_cost=dearest_tour(task.visits, task.vans, task.seconds_table, task.metres_table)
        )
    spent = sum(faults(task, van, tour)[0].cost for van, tour in enumerate(task.given) if tour)
    return replace(task, move_cost=round(spent / told * stability / (1 - stability)))


class _Places:
    """Places by location and by what setting up takes there."""

    def __init__(self, problem: RouteProblem) -> None:
        depots = {depot.id: depot.location for depot in problem.depots}
        self.depots = depots
        spots: list[tuple[LatLng, int]] = []
        for van in problem.vans:
            spots += [(place, 0) for place in (van.start, van.end) if place is not None]
            spots += [(depots[name], 0) for name in (van.reloads.depot_ids if van.reloads else ())]
        spots += [(visit.location, visit.setup_s) for visit in problem.visits]
        self.numbers = {spot: number for number, spot in enumerate(dict.fromkeys(spots))}
        sites: dict[LatLng, int] = {}
        self.sites = tuple(sites.setdefault(location, len(sites)) for location, _ in self.numbers)

    def number(self, location: LatLng | None, setup_s: int = 0) -> int:
        return NOWHERE if location is None else self.numbers[location, setup_s]

    def table(self, travel: Travel, rows: Sequence[Sequence[int | None]]) -> NDArray[np.int64]:
        """Of shape (places, places): 0 on the spot, `UNBOUNDED` where no road leads."""
        matrix = rows if isinstance(rows, RoadMatrix) else RoadMatrix.of(rows)
        cells = np.frombuffer(matrix.cells, np.int32).reshape(matrix.rows, matrix.columns)
        chosen = np.array([travel.index[location] for location, _ in self.numbers], dtype=np.intp)
        square = cells[np.ix_(chosen, chosen)].astype(np.int64)
        square[square < 0] = UNBOUNDED
        sites = np.array(self.sites, dtype=np.intp)
        square[sites[:, None] == sites[None, :]] = 0
        return square


def _dimensions(problem: RouteProblem) -> tuple[str, ...]:
    """Loads that something weighs: what no van limits and no visit brings is counted all the same."""
    own = {name for visit in problem.visits for name in visit.more_loads}
    own |= {name for van in problem.vans for name in van.more_capacity}
    return ("weight_g", "volume_ml", *sorted(own))


def _visit(
    problem: RouteProblem,
    visit: Visit,
    places: _Places,
    dimensions: Sequence[str],
    partners: Mapping[str, int],
) -> TaskVisit:
    is_ready_later = visit.ready_at is not None and visit.kind is VisitKind.DELIVERY and not visit.from_visit
    return TaskVisit(
        place=places.number(visit.location, visit.setup_s),
        depot_id=visit.depot_id,
        kind=visit.kind,
        service_s=visit.service_s,
        loads=(visit.weight_g, visit.volume_ml, *(visit.more_loads.get(name, 0) for name in dimensions[2:])),
        windows=_spans(visit.windows, problem.epoch),
        ready_s=max(0, _ceil(visit.ready_at, problem.epoch)) if visit.ready_at and is_ready_later else 0,
        late_cost=None if visit.late is None else _per_second(visit.late.cost_per_hour_minor),
        late_at_most_s=visit.late.at_most_s if visit.late and any(w.seconds for w in visit.windows) else 0,
        priority=visit.priority,
        skip_cost_minor=visit.skip_cost_minor,
        pinned_place=visit.pinned_place,
        partner=partners.get(visit.id),
    )


def _van(problem: RouteProblem, van: Van, places: _Places, dimensions: Sequence[str]) -> TaskVan:
    per_km = problem.cost_per_km_minor if van.cost_per_km_minor is None else van.cost_per_km_minor
    per_hour = problem.cost_per_hour_minor if van.cost_per_hour_minor is None else van.cost_per_hour_minor
    reload_ids = van.reloads.depot_ids if van.reloads else ()
    return TaskVan(
        start=places.number(van.start),
        end=places.number(van.end),
        depot_id=van.depot_id,
        shift_start_s=max(0, _ceil(van.shift.start, problem.epoch)),
        shift_end_s=_floor(van.shift.end, problem.epoch),
        capacity=(
            van.capacity_g,
            _or_unbounded(van.capacity_ml),
            *(van.more_capacity.get(name, UNBOUNDED) for name in dimensions[2:]),
        ),
        max_stops=_or_unbounded(van.max_stops),
        max_metres=_or_unbounded(van.max_distance_m),
        max_seconds=_or_unbounded(van.max_duration_s),
        cost_per_metre=per_km * (COST_UNITS // 1000),
        cost_per_second=_per_second(per_hour),
        fixed_cost=van.fixed_cost_minor * COST_UNITS,
        overtime_s=van.overtime_s,
        overtime_cost=_per_second(van.overtime_cost_per_hour_minor),
        outside_cost=(van.outside_cost_minor or 0) * COST_UNITS,
        breaks=_breaks(van, problem.epoch),
        reload_places=tuple(places.number(places.depots[name]) for name in reload_ids),
        reload_ids=reload_ids,
        most_reloads=van.reloads.most if van.reloads else 0,
        reload_s=van.reloads.service_s if van.reloads else 0,
        is_lifo=van.is_lifo,
        is_under_way=van.is_under_way,
    )


def _breaks(van: Van, epoch: datetime) -> tuple[TaskBreak, ...]:
    """In the order in which they have to begin."""
    rests = (
        TaskBreak(
            rest.id, _ceil(rest.window.start, epoch), _ceil(rest.window.end, epoch) - 1, rest.duration_s
        )
        for rest in van.breaks
    )
    return tuple(sorted(rests, key=lambda rest: (rest.last_s, rest.first_s, rest.id)))


def _given(problem: RouteProblem, numbers: dict[str, int]) -> tuple[Tours, tuple[int, ...]]:
    told = {route.van_id: route for route in problem.given}
    routes = [told.get(van.id) for van in problem.vans]
    given = tuple(tuple(numbers[name] for name in route.visit_ids) if route else () for route in routes)
    return given, tuple(route.frozen if route else 0 for route in routes)


def _partners(problem: RouteProblem, numbers: Mapping[str, int]) -> dict[str, int]:
    """The other visit of each pick-up and of each drop-off that belongs to one."""
    pairs = [(visit.id, visit.from_visit) for visit in problem.visits if visit.from_visit]
    return {one: numbers[other] for drop, pickup in pairs for one, other in ((drop, pickup), (pickup, drop))}


def _speeds(problem: RouteProblem, profile: SpeedProfile, vans: Sequence[TaskVan]) -> Speeds:
    """The hours of the plan, and a day more, by the clock of the profile's zone."""
    zone = ZoneInfo(profile.time_zone)
    ends_s = 2 * 86_400 + max((van.shift_end_s + van.overtime_s for van in vans), default=0)
    starts_s, factors, now = [], [], problem.epoch
    while (second := (now - problem.epoch).total_seconds()) < ends_s:
        wall = now.astimezone(zone)
        starts_s.append(second)
        factors.append(profile.factors[wall.hour])
        into_hour = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
        now += timedelta(hours=1) - into_hour
    return Speeds(tuple(starts_s), tuple(factors))


def _spans(windows: Iterable[Window], epoch: datetime) -> tuple[tuple[int, int], ...]:
    closed = [(_ceil(window.start, epoch), _ceil(window.end, epoch) - 1) for window in windows]
    if not closed:
        return ((0, UNBOUNDED),)
    # Empty windows let nobody in; a visit that has no others keeps one of them.
    closed = [(first, last) for first, last in closed if first <= last] or closed[:1]
    spans: list[tuple[int, int]] = []
    for first, last in sorted(closed):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return tuple(spans)


def _rows(table: NDArray[np.int64]) -> list[array[int]]:
    """Plain rows: a look-up is a third faster than in lists, and garbage collection has nothing to walk."""
    return [array("q", row.tobytes()) for row in table]


def _per_second(per_hour_minor: int) -> int:
    return per_hour_minor * (COST_UNITS // _HOUR_S)


def _or_unbounded(limit: int | None) -> int:
    return UNBOUNDED if limit is None else limit


def _ceil(instant: datetime, epoch: datetime) -> int:
    return math.ceil((instant - epoch).total_seconds())


def _floor(instant: datetime, epoch: datetime) -> int:
    return math.floor((instant - epoch).total_seconds())

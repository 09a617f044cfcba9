"""The desk: changes of tours that drivers were told, worked out with the planner's own arithmetic."""

from __future__ import annotations

import asyncio
import threading
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Protocol

from doorstep.ports import RoadEngine
from doorstep.route_change import Placement, ToldRoutes
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import Assignment, RouteSolution
from doorstep.visit import Visit
from doorstep.window import Window
from gateway.bootstrap.kept_days import KeptDays
from optimizer.live import NewPlaces, Overhaul, RunningDay, overhauled, slot_prices, ways_to
from optimizer.routes.engine import Limits
from optimizer.routes.explain.assignment import assignments
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task
from optimizer.routes.timetable.reloading import with_reloads
from optimizer.routes.timetable.schedule import faults
from optimizer.routes.travel import Travel, travel_of

POLISH_S = 0.05
"""How long the tours around a new stop are made better, seconds."""


EXPLAIN_S = 3.0
"""How long it is worked out why drivers make the stops that they have, seconds."""


class ChecksGiven(Protocol):
    """A planner that can also put times to what drivers were told."""

    async def check_given(self, problem: RouteProblem, roads: RoadEngine) -> RouteSolution:
        """The given plan exactly as it was told, with every rule that it breaks."""
        ...


class Overhauls(Protocol):
    """What makes all routes of a day better."""

    def __call__(
        self, problem: RouteProblem, travel: Travel, limits: Limits, *, seed: int
    ) -> Sequence[Overhaul]:
        """Changes that pay; blocks until the limits end, or until nothing gets better."""
        ...


@dataclass(frozen=True, slots=True)
class PlannersDesk:
    """See `doorstep.ports.RouteDesk`."""

    planner: ChecksGiven
    days: KeptDays = field(default_factory=KeptDays)
    overhaul: Overhauls = overhauled
    _searches: set[threading.Event] = field(default_factory=set)

    async def look(self, problem: RouteProblem, roads: RoadEngine) -> ToldRoutes:
        found = await self.planner.check_given(problem, roads)
        return ToldRoutes(found.routes, found.soft, found.cost_minor)

    async def move(self, problem: RouteProblem, roads: RoadEngine, to: Placement) -> ToldRoutes:
        left = _without(problem, to.visit_id)
        place = to.place
        if place is None:
            travel = await travel_of(problem, roads)
            place = await asyncio.to_thread(_best_place, left, travel, to.visit_id, to.van_id)
        return await self.look(_with(left, to.visit_id, to.van_id, place), roads)

    async def insert(
        self, problem: RouteProblem, roads: RoadEngine, visit_id: str, *, day: str = ""
    ) -> ToldRoutes | None:
        for search in self._searches:
            search.set()  # what makes tours better gives way to who waits for an answer
        new = next(visit for visit in problem.visits if visit.id == visit_id)
        others = replace(problem, visits=tuple(visit for visit in problem.visits if visit.id != visit_id))
        async with self.days.day(day, others, roads, new=visit_id) as running:
            ways = await ways_to([new.location], running.places, roads)
            told = await asyncio.to_thread(_inserted, running, new, ways)
        if told is None:
            return None
        changed, emptied = _changed(problem, told)
        return replace(await self.look(changed, roads), emptied=emptied)

    async def improve(
        self, problem: RouteProblem, roads: RoadEngine, *, budget_s: float
    ) -> Sequence[ToldRoutes]:
        travel, limits = await travel_of(problem, roads), Limits(monotonic() + budget_s)
        self._searches.add(limits.called_off)
        try:
            found = await asyncio.to_thread(self.overhaul, problem, travel, limits, seed=_seed_of(problem))
        finally:
            limits.called_off.set()
            self._searches.discard(limits.called_off)
        changes = []
        for one in found:
            changed, emptied = _changed(problem, one.given, of={route.van_id for route in one.given})
            changes.append(replace(await self.look(changed, roads), emptied=emptied))
        return [one for one in changes if one.is_feasible]

    async def assignments(
        self, problem: RouteProblem, roads: RoadEngine, visit_ids: Collection[str]
    ) -> Mapping[str, Assignment]:
        travel = await travel_of(problem, roads)
        return await asyncio.to_thread(_assignments, problem, travel, frozenset(visit_ids))

    async def window_costs(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        visit: Visit,
        windows: Sequence[Window],
        *,
        day: str = "",
    ) -> Sequence[int | None]:
        async with self.days.day(day, problem, roads) as running:
            ways = await ways_to([visit.location], running.places, roads)
            prices = await asyncio.to_thread(slot_prices, running, visit, windows, ways)
        return [price.cost_minor for price in prices]


def _changed(
    problem: RouteProblem, told: Sequence[GivenRoute], of: Collection[str] | None = None
) -> tuple[RouteProblem, tuple[str, ...]]:
    """Only what is told otherwise than before, for all vans or some, and the vans that have nothing left."""
    were = {
        route.van_id: route.visit_ids
        for route in problem.given
        if route.visit_ids and (of is None or route.van_id in of)
    }
    given = tuple(route for route in told if route.visit_ids != were.get(route.van_id))
    named = {name for route in given for name in route.visit_ids}
    visits = tuple(visit for visit in problem.visits if visit.id in named)
    emptied = were.keys() - {route.van_id for route in told if route.visit_ids}
    return replace(problem, visits=visits, given=given), tuple(sorted(emptied))


def _seed_of(problem: RouteProblem) -> int:
    """Another one for another moment, so that one search finds what the one before has not."""
    return zlib.crc32(problem.epoch.isoformat().encode())


def _without(problem: RouteProblem, visit_id: str) -> RouteProblem:
    """The same, with a visit on no route."""
    given = [
        replace(route, visit_ids=tuple(one for one in route.visit_ids if one != visit_id))
        for route in problem.given
    ]
    return replace(problem, given=tuple(given))


def _with(problem: RouteProblem, visit_id: str, van_id: str, place: int) -> RouteProblem:
    """The same, with a visit at a place of a van's route."""
    given = {route.van_id: route for route in problem.given}
    route = given.get(van_id) or GivenRoute(van_id, ())
    ids = (*route.visit_ids[:place], visit_id, *route.visit_ids[place:])
    given[van_id] = replace(route, visit_ids=ids)
    return replace(problem, given=tuple(given.values()))


def _inserted(day: RunningDay, visit: Visit, ways: NewPlaces) -> tuple[GivenRoute, ...] | None:
    """What drivers are told once a visit is among theirs and the routes around it are better for it."""
    if not day.insert(visit, ways).is_placed:
        return None
    day.polish(day.near(visit.id), budget_s=POLISH_S)
    day.tell()
    return day.problem.given


def _assignments(
    problem: RouteProblem, travel: Travel, visit_ids: Collection[str]
) -> Mapping[str, Assignment]:
    ends_s = monotonic() + EXPLAIN_S
    task = task_of(problem, travel)
    tours = tuple(with_reloads(task, van, tour) for van, tour in enumerate(task.given))
    wanted = {task.visit_numbers[id_] for id_ in visit_ids if id_ in task.visit_numbers}
    found = assignments(problem, task, tours, only=wanted, is_over=lambda: monotonic() >= ends_s)
    return {problem.visits[number].id: why for number, why in found.items()}


def _best_place(problem: RouteProblem, travel: Travel, visit_id: str, van_id: str) -> int:
    """Where a visit goes best on a van's route: with the fewest broken rules, then at the least cost."""
    task = task_of(problem, travel)
    van, visit = task.van_numbers[van_id], task.visit_numbers[visit_id]
    tour = task.given[van] if task.given else ()
    places = range(task.frozen[van] if task.frozen else 0, len(tour) + 1)
    return min(places, key=lambda place: _price(task, van, (*tour[:place], visit, *tour[place:])))


def _price(task: Task, van: int, tour: tuple[int, ...]) -> tuple[int, int]:
    times, found = faults(task, van, tour)
    return sum(fault.is_hard for fault in found), times.cost

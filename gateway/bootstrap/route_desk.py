"""The desk: changes of tours that drivers were told, worked out with the planner's own arithmetic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from doorstep.ports import RoadEngine
from doorstep.route_change import Placement, ToldRoutes
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import RouteSolution
from doorstep.visit import Visit
from doorstep.window import Window
from optimizer.live import NewPlaces, RunningDay, slot_prices, ways_to
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task
from optimizer.routes.timetable.schedule import faults
from optimizer.routes.travel import Travel, travel_of

POLISH_S = 0.05
"""How long the tours around a new stop are made better, seconds."""


class ChecksGiven(Protocol):
    """A planner that can also put times to what drivers were told."""

    async def check_given(self, problem: RouteProblem, roads: RoadEngine) -> RouteSolution:
        """The given plan exactly as it was told, with every rule that it breaks."""
        ...


@dataclass(frozen=True, slots=True)
class PlannersDesk:
    """See `doorstep.ports.RouteDesk`."""

    planner: ChecksGiven

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

    async def insert(self, problem: RouteProblem, roads: RoadEngine, visit_id: str) -> ToldRoutes | None:
        new = next(visit for visit in problem.visits if visit.id == visit_id)
        others = replace(problem, visits=tuple(visit for visit in problem.visits if visit.id != visit_id))
        day = await asyncio.to_thread(RunningDay, others, await travel_of(others, roads))
        ways = await ways_to([new.location], day.places, roads)
        told = await asyncio.to_thread(_inserted, day, new, ways)
        return None if told is None else await self.look(replace(problem, given=told), roads)

    async def window_costs(
        self, problem: RouteProblem, roads: RoadEngine, visit: Visit, windows: Sequence[Window]
    ) -> Sequence[int | None]:
        day = await asyncio.to_thread(RunningDay, problem, await travel_of(problem, roads))
        ways = await ways_to([visit.location], day.places, roads)
        prices = await asyncio.to_thread(slot_prices, day, visit, windows, ways)
        return [price.cost_minor for price in prices]


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

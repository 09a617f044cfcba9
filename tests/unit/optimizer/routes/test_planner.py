"""The planner as its callers see it: checked, complete, explained, on time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.ports import RoadEngine, RoutePlanner
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import PlanProgress, RouteProblem, RouteSolution, Van, Visit
from doorstep.window import Window
from optimizer.routes.checker import check
from optimizer.routes.engine import Engine, Limits, Watcher
from optimizer.routes.greedy import empty_tours, hardest_first, insert
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.schedule import Misfit, cost_of, overload, timetable
from optimizer.routes.solution import solution_of
from optimizer.routes.task import Task, Tours, in_minor
from optimizer.routes.travel import Travel

Day = Callable[..., RouteProblem]
TravelFor = Callable[[RouteProblem], Travel]
LONG_S = 60.0
"""More than any search here takes, so that iterations end it."""


async def planned(
    problem: RouteProblem,
    roads: RoadEngine,
    *,
    planner: RoutePlanner | None = None,
    seed: int = 1,
    budget_s: float = LONG_S,
    reports: list[PlanProgress] | None = None,
) -> RouteSolution:
    planner = planner or PyvrpPlanner(max_iterations=60)
    told = [] if reports is None else reports
    return await planner.plan(problem, roads, budget_s=budget_s, seed=seed, on_progress=told.append)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_every_plan_keeps_the_rules_and_leaves_nothing_out_that_fits(
    seed: int, random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(seed)
    travel = travel_for(problem)
    solution = asyncio.run(planned(problem, roads, seed=seed))

    assert check(problem, travel, solution) == ()
    assert solution.method == "PyVRP"
    task = Task.of(problem, travel)
    numbers = {visit.id: number for number, visit in enumerate(problem.visits)}
    tours = {route.van_id: tuple(numbers[stop.visit_id] for stop in route.stops) for route in solution.routes}
    for unassigned in solution.unassigned:
        number = numbers[unassigned.visit_id]
        for van, limits in enumerate(problem.vans):
            tour = tours.get(limits.id, ())
            if limits.depot_id == problem.visits[number].depot_id:
                assert not any(
                    fits(task, van, (*tour[:at], number, *tour[at:])) for at in range(len(tour) + 1)
                )


def fits(task: Task, van: int, tour: tuple[int, ...]) -> bool:
    return overload(task, van, tour) is None and not isinstance(timetable(task, van, tour), Misfit)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=15)
def test_a_plan_is_never_worse_than_greedy_insertion(
    seed: int, random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(seed, visits=24)
    task = Task.of(problem, travel_for(problem))
    tours = insert(task, empty_tours(task), hardest_first(task))
    greedy = solution_of(problem, task, tours, is_approximate=False, method="greedy")
    solution = asyncio.run(planned(problem, roads))

    left_out = len(solution.unassigned)
    assert left_out <= len(greedy.unassigned)
    if left_out == len(greedy.unassigned):
        assert solution.cost_minor <= greedy.cost_minor


@pytest.fixture(scope="module")
def errands(place: Callable[..., LatLng], minute: Callable[[float], datetime]) -> RouteProblem:
    """Seven visits and one van: small enough to try every order."""
    spots = [(3, 9), (11, 2), (7, 7), (1, 4), (9, 12), (14, 6), (5, 1)]
    home = place(6_000, 6_000)
    return RouteProblem(
        epoch=minute(0),
        visits=tuple(
            Visit(
                f"v{number}",
                "depot",
                place(x * 1_000, y * 1_000),
                180,
                1_000,
                windows=(Window(minute(60), minute(150)),) if number % 3 == 0 else (),
            )
            for number, (x, y) in enumerate(spots)
        ),
        vans=(Van("van", "depot", home, home, Window(minute(0), minute(400)), 10_000),),
    )


async def test_a_small_problem_is_solved_to_the_optimum(
    errands: RouteProblem, travel_for: TravelFor, roads: RoadEngine
) -> None:
    task = Task.of(errands, travel_for(errands))
    tables = [timetable(task, 0, order) for order in permutations(range(7))]
    best = min(cost_of(task, 0, times) for times in tables if not isinstance(times, Misfit))
    solution = await planned(errands, roads, planner=PyvrpPlanner(max_iterations=300))
    assert solution.cost_minor == in_minor(best)


async def test_every_checksum_of_four_bytes_is_a_seed(random_day: Day, roads: RoadEngine) -> None:
    assert (await planned(random_day(11), roads, seed=2**32 - 1)).method == "PyVRP"


async def test_the_same_seed_and_iterations_give_the_same_plan(random_day: Day, roads: RoadEngine) -> None:
    problem = random_day(11, visits=30)
    first, second = [await planned(problem, roads, seed=4) for _ in range(2)]
    assert first == second


async def test_a_dear_van_drives_rather_than_that_a_visit_is_dropped(
    place: Callable[..., LatLng], minute: Callable[[float], datetime], roads: RoadEngine
) -> None:
    home, shift = place(0, 0), Window(minute(0), minute(240))
    problem = RouteProblem(
        epoch=minute(0),
        visits=tuple(Visit(f"v{n}", "depot", place(n * 500, 900), 60, 6_000) for n in range(4)),
        vans=(
            Van("cheap", "depot", home, home, shift, 18_000),
            Van("dear", "depot", home, home, shift, 18_000, fixed_cost_minor=10_000_000),
        ),
    )
    solution = await planned(problem, roads)
    assert solution.unassigned == ()
    assert len(solution.routes) == 2


async def test_visits_ride_on_vans_of_their_own_depot(random_day: Day, roads: RoadEngine) -> None:
    depots_seen = set()
    for seed in range(8):
        problem = random_day(seed, vans=5)
        depot_of = {visit.id: visit.depot_id for visit in problem.visits}
        vans = {van.id: van.depot_id for van in problem.vans}
        for route in (await planned(problem, roads)).routes:
            depots_seen.add(vans[route.van_id])
            assert {depot_of[stop.visit_id] for stop in route.stops} == {vans[route.van_id]}
    assert depots_seen == {"north", "south"}


def piled_on_one_van(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    everything = tuple(visit for tour in tours for visit in tour)
    return (everything, *((),) * (len(tours) - 1))


def doubled(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    driving = next(van for van, tour in enumerate(tours) if tour)
    return tuple((*tour, tour[0]) if van == driving else tour for van, tour in enumerate(tours))


@pytest.mark.parametrize("engine", [piled_on_one_van, doubled])
async def test_an_engine_that_breaks_a_rule_is_overruled(
    engine: Engine, random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(2, visits=20)
    solution = await planned(problem, roads, planner=PyvrpPlanner(engine=engine))
    assert solution.method.startswith("greedy insertion, since")
    assert check(problem, travel_for(problem), solution) == ()
    assert solution.routes


async def test_an_engine_that_forgets_visits_is_helped_out(random_day: Day, roads: RoadEngine) -> None:
    def forgetful(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
        return empty_tours(task)

    problem = random_day(2, visits=20)
    solution = await planned(problem, roads, planner=PyvrpPlanner(engine=forgetful))
    assert sum(len(route.stops) for route in solution.routes) > 5


async def test_a_tiny_budget_is_answered_by_greedy_insertion(random_day: Day, roads: RoadEngine) -> None:
    problem = random_day(2)
    solution = await planned(problem, roads, budget_s=0.15)
    assert solution.method == "greedy insertion"
    planned_stops = sum(len(route.stops) for route in solution.routes)
    assert planned_stops + len(solution.unassigned) == len(problem.visits)


async def test_no_budget_at_all_leaves_every_visit_unassigned_with_a_reason(
    random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(2)
    solution = await planned(problem, roads, budget_s=0.0)
    assert len(solution.unassigned) == len(problem.visits)
    assert check(problem, travel_for(problem), solution) == ()
    assert "Plan again with a longer limit" in str(solution.unassigned)


@pytest.mark.parametrize(("visits", "vans"), [(0, 0), (0, 3), (6, 0)])
async def test_a_day_without_visits_or_vans_is_planned_too(
    visits: int, vans: int, random_day: Day, roads: RoadEngine
) -> None:
    solution = await planned(random_day(1, visits=visits, vans=vans), roads)
    assert solution.routes == ()
    assert len(solution.unassigned) == visits
    assert solution.cost_minor == 0


async def test_progress_is_told_on_the_callers_thread_and_ends_with_the_answer(
    random_day: Day, roads: RoadEngine
) -> None:
    threads, reports = set(), []

    def told(progress: PlanProgress) -> None:
        threads.add(threading.get_ident())
        reports.append(progress)

    planner = PyvrpPlanner(progress_every_s=0.05)
    problem = random_day(7, visits=40)
    solution = await planner.plan(problem, roads, budget_s=0.6, seed=1, on_progress=told)

    assert threads == {threading.get_ident()}
    # 0.55 s of search in steps of 0.05 s; a crowded machine takes fewer.
    assert len(reports) >= 3
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert reports[-1].best_cost_minor == solution.cost_minor
    assert reports[-1].unassigned == len(solution.unassigned)
    assert all(report.assigned + report.unassigned == 40 for report in reports)


async def test_cancelling_ends_the_search(random_day: Day, roads: RoadEngine) -> None:
    searching, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def endless(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
        loop.call_soon_threadsafe(searching.set)
        limits.called_off.wait()
        ended.set()
        return tours

    planner = PyvrpPlanner(engine=endless)
    planning = asyncio.create_task(planned(random_day(1), roads, planner=planner))
    await searching.wait()
    planning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await planning
    assert await asyncio.to_thread(ended.wait, 10)


class HalfBlindRoads:
    """Answers tables, draws nothing."""

    def __init__(self, roads: RoadEngine) -> None:
        self._roads = roads

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        return replace(await self._roads.table(origins, destinations), is_approximate=True)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        raise RemoteUnavailable(f"No way through {len(stops)} stops: the engine is down.", system="roads")

    async def close(self) -> None:
        pass


async def test_a_route_without_a_drawing_is_better_than_none(
    errands: RouteProblem, roads: RoadEngine
) -> None:
    solution = await planned(errands, HalfBlindRoads(roads))
    assert [route.path for route in solution.routes] == [()]
    assert solution.routes[0].is_approximate


async def test_a_route_carries_its_path_from_the_start_over_all_stops_home(
    errands: RouteProblem, roads: RoadEngine
) -> None:
    solution = await planned(errands, roads)
    places = {visit.id: visit.location for visit in errands.visits}
    van = errands.vans[0]
    assert solution.routes[0].path == (
        van.start,
        *(places[stop.visit_id] for stop in solution.routes[0].stops),
        van.end,
    )


@pytest.mark.parametrize("seconds", [0.0, 1.5])
def test_progress_is_told_at_least_once_a_second(seconds: float) -> None:
    with pytest.raises(ValueError, match="progress_every_s"):
        PyvrpPlanner(progress_every_s=seconds)

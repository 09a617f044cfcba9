"""The planner as its callers see it: checked, complete, explained, on time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.ports import RoadEngine, RoutePlanner
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import PlanProgress
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import PlannedStop, RouteSolution, StopKind, ViolationKind
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window
from optimizer.routes.checker import check
from optimizer.routes.engine import Engine, Limits, Watcher
from optimizer.routes.insertion.greedy import empty_tours, hardest_first, insert
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import RELOAD, Task, Tour, Tours, in_minor
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.timetable.schedule import Misfit, timetable
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
def test_every_plan_keeps_every_rule(
    seed: int, random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(seed)
    reports: list[PlanProgress] = []
    solution = asyncio.run(
        planned(problem, roads, planner=PyvrpPlanner(max_iterations=25), seed=seed, reports=reports)
    )

    assert check(problem, travel_for(problem), solution) == ()
    assert "broke" not in solution.method
    assert solution.steps[0].engine == "greedy insertion"
    assert not [step for step in solution.steps if "failed" in step.why]
    assert reports[-1].best_cost_minor == solution.cost_minor
    assert all(stop.why or stop.kind in AT_NO_DOOR for route in solution.routes for stop in route.stops)


AT_NO_DOOR = (StopKind.BREAK, StopKind.RELOAD)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=15)
def test_nothing_is_left_out_that_fits(
    seed: int, random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(seed, features=("collections", "skills", "setting up", "overtime"))
    task = task_of(problem, travel_for(problem))
    solution = asyncio.run(planned(problem, roads, planner=PyvrpPlanner(max_iterations=25), seed=seed))
    tours = {
        task.van_numbers[route.van_id]: tuple(task.visit_numbers[name] for name in route.visit_ids)
        for route in solution.routes
    }
    for unassigned in solution.unassigned:
        number = task.visit_numbers[unassigned.visit_id]
        for van in range(len(task.vans)):
            tour = tours.get(van, ())
            tries = [(*tour[:at], number, *tour[at:]) for at in range(len(tour) + 1)]
            assert all(isinstance(timetable(task, van, longer), Misfit) for longer in tries)


@pytest.mark.parametrize("seed", [2, 7, 11])
async def test_a_plan_is_never_worse_than_greedy_insertion(
    seed: int, random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(seed, visits=24)
    task = task_of(problem, travel_for(problem))
    objective = Objective(task)
    greedy = objective.cost(insert(task, empty_tours(task), hardest_first(task)))
    solution = await planned(problem, roads)
    tours: list[Tour] = [()] * len(task.vans)
    for route in solution.routes:
        van = task.van_numbers[route.van_id]
        tours[van] = tuple(
            entry_of(task, van, stop) for stop in route.stops if stop.kind is not StopKind.BREAK
        )
    found = objective.cost(tuple(tours))
    assert found is not None
    assert greedy is None or found <= greedy


def entry_of(task: Task, van: int, stop: PlannedStop) -> int:
    if stop.kind is StopKind.RELOAD:
        return RELOAD - task.vans[van].reload_ids.index(stop.visit_id)
    return task.visit_numbers[stop.visit_id]


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
    task = task_of(errands, travel_for(errands))
    tables = [timetable(task, 0, order) for order in permutations(range(7))]
    best = min(times.cost for times in tables if not isinstance(times, Misfit))
    solution = await planned(errands, roads, planner=PyvrpPlanner(max_iterations=300))
    assert solution.cost_minor == in_minor(best)


async def test_every_checksum_of_four_bytes_is_a_seed(random_day: Day, roads: RoadEngine) -> None:
    problem = random_day(11, features=())
    assert (await planned(problem, roads, seed=2**32 - 1)).method.startswith("PyVRP")


async def test_the_same_seed_and_iterations_give_the_same_plan(random_day: Day, roads: RoadEngine) -> None:
    problem = random_day(11, visits=24)
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
        problem = random_day(seed, vans=5, features=())
        depot_of = {visit.id: visit.depot_id for visit in problem.visits}
        vans = {van.id: van.depot_id for van in problem.vans}
        for route in (await planned(problem, roads)).routes:
            depots_seen.add(vans[route.van_id])
            assert {depot_of[stop.visit_id] for stop in route.stops} <= {"", vans[route.van_id]}
    assert depots_seen == {"north", "south"}


def piled_on_one_van(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    everything = tuple(visit for tour in tours for visit in tour)
    return (everything, *((),) * (len(tours) - 1))


def doubled(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    driving = next(van for van, tour in enumerate(tours) if tour)
    return tuple((*tour, tour[0]) if van == driving else tour for van, tour in enumerate(tours))


@pytest.mark.parametrize(
    ("engine", "method"), [(piled_on_one_van, "PyVRP: it was asked for"), (doubled, "greedy insertion")]
)
async def test_an_engine_that_breaks_a_rule_is_mended_or_overruled(
    engine: Engine, method: str, random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(2, visits=20, features=())
    solution = await planned(problem, roads, planner=PyvrpPlanner(engine=engine))
    assert method.startswith(solution.method)
    assert check(problem, travel_for(problem), solution) == ()
    assert solution.routes


async def test_an_engine_that_fails_leaves_the_plan_as_it_was(random_day: Day, roads: RoadEngine) -> None:
    def stumbling(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
        raise ZeroDivisionError

    problem = random_day(2, visits=20, features=())
    solution = await planned(problem, roads, planner=PyvrpPlanner(engine=stumbling))
    assert solution.routes
    assert solution.steps[1].why == "it failed: ZeroDivisionError"


async def test_an_engine_that_forgets_visits_is_helped_out(random_day: Day, roads: RoadEngine) -> None:
    def forgetful(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
        return empty_tours(task)

    problem = random_day(2, visits=20, features=())
    solution = await planned(problem, roads, planner=PyvrpPlanner(engine=forgetful))
    assert sum(len(route.stops) for route in solution.routes) > 5


async def test_a_tiny_budget_is_answered_by_greedy_insertion(random_day: Day, roads: RoadEngine) -> None:
    problem = random_day(2, features=())
    solution = await planned(problem, roads, budget_s=0.15)
    assert solution.method == "greedy insertion"
    planned_stops = sum(len(route.visit_ids) for route in solution.routes)
    assert planned_stops + len(solution.unassigned) == len(problem.visits)


async def test_no_budget_at_all_is_answered_with_what_fits_as_it_comes(
    random_day: Day, travel_for: TravelFor, roads: RoadEngine
) -> None:
    problem = random_day(2, features=())
    solution = await planned(problem, roads, budget_s=0.0)
    assert solution.method == "greedy insertion"
    assert solution.routes
    assert check(problem, travel_for(problem), solution) == ()


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
    problem = random_day(7, visits=40, features=())
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


async def test_what_drivers_were_told_is_checked_as_it_is(errands: RouteProblem, roads: RoadEngine) -> None:
    told = [visit.id for visit in errands.visits]
    good = replace(errands, given=(GivenRoute("van", tuple(told)),))
    # The van is home at minute 20: everything after that is overtime that nobody agreed to.
    short = Window(errands.epoch, errands.epoch + timedelta(minutes=20))
    bad = replace(good, vans=(replace(errands.vans[0], shift=short),))
    planner = PyvrpPlanner()
    before, after = [await planner.check_given(problem, roads) for problem in (good, bad)]
    assert [list(route.visit_ids) for route in before.routes] == [told]
    assert {(soft.kind, soft.is_hard) for soft in after.soft} >= {(ViolationKind.OVER_SHIFT, True)}
    assert after.routes[0].overtime_s > 0
    nothing = await planner.check_given(errands, roads)
    assert (nothing.routes, len(nothing.unassigned)) == ((), 7)


async def test_goods_that_lie_elsewhere_are_told_in_one_sentence(
    errands: RouteProblem, roads: RoadEngine
) -> None:
    first, *others = errands.visits
    elsewhere = replace(first, depot_id="another")
    given = (GivenRoute(errands.vans[0].id, (elsewhere.id,)),)
    problem = replace(errands, visits=(elsewhere, *others), given=given)
    checked = await PyvrpPlanner().check_given(problem, roads)
    told = [(one.kind, one.text) for one in checked.soft if one.visit_id == elsewhere.id]
    assert told == [(ViolationKind.WRONG_DEPOT, "Its goods lie at another depot.")]


async def test_a_plan_begins_with_what_drivers_were_told(errands: RouteProblem, roads: RoadEngine) -> None:
    told = tuple(visit.id for visit in errands.visits)[::-1]
    problem = replace(errands, given=(GivenRoute("van", told, frozen=2),), stability=1.0)
    solution = await planned(problem, roads)
    assert solution.routes[0].visit_ids[:2] == told[:2]
    assert solution.moved == 0
    assert "fills what drivers were told" in solution.steps[0].why


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

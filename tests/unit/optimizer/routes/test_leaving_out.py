"""Who is left out, what is said of it, who is named for the plan, and how long a small day takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from time import monotonic

import pytest

from doorstep.geo import LatLng
from doorstep.ports import RoadEngine
from doorstep.route import PlanProgress
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution
from doorstep.van import Break, Van
from doorstep.visit import Visit
from doorstep.window import Window
from optimizer.routes.engine import Limits, Watcher
from optimizer.routes.numbered.task import Task, Tours
from optimizer.routes.planner import PyvrpPlanner

Day = Callable[..., RouteProblem]

A_MINUTE_S = 60.0
"""More than any search here takes."""


def unseen(progress: PlanProgress) -> None:
    pass


async def planned(
    problem: RouteProblem, roads: RoadEngine, *, planner: PyvrpPlanner | None = None
) -> RouteSolution:
    planner = planner or PyvrpPlanner(max_iterations=60)
    return await planner.plan(problem, roads, budget_s=A_MINUTE_S, seed=1, on_progress=unseen)


async def test_an_idle_van_is_sent_out_rather_than_that_a_visit_is_left_out(
    random_day: Day, roads: RoadEngine
) -> None:
    # Only van1's fixed cost is not nothing, so that it was rounded to the price of leaving a visit out.
    solution = await planned(random_day(3001, visits=5, vans=2), roads)
    assert [unassigned.visit_id for unassigned in solution.unassigned] == ["v2"]
    assert len(solution.routes) == 2


@pytest.fixture
def crowded(place: Callable[[float, float], LatLng], minute: Callable[[float], datetime]) -> RouteProblem:
    """Room for two of four at one address, all at the same price of leaving them out."""
    home, shift = place(0, 0), Window(minute(0), minute(240))
    priorities = (0, 4, 0, 9)
    return RouteProblem(
        epoch=minute(0),
        visits=tuple(
            Visit(
                f"p{priority}-{n}", "depot", place(0, 900), 60, 5_000, priority=priority, skip_cost_minor=900
            )
            for n, priority in enumerate(priorities)
        ),
        vans=(Van("van", "depot", home, home, shift, 10_000),),
    )


async def test_of_visits_with_one_price_those_of_a_lower_priority_are_left_out(
    crowded: RouteProblem, roads: RoadEngine
) -> None:
    solution = await planned(crowded, roads)
    assert [unassigned.visit_id for unassigned in solution.unassigned] == ["p0-0", "p0-2"]


async def test_priority_does_not_outweigh_money(crowded: RouteProblem, roads: RoadEngine) -> None:
    dearer = replace(crowded.visits[0], skip_cost_minor=950)
    solution = await planned(replace(crowded, visits=(dearer, *crowded.visits[1:])), roads)
    assert [unassigned.visit_id for unassigned in solution.unassigned] == ["p4-1", "p0-2"]


async def test_nobody_is_told_that_time_ran_out_where_a_second_try_finds_room(
    random_day: Day, roads: RoadEngine
) -> None:
    # A reload that came in for one visit made room for another that had been asked before.
    solution = await planned(random_day(96, visits=8, vans=2), roads, planner=PyvrpPlanner(max_iterations=30))
    texts = [reason.text for unassigned in solution.unassigned for reason in unassigned.reasons]
    assert not [text for text in texts if "ran out" in text]


async def test_an_engine_that_failed_is_not_named_for_the_plan(random_day: Day, roads: RoadEngine) -> None:
    def stumbling(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
        raise ZeroDivisionError

    for features in ((), ("breaks",)):
        problem = random_day(2, visits=20, features=features)
        solution = await planned(problem, roads, planner=PyvrpPlanner(engine=stumbling, max_iterations=10))
        assert solution.steps[1].why == "it failed: ZeroDivisionError"
        assert "it was asked for" not in solution.method


@pytest.mark.parametrize("has_break", [False, True])
async def test_three_stops_do_not_take_the_whole_minute(
    has_break: bool, crowded: RouteProblem, minute: Callable[[float], datetime], roads: RoadEngine
) -> None:
    rest = Break("lunch", Window(minute(60), minute(120)), 1_800)
    vans = (replace(crowded.vans[0], breaks=(rest,) if has_break else ()),)
    began_s = monotonic()
    await planned(replace(crowded, visits=crowded.visits[:3], vans=vans), roads, planner=PyvrpPlanner())
    assert monotonic() - began_s < A_MINUTE_S / 4


async def test_reasons_take_their_time_from_the_budget_as_well(random_day: Day, roads: RoadEngine) -> None:
    # In zones a wave is made of many plans: a second more for each would be a minute.
    plan = await PyvrpPlanner().plan(
        random_day(5, visits=60, vans=8), roads, budget_s=0.001, seed=1, on_progress=unseen
    )
    stops = [stop for route in plan.routes for stop in route.stops]
    assert stops
    assert any(stop.why is None for stop in stops)

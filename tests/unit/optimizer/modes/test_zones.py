"""Large waves in zones: every visit is looked at once, with the vans that may take it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from doorstep.geo import LatLng
from doorstep.ports.planning import RoadEngine
from doorstep.quote import DeliveryMode
from doorstep.route import PlanProgress
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import RouteSolution
from doorstep.van import Depot, Van
from doorstep.visit import Visit, VisitKind
from doorstep.wave import Wave, WaveOrder
from doorstep.window import Window
from optimizer.modes import WaveChooser
from optimizer.modes.zones import ZonedPlanner, zones_of
from optimizer.roads import AffineRoads
from optimizer.routes.checker import check
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.travel import travel_of
from tests.unit.optimizer.modes.conftest import offer

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOME = LatLng(47.0, 8.0)


def visit(number: int, of: int, **changes: object) -> Visit:
    """On a circle around the depot, at the hour of a clock with so many hours."""
    angle = 2 * math.pi * number / of
    there = LatLng(47.0 + 0.02 * math.sin(angle), 8.0 + 0.03 * math.cos(angle))
    made = Visit(f"v{number}", "depot", there, 120, 1_000, skip_cost_minor=900)
    return replace(made, **changes)  # type: ignore[arg-type]  # names of its fields


def van(name: str, **changes: object) -> Van:
    made = Van(name, "depot", HOME, HOME, Window(NOON, NOON + timedelta(hours=8)), 100_000)
    return replace(made, **changes)  # type: ignore[arg-type]  # names of its fields


def day(visits: int, vans: int) -> RouteProblem:
    return RouteProblem(
        NOON,
        tuple(visit(number, visits) for number in range(visits)),
        tuple(van(f"van-{number}") for number in range(vans)),
        depots=(Depot("depot", HOME),),
    )


class Asked(PyvrpPlanner):
    """Remembers how much it was asked at once."""

    def __init__(self) -> None:
        super().__init__(max_iterations=5)
        self.sizes: list[int] = []

    async def plan(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        *,
        budget_s: float,
        seed: int,
        on_progress: Callable[[PlanProgress], None],
    ) -> RouteSolution:
        self.sizes.append(len(problem.visits))
        return await super().plan(problem, roads, budget_s=budget_s, seed=seed, on_progress=on_progress)


async def planned(planner: Asked, problem: RouteProblem, most: int) -> RouteSolution:
    zoned = ZonedPlanner(planner, most)
    return await zoned.plan(problem, AffineRoads(), budget_s=2.0, seed=1, on_progress=lambda _: None)


def test_every_visit_and_van_is_in_one_zone_and_neighbours_are_together() -> None:
    zones = zones_of(day(90, 6), 30)
    assert [len(zone.visits) for zone in zones] == [30, 30, 30]
    assert [len(zone.vans) for zone in zones] == [2, 2, 2]
    assert len({one.id for zone in zones for one in zone.visits}) == 90
    for zone in zones:
        hours = sorted(int(one.id[1:]) for one in zone.visits)
        gaps = sum(after - before > 1 for before, after in pairwise(hours))
        assert gaps <= 1, "a third of the clock, perhaps over twelve"


def test_what_a_van_was_told_of_is_in_its_zone_wherever_it_lies() -> None:
    problem = day(60, 3)
    told = ("v1", "v2", "v40")
    problem = replace(problem, given=(GivenRoute("van-2", told),), stability=1.0)
    (zone,) = (zone for zone in zones_of(problem, 20) if zone.given)
    assert {one.id for one in zone.visits} >= set(told)
    assert "van-2" in {one.id for one in zone.vans}


def test_what_only_one_van_may_take_is_in_its_zone() -> None:
    problem = day(60, 3)
    vans = (*problem.vans[:2], replace(problem.vans[2], skills=frozenset({"cold"})))
    visits = tuple(
        replace(one, skills=frozenset({"cold"})) if number % 7 == 0 else one
        for number, one in enumerate(problem.visits)
    )
    zones = zones_of(replace(problem, vans=vans, visits=visits), 20)
    cold = [zone for zone in zones if any(one.skills for one in zone.visits)]
    assert len(cold) == 1
    assert any(one.skills for one in cold[0].vans)


def test_a_pickup_is_in_the_zone_of_its_drop_off() -> None:
    problem = day(60, 3)
    pairs = [
        (
            replace(visit(number, 60), id=f"p{number}", kind=VisitKind.PICKUP, skip_cost_minor=0),
            replace(visit(59 - number, 60), id=f"d{number}", from_visit=f"p{number}"),
        )
        for number in range(15)
    ]
    zones = zones_of(replace(problem, visits=tuple(one for pair in pairs for one in pair)), 10)
    for zone in zones:
        ids = {one.id for one in zone.visits}
        assert {one.from_visit for one in zone.visits if one.from_visit} <= ids
    assert sum(len(zone.visits) for zone in zones) == 30


def test_where_vans_are_few_what_is_worth_least_is_not_looked_at_and_what_must_be_is() -> None:
    problem = day(50, 1)
    visits = tuple(
        replace(one, skip_cost_minor=None if number == 49 else 100 + number)
        for number, one in enumerate(problem.visits)
    )
    (zone,) = zones_of(replace(problem, visits=visits), 20)
    assert {one.id for one in zone.visits} == {"v49", *(f"v{number}" for number in range(30, 49))}


async def test_the_tours_of_all_zones_are_one_plan_that_the_checker_takes() -> None:
    problem, planner = day(60, 3), Asked()
    solution = await planned(planner, problem, 20)
    assert planner.sizes == [20, 20, 20]
    assert solution.method.startswith("3 zones: ")
    assert not check(problem, await travel_of(problem, AffineRoads()), solution)
    assert solution.cost_minor == sum(route.cost_minor for route in solution.routes)
    named = [id_ for route in solution.routes for id_ in route.visit_ids]
    assert sorted([*named, *(one.visit_id for one in solution.unassigned)]) == sorted(
        one.id for one in problem.visits
    )


async def test_what_one_van_was_told_of_and_another_is_pinned_for_is_with_that_one() -> None:
    problem, planner = day(60, 3), Asked()
    visits = tuple(replace(one, pinned_van="van-2") if one.id == "v2" else one for one in problem.visits)
    given = (GivenRoute("van-0", ("v1", "v2", "v3"), 1), GivenRoute("van-2", ("v40", "v41")))
    problem = replace(problem, visits=visits, given=given)

    solution = await planned(planner, problem, 20)

    (with_it,) = (route for route in solution.routes if "v2" in route.visit_ids)
    assert with_it.van_id == "van-2"
    assert not check(problem, await travel_of(problem, AffineRoads()), solution)


async def test_a_pair_whose_halves_two_vans_were_told_of_is_in_one_zone() -> None:
    problem, planner = day(60, 3), Asked()
    fetch = replace(visit(1, 60), kind=VisitKind.PICKUP)
    bring = replace(visit(50, 60), from_visit="v1")
    others = tuple(one for one in problem.visits if one.id not in ("v1", "v50"))
    given = (GivenRoute("van-0", ("v2", "v1", "v3"), 1), GivenRoute("van-2", ("v50", "v51")))
    problem = replace(problem, visits=(fetch, *others, bring), given=given)

    solution = await planned(planner, problem, 20)

    assert not check(problem, await travel_of(problem, AffineRoads()), solution)


async def test_a_small_problem_is_handed_on_as_it_is() -> None:
    planner = Asked()
    solution = await planned(planner, day(20, 2), 20)
    assert planner.sizes == [20]
    assert "zones" not in solution.method


async def test_every_order_of_a_wave_in_zones_has_a_choice() -> None:
    problem = day(60, 3)
    orders = tuple(WaveOrder(one.id, (offer("Dart", 900),)) for one in problem.visits)
    chooser = WaveChooser(PyvrpPlanner(max_iterations=5), most_in_zone=20)
    plan = await chooser.choose(Wave("USD", orders, fleet=problem), AffineRoads(), budget_s=2.0, seed=1)
    assert {choice.mode for choice in plan.choices} <= {DeliveryMode.OWN_FLEET, DeliveryMode.COURIER}
    assert len(plan.choices) == 60
    assert plan.routes is not None
    assert plan.routes.method.startswith("3 zones")


async def test_vans_leave_for_many_orders_none_of_which_is_worth_a_van() -> None:
    """9.00 for each of 60 orders elsewhere; a van costs 150.00 and does all of them for 2.50 each or so."""
    vans = tuple(van(f"van-{number}", fixed_cost_minor=15_000) for number in range(2))
    problem, planner = replace(day(60, 2), vans=vans), PyvrpPlanner(max_iterations=1)
    alone = await planner.plan(problem, AffineRoads(), budget_s=1.0, seed=1, on_progress=lambda _: None)
    assert alone.routes == (), "order by order no van leaves"
    orders = tuple(WaveOrder(one.id, (offer("Dart", 900),)) for one in problem.visits)
    plan = await WaveChooser(planner).choose(
        Wave("USD", orders, fleet=problem), AffineRoads(), budget_s=2.0, seed=1
    )
    assert sum(choice.mode is DeliveryMode.OWN_FLEET for choice in plan.choices) > 30
    assert plan.cost.minor < 60 * 900


async def test_no_van_leaves_where_all_is_cheaper_elsewhere() -> None:
    problem = replace(day(20, 2), vans=tuple(van(f"van-{n}", fixed_cost_minor=50_000) for n in range(2)))
    orders = tuple(WaveOrder(one.id, (offer("Dart", 900),)) for one in problem.visits)
    chooser = WaveChooser(PyvrpPlanner(max_iterations=1))
    plan = await chooser.choose(Wave("USD", orders, fleet=problem), AffineRoads(), budget_s=2.0, seed=1)
    assert plan.cost.minor == 20 * 900
    assert {choice.mode for choice in plan.choices} == {DeliveryMode.COURIER}

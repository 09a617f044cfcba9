"""The desk makes tours better only while nobody waits for an answer."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

from doorstep.route_problem import GivenRoute, RouteProblem
from gateway.bootstrap.route_desk import PlannersDesk
from optimizer.live import Overhaul
from optimizer.routes.engine import Limits
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.travel import Travel
from tests.unit.optimizer.routes.by_hand import day, van, visit
from tests.unit.optimizer.routes.town import FlatRoads

TOLD = day([visit("a", 6), visit("b", 12)], van(), given=(GivenRoute("one", ("a", "b")),))


class Endless:
    """Searches until it is called off; then it has found the other way round."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()

    def __call__(
        self, problem: RouteProblem, travel: Travel, limits: Limits, *, seed: int
    ) -> tuple[Overhaul, ...]:
        self.has_begun.set()
        assert limits.called_off.wait(30)
        return (Overhaul((GivenRoute("one", ("b", "a")),), 100),)


async def test_a_search_for_better_tours_gives_way_to_an_order_and_tells_what_it_has() -> None:
    endless = Endless()
    desk = PlannersDesk(PyvrpPlanner(), overhaul=endless)
    improving = asyncio.create_task(desk.improve(TOLD, FlatRoads(), budget_s=600))
    await asyncio.to_thread(endless.has_begun.wait, 30)
    new = visit("new", 9)
    placed = await desk.insert(replace(TOLD, visits=(*TOLD.visits, new)), FlatRoads(), "new")
    assert placed is not None
    (found,) = await improving
    assert [route.visit_ids for route in found.routes] == [("b", "a")]


async def test_what_breaks_a_rule_after_all_is_not_told() -> None:
    def forbidden(
        problem: RouteProblem, travel: Travel, limits: Limits, *, seed: int
    ) -> tuple[Overhaul, ...]:
        return (Overhaul((GivenRoute("one", ("a",)),), 100),)

    light = replace(TOLD, vans=(van(capacity_g=500),))
    desk = PlannersDesk(PyvrpPlanner(), overhaul=forbidden)
    assert not await desk.improve(light, FlatRoads(), budget_s=1)


async def test_a_van_that_has_nothing_left_is_named() -> None:
    def all_to_one(
        problem: RouteProblem, travel: Travel, limits: Limits, *, seed: int
    ) -> tuple[Overhaul, ...]:
        return (Overhaul((GivenRoute("one", ("a", "b")), GivenRoute("two", ())), 100),)

    both = replace(
        TOLD, vans=(van(), van("two")), given=(GivenRoute("one", ("a",)), GivenRoute("two", ("b",)))
    )
    desk = PlannersDesk(PyvrpPlanner(), overhaul=all_to_one)
    (found,) = await desk.improve(both, FlatRoads(), budget_s=1)
    assert (found.emptied, [route.visit_ids for route in found.routes]) == (("two",), [("a", "b")])

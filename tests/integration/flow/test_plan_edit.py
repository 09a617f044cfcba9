"""A dispatcher drags stops and gives tours away; the van that leaves meanwhile is never overruled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery import Delivery
from doorstep.driver import Driver, TourLimits
from doorstep.errors import InvalidInput, NotFound, PlanInfeasible, StateConflict
from doorstep.events import DeliveryBooked
from doorstep.ids import new_id
from doorstep.ports import RouteDesk
from doorstep.route import PlanScope, Route, RouteStatus
from doorstep.route_solution import ViolationKind
from gateway.flow.planning.changes.assign import assign_route
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.changes.move import StopMove, move_stop, preview_move
from gateway.flow.ports import Means
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import (
    at_the_desk,
    on,
    planned,
    put_driver,
    shop_with_vans,
    tour_for,
    tours,
)
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import drive, east, north, order_to, put_tour, tour_of


@dataclass
class Desk:
    """Two vans, each with a tour: Ann north to a and b, Bob east to c."""

    stage: Stage
    means: Means
    ann: Driver
    bob: Driver
    north: Route
    east: Route
    a: Delivery
    b: Delivery
    c: Delivery

    def stop_of(self, delivery: Delivery) -> str:
        """Its stop."""
        stops = (*self.north.stops, *self.east.stops)
        return next(stop.id for stop in stops if stop.delivery_id == delivery.id)

    async def move(
        self, delivery: Delivery, to: Route, sequence: int | None = None, **say: Any
    ) -> list[Route]:
        """Move a stop to a tour as it was first seen."""
        said = {"accepts_soft": False, "locks": False, "expected_version": to.version, **say}
        wish = StopMove(self.stop_of(delivery), to.id, sequence)
        return list(await move_stop(self.means, MERCHANT_ID, wish, **said))


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    a, b, c = await order_to(stage, a=north(1000), b=north(2000), c=east(1500))
    means, later = at_the_desk(stage), timedelta(hours=2)
    routes = []
    for driver, deliveries in ((ann, [a, b]), (bob, [c])):
        route = await put_tour(stage, driver, deliveries)
        routes.append(replace(route, starts_at=route.starts_at + later, ends_at=route.ends_at + later))
        async with stage.means.begin(MERCHANT_ID) as work:
            await work.routes.put_route(routes[-1])
    kept = [await stage.kept(one.id) for one in (a, b, c)]
    return Desk(stage, means, ann, bob, routes[0], routes[1], *kept)


async def test_a_preview_says_what_a_move_costs_and_changes_nothing(desk: Desk) -> None:
    move = StopMove(desk.stop_of(desk.c), desk.north.id, 1)
    seen = await preview_move(desk.means, MERCHANT_ID, move)
    assert (seen.is_feasible, seen.violations, seen.currency) == (True, (), "USD")
    # Bob need not drive at all: 3 km there and back, against a detour of Ann's.
    assert seen.cost_minor < 0
    assert {one.stop.delivery_id for one in seen.changed} >= {desk.c.id}
    new = next(one for one in seen.changed if one.stop.delivery_id == desk.c.id)
    assert new.arrival_before is None
    assert await tour_of(desk.stage, desk.north) == desk.north
    assert await tour_of(desk.stage, desk.east) == desk.east


async def test_a_moved_stop_is_with_its_new_driver_and_an_empty_tour_is_over(desk: Desk) -> None:
    target, source = await desk.move(desk.c, desk.north, 1, locks=True)
    assert on(target) == [desk.c.id, desk.a.id, desk.b.id]
    assert [stop.sequence for stop in target.stops] == [1, 2, 3]
    assert [stop.is_locked for stop in target.stops] == [True, False, False]
    assert (target.id, target.version, target.driver_id) == (desk.north.id, 2, desk.ann.id)
    assert target.polyline
    assert (source.id, source.status) == (desk.east.id, RouteStatus.CANCELLED)
    assert (await desk.stage.kept(desk.c.id)).driver_id == desk.ann.id
    await planned(desk.stage, stability=0.0)
    assert (await tour_for(desk.stage, desk.c.id)).driver_id == desk.ann.id, "no plan takes it away"


async def test_without_a_number_a_stop_goes_where_it_costs_least(desk: Desk) -> None:
    (route,) = await desk.move(desk.b, desk.north)
    assert (route.id, set(on(route))) == (desk.north.id, {desk.a.id, desk.b.id})


async def test_a_move_needs_the_version_that_was_seen_and_a_place_that_is_there(desk: Desk) -> None:
    with pytest.raises(StateConflict) as conflict:
        await desk.move(desk.c, desk.north, expected_version=7)
    assert (conflict.value.current_id, conflict.value.current_version) == (desk.north.id, 1)
    with pytest.raises(InvalidInput, match="1 to 3") as wrong:
        await desk.move(desk.c, desk.north, 4)
    assert wrong.value.path == ("input", "placement", "sequence")
    nowhere = StopMove(desk.stop_of(desk.c), new_id("rte"))
    with pytest.raises(NotFound):
        await preview_move(desk.means, MERCHANT_ID, nowhere)
    with pytest.raises(NotFound):
        await preview_move(desk.means, MERCHANT_ID, StopMove(new_id("stp"), desk.north.id))


async def test_a_hard_rule_is_broken_by_nobody_and_a_soft_one_by_who_accepts_it(desk: Desk) -> None:
    await desk.move(desk.c, desk.north, locks=True)
    seen = await tour_of(desk.stage, desk.north)
    back = await put_tour(desk.stage, desk.bob, [])
    later = replace(back, starts_at=seen.starts_at, ends_at=seen.ends_at)
    async with desk.stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(later)
    with pytest.raises(PlanInfeasible) as soft:
        await desk.move(desk.c, later)
    assert [(one.kind, one.is_hard) for one in soft.value.violations] == [(ViolationKind.LOCKED, False)]
    assert len(await desk.move(desk.c, later, accepts_soft=True)) == 2
    await put_driver(desk.stage, desk.ann, limits=TourLimits(max_stops=2))
    north_now = await tour_of(desk.stage, desk.north)
    with pytest.raises(PlanInfeasible) as hard:
        await desk.move(desk.c, north_now, accepts_soft=True)
    assert ViolationKind.TOO_MANY_STOPS in {one.kind for one in hard.value.violations if one.is_hard}


@dataclass
class Interrupted:
    """A desk at which something happens while it works."""

    desk: RouteDesk
    meanwhile: Callable[[], Awaitable[object]]

    async def look(self, *given: Any) -> Any:
        return await self.desk.look(*given)

    async def move(self, *given: Any) -> Any:
        told = await self.desk.move(*given)
        await self.meanwhile()
        return told

    async def insert(self, *given: Any, day: str = "") -> Any:
        return await self.desk.insert(*given, day=day)

    async def improve(self, *given: Any, budget_s: float) -> Any:
        return await self.desk.improve(*given, budget_s=budget_s)

    async def assignments(self, *given: Any) -> Any:
        return await self.desk.assignments(*given)

    async def window_costs(self, *given: Any, day: str = "") -> Any:
        return await self.desk.window_costs(*given, day=day)


async def test_a_van_that_leaves_while_a_stop_is_moved_is_a_conflict(desk: Desk) -> None:
    async def leave() -> None:
        await drive(desk.stage, desk.ann, SHOP, north(400))

    assert desk.means.desk is not None
    desk.means = replace(desk.means, desk=Interrupted(desk.means.desk, leave))
    with pytest.raises(StateConflict, match="meanwhile") as conflict:
        await desk.move(desk.b, desk.east)
    assert conflict.value.current_id == desk.north.id
    left = await tour_of(desk.stage, desk.north)
    assert (left.status, on(left)) == (RouteStatus.STARTED, [desk.a.id, desk.b.id])
    assert await tour_of(desk.stage, desk.east) == desk.east
    assert (await desk.stage.kept(desk.b.id)).driver_id == desk.ann.id


async def test_what_is_on_board_stays_there_and_the_next_door_comes_first(desk: Desk) -> None:
    await drive(desk.stage, desk.ann, SHOP, north(400))
    out = await tour_of(desk.stage, desk.north)
    with pytest.raises(StateConflict, match="on the way to it"):
        await desk.move(desk.a, out, 2)
    with pytest.raises(InvalidInput, match="2 to 2"):
        await desk.move(desk.b, out, 1)
    with pytest.raises(PlanInfeasible) as aboard:
        await desk.move(desk.b, desk.east, accepts_soft=True)
    assert ViolationKind.LOCKED in {one.kind for one in aboard.value.violations if one.is_hard}
    with pytest.raises(PlanInfeasible) as ashore:
        await desk.move(desk.c, out, accepts_soft=True)
    assert any(one.is_hard for one in ashore.value.violations)


async def test_a_tour_goes_to_another_driver_who_may_drive_it(desk: Desk) -> None:
    given = await assign_route(desk.means, MERCHANT_ID, desk.east.id, desk.ann.id, 1)
    assert (given.id, given.driver_id, given.version) == (desk.east.id, desk.ann.id, 2)
    assert (await desk.stage.kept(desk.c.id)).driver_id == desk.ann.id
    await put_driver(desk.stage, desk.bob, capacity_g=100)
    with pytest.raises(PlanInfeasible, match="With Bob, this tour breaks") as weak:
        await assign_route(desk.means, MERCHANT_ID, desk.north.id, desk.bob.id, 1)
    assert {one.kind for one in weak.value.violations if one.is_hard} == {ViolationKind.OVER_CAPACITY}
    with pytest.raises(StateConflict):
        await assign_route(desk.means, MERCHANT_ID, desk.east.id, desk.bob.id, 1)
    with pytest.raises(NotFound):
        await assign_route(desk.means, MERCHANT_ID, desk.east.id, new_id("drv"), 2)
    assert len(await tours(desk.stage)) == 2


async def test_whoever_changes_tours_at_once_leaves_every_delivery_on_one(desk: Desk) -> None:
    (new,) = await order_to(desk.stage, d=east(700))
    leg = new.active_leg
    assert leg is not None
    told = DeliveryBooked(MERCHANT_ID, new.id, leg.id)
    outcomes = await asyncio.gather(
        planned(desk.stage, stability=0.0),
        desk.move(desk.c, desk.north),
        desk.move(desk.a, desk.east),
        insert_booked(told, desk.means),
        drive(desk.stage, desk.bob, SHOP, east(400)),
        planned(desk.stage, scope=PlanScope.RUNNING),
        return_exceptions=True,
    )
    failed = [one for one in outcomes if isinstance(one, BaseException)]
    assert [one for one in failed if not isinstance(one, StateConflict | PlanInfeasible)] == []
    placed = [id_ for route in await tours(desk.stage) for id_ in on(route)]
    assert sorted(placed) == sorted(set(placed)), "nothing is on two tours"
    for delivery in (desk.a, desk.b, desk.c, new):
        kept = await desk.stage.kept(delivery.id)
        mine = [route.driver_id for route in await tours(desk.stage) if delivery.id in on(route)]
        assert mine == ([kept.driver_id] if kept.driver_id else [])

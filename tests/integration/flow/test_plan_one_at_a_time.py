"""Nobody drives two tours at once, and no plan takes away what a van has on board."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.errors import PlanInfeasible, StateConflict
from doorstep.ids import new_id
from doorstep.ports import RoutePlanner
from doorstep.route import PlanScope, Route, RoutePlanStatus, RouteStatus
from doorstep.route_solution import RouteSolution, ViolationKind
from gateway.flow.planning.changes.assign import assign_route
from gateway.flow.planning.parts.vans import LOADING_S
from gateway.flow.planning.standing.running import read_running
from gateway.flow.planning.standing.tell import TourChange, tell_changes, tell_new
from tests.conftest import Dsn
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import at_the_desk, on, planned, shop_with_vans, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import drive, east, north, order_to, put_tour, tour_of
from tests.integration.flow.waits import until_somebody_waits

LOADING = timedelta(seconds=LOADING_S)


async def _at(stage: Stage, route: Route, starts_h: float, ends_h: float) -> Route:
    """A tour at other hours from now."""
    now = stage.clock.now()
    moved = replace(route, starts_at=now + timedelta(hours=starts_h), ends_at=now + timedelta(hours=ends_h))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(moved)
    return moved


async def _two_tours(stage: Stage, ann: Driver) -> tuple[Route, Route]:
    """Of one driver: from two to three hours from now, and from four to five."""
    a, b = await order_to(stage, a=north(1000), b=east(1000))
    first = await _at(stage, await put_tour(stage, ann, [a]), 2, 3)
    return first, await _at(stage, await put_tour(stage, ann, [b]), 4, 5)


async def test_two_who_change_two_tours_of_a_driver_do_not_let_them_overlap(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    first, second = await _two_tours(stage, ann)
    longer = TourChange(first, replace(first, ends_at=second.starts_at - LOADING))
    earlier = TourChange(second, replace(second, starts_at=first.ends_at + LOADING))
    async with stage.means.begin(MERCHANT_ID) as work:
        await tell_changes(work, [longer], stage.clock.now())
    with pytest.raises(StateConflict, match="two tours at once") as conflict:
        async with stage.means.begin(MERCHANT_ID) as work:
            await tell_changes(work, [earlier], stage.clock.now())
    assert conflict.value.current_id == first.id
    assert (await tour_of(stage, second)).version == second.version


async def test_who_is_told_a_new_tour_while_the_one_before_gets_longer_has_not_two_at_once(
    stage: Stage, dsn: Dsn
) -> None:
    (ann,) = await shop_with_vans(stage)
    first, second = await _two_tours(stage, ann)
    new = replace(second, id=new_id("rte"), status=RouteStatus.PLANNED)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(replace(second, status=RouteStatus.CANCELLED))
        free = replace(await stage.kept(second.stops[0].delivery_id), driver_id=None)
        await work.deliveries.put(free)
    longer = TourChange(first, replace(first, ends_at=second.starts_at + LOADING))

    async def tell() -> None:
        async with stage.means.begin(MERCHANT_ID) as work:
            await tell_new(work, new, stage.clock.now())

    async with stage.means.begin(MERCHANT_ID) as work:
        await tell_changes(work, [longer], stage.clock.now())
        telling = asyncio.create_task(tell())
        await until_somebody_waits(dsn)
    with pytest.raises(StateConflict, match="another tour meanwhile"):
        await telling
    assert [route.id for route in await tours(stage)] == [first.id]


async def test_tours_that_are_changed_together_share_the_time_between_them(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    first, second = await _two_tours(stage, ann)
    async with stage.means.begin(MERCHANT_ID) as work:
        both = await read_running(work, [first, second], stage.clock.now())
        alone = await read_running(work, [first], stage.clock.now())
    van, behind = both.tours[first.id].van, both.tours[second.id].van
    # Between three and four o'clock five minutes are for loading, and half of the rest is each one's.
    assert van.shift.end == first.ends_at + timedelta(minutes=27, seconds=30)
    assert (van.overtime_s, behind.shift.start) == (0, van.shift.end + LOADING)
    assert alone.tours[first.id].van.shift.end == second.starts_at - LOADING


async def test_a_tour_that_a_driver_is_given_lies_behind_one_that_leaves_at_the_same_time(
    stage: Stage,
) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    a, c = await order_to(stage, a=north(1000), c=east(1500))
    first = await _at(stage, await put_tour(stage, ann, [a]), 2, 3)
    other = await _at(stage, await put_tour(stage, bob, [c]), 2, 3)
    given = await assign_route(at_the_desk(stage), MERCHANT_ID, other.id, ann.id, 1)
    assert given.driver_id == ann.id
    assert given.starts_at >= first.ends_at + LOADING


async def test_a_tour_that_does_not_fit_before_the_one_there_is_goes_to_nobody(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    a, c = await order_to(stage, a=north(1000), c=east(1500))
    await _at(stage, await put_tour(stage, ann, [a]), 2, 3)
    # Its door opens in two hours, when Ann has to leave with the other one.
    other = await _at(stage, await put_tour(stage, bob, [c]), 1.5, 2.5)
    with pytest.raises(PlanInfeasible) as refused:
        await assign_route(at_the_desk(stage), MERCHANT_ID, other.id, ann.id, 1)
    assert [one.kind for one in refused.value.violations] == [ViolationKind.OVER_SHIFT]


async def test_a_late_van_leaves_again_when_it_is_back_and_not_when_it_should_have_been(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage, opens_in_minutes=0)
    (first,) = await order_to(stage, a=north(3000))
    out = await put_tour(stage, ann, [first], status=RouteStatus.STARTED)
    stage.clock.advance(minutes=150)
    (second,) = await order_to(stage, b=east(500))
    plan = await planned(stage, scope=PlanScope.RUNNING, means=at_the_desk(stage))
    assert plan.status is RoutePlanStatus.PUBLISHED
    running, following = await tours(stage)
    # The door was to be served two hours and twenty minutes ago, and the way there and back takes a while.
    assert (running.id, on(following)) == (out.id, [second.id])
    assert running.ends_at > stage.clock.now()
    assert following.starts_at >= running.ends_at + LOADING


async def test_another_plan_believes_a_late_van_no_more_than_its_delay(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage, opens_in_minutes=0)
    (first,) = await order_to(stage, a=north(3000))
    out = await put_tour(stage, ann, [first], status=RouteStatus.STARTED)
    stage.clock.advance(minutes=150)
    await order_to(stage, b=east(500))
    await planned(stage)
    _, following = await tours(stage)
    late = stage.clock.now() - out.stops[0].planned_arrival
    assert following.starts_at >= out.ends_at + late + LOADING


@dataclass
class Interrupted:
    """A planner that something happens to once it has thought."""

    planner: RoutePlanner
    meanwhile: Callable[[], Awaitable[object]]

    async def plan(self, *args: Any, **kwargs: Any) -> RouteSolution:
        solution = await self.planner.plan(*args, **kwargs)
        await self.meanwhile()
        return solution


@pytest.mark.parametrize("scope", PlanScope)
async def test_a_tour_that_is_loaded_while_the_planner_thinks_is_driven(
    stage: Stage, scope: PlanScope
) -> None:
    (ann,) = await shop_with_vans(stage)
    (first,) = await order_to(stage, a=north(1000))
    await planned(stage)
    (told,) = await tours(stage)
    (second,) = await order_to(stage, b=north(2000))

    async def load() -> None:
        stage.clock.advance(seconds=(told.starts_at - stage.clock.now()).total_seconds() - 60)

    means = replace(stage.means, planner=Interrupted(stage.means.planner, load))
    plan = await planned(stage, scope=scope, means=means)
    # Its only tour was another one for the same van.
    assert (plan.status, plan.problem) == (
        RoutePlanStatus.FAILED,
        "Every van of this plan has left or was told something else while it was made; plan again.",
    )
    (only,) = await tours(stage)
    assert (only.id, only.version, on(only)) == (told.id, told.version, [first.id])
    waiting = await stage.kept(second.id)
    assert (waiting.status, waiting.driver_id) == (DeliveryStatus.BOOKED, None)
    await drive(stage, ann, SHOP, north(400))
    assert (await stage.kept(first.id)).status is DeliveryStatus.OUT_FOR_DELIVERY


async def test_no_van_is_told_to_have_left_already(stage: Stage) -> None:
    await shop_with_vans(stage, opens_in_minutes=0)
    (delivery,) = await order_to(stage, a=north(1000))

    async def take_long() -> None:
        stage.clock.advance(minutes=40)

    means = replace(stage.means, planner=Interrupted(stage.means.planner, take_long))
    plan = await planned(stage, means=means)
    assert (plan.status, await tours(stage)) == (RoutePlanStatus.FAILED, [])
    assert (await stage.kept(delivery.id)).driver_id is None
    again = await planned(stage)
    assert again.status is RoutePlanStatus.PUBLISHED


async def test_a_search_that_takes_its_time_lets_nobody_leave_before_it_is_over(stage: Stage) -> None:
    await shop_with_vans(stage, opens_in_minutes=0)
    await order_to(stage, a=north(1000))
    before = stage.clock.now()
    await planned(stage, time_limit_s=600.0)
    (tour,) = await tours(stage)
    assert tour.starts_at >= before + timedelta(seconds=600) + LOADING


async def test_a_plan_with_nothing_to_tell_has_failed_and_says_so(stage: Stage) -> None:
    await shop_with_vans(stage)
    plan = await planned(stage)
    assert (plan.status, plan.problem) == (RoutePlanStatus.FAILED, "Nothing waits for a van.")
    await order_to(stage, a=north(400_000))
    plan = await planned(stage)
    assert (plan.status, plan.problem, len(plan.unassigned)) == (
        RoutePlanStatus.FAILED,
        "No van can take any of it; each delivery says why.",
        1,
    )


async def test_a_van_that_leaves_the_depot_the_evening_before_has_not_begun_its_tour(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    tomorrow = await _at(stage, await put_tour(stage, ann, [delivery]), 20, 22)
    await drive(stage, ann, SHOP, north(400))
    assert (await tour_of(stage, tomorrow)).status is RouteStatus.PUBLISHED
    stage.clock.advance(hours=19)
    await drive(stage, ann, SHOP, north(400))
    assert (await tour_of(stage, tomorrow)).status is RouteStatus.STARTED

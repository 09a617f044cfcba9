"""Own-fleet deliveries become tours that drivers are told; what has left stays as it was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.errors import InvalidInput, RemoteUnavailable
from doorstep.events import PlanRequested
from doorstep.geo import decode_polyline
from doorstep.ports import RoutePlanner
from doorstep.route import Route, RoutePlan, RoutePlanStatus, RouteStatus, StopStatus
from doorstep.route_solution import RouteSolution, UnassignedCode
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.planning.parts.vans import LOADING_S
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.planning.plans.request import PlanWish, plan_due, request_plan
from gateway.flow.ports import Means
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, east, north, order_to, own_fleet, tour_of

TODAY = date(2026, 11, 23)


async def _plan(stage: Stage, *delivery_ids: str, means: Means | None = None) -> RoutePlan:
    """Ask for a plan and solve it."""
    wish = PlanWish(TODAY, 0.1, delivery_ids=delivery_ids, is_published_at_once=True)
    plan = await request_plan(stage.means, MERCHANT_ID, wish)
    await plan_routes(PlanRequested(MERCHANT_ID, plan.id), means or stage.means)
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.routes.plan(plan.id)
    assert found is not None
    return found


async def _tours(stage: Stage) -> list[Route]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.routes.unfinished())


def _on(route: Route) -> set[str]:
    return {stop.delivery_id for stop in route.stops}


async def _shop_with_van(stage: Stage, *, opens_in_minutes: int = 0) -> Driver:
    """Doors that open later are driven to later, and such a tour may still be planned anew."""
    await own_fleet(stage, opens_in_minutes)
    return await add_van(stage)


async def test_a_plan_becomes_a_published_tour_with_its_driver(stage: Stage) -> None:
    driver = await _shop_with_van(stage)
    deliveries = await order_to(stage, a=north(1000), b=north(2000))
    plan = await _plan(stage)
    assert (plan.status, plan.unassigned, plan.published_at) == (
        RoutePlanStatus.PUBLISHED,
        (),
        stage.clock.now(),
    )
    assert set(plan.delivery_ids) == {delivery.id for delivery in deliveries}
    (route,) = await _tours(stage)
    assert (route.driver_id, route.status, route.plan_id) == (driver.id, RouteStatus.PUBLISHED, plan.id)
    assert _on(route) == set(plan.delivery_ids)
    assert [stop.sequence for stop in route.stops] == [1, 2]
    assert route.starts_at >= stage.clock.now() + timedelta(seconds=LOADING_S)
    assert decode_polyline(route.polyline)[0].rounded(4) == SHOP
    for delivery in deliveries:
        kept = await stage.kept(delivery.id)
        assert (kept.status, kept.driver_id) == (DeliveryStatus.COURIER_ASSIGNED, driver.id)


async def test_what_nobody_can_take_stays_unassigned_with_a_reason(stage: Stage) -> None:
    driver = await _shop_with_van(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        # One order is two kettles of 900 g.
        await work.fleet.put_driver(replace(driver, capacity_g=2000))
    near, far = await order_to(stage, a=north(1000), b=north(400_000))
    plan = await _plan(stage)
    (missing,) = plan.unassigned
    assert missing.visit_id == far.id
    assert missing.reasons
    assert missing.reasons[0].code in UnassignedCode
    assert missing.reasons[0].text
    assert (plan.progress.assigned, plan.progress.unassigned) == (1, 1)
    (route,) = await _tours(stage)
    assert _on(route) == {near.id}
    assert (await stage.kept(far.id)).driver_id is None


async def test_a_new_plan_replaces_a_tour_that_has_not_left(stage: Stage) -> None:
    await _shop_with_van(stage, opens_in_minutes=120)
    (first,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    (old,) = await _tours(stage)
    (second,) = await order_to(stage, b=north(2000))
    await _plan(stage)
    (new,) = await _tours(stage)
    assert _on(new) == {first.id, second.id}
    assert (await tour_of(stage, old)).status is RouteStatus.CANCELLED


async def test_a_plan_for_one_delivery_keeps_those_who_were_told_a_driver(stage: Stage) -> None:
    await _shop_with_van(stage, opens_in_minutes=120)
    (first,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    (second,) = await order_to(stage, b=north(2000))
    await _plan(stage, second.id)
    assert set().union(*(_on(route) for route in await _tours(stage))) == {first.id, second.id}


async def test_a_tour_that_is_withdrawn_lets_its_deliveries_go(stage: Stage) -> None:
    driver = await _shop_with_van(stage, opens_in_minutes=120)
    (delivery,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.fleet.put_driver(replace(driver, enabled=False))
    plan = await _plan(stage)
    assert [missing.visit_id for missing in plan.unassigned] == [delivery.id]
    assert await _tours(stage) == []
    assert (await stage.kept(delivery.id)).driver_id is None


async def test_a_tour_that_has_left_stays_and_the_next_one_comes_after_it(stage: Stage) -> None:
    driver = await _shop_with_van(stage)
    (first,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    (left,) = await _tours(stage)
    await drive(stage, driver, SHOP, north(400))
    (second,) = await order_to(stage, b=east(1000))
    await _plan(stage)
    started, following = await _tours(stage)
    assert (started.id, started.status, _on(started)) == (left.id, RouteStatus.STARTED, {first.id})
    assert _on(following) == {second.id}
    assert following.starts_at >= started.ends_at


async def test_a_tour_that_is_being_loaded_stays(stage: Stage) -> None:
    await _shop_with_van(stage, opens_in_minutes=120)
    (first,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    (loading,) = await _tours(stage)
    stage.clock.advance(seconds=(loading.starts_at - stage.clock.now()).total_seconds() - LOADING_S + 1)
    await order_to(stage, b=north(2000))
    await _plan(stage)
    assert (await tour_of(stage, loading)).status is RouteStatus.PUBLISHED
    assert _on(await tour_of(stage, loading)) == {first.id}


@dataclass
class Interrupted:
    """A planner that something happens to while it thinks."""

    planner: RoutePlanner
    meanwhile: Callable[[], Awaitable[object]]

    async def plan(self, *args: Any, **kwargs: Any) -> RouteSolution:
        solution = await self.planner.plan(*args, **kwargs)
        await self.meanwhile()
        return solution


async def test_a_van_that_leaves_while_the_planner_thinks_keeps_its_tour(stage: Stage) -> None:
    driver = await _shop_with_van(stage, opens_in_minutes=120)
    (first,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    (second,) = await order_to(stage, b=north(2000))
    (leaving,) = await _tours(stage)
    await drive(stage, driver, SHOP)

    async def leave() -> None:
        await drive(stage, driver, north(400))

    await _plan(stage, means=replace(stage.means, planner=Interrupted(stage.means.planner, leave)))
    (only,) = await _tours(stage)
    assert (only.id, only.status, _on(only)) == (leaving.id, RouteStatus.STARTED, {first.id})
    assert (await stage.kept(first.id)).status is DeliveryStatus.OUT_FOR_DELIVERY
    waiting = await stage.kept(second.id)
    assert (waiting.status, waiting.driver_id) == (DeliveryStatus.BOOKED, None), "it waits for the next plan"


async def test_what_is_called_off_while_the_planner_thinks_is_on_no_tour(stage: Stage) -> None:
    await _shop_with_van(stage)
    first, second = await order_to(stage, a=north(1000), b=north(2000))

    async def call_off() -> None:
        await cancel_delivery(stage.means, MERCHANT_ID, first.id, "customer asked")

    await _plan(stage, means=replace(stage.means, planner=Interrupted(stage.means.planner, call_off)))
    (route,) = await _tours(stage)
    assert _on(route) == {second.id}


class NoPlanner:
    """Cannot ask the roads."""

    async def plan(self, *args: Any, **kwargs: Any) -> RouteSolution:
        raise RemoteUnavailable("The road engine is down.", system="roads")


async def test_a_plan_without_roads_fails_and_says_so_and_leaves_everything_as_it_was(stage: Stage) -> None:
    await _shop_with_van(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    before = await _tours(stage)
    plan = await _plan(stage, means=replace(stage.means, planner=NoPlanner()))
    assert (plan.status, plan.problem) == (RoutePlanStatus.FAILED, "The road engine is down.")
    assert await _tours(stage) == before
    assert (await stage.kept(delivery.id)).driver_id is not None


async def test_a_plan_of_what_makes_no_sense_fails_and_names_it(stage: Stage) -> None:
    driver = await _shop_with_van(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.fleet.put_driver(replace(driver, capacity_g=0))
    await order_to(stage, a=north(1000))
    plan = await _plan(stage)
    assert plan.status is RoutePlanStatus.FAILED
    assert plan.problem == f"vans[{driver.id}].capacity_g: must be positive, got 0"


async def test_a_plan_that_is_done_is_not_solved_twice(stage: Stage) -> None:
    await _shop_with_van(stage)
    await order_to(stage, a=north(1000))
    plan = await _plan(stage)
    before = await _tours(stage)
    await plan_routes(PlanRequested(MERCHANT_ID, plan.id), stage.means)
    assert await _tours(stage) == before


async def _due(stage: Stage) -> bool:
    return await plan_due(stage.means, MERCHANT_ID) is not None


async def test_a_plan_comes_by_itself_when_something_is_due_and_a_van_is_free(stage: Stage) -> None:
    await own_fleet(stage)
    deliveries: list[Delivery] = await order_to(stage, a=north(1000))
    assert not await _due(stage), "there is no van"
    await add_van(stage)
    assert await _due(stage)
    await stage.settle()
    (route,) = await _tours(stage)
    assert _on(route) == {deliveries[0].id}
    assert all(stop.status is StopStatus.PLANNED for stop in route.stops)
    assert not await _due(stage), "everything is on a tour"


async def test_a_merchant_who_plans_by_hand_gets_no_plan_by_itself(stage: Stage) -> None:
    await _shop_with_van(stage)
    await order_to(stage, a=north(1000))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_merchant(replace(await work.accounts.merchant(), auto_plan_horizon_s=0))
    assert not await _due(stage)


async def test_a_plan_leaves_the_tours_of_other_days_as_they_are(stage: Stage) -> None:
    await _shop_with_van(stage, opens_in_minutes=120)
    (today,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    (tour,) = await _tours(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        tomorrow = replace(
            tour,
            id="rte_tomorrow",
            date=(TODAY + timedelta(days=1)).isoformat(),
            starts_at=tour.starts_at + timedelta(days=1),
            ends_at=tour.ends_at + timedelta(days=1),
            stops=(),
        )
        await work.routes.put_route(tomorrow)
    (second,) = await order_to(stage, b=north(2000))
    await _plan(stage)
    kept = {route.date: _on(route) for route in await _tours(stage)}
    assert kept == {TODAY.isoformat(): {today.id, second.id}, tomorrow.date: set()}


async def test_a_plan_for_tomorrow_is_of_what_was_promised_for_tomorrow(stage: Stage) -> None:
    vans = await own_fleet(stage, opens_in_minutes=120)
    await add_van(stage)
    (today,) = await order_to(stage, a=north(1000))
    await _plan(stage)
    vans.opens_in_minutes, vans.minutes = 24 * 60, 27 * 60
    (tomorrow,) = await order_to(stage, b=north(2000))
    wish = PlanWish(TODAY + timedelta(days=1), 0.1, is_published_at_once=True)
    plan = await request_plan(stage.means, MERCHANT_ID, wish)
    await plan_routes(PlanRequested(MERCHANT_ID, plan.id), stage.means)
    assert sorted(_on(route) for route in await _tours(stage)) == sorted([{today.id}, {tomorrow.id}])


async def test_a_day_that_is_over_is_not_planned(stage: Stage) -> None:
    await _shop_with_van(stage)
    with pytest.raises(InvalidInput, match="is over") as refused:
        await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY - timedelta(days=2), 0.1))
    assert refused.value.path == ("input", "date")


async def test_what_the_drivers_of_a_plan_cannot_take_waits_for_others(stage: Stage) -> None:
    driver = await _shop_with_van(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.fleet.put_driver(replace(driver, capacity_g=1))
    await add_van(stage, "Bob")
    (delivery,) = await order_to(stage, a=north(1000))
    wish = PlanWish(TODAY, 0.1, driver_ids=(driver.id,), is_published_at_once=True)
    plan = await request_plan(stage.means, MERCHANT_ID, wish)
    await plan_routes(PlanRequested(MERCHANT_ID, plan.id), stage.means)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.BOOKED

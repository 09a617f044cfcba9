"""A plan that a person asked for waits until somebody has looked at it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import TourLimits
from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.events import PlanRequested
from doorstep.ids import new_id
from doorstep.order import HandoverRequirement
from doorstep.route import RoutePlanStatus, RouteStatus
from doorstep.route_solution import RouteSolution
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.planning.plans.publish import cancel_plan, publish_plan
from gateway.flow.planning.plans.request import PlanWish, request_plan
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import (
    TODAY,
    kept_plan,
    on,
    planned,
    put_driver,
    shop_with_vans,
    tours,
)
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import drive, north, order_to


async def test_drivers_hear_of_a_plan_once_somebody_publishes_it(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    first, second = await order_to(stage, a=north(1000), b=north(2000))
    ready = await planned(stage, is_published_at_once=False)
    assert (ready.status, ready.published_at, await tours(stage)) == (RoutePlanStatus.READY, None, [])
    assert (await stage.kept(first.id)).status is DeliveryStatus.BOOKED
    assert ready.summary is not None
    assert (ready.summary.stops, ready.summary.vans, ready.summary.late_stops) == (2, 1, 0)
    published = await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    assert (published.status, published.published_at) == (RoutePlanStatus.PUBLISHED, stage.clock.now())
    (route,) = await tours(stage)
    assert (route.driver_id, route.plan_id, set(on(route))) == (ann.id, ready.id, {first.id, second.id})
    assert route.load.fraction == pytest.approx(2 * 1800 / 500_000)  # two orders of two kettles of 900 g
    assert route.cost_minor == ready.summary.cost_minor
    assert all(stop.windows for stop in route.stops)
    kept = await stage.kept(first.id)
    assert (kept.status, kept.driver_id) == (DeliveryStatus.COURIER_ASSIGNED, ann.id)
    with pytest.raises(StateConflict, match="PUBLISHED"):
        await publish_plan(stage.means, MERCHANT_ID, ready.id, published.version)
    with pytest.raises(StateConflict, match="cannot be called off"):
        await cancel_plan(stage.means, MERCHANT_ID, ready.id)


async def test_a_plan_of_another_version_or_none_at_all_is_not_published(stage: Stage) -> None:
    await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    with pytest.raises(StateConflict) as conflict:
        await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version - 1)
    assert conflict.value.current_version == ready.version
    with pytest.raises(NotFound):
        await publish_plan(stage.means, MERCHANT_ID, new_id("pla"), 1)


async def test_of_two_plans_for_the_same_deliveries_one_is_published(stage: Stage) -> None:
    await shop_with_vans(stage, "Ann", "Bob")
    await order_to(stage, a=north(1000), b=north(2000))
    one = await planned(stage, is_published_at_once=False)
    other = await planned(stage, is_published_at_once=False, based_on_id=one.id, stability=1.0)
    await publish_plan(stage.means, MERCHANT_ID, other.id, other.version)
    assert (await kept_plan(stage, one.id)).status is RoutePlanStatus.SUPERSEDED
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.routes.of_plan(one.id) == []
    again = await kept_plan(stage, one.id)
    with pytest.raises(StateConflict, match="SUPERSEDED"):
        await publish_plan(stage.means, MERCHANT_ID, again.id, again.version)


async def test_two_who_publish_the_same_plan_at_once_tell_drivers_once(stage: Stage) -> None:
    await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    results = await asyncio.gather(
        *(publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, StateConflict) for result in results) == [False, True]
    assert len(await tours(stage)) == 1


async def test_a_plan_is_stale_once_a_van_that_it_changes_has_left(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    await planned(stage)
    (told,) = await tours(stage)
    await order_to(stage, b=north(2000))
    ready = await planned(stage, is_published_at_once=False)
    await drive(stage, ann, SHOP, north(400))
    with pytest.raises(StateConflict, match="plan again") as conflict:
        await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    assert conflict.value.current_id == told.id
    (left,) = await tours(stage)
    assert (left.id, left.status) == (told.id, RouteStatus.STARTED)


async def test_a_plan_is_stale_once_a_van_should_have_left(stage: Stage) -> None:
    await shop_with_vans(stage, opens_in_minutes=0)
    await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    stage.clock.advance(hours=2)
    with pytest.raises(StateConflict, match="should have left"):
        await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)


async def test_what_is_called_off_before_publishing_is_on_no_tour(stage: Stage) -> None:
    await shop_with_vans(stage)
    first, second = await order_to(stage, a=north(1000), b=north(2000))
    ready = await planned(stage, is_published_at_once=False)
    await cancel_delivery(stage.means, MERCHANT_ID, first.id, "customer asked")
    await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    (route,) = await tours(stage)
    assert on(route) == [second.id]
    assert [stop.sequence for stop in route.stops] == [1]


class Endless:
    """Thinks until it is stopped."""

    def __init__(self) -> None:
        self.began, self.was_stopped = asyncio.Event(), False

    async def plan(self, *args: Any, **kwargs: Any) -> RouteSolution:
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.was_stopped = True
            raise
        raise AssertionError("nobody wakes it")


async def test_a_plan_that_is_called_off_ends_its_search(stage: Stage) -> None:
    await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    plan = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 600))
    planner = Endless()
    means = replace(stage.means, planner=planner)
    solving = asyncio.create_task(plan_routes(PlanRequested(MERCHANT_ID, plan.id), means))
    await planner.began.wait()
    await cancel_plan(stage.means, MERCHANT_ID, plan.id)
    await solving
    await asyncio.sleep(0)
    assert planner.was_stopped
    assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.CANCELLED
    assert (await cancel_plan(stage.means, MERCHANT_ID, plan.id)).status is RoutePlanStatus.CANCELLED


async def test_a_ready_plan_can_be_called_off_with_its_tours(stage: Stage) -> None:
    await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    assert (await cancel_plan(stage.means, MERCHANT_ID, ready.id)).version == ready.version + 1
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.routes.of_plan(ready.id) == []


async def test_a_plan_names_what_it_does_not_know(stage: Stage) -> None:
    await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
    wrong = {
        ("input", "driverIds", "0"): PlanWish(TODAY, 1, driver_ids=(new_id("drv"),)),
        ("input", "deliveryIds", "0"): PlanWish(TODAY, 1, delivery_ids=(new_id("del"),)),
        ("input", "basedOnPlanId"): PlanWish(TODAY, 1, based_on_id=new_id("pla")),
    }
    for path, wish in wrong.items():
        with pytest.raises(NotFound) as missing:
            await request_plan(stage.means, MERCHANT_ID, wish)
        assert missing.value.path == path
    with pytest.raises(InvalidInput, match="CANCELLED: no own van") as refused:
        await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 1, delivery_ids=(delivery.id,)))
    assert refused.value.path == ("input", "deliveryIds", "0")


async def test_skills_are_asked_for_as_soon_as_a_driver_has_them(stage: Stage) -> None:
    _, bob = await shop_with_vans(stage, "Ann", "Bob")
    cold, plain = await order_to(stage, a=north(1000), b=north(1100))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(cold, requirements=(HandoverRequirement.COLD_CHAIN,)))
    assert (await planned(stage)).unassigned == (), "nobody is said to cool anything, so everybody may"
    await put_driver(stage, bob, skills=frozenset({"COLD_CHAIN"}), limits=TourLimits(max_stops=1))
    await planned(stage, stability=0.0)
    by_driver = {route.driver_id: on(route) for route in await tours(stage)}
    assert by_driver.pop(bob.id) == [cold.id]
    assert list(by_driver.values()) == [[plain.id]]

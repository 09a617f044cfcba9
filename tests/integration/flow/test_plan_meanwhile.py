"""What happens while a planner thinks, or a person looks: who brings a delivery by then, and who drives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver
from doorstep.errors import StateConflict
from doorstep.ids import new_id
from doorstep.ports import RoutePlanner
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlanStatus
from doorstep.route_solution import RouteSolution, UnassignedVisit
from gateway.flow.dispatching.hand_on import hand_on_unassigned
from gateway.flow.planning.changes.assign import assign_route
from gateway.flow.planning.changes.drivers import save_driver
from gateway.flow.planning.changes.drop import drop_driver
from gateway.flow.planning.plans.publish import publish_plan
from gateway.flow.planning.standing.tell import TourChange, tell_changes
from gateway.flow.ports import Means
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import at_the_desk, on, planned, put_driver, shop_with_vans
from tests.integration.flow.planned import tours as told_tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import east, north, order_to, put_tour


@dataclass
class Interrupted:
    """A planner while which thinks something happens."""

    planner: RoutePlanner
    meanwhile: Callable[[], Awaitable[None]]

    async def plan(self, *args: Any, **kwargs: Any) -> RouteSolution:
        solution = await self.planner.plan(*args, **kwargs)
        await self.meanwhile()
        return solution


def _while_planning(stage: Stage, meanwhile: Callable[[], Awaitable[None]]) -> Means:
    return replace(stage.means, planner=Interrupted(stage.means.planner, meanwhile))


async def _give_to_courier(stage: Stage, delivery: Delivery) -> Delivery:
    """The van's booking is cancelled, and a courier is booked."""
    kept = await stage.kept(delivery.id)
    (own,) = kept.legs
    couriers = replace(
        own,
        id=new_id("leg"),
        mode=DeliveryMode.COURIER,
        booking_key=f"bk-{kept.id}",
        external_id=f"X-{kept.id}",
    )
    given = replace(
        kept,
        status=DeliveryStatus.BOOKED,
        legs=(replace(own, status=DeliveryStatus.CANCELLED), couriers),
        driver_id=None,
        version=kept.version + 1,
    )
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(given)
    return given


async def test_what_a_courier_has_by_now_goes_on_no_van_when_a_plan_is_published(stage: Stage) -> None:
    await shop_with_vans(stage)
    given, stays = await order_to(stage, a=north(1000), b=north(2000))
    ready = await planned(stage, is_published_at_once=False)
    given = await _give_to_courier(stage, given)
    published = await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    assert published.status is RoutePlanStatus.PUBLISHED
    (route,) = await told_tours(stage)
    assert on(route) == [stays.id]
    assert await stage.kept(given.id) == given, "the courier's booking is as it was"
    assert given.id not in {one.visit_id for one in published.unassigned}


async def test_no_tour_takes_what_a_courier_has_by_now(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    first, given = await order_to(stage, a=north(1000), b=north(2000))
    route = await put_tour(stage, ann, [first])
    longer = await put_tour(stage, ann, [given])
    given = await _give_to_courier(stage, given)
    change = TourChange(route, replace(route, stops=(*route.stops, *longer.stops)))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(replace(longer, stops=()))
    with pytest.raises(StateConflict, match="brings it meanwhile"):
        async with stage.means.begin(MERCHANT_ID) as work:
            await tell_changes(work, [change], stage.clock.now(), new=(given.id,))


async def test_a_couriers_booking_is_not_given_up_because_no_van_can_take_it(stage: Stage) -> None:
    await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    given = await _give_to_courier(stage, delivery)
    stage.clock.advance(hours=3)
    async with stage.means.begin(MERCHANT_ID) as work:
        unassigned, known = [UnassignedVisit(given.id, ())], {given.id: given}
        assert await hand_on_unassigned(work, unassigned, known, stage.clock.now()) == 0
    assert await stage.kept(given.id) == given


async def _dismiss(stage: Stage, driver: Driver) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        known = await work.fleet.driver(driver.id)
        assert known is not None
        off = replace(known, enabled=False)
        await save_driver(work, off, known.version, stage.clock.now(), is_new=False)


@pytest.mark.parametrize("is_dismissed", [False, True])
async def test_who_falls_out_while_the_planner_thinks_is_told_no_tour(
    stage: Stage, is_dismissed: bool
) -> None:
    _, bob = await shop_with_vans(stage, "Ann", "Bob")
    ann_only, bobs_only = await order_to(stage, a=north(1000), b=east(1000))
    for driver in await _drivers(stage):
        # One stop for each: both vans are needed.
        await put_driver(stage, driver, limits=replace(driver.limits, max_stops=1))

    async def fall_out() -> None:
        if is_dismissed:
            await _dismiss(stage, bob)
        else:
            await drop_driver(stage.means, MERCHANT_ID, bob.id)

    plan = await planned(stage, means=_while_planning(stage, fall_out))
    (route,) = await told_tours(stage)
    assert route.driver_id != bob.id
    assert plan.status is RoutePlanStatus.PUBLISHED
    (left,) = {ann_only.id, bobs_only.id} - set(on(route))
    assert left in {one.visit_id for one in plan.unassigned}
    assert (await stage.kept(left)).driver_id is None


async def _drivers(stage: Stage) -> list[Driver]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.fleet.drivers())


async def test_a_driver_falls_out_before_or_after_a_plan_is_told_never_in_between(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.lock_plans(ready.id)
        dropping = asyncio.create_task(drop_driver(stage.means, MERCHANT_ID, ann.id))
        done, _ = await asyncio.wait({dropping}, timeout=0.5)
        assert not done, "it waits until the plan is told, and then stops its tours"
    await dropping


async def test_two_who_want_the_same_tours_do_not_wait_for_each_other(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    a, b = await order_to(stage, a=north(1000), b=east(1000))
    ids = [(await put_tour(stage, ann, [a])).id, (await put_tour(stage, bob, [b])).id]

    async def want(wanted: list[str]) -> list[str]:
        async with stage.means.begin(MERCHANT_ID) as work:
            locked = await work.routes.lock(wanted)
            await asyncio.sleep(0)
            return list(locked)

    # One of them read the tours before a delay, by which they leave in another order.
    found = await asyncio.gather(*(want(ids[::step]) for step in (1, -1) * 10))
    assert found == [sorted(ids)] * 20


async def test_a_tour_is_given_to_nobody_who_has_fallen_out_meanwhile(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    (delivery,) = await order_to(stage, a=north(1000))
    route = await put_tour(stage, ann, [delivery])
    route = replace(route, starts_at=route.starts_at + timedelta(hours=2))
    route = replace(route, ends_at=route.starts_at + timedelta(hours=1))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(route)
    means = at_the_desk(stage)
    assert means.desk is not None
    look = means.desk.look

    class Meanwhile:
        async def look(self, *args: Any) -> Any:
            told = await look(*args)
            await drop_driver(stage.means, MERCHANT_ID, bob.id)
            return told

    slow: Any = Meanwhile()
    with pytest.raises(StateConflict, match="fallen out"):
        await assign_route(replace(means, desk=slow), MERCHANT_ID, route.id, bob.id, 1)
    (kept,) = await told_tours(stage)
    assert kept.driver_id == ann.id

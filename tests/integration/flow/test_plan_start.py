"""An order that no tour can take gets one of its own, if a driver of the day has none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.driver import Driver, TourLimits
from doorstep.events import DeliveryBooked
from doorstep.ports import RouteDesk
from doorstep.route import RoutePlanStatus, RouteStatus
from doorstep.window import Window
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.planning.standing.window_costs import Door, window_costs
from gateway.flow.ports import Means
from gateway.store.news import News
from optimizer.roads import AffineRoads
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.planned import (
    TODAY,
    at_the_desk,
    kept_plan,
    on,
    planned,
    put_driver,
    rule,
    shop_with_vans,
    tour_for,
    tours,
)
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, east, north, order_to

ONE = TourLimits(max_stops=1)


async def _insert(means: Means, delivery: Delivery) -> None:
    leg = delivery.active_leg
    assert leg is not None
    await insert_booked(DeliveryBooked(MERCHANT_ID, delivery.id, leg.id), means)


async def _full(stage: Stage) -> Delivery:
    """Ann's tour is full; gives what is on it."""
    (ann,) = await shop_with_vans(stage)
    await put_driver(stage, ann, limits=ONE)
    (first,) = await order_to(stage, a=north(3000))
    await planned(stage)
    return first


async def _idle(stage: Stage, name: str = "Bob") -> Driver:
    return await put_driver(stage, await add_van(stage, name), limits=ONE)


async def test_an_order_that_fits_no_tour_starts_one_of_an_idle_driver(stage: Stage) -> None:
    first = await _full(stage)
    bob = await _idle(stage)
    near, more = await order_to(stage, b=east(1000), c=east(1200))
    stage.told.clear()
    await _insert(at_the_desk(stage), near)
    old, new = await tour_for(stage, first.id), await tour_for(stage, near.id)
    assert (new.driver_id, on(new), new.status) == (bob.id, [near.id], RouteStatus.PUBLISHED)
    assert (new.plan_id, new.date) == (old.plan_id, TODAY.isoformat())
    assert new.starts_at >= stage.clock.now() + timedelta(minutes=5), "the van is loaded first"
    kept = await stage.kept(near.id)
    assert (kept.status, kept.driver_id) == (DeliveryStatus.COURIER_ASSIGNED, bob.id)
    assert News(MERCHANT_ID, "route", new.id, (bob.id,)) in stage.told, "Bob's page hears of it"
    await _insert(at_the_desk(stage), near)
    await _insert(at_the_desk(stage), more)
    assert len(await tours(stage)) == 2, "both are full, and both are busy"
    assert (await stage.kept(more.id)).driver_id is None


async def test_a_tour_that_has_room_goes_before_one_of_its_own(stage: Stage) -> None:
    await shop_with_vans(stage)
    (first,) = await order_to(stage, a=north(3000))
    await planned(stage)
    await _idle(stage)
    (near,) = await order_to(stage, b=east(1000))
    await _insert(at_the_desk(stage), near)
    (tour,) = await tours(stage)
    assert set(on(tour)) == {first.id, near.id}


async def test_where_nobody_was_told_anything_or_is_to_be_an_order_waits(stage: Stage) -> None:
    await shop_with_vans(stage)
    (early,) = await order_to(stage, a=north(1000))
    await _insert(at_the_desk(stage), early)
    assert await tours(stage) == [], "the day is not planned yet"
    await planned(stage)
    (ann,) = [one for one in await _drivers(stage) if one.name == "Ann"]
    await put_driver(stage, ann, limits=ONE)
    await rule(stage, inserts=False)
    await _idle(stage)
    (near,) = await order_to(stage, b=east(1000))
    await _insert(at_the_desk(stage), near)
    assert len(await tours(stage)) == 1, "its merchant does not want it"
    await rule(stage)
    await put_driver(stage, (await _drivers(stage))[-1], enabled=False)
    await _insert(at_the_desk(stage), near)
    assert len(await tours(stage)) == 1, "Bob has fallen out"


async def _drivers(stage: Stage) -> list[Driver]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return sorted(await work.fleet.drivers(), key=lambda driver: driver.name)


async def test_a_plan_that_is_made_or_looked_at_is_not_robbed_of_its_drivers(stage: Stage) -> None:
    await _full(stage)
    bob = await _idle(stage)
    (near,) = await order_to(stage, b=east(1000))
    asked = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 0.1))
    await _insert(at_the_desk(stage), near)
    assert len(await tours(stage)) == 1, "it may be about to use Bob"
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_plan(replace(asked, status=RoutePlanStatus.CANCELLED))
    ready = await planned(stage, is_published_at_once=False)
    assert ready.status is RoutePlanStatus.READY
    (more,) = await order_to(stage, c=east(1200))
    await _insert(at_the_desk(stage), more)
    assert len(await tours(stage)) == 1, "somebody has it before them"
    stage.clock.advance(minutes=16)
    await _insert(at_the_desk(stage), more)
    assert (await tour_for(stage, more.id)).driver_id == bob.id
    assert (await kept_plan(stage, ready.id)).status is RoutePlanStatus.READY


class _Meanwhile:
    """A desk that finds a place while something else happens."""

    def __init__(self, desk: RouteDesk, *happens: Any) -> None:
        self._desk = desk
        self._happens = list(happens)

    async def insert(self, *given: Any, day: str = "") -> Any:
        told = await self._desk.insert(*given, day=day)
        if not day and self._happens:
            await self._happens.pop()()
        return told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)


async def test_two_orders_at_once_do_not_give_a_driver_two_tours(stage: Stage) -> None:
    await _full(stage)
    await _idle(stage)
    near, more = await order_to(stage, b=east(1000), c=east(1200))
    means = at_the_desk(stage)
    assert means.desk is not None

    async def the_other() -> None:
        await _insert(at_the_desk(stage), more)

    await _insert(replace(means, desk=_Meanwhile(means.desk, the_other)), near)
    assert len(await tours(stage)) == 2
    assert (await stage.kept(more.id)).driver_id is not None
    assert (await stage.kept(near.id)).driver_id is None


class _Roads:
    """Roads that say whether they were asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._roads = AffineRoads()

    async def table(self, *given: Any) -> Any:
        self.asked += 1
        return await self._roads.table(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._roads, name)


@pytest.mark.parametrize(("days", "is_now"), [(0, True), (1, False)])
async def test_tours_that_leave_later_are_changed_by_the_usual_roads(
    stage: Stage, days: int, is_now: bool
) -> None:
    await shop_with_vans(stage)
    known, new = await order_to(stage, a=north(3000), b=north(1000))
    window = Window(*(stage.clock.now() + timedelta(days=days, hours=hour) for hour in (1, 4)))
    async with stage.means.begin(MERCHANT_ID) as work:
        for one in (known, new):
            assert one.promise is not None
            await work.deliveries.put(replace(one, promise=replace(one.promise, window=window)))
    await planned(stage, day=TODAY + timedelta(days=days), delivery_ids=(known.id,))
    now, usual = _Roads(), _Roads()
    means = replace(at_the_desk(stage), roads=now, usual_roads=usual)
    door = Door(STORE.location_id, new.destination, new.parcels)
    (cost,) = await window_costs(means, MERCHANT_ID, door, [window])
    assert cost is not None
    assert (now.asked > 0, usual.asked > 0) == (is_now, not is_now)
    await _insert(means, await stage.kept(new.id))
    assert set(on(await tour_for(stage, new.id))) == {known.id, new.id}
    assert (now.asked > 0, usual.asked > 0) == (is_now, not is_now)

"""Drivers are told a tour so long before it leaves that its goods can be picked and loaded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doorstep.errors import StateConflict
from doorstep.events import DeliveryBooked
from doorstep.route import PlanScope, Route
from gateway.flow.planning.changes.insert import insert_booked
from gateway.flow.planning.plans.publish import publish_plan
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import at_the_desk, on, planned, put_driver, rule, shop_with_vans, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import east, north, order_to

HALF_AN_HOUR = timedelta(minutes=30)


async def _told(stage: Stage, lead_s: int) -> Route:
    """The tour of a shop whose windows are open already."""
    await rule(stage, lead_s=lead_s)
    await shop_with_vans(stage, opens_in_minutes=0)
    await order_to(stage, a=north(1000))
    await planned(stage)
    (route,) = await tours(stage)
    return route


@pytest.mark.parametrize("lead_s", [0, 1800])
async def test_a_plan_leaves_time_to_pick_what_it_brings(stage: Stage, lead_s: int) -> None:
    route = await _told(stage, lead_s)
    spare = route.starts_at - stage.clock.now() - timedelta(seconds=lead_s)
    assert timedelta(0) <= spare < timedelta(minutes=2)


async def test_what_comes_later_goes_on_no_tour_that_leaves_before_it_is_picked(stage: Stage) -> None:
    told = await _told(stage, 1800)
    stage.clock.advance(minutes=10)
    (late,) = await order_to(stage, b=north(900))
    leg = late.active_leg
    assert leg is not None
    await insert_booked(DeliveryBooked(MERCHANT_ID, late.id, leg.id), at_the_desk(stage))
    assert await tours(stage) == [told]
    await planned(stage)
    first, second = sorted(await tours(stage), key=lambda route: route.starts_at)
    assert first == told, "a plan leaves it alone as well"
    assert on(second) == [late.id]
    assert second.starts_at >= stage.clock.now() + HALF_AN_HOUR


async def test_who_helps_out_takes_what_is_picked_as_soon_as_it_is_loaded(stage: Stage) -> None:
    told = await _told(stage, 1800)
    stage.clock.advance(minutes=10)
    (late,) = await order_to(stage, b=east(900))
    await planned(stage, scope=PlanScope.RUNNING)
    (mended,) = await tours(stage)
    assert set(on(mended)) == {*on(told), late.id}
    assert mended.starts_at >= told.starts_at
    assert mended.starts_at < stage.clock.now() + HALF_AN_HOUR


async def test_a_plan_that_lay_about_too_long_is_not_published(stage: Stage) -> None:
    await rule(stage, lead_s=1800)
    (ann,) = await shop_with_vans(stage, opens_in_minutes=0)
    await put_driver(stage, ann, ends_anywhere=True)
    await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    stage.clock.advance(minutes=20)
    with pytest.raises(StateConflict, match="before it is loaded"):
        await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    stage.clock.advance(minutes=-6)
    await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    (route,) = await tours(stage)
    assert route.starts_at >= stage.clock.now() + HALF_AN_HOUR

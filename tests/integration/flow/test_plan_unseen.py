"""A tour of which nobody has seen the end: the day after its driver is free, and people are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.route import RouteStatus
from gateway.bootstrap.chores import plan_tours
from gateway.flow.planning.changes.drop import take_back
from gateway.flow.planning.changes.unseen import end_unseen_tours
from gateway.flow.planning.plans.request import plan_due
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.planned import TODAY, on, planned, shop_with_vans, tours
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import drive, north, order_to, put_tour, tour_of

TOMORROW = TODAY + timedelta(days=1)


async def _in_doubt(stage: Stage) -> dict[str | None, str]:
    return {
        one.delivery_id: one.evidence for one in await stage.incidents() if one.kind is IncidentKind.STALLED
    }


@pytest.mark.parametrize("has_left", [False, True])
async def test_a_van_that_nobody_saw_is_free_the_day_after_and_people_are_asked(
    stage: Stage, has_left: bool
) -> None:
    (ann,) = await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(3000))
    route = await put_tour(stage, ann, [delivery])
    if has_left:
        await drive(stage, ann, SHOP, north(400))
    await end_unseen_tours(stage.means, MERCHANT_ID)
    assert [one.id for one in await tours(stage)] == [route.id], "it may only be late"
    stage.clock.advance(hours=24)
    await end_unseen_tours(stage.means, MERCHANT_ID)
    assert await tours(stage) == []
    over = await tour_of(stage, route)
    assert over.status is (RouteStatus.FINISHED if has_left else RouteStatus.CANCELLED)
    why = "Its tour of 2026-11-23 was never seen to end. Ask the driver, and say where it is."
    assert await _in_doubt(stage) == {delivery.id: why}
    # It may have been brought: no plan sends it out again by itself.
    (new,) = await order_to(stage, b=north(1000))
    await planned(stage, day=TOMORROW)
    (today,) = await tours(stage)
    assert on(today) == [new.id]
    assert today.starts_at < stage.clock.now() + timedelta(hours=3), "Ann is not busy with yesterday's tour"
    assert await plan_due(stage.means, MERCHANT_ID) is None
    # Until somebody says where it is.
    again = await take_back(stage.means, MERCHANT_ID, delivery.id)
    assert (again.status, again.driver_id) == (DeliveryStatus.BOOKED, None)
    assert await _in_doubt(stage) == {}
    await end_unseen_tours(stage.means, MERCHANT_ID)
    assert await _in_doubt(stage) == {}


async def test_a_shift_past_midnight_and_a_van_that_is_seen_go_on(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(3000))
    route = await put_tour(stage, ann, [delivery])
    night = replace(route, ends_at=stage.clock.now() + timedelta(hours=20))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.routes.put_route(night)
    stage.clock.advance(hours=23, minutes=50)
    await end_unseen_tours(stage.means, MERCHANT_ID)
    assert (await tour_of(stage, route)).status is RouteStatus.PUBLISHED, "it has four hours more"
    await drive(stage, ann, SHOP, north(400))
    stage.clock.advance(hours=1)
    await drive(stage, ann, north(500))
    await end_unseen_tours(stage.means, MERCHANT_ID)
    assert (await tour_of(stage, route)).status is RouteStatus.STARTED, "it is late, and comes to its door"


async def test_the_chore_that_plans_ends_what_nobody_saw_first(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(3000))
    route = await put_tour(stage, ann, [delivery])
    stage.clock.advance(hours=24)
    await plan_tours(stage.means, MERCHANT_ID)
    assert (await tour_of(stage, route)).status is RouteStatus.CANCELLED
    assert set(await _in_doubt(stage)) == {delivery.id}

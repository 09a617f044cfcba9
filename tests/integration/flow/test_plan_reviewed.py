"""A plan that a person looks at: what is checked before drivers hear of it, and what machines leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery import Delivery
from doorstep.driver import DriverBreak, TourLimits
from doorstep.errors import InvalidInput, PlanInfeasible, StateConflict
from doorstep.events import PlanRequested, TourDisturbed
from doorstep.route import PlanScope, RoutePlanStatus
from doorstep.route_solution import RouteSolution, ViolationKind
from doorstep.window import Window
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.planning.changes.drivers import save_driver
from gateway.flow.planning.plans.mend import mend_disturbed
from gateway.flow.planning.plans.over import LOST_AFTER, end_lost_plans
from gateway.flow.planning.plans.plan import plan_routes
from gateway.flow.planning.plans.publish import publish_plan
from gateway.flow.planning.plans.request import AGAIN_AFTER, PlanWish, plan_due, request_plan
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import (
    TODAY,
    at_the_desk,
    kept_plan,
    on,
    planned,
    put_driver,
    shop_with_vans,
    tours,
)
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import east, north, order_to


async def _opens_at(stage: Stage, delivery: Delivery, opens_h: float, closes_h: float) -> None:
    assert delivery.promise is not None
    now = stage.clock.now()
    window = Window(now + timedelta(hours=opens_h), now + timedelta(hours=closes_h))
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, promise=replace(delivery.promise, window=window)))


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        ({"enabled": False}, ViolationKind.OVER_SHIFT, "Ann is off duty on 2026-11-23."),
        ({"weekdays": (2, 3)}, ViolationKind.OVER_SHIFT, "Ann is off duty on 2026-11-23."),
        ({"capacity_g": 1000}, ViolationKind.OVER_CAPACITY, ""),
        # Noon in New York; the door opens at two.
        ({"shift_end": "13:30"}, ViolationKind.OVER_SHIFT, ""),
    ],
)
async def test_drivers_and_vans_have_to_be_able_to_drive_a_plan_when_it_is_published(
    stage: Stage, changes: dict[str, Any], kind: ViolationKind, text: str
) -> None:
    (ann,) = await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    means = at_the_desk(stage)
    ready = await planned(stage, is_published_at_once=False, means=means)
    await put_driver(stage, ann, **changes)
    with pytest.raises(PlanInfeasible, match="plan again") as refused:
        await publish_plan(means, MERCHANT_ID, ready.id, ready.version)
    assert {one.kind for one in refused.value.violations} >= {kind}
    assert text in {one.text for one in refused.value.violations} | {""}
    assert refused.value.path == ("input", "planId")
    assert (await kept_plan(stage, ready.id)).status is RoutePlanStatus.READY
    assert await tours(stage) == []


async def test_a_window_that_was_moved_is_looked_at_before_a_plan_is_published(stage: Stage) -> None:
    await shop_with_vans(stage)
    near, far = await order_to(stage, a=north(1000), b=north(9000))
    means = at_the_desk(stage)
    ready = await planned(stage, is_published_at_once=False, means=means)
    # Both now, and nine kilometres apart.
    await _opens_at(stage, near, 0, 0.4)
    await _opens_at(stage, far, 0, 0.4)
    with pytest.raises(PlanInfeasible) as refused:
        await publish_plan(means, MERCHANT_ID, ready.id, ready.version)
    late = refused.value.violations[0]
    assert late.kind is ViolationKind.LATE
    assert late.text.startswith((near.reference, far.reference))


async def test_a_plan_that_still_fits_is_published_from_the_desk(stage: Stage) -> None:
    await shop_with_vans(stage)
    await order_to(stage, a=north(1000), b=east(2000))
    means = at_the_desk(stage)
    ready = await planned(stage, is_published_at_once=False, means=means)
    await publish_plan(means, MERCHANT_ID, ready.id, ready.version)
    assert len(await tours(stage)) == 1
    again = await planned(stage, scope=PlanScope.RUNNING, is_published_at_once=False, means=means)
    await publish_plan(means, MERCHANT_ID, again.id, again.version)
    assert [one.version for one in await tours(stage)] == [1], "nothing about it has changed"


async def test_of_a_tour_that_nobody_is_told_nothing_is_kept(stage: Stage) -> None:
    ann, bob = await shop_with_vans(stage, "Ann", "Bob")
    for driver in (ann, bob):
        await put_driver(stage, driver, limits=TourLimits(max_stops=1))
    first, second = await order_to(stage, a=north(1000), b=east(1000))
    ready = await planned(stage, is_published_at_once=False)
    async with stage.means.begin(MERCHANT_ID) as work:
        drafts = {on(one)[0]: one.id for one in await work.routes.of_plan(ready.id)}
    assert set(drafts) == {first.id, second.id}
    await cancel_delivery(stage.means, MERCHANT_ID, first.id, "customer asked")
    await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.routes.route(drafts[first.id]) is None
        assert [one.id for one in await work.routes.of_plan(ready.id)] == [drafts[second.id]]


async def test_a_plan_of_which_nothing_is_left_is_not_published(stage: Stage) -> None:
    await shop_with_vans(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    await cancel_delivery(stage.means, MERCHANT_ID, delivery.id, "customer asked")
    with pytest.raises(StateConflict, match="Nothing is left"):
        await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    assert (await kept_plan(stage, ready.id)).status is RoutePlanStatus.READY


async def _due(stage: Stage) -> str:
    plan = await plan_due(stage.means, MERCHANT_ID)
    return plan.id if plan else ""


async def test_machines_wait_while_a_person_looks_at_a_plan(stage: Stage) -> None:
    await shop_with_vans(stage, opens_in_minutes=0)
    await order_to(stage, a=north(1000))
    await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 0.1))
    assert not await _due(stage), "the planner has one before it"
    await stage.settle()
    await order_to(stage, b=north(1500))
    assert not await _due(stage), "somebody looks at one"
    stage.clock.advance(minutes=16)
    assert await _due(stage), "nobody did"


async def test_a_tour_is_mended_without_what_a_person_has_before_them(stage: Stage) -> None:
    await shop_with_vans(stage)
    (first,) = await order_to(stage, a=north(1000))
    await planned(stage)
    (told,) = await tours(stage)
    (second,) = await order_to(stage, b=east(1000))
    ready = await planned(stage, is_published_at_once=False)
    await mend_disturbed(TourDisturbed(MERCHANT_ID, told.id), stage.means)
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        mended = await work.routes.latest_plan(PlanScope.RUNNING)
    assert mended is not None
    assert (mended.status, mended.delivery_ids) == (RoutePlanStatus.PUBLISHED, (first.id,))
    assert (await kept_plan(stage, ready.id)).status is RoutePlanStatus.READY
    await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    assert {one for route in await tours(stage) for one in on(route)} == {first.id, second.id}


async def test_what_no_van_can_take_is_not_tried_every_five_minutes(stage: Stage) -> None:
    await shop_with_vans(stage, opens_in_minutes=60)
    await order_to(stage, a=north(400_000))
    assert await _due(stage)
    await stage.settle()
    stage.clock.advance(minutes=5)
    assert not await _due(stage)
    (near,) = await order_to(stage, b=north(1000))
    assert await _due(stage), "there is something new"
    await stage.settle()
    assert [on(route) for route in await tours(stage)] == [[near.id]]
    stage.clock.advance(seconds=AGAIN_AFTER.total_seconds())
    assert await _due(stage), "things may have changed"


async def test_a_plan_that_goes_wrong_in_no_way_that_was_foreseen_has_failed(stage: Stage) -> None:
    class Broken:
        async def plan(self, *_: Any, **__: Any) -> RouteSolution:
            raise ZeroDivisionError

    await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    plan = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 0.1))
    with pytest.raises(ZeroDivisionError):
        await plan_routes(PlanRequested(MERCHANT_ID, plan.id), replace(stage.means, planner=Broken()))
    failed = await kept_plan(stage, plan.id)
    assert (failed.status, failed.problem) == (
        RoutePlanStatus.FAILED,
        "Something went wrong that nobody foresaw: ZeroDivisionError.",
    )
    await plan_routes(PlanRequested(MERCHANT_ID, plan.id), stage.means)
    assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.FAILED, "the job's second try is over"


async def test_a_plan_whose_worker_dies_is_solved_by_another_one_and_not_for_ever(stage: Stage) -> None:
    class Killed(BaseException):
        """Takes the worker with it."""

    class Heavy:
        async def plan(self, *_: Any, **__: Any) -> RouteSolution:
            raise Killed

    await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    means = replace(stage.means, planner=Heavy())
    plan = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 0.1))
    event = PlanRequested(MERCHANT_ID, plan.id)
    for _ in range(2):
        with pytest.raises(Killed):
            await plan_routes(event, means)
        assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.RUNNING
    await plan_routes(event, means)
    failed = await kept_plan(stage, plan.id)
    assert (failed.status, failed.problem[:22]) == (RoutePlanStatus.FAILED, "Its search was cut off")


async def test_a_plan_without_a_worker_fails_and_one_of_a_past_day_is_put_away(stage: Stage) -> None:
    await shop_with_vans(stage)
    await order_to(stage, a=north(1000))
    ready = await planned(stage, is_published_at_once=False)
    lost = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 600))
    stage.clock.advance(seconds=LOST_AFTER.total_seconds())
    await end_lost_plans(stage.means, MERCHANT_ID)
    assert (await kept_plan(stage, lost.id)).status is RoutePlanStatus.QUEUED, "its time is not over"
    stage.clock.advance(seconds=601)
    await end_lost_plans(stage.means, MERCHANT_ID)
    failed = await kept_plan(stage, lost.id)
    assert (failed.status, failed.problem) == (
        RoutePlanStatus.FAILED,
        "Nobody has worked on it for an hour; plan again.",
    )
    assert (await kept_plan(stage, ready.id)).status is RoutePlanStatus.READY
    stage.clock.advance(hours=48)
    await end_lost_plans(stage.means, MERCHANT_ID)
    assert (await kept_plan(stage, ready.id)).status is RoutePlanStatus.SUPERSEDED
    async with stage.means.begin(MERCHANT_ID) as work:
        assert await work.routes.of_plan(ready.id) == []


async def test_a_break_that_ends_before_it_begins_is_refused_by_its_name(stage: Stage) -> None:
    (ann,) = await shop_with_vans(stage)
    wrong = replace(ann, breaks=(DriverBreak("12:00", "13:00", 900), DriverBreak("13:00", "12:00", 900)))
    with pytest.raises(InvalidInput, match="13:00 to 12:00") as refused:
        async with stage.means.begin(MERCHANT_ID) as work:
            await save_driver(work, wrong, ann.version, stage.clock.now(), is_new=False)
    assert refused.value.path == ("input", "breaks", "1", "latest")

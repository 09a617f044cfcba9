"""Choices that a person looks at: nobody is booked before the plan is published, and tours are as chosen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.errors import RemoteRefused, StateConflict
from doorstep.events import ModeChosen, RoutePlanned
from doorstep.incident import IncidentKind
from doorstep.mode_rules import CarrierPool
from doorstep.mode_wave import WaveStatus
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlan, RoutePlanStatus
from gateway.flow.choosing.carry_out import carry_out_choice
from gateway.flow.choosing.choose import choose_modes
from gateway.flow.choosing.due import wave_due
from gateway.flow.choosing.publish import book_published, publish_chosen
from gateway.flow.planning.plans.over import give_up
from gateway.flow.planning.plans.publish import cancel_plan
from gateway.flow.planning.plans.request import PlanWish, request_plan
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import TODAY, kept_plan, put_driver
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import east, north
from tests.integration.flow.waves import (
    begin_to_compare,
    carriers,
    choice,
    due_wave,
    kept_wave,
    latest,
    line,
    order,
    plan_after_wave,
    shop_that_compares,
    told,
    waiting,
    wave,
)

CLUSTER = {f"{number}": north(2000 + 40 * number) for number in range(1, 9)}
"""Eight doors in one street: a van for 20.00 and about an hour is cheaper than eight times 8.00."""

ALONE = {"1": north(2000), "2": east(9000)}
"""Two doors apart: no van leaves for 16.00."""


async def publish(stage: Stage, plan: RoutePlan) -> RoutePlan:
    """A person agrees, and everything that follows happens."""
    published = await publish_chosen(stage.means, MERCHANT_ID, plan.id, plan.version)
    await stage.settle()
    return published


async def test_nobody_is_booked_before_the_plan_is_published(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    plan = await plan_after_wave(stage)
    assert plan.status is RoutePlanStatus.READY
    assert vans.booked == stage.cheap.booked == stage.dear.booked == {}
    assert (await choice(stage, "far")).choice.mode is DeliveryMode.COURIER
    async with stage.means.begin(MERCHANT_ID) as work:
        (tour,) = await work.routes.of_plan(plan.id)
    assert len(tour.ahead) == 8, "it can be looked at"

    published = await publish(stage, plan)
    assert published.status is RoutePlanStatus.PUBLISHED
    assert await carriers(stage, "far") == ["cheap"]
    (driven,) = await told(stage)
    near = {(await stage.delivery_of(number)).id for number in CLUSTER}
    assert {stop.delivery_id for stop in driven.ahead} == near
    assert [stop.delivery_id for stop in driven.ahead] == [stop.delivery_id for stop in tour.ahead]
    assert (len(vans.booked), len(stage.cheap.booked)) == (8, 1)
    done = await kept_wave(stage, (await choice(stage, "far")).wave_id)
    assert done.status is WaveStatus.DONE
    assert await waiting(stage) == []


async def test_a_plan_that_is_refused_books_nobody_and_its_orders_go_with_the_next_wave(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    plan = await plan_after_wave(stage)
    await cancel_plan(stage.means, MERCHANT_ID, plan.id)
    await stage.settle()
    refused = await kept_wave(stage, (await choice(stage, "far")).wave_id)
    assert refused.status is WaveStatus.CANCELLED
    assert vans.booked == stage.cheap.booked == stage.dear.booked == {}
    assert len(await waiting(stage)) == 9
    assert await latest(stage, "1") is None
    await wave(stage)
    assert await carriers(stage, "far") == ["cheap"]
    assert set(await carriers(stage, *CLUSTER)) == {"own_fleet"}


async def test_a_plan_of_which_no_driver_could_be_told_anything_books_no_van(stage: Stage) -> None:
    vans, driver = await shop_that_compares(stage)
    await order(stage, **CLUSTER)
    plan = await plan_after_wave(stage)
    await put_driver(stage, driver, not_before=stage.clock.now() + timedelta(hours=9))
    with pytest.raises(StateConflict, match="Nothing is left of this plan"):
        await publish_chosen(stage.means, MERCHANT_ID, plan.id, plan.version)
    assert vans.booked == {}
    assert await latest(stage, "1") is None


async def test_a_plan_that_fails_books_nobody(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    plan = await plan_after_wave(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        await give_up(work, plan, "no", stage.clock.now())
    await book_published(RoutePlanned(MERCHANT_ID, plan.id), stage.means)
    await stage.settle()
    assert stage.cheap.booked == {}


async def test_what_a_person_looks_at_waits_for_that_person(stage: Stage) -> None:
    """A quarter of an hour after they came it would be time for a wave; the person has begun to look."""
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    stage.clock.advance(minutes=10)
    plan = await plan_after_wave(stage)
    stage.clock.advance(minutes=10)
    assert not await wave_due(stage.means, MERCHANT_ID)
    await order(stage, late=east(5000))
    stage.clock.advance(minutes=1)
    await wave_due(stage.means, MERCHANT_ID, before_plan=True)
    await stage.settle()
    assert stage.cheap.booked == {}
    await publish(stage, plan)
    assert await carriers(stage, *ALONE) == ["cheap", "cheap"]


async def test_what_a_person_leaves_lying_goes_without_them(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    plan = await plan_after_wave(stage)
    await wave(stage, 31)
    assert await carriers(stage, "far") == ["cheap"]
    with pytest.raises(StateConflict):
        await publish_chosen(stage.means, MERCHANT_ID, plan.id, plan.version)
    await stage.settle()
    assert len(stage.cheap.booked) == 1
    assert set(await carriers(stage, *CLUSTER)) == {"own_fleet"}


async def test_what_waits_for_a_van_is_given_to_a_carrier_once_a_person_agrees(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, **CLUSTER, far=east(20_000))
    await begin_to_compare(stage)
    plan = await plan_after_wave(stage)
    assert await carriers(stage, "far") == ["own_fleet"]
    far = await stage.delivery_of("far")
    assert far.id not in plan.delivery_ids
    assert plan.unassigned == ()
    await publish(stage, plan)
    assert await carriers(stage, "far") == ["cheap"]
    assert len((await told(stage))[0].ahead) == 8


async def test_what_is_named_and_given_on_is_not_said_to_be_gone(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    await begin_to_compare(stage)
    named = tuple([(await stage.delivery_of(number)).id for number in ALONE])
    plan = await plan_after_wave(stage, delivery_ids=named)
    assert plan.unassigned == ()


async def test_a_price_that_grew_while_a_person_looked_goes_by_the_strategy(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    plan = await plan_after_wave(stage)
    stage.clock.advance(minutes=16)  # what was offered stood for a quarter of an hour
    stage.cheap.price = 2000
    await publish(stage, plan)
    assert await carriers(stage, "far") != ["cheap"]


async def test_a_plan_that_nobody_can_drive_any_more_books_no_van(stage: Stage) -> None:
    vans, driver = await shop_that_compares(stage)
    await order(stage, **CLUSTER)
    plan = await plan_after_wave(stage)
    stage.clock.advance(minutes=45)  # the van should have left
    with pytest.raises(StateConflict, match="should have left"):
        await publish(stage, plan)
    assert vans.booked == {}
    assert driver.enabled


async def test_a_plan_that_is_told_at_once_books_at_once(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    plan = await plan_after_wave(stage, is_published_at_once=True)
    assert plan.status is RoutePlanStatus.PUBLISHED
    assert await carriers(stage, "far") == ["cheap"]
    assert len((await told(stage))[0].ahead) == 8


async def test_the_tours_that_a_wave_counted_with_are_the_ones_that_are_driven(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    done = await wave(stage)
    (driven,) = await told(stage)
    (counted,) = done.tours
    assert (driven.driver_id, tuple(stop.delivery_id for stop in driven.ahead)) == (
        counted.van_id,
        counted.visit_ids,
    )
    plan = await kept_plan(stage, done.plan_id)
    assert plan.summary is not None
    assert plan.summary.moved == 0, "no driver was told anything before"


async def test_two_plans_that_compare_give_the_room_of_a_carrier_away_once(stage: Stage) -> None:
    """The first plan is being looked at: its choice has the only place, though nobody is booked yet."""
    one_a_day = CarrierPool("Cheap's courier", carriers=("cheap",), most=1)
    await shop_that_compares(stage, pools=(one_a_day,))
    await order(stage, first=east(9000))
    plan = await plan_after_wave(stage)
    await order(stage, second=east(-9000))
    asked = await request_plan(
        stage.means, MERCHANT_ID, PlanWish(TODAY, 0.3, chooses_modes=True, is_published_at_once=True)
    )
    await stage.settle()
    assert not (await kept_plan(stage, asked.id)).is_under_way
    assert await line(stage) == []
    assert await carriers(stage, "second") == ["dear"]
    await publish(stage, plan)
    assert await latest(stage, "first") is not None


async def test_what_goes_by_the_strategy_stays_within_the_limits_of_the_day(stage: Stage) -> None:
    """What was chosen has become dearer for all three; the strategy alone would book `dear` for each."""
    one_a_day = CarrierPool("Dear's courier", carriers=("dear",), most=1)
    vans, _ = await shop_that_compares(stage, pools=(one_a_day,))
    await order(stage, **ALONE, third=east(-9000))
    await choose_modes(await due_wave(stage), stage.means)
    stage.clock.advance(minutes=16)
    stage.cheap.price = 2000
    vans.quote_error = RemoteRefused("no", system="own_fleet")
    chosen = [await choice(stage, number) for number in (*ALONE, "third")]
    await asyncio.gather(
        *(carry_out_choice(ModeChosen(MERCHANT_ID, one.fulfillment_order_id), stage.means) for one in chosen)
    )
    await stage.settle()
    assert sorted(await carriers(stage, *ALONE, "third")) == ["cheap", "cheap", "dear"]


async def test_what_nobody_may_be_booked_for_stays_with_nobody_and_says_so(stage: Stage) -> None:
    """Nobody was chosen although there was room, as where all would come too late; by now all are full."""
    full = CarrierPool("Couriers' pool", carriers=("cheap", "dear"), most=0)
    vans, driver = await shop_that_compares(stage, pools=(full,))
    await order(stage, **ALONE)
    due = await due_wave(stage)
    await choose_modes(due, stage.means)
    await put_driver(stage, driver, enabled=False)
    vans.quote_error = RemoteRefused("no", system="own_fleet")
    for number in ALONE:
        kept = replace(await choice(stage, number), has_no_room=False, quote_id="", draft=None)
        async with stage.means.begin(MERCHANT_ID) as work:
            await work.modes.put_choices([kept])
    stage.clock.advance(minutes=16)
    await stage.settle()
    assert stage.cheap.booked == stage.dear.booked == {}
    found = [one for one in await stage.incidents() if one.kind is IncidentKind.NO_COURIER]
    assert len(found) == 2
    assert "Couriers' pool has nothing left today." in found[0].evidence


async def test_whoever_follows_a_carrier_that_declined_has_room_as_well(stage: Stage) -> None:
    none_left = CarrierPool("Dear's courier", carriers=("dear",), most=0)
    _, driver = await shop_that_compares(stage, pools=(none_left,))
    await order(stage, far=east(20_000))
    await put_driver(stage, driver, enabled=False)
    stage.cheap.book_errors += [RemoteRefused("no courier is near", system="cheap") for _ in range(3)]
    await wave(stage)
    assert stage.dear.booked == {}

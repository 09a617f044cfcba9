"""Waves in line, waves that are lost or cannot be done, and plans beside them: the real flow and database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, UnknownOutcome
from doorstep.events import ModeChosen, WaveDue
from doorstep.incident import IncidentKind
from doorstep.mode_rules import CarrierPool
from doorstep.mode_wave import WaveStatus
from doorstep.ports import RoadEngine
from doorstep.route import RoutePlan, RoutePlanStatus
from doorstep.wave import Wave
from doorstep.wave_plan import ModeReason, WavePlan
from gateway.bootstrap.chores import plan_tours
from gateway.flow.choosing.carry_out import carry_out_choice
from gateway.flow.choosing.choose import choose_modes, say_alive
from gateway.flow.choosing.due import wave_due
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.ports import UnitOfWork
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

COMPARED = PlanWish(TODAY, 0.3, chooses_modes=True)

NO_ROOM = CarrierPool("Nobody today", carriers=("cheap", "dear"), most=0)


async def test_no_plan_is_made_beside_a_wave_that_is_under_way(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, **CLUSTER)
    await begin_to_compare(stage)
    await plan_tours(stage.means, MERCHANT_ID)
    assert len(await line(stage)) == 1
    assert await _open_plans(stage) == [], "the wave decides first what vans are to drive for"
    await stage.settle()
    (tour,) = await told(stage)
    assert len(tour.ahead) == 8


async def test_a_plan_without_a_worker_fails_although_a_wave_is_under_way(stage: Stage) -> None:
    await shop_that_compares(stage)
    plan = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 0.3))
    await _lose_jobs(stage)
    stage.clock.advance(minutes=61)
    await order(stage, **ALONE)
    await due_wave(stage)
    await plan_tours(stage.means, MERCHANT_ID)
    assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.FAILED


async def test_a_wave_with_nothing_to_choose_is_followed_by_its_plan(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False, gives_on=False)
    await order(stage, **CLUSTER)
    await begin_to_compare(stage)
    await plan_tours(stage.means, MERCHANT_ID)
    await stage.settle()
    (tour,) = await told(stage)
    assert len(tour.ahead) == 8


async def test_what_a_person_looks_at_in_a_plan_is_given_to_nobody(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    plan = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 0.3))
    await stage.settle()
    assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.READY
    await begin_to_compare(stage)
    await plan_after_wave(stage)
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"]


async def test_what_has_become_dearer_meanwhile_stays_with_the_vans(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    await begin_to_compare(stage)
    await wave_due(stage.means, MERCHANT_ID, before_plan=True)
    (asked,) = await line(stage)
    await choose_modes(WaveDue(MERCHANT_ID, asked.id), stage.means)
    stage.clock.advance(minutes=16)
    stage.cheap.price = 2000
    await stage.settle()
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"]
    assert (len(vans.booked), vans.cancelled) == (2, [])
    assert (await kept_wave(stage, asked.id)).status is WaveStatus.DONE


async def test_what_has_ended_meanwhile_is_asked_for_again_before_the_van_lets_go(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    await begin_to_compare(stage)
    await wave_due(stage.means, MERCHANT_ID, before_plan=True)
    (asked,) = await line(stage)
    await choose_modes(WaveDue(MERCHANT_ID, asked.id), stage.means)
    stage.clock.advance(minutes=16)
    await stage.settle()
    assert await carriers(stage, *ALONE) == ["cheap", "cheap"]
    first, second = (await stage.delivery_of("1")).legs
    assert (first.status, second.status) == (DeliveryStatus.CANCELLED, DeliveryStatus.BOOKED)


async def test_what_nobody_has_room_for_is_held_and_a_person_is_told(stage: Stage) -> None:
    _, driver = await shop_that_compares(stage, pools=(NO_ROOM,))
    await put_driver(stage, driver, enabled=False)
    await order(stage, **ALONE)
    await wave(stage)
    assert (await choice(stage, "1")).choice.mode is None
    assert stage.cheap.booked == stage.dear.booked == {}
    assert await latest(stage, "1") is None
    assert await waiting(stage) == []
    found = [one for one in await stage.incidents() if one.kind is IncidentKind.NO_COURIER]
    assert len(found) == 2
    assert {one.evidence for one in found} == {(await choice(stage, number)).choice.text for number in ALONE}


async def test_what_nobody_has_room_for_waits_on_while_there_is_time(stage: Stage) -> None:
    _, driver = await shop_that_compares(stage, pools=(NO_ROOM,))
    await put_driver(stage, driver, enabled=False)
    await order(stage, **ALONE)
    plan = await plan_after_wave(stage)
    assert not plan.is_under_way
    assert (await choice(stage, "1")).choice.mode is None
    assert len(await waiting(stage)) == 2
    assert [one for one in await stage.incidents() if one.kind is IncidentKind.NO_COURIER] == []


async def test_what_no_carrier_offers_to_take_goes_as_the_strategy_says(stage: Stage) -> None:
    _, driver = await shop_that_compares(stage)
    await order(stage, **ALONE)
    await put_driver(stage, driver, enabled=False)
    stage.cheap.quote_error = stage.dear.quote_error = RemoteRefused("no", system="no")
    await wave(stage)
    assert (await choice(stage, "1")).choice.mode is None
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"]


async def test_a_second_wave_begins_when_the_first_is_over(stage: Stage) -> None:
    one_a_day = CarrierPool("Cheap's courier", carriers=("cheap",), most=1)
    await shop_that_compares(stage, pools=(one_a_day,))
    await order(stage, **ALONE)
    due = await due_wave(stage)
    plan = await request_plan(stage.means, MERCHANT_ID, COMPARED)
    for status in (WaveStatus.CHOOSING, WaveStatus.BOOKING):
        line_by_id = {one.id: one for one in await line(stage)}
        first, second = line_by_id.pop(due.wave_id), *line_by_id.values()
        assert first.status is status
        assert (second.plan_id, second.alive_at) == (plan.id, None), "its turn has not come"
        await choose_modes(due, stage.means)
    await stage.settle()
    assert await line(stage) == []
    assert sorted(await carriers(stage, *ALONE)) == ["cheap", "dear"]
    assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.READY


async def test_a_booking_whose_answer_is_not_known_yet_counts_for_a_cap(stage: Stage) -> None:
    one_a_day = CarrierPool("Cheap's courier", carriers=("cheap",), most=1)
    await shop_that_compares(stage, pools=(one_a_day,))
    await order(stage, first=east(9000))
    stage.cheap.book_errors.append(UnknownOutcome("nobody knows", system="cheap"))
    lost = await wave(stage)
    assert lost.status is WaveStatus.BOOKING
    await order(stage, second=east(-9000))
    await wave(stage)
    assert (await choice(stage, "second")).choice.reason is ModeReason.CHEAPER_FULL
    assert await carriers(stage, "first", "second") == ["cheap", "dear"]
    assert (await kept_wave(stage, lost.id)).problem == "Not all were booked in time."


async def test_a_wave_whose_worker_is_gone_fails_by_itself_and_its_plan_is_solved(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    plan = await request_plan(stage.means, MERCHANT_ID, COMPARED)
    (asked,) = await line(stage)
    await _lose_jobs(stage)
    stage.clock.advance(minutes=6)
    await wave_due(stage.means, MERCHANT_ID)
    await stage.settle()
    assert (await kept_wave(stage, asked.id)).status is WaveStatus.FAILED
    assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.READY


async def test_a_wave_on_which_somebody_works_is_not_lost(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    due = await due_wave(stage)
    for _ in range(10):
        stage.clock.advance(minutes=4)
        assert await say_alive(stage.means, await kept_wave(stage, due.wave_id))
        assert await wave_due(stage.means, MERCHANT_ID)
    assert [one.id for one in await line(stage)] == [due.wave_id]


async def test_an_order_that_contradicts_itself_is_left_out_alone(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE, odd=east(5000))
    odd = (await stage.order("odd")).fulfillment_orders[0].id
    due = await due_wave(stage)

    @asynccontextmanager
    async def begin(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        async with stage.means.begin(merchant_id) as work:
            yield cast(UnitOfWork, _Stumbling(work, odd))

    await choose_modes(due, replace(stage.means, begin=begin))
    await stage.settle()
    assert await carriers(stage, *ALONE) == ["cheap", "cheap"]
    assert await carriers(stage, "odd") == ["own_fleet"], "as the strategy says"
    assert (await kept_wave(stage, due.wave_id)).status is WaveStatus.DONE


async def test_a_fault_that_nobody_foresaw_lets_everybody_go_and_is_told(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    due = await due_wave(stage)
    with pytest.raises(ZeroDivisionError):
        await choose_modes(due, replace(stage.means, modes=_Faulty()))
    failed = await kept_wave(stage, due.wave_id)
    assert failed.status is WaveStatus.FAILED
    assert failed.problem.endswith("ZeroDivisionError.")
    await stage.settle()
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"]


async def test_no_wave_is_over_without_the_plan_that_follows_it(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **CLUSTER)
    due = await due_wave(stage)
    await choose_modes(due, stage.means)
    seen = []

    @asynccontextmanager
    async def begin(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        async with stage.means.begin(merchant_id) as work:
            yield work
        kept = await kept_wave(stage, due.wave_id)
        seen.append((kept.status, bool(kept.plan_id)))

    for number in CLUSTER:
        unit_id = (await stage.order(number)).fulfillment_orders[0].id
        await carry_out_choice(ModeChosen(MERCHANT_ID, unit_id), replace(stage.means, begin=begin))
    assert set(seen) == {(WaveStatus.BOOKING, False), (WaveStatus.DONE, True)}


async def _open_plans(stage: Stage) -> list[RoutePlan]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.routes.open_plans())


async def _lose_jobs(stage: Stage) -> None:
    """A worker has died with all of them."""
    async with stage.database.tenant(MERCHANT_ID) as connection:
        await connection.exec_driver_sql("DELETE FROM procrastinate_jobs")


class _Faulty:
    """A chooser with a slip of its author's."""

    async def choose(self, wave: Wave, roads: RoadEngine, *, budget_s: float, seed: int) -> WavePlan:
        raise ZeroDivisionError


@dataclass
class _Stumbling:
    """A unit of work that holds something impossible of one fulfillment order."""

    work: UnitOfWork
    odd: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.work, name)

    @property
    def deliveries(self) -> _Stumbling:
        return _StumblingDeliveries(self.work, self.odd)


class _StumblingDeliveries(_Stumbling):
    def __getattr__(self, name: str) -> Any:
        return getattr(self.work.deliveries, name)

    async def latest_of(self, unit_id: str) -> Delivery | None:
        if unit_id == self.odd:
            raise ValueError("amounts of two currencies")
        return await self.work.deliveries.latest_of(unit_id)

"""Own van, courier or parcel for orders that wait: the real flow and database, and who they end with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import InvalidInput, RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.events import ModeChosen, WaveDue
from doorstep.mode_rules import CarrierPool
from doorstep.mode_wave import WaveStatus
from doorstep.money import Money
from doorstep.ports import RoadEngine
from doorstep.quote import DeliveryMode
from doorstep.route import RoutePlanStatus
from doorstep.wave import Tier, Wave
from doorstep.wave_plan import ModeReason, WavePlan
from gateway.flow.choosing.carry_out import carry_out_choice
from gateway.flow.choosing.choose import choose_modes
from gateway.flow.choosing.due import wave_due
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.planning.plans.publish import cancel_plan
from gateway.flow.planning.plans.request import PlanWish, request_plan
from gateway.flow.stacking.leaving import end_waits
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import TODAY, kept_plan
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import east, north
from tests.integration.flow.waves import (
    begin_to_compare,
    carriers,
    choice,
    due_wave,
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


async def test_orders_wait_and_a_van_takes_them_where_it_is_cheaper_for_all(stage: Stage) -> None:
    vans, driver = await shop_that_compares(stage)
    await order(stage, **CLUSTER)
    assert vans.booked == stage.cheap.booked == {}, "all wait"
    done = await wave(stage)
    assert (done.status, done.orders) == (WaveStatus.DONE, 8)
    assert set(await carriers(stage, *CLUSTER)) == {"own_fleet"}
    assert await waiting(stage) == []
    (tour,) = await told(stage)
    assert (tour.driver_id, len(tour.ahead)) == (driver.id, 8)
    assert done.plan_id == tour.plan_id


async def test_a_day_on_which_both_plain_policies_cost_more_goes_as_the_chooser_says(stage: Stage) -> None:
    """The rate sheet says 4.00 a door, so that the cheapest quote each is the van for everybody; and so is
    the own fleet first. The far door costs the van 40 km and about an hour more, 44.00, against 8.00.
    """
    vans, _ = await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    await wave(stage)
    assert set(await carriers(stage, *CLUSTER)) == {"own_fleet"}
    assert await carriers(stage, "far") == ["cheap"]
    (tour,) = await told(stage)
    assert len(tour.ahead) == 8
    kept = await choice(stage, "far")
    assert kept.choice.mode is DeliveryMode.COURIER
    assert kept.choice.cost == Money(800, "USD")
    assert (kept.choice.next_best, kept.choice.next_best_name) == (Money(900, "USD"), "dear")
    assert kept.choice.text.startswith("cheap: 8.00 USD; next best dear at 9.00 USD.")
    leg = (await stage.delivery_of("far")).active_leg
    assert leg is not None
    assert leg.why == kept.choice.text
    near = (await choice(stage, "1")).choice
    assert near.text.startswith("Own van: ")
    assert "on Van of A's route" in near.text, "nobody reads ids"
    assert vans.booked.keys().isdisjoint(stage.cheap.booked)


async def test_no_van_leaves_for_what_couriers_do_for_less(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage)
    await order(stage, **ALONE)
    await wave(stage)
    assert await carriers(stage, *ALONE) == ["cheap", "cheap"]
    assert vans.booked == {}
    assert await told(stage) == []


async def test_nobody_waits_where_the_merchant_does_notbegin_to_compare(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"], "the cheapest by its rate sheet"
    assert not await wave_due(stage.means, MERCHANT_ID, before_plan=True)
    assert len(vans.booked) == 2


async def test_nobody_waits_where_nobody_else_offers(stage: Stage) -> None:
    await shop_that_compares(stage)
    stage.cheap.quote_error = stage.dear.quote_error = RemoteRefused("no", system="no")
    await order(stage, **ALONE)
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"]


async def test_doing_it_again_books_nobody_twice(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage)
    await order(stage, **CLUSTER, far=east(20_000))
    done = await wave(stage)
    again = WaveDue(MERCHANT_ID, done.id)
    await choose_modes(again, stage.means)
    for number in (*CLUSTER, "far"):
        kept = await choice(stage, number)
        async with stage.means.begin(MERCHANT_ID) as work:
            await work.modes.put_choices([replace(kept, done_at=None)])
        await carry_out_choice(ModeChosen(MERCHANT_ID, kept.fulfillment_order_id), stage.means)
    await stage.settle()
    assert (len(vans.booked), len(stage.cheap.booked)) == (8, 1)


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    stage.cheap.book_errors.append(UnknownOutcome("nobody knows", system="cheap"))
    stage.clock.advance(minutes=16)
    await wave_due(stage.means, MERCHANT_ID)
    await stage.settle()
    for number in ALONE:
        unit_id = (await stage.order(number)).fulfillment_orders[0].id
        await carry_out_choice(ModeChosen(MERCHANT_ID, unit_id), stage.means)
    deliveries = [await stage.delivery_of(number) for number in ALONE]
    assert [len(delivery.legs) for delivery in deliveries] == [1, 1]
    assert len(stage.cheap.booked) == 2


async def test_a_carrier_that_declines_after_the_choice_is_followed_by_the_next(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, far=east(20_000))
    stage.cheap.book_errors.append(RemoteRefused("no courier is near", system="cheap"))
    await wave(stage)
    delivery = await stage.delivery_of("far")
    assert delivery.legs[0].carrier == "cheap"
    assert delivery.active_leg is not None
    assert delivery.active_leg.carrier != "cheap"
    assert (await choice(stage, "far")).done_at is not None


async def test_offers_that_have_ended_are_asked_for_again(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    before = len(stage.cheap.asked)
    stage.cheap.price = 850
    await wave(stage, 16)  # they stand for 15 minutes
    assert len(stage.cheap.asked) == before + 2
    assert (await choice(stage, "1")).choice.cost == Money(850, "USD")


async def test_a_choice_whose_price_has_grown_meanwhile_goes_by_the_strategy(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    await choose_modes(await due_wave(stage), stage.means)
    stage.clock.advance(minutes=16)
    stage.cheap.price = 2000
    await stage.settle()
    assert "cheap" not in await carriers(stage, *ALONE)


async def test_what_waits_for_a_van_is_given_to_a_carrier_that_does_it_for_less(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    assert len(vans.booked) == 2
    await begin_to_compare(stage)
    await wave(stage, 1, before_plan=True)
    assert await carriers(stage, *ALONE) == ["cheap", "cheap"]
    delivery = await stage.delivery_of("1")
    first, second = delivery.legs
    assert (first.carrier, first.status) == ("own_fleet", DeliveryStatus.CANCELLED)
    assert second.why == (await choice(stage, "1")).choice.text
    assert await told(stage) == []


async def test_a_carrier_that_declines_what_a_van_gave_away_is_followed_by_the_next(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, far=east(20_000))
    await begin_to_compare(stage)
    stage.cheap.book_errors += [RemoteRefused("no courier is near", system="cheap") for _ in range(2)]
    await wave(stage, 1, before_plan=True)
    delivery = await stage.delivery_of("far")
    assert [leg.carrier for leg in delivery.legs] == ["own_fleet", "cheap", "cheap", "dear"]
    assert len([leg for leg in delivery.legs if leg.is_live]) == 1


async def test_a_booking_for_one_carrier_alone_stays_with_it(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    for number in ALONE:
        delivery = await stage.delivery_of(number)
        async with stage.means.begin(MERCHANT_ID) as work:
            kept = replace(delivery, limits=replace(delivery.limits, allow_fallback=False))
            await work.deliveries.put(kept)
    await begin_to_compare(stage)
    await wave(stage, 1, before_plan=True)
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"]


async def test_a_cap_of_the_day_counts_what_was_booked_before(stage: Stage) -> None:
    one_a_day = CarrierPool("Cheap's courier", carriers=("cheap",), most=1)
    await shop_that_compares(stage, pools=(one_a_day,))
    await order(stage, **ALONE)
    await wave(stage)
    assert sorted(await carriers(stage, *ALONE)) == ["cheap", "dear"]
    full = [await choice(stage, number) for number in ALONE]
    assert {kept.choice.reason for kept in full} == {ModeReason.CHEAPEST, ModeReason.CHEAPER_FULL}
    await order(stage, third=east(9000))
    await wave(stage)
    assert await carriers(stage, "third") == ["dear"]


async def test_a_volume_price_is_reached_together(stage: Stage) -> None:
    """The first at 9.00 and the second at 5.00 are 14.00, against 16.00."""
    volume = CarrierPool("Dear's contract", carriers=("dear",), tiers=(Tier(2, Money(400, "USD")),))
    await shop_that_compares(stage, pools=(volume,))
    await order(stage, **ALONE)
    await wave(stage)
    assert await carriers(stage, *ALONE) == ["dear", "dear"]


async def test_a_wave_that_cannot_be_solved_lets_everybody_go_alone(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    due = await due_wave(stage)
    await choose_modes(due, replace(stage.means, modes=_Broken()))
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        failed = await work.modes.wave(due.wave_id)
    assert failed is not None
    assert failed.status is WaveStatus.FAILED
    assert failed.problem == "Nobody compared them: The roads are away."
    assert await carriers(stage, *ALONE) == ["own_fleet", "own_fleet"]
    assert await waiting(stage) == []


async def test_who_is_called_off_while_waiting_is_booked_by_nobody(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    stage.shop.put("1", status="CANCELLED", unit_status="CANCELLED")
    await stage.take_in()
    await stage.settle()
    await wave(stage)
    assert await latest(stage, "1") is None
    assert await carriers(stage, "2") == ["cheap"]
    assert await waiting(stage) == []


async def test_who_waits_in_vain_leaves_alone(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    stage.clock.advance(minutes=36)
    await end_waits(stage.means, MERCHANT_ID)
    await stage.settle()
    assert await waiting(stage) == []
    assert len(await carriers(stage, *ALONE)) == 2


async def test_two_processes_ask_for_one_wave(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    stage.clock.advance(minutes=16)
    assert await wave_due(stage.means, MERCHANT_ID)
    first = await line(stage)
    assert await wave_due(stage.means, MERCHANT_ID)
    assert await line(stage) == first


async def test_a_booking_that_is_called_off_after_the_choice_is_not_made(stage: Stage) -> None:
    vans, _ = await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    await begin_to_compare(stage)
    await cancel_delivery(stage.means, MERCHANT_ID, (await stage.delivery_of("1")).id, "no")
    await wave(stage, 1, before_plan=True)
    gone = await latest(stage, "1")
    assert gone is not None
    assert gone.status is DeliveryStatus.CANCELLED
    assert len(stage.cheap.booked) == 1
    assert len(vans.booked) == 2


async def test_a_plan_that_is_called_off_before_its_wave_books_nobody(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    asked = PlanWish(TODAY, 0.3, chooses_modes=True)
    plan = await request_plan(stage.means, MERCHANT_ID, asked)
    await cancel_plan(stage.means, MERCHANT_ID, plan.id)
    await stage.settle()
    assert stage.cheap.booked == {}
    assert len(await waiting(stage)) == 2


async def test_a_plan_for_named_deliveries_compares_these_alone(stage: Stage) -> None:
    await shop_that_compares(stage, is_on=False)
    await order(stage, **ALONE)
    await begin_to_compare(stage)
    await order(stage, third=east(9000))
    first = await stage.delivery_of("1")
    await plan_after_wave(stage, delivery_ids=(first.id,), is_published_at_once=True)
    assert await carriers(stage, "1", "2") == ["cheap", "own_fleet"]
    assert len(await waiting(stage)) == 1


async def test_modes_are_compared_for_today_alone(stage: Stage) -> None:
    await shop_that_compares(stage)
    wish = PlanWish(TODAY + timedelta(days=1), 0.3, chooses_modes=True)
    with pytest.raises(InvalidInput, match="can be compared for today"):
        await request_plan(stage.means, MERCHANT_ID, wish)


async def test_two_waves_at_once_choose_once_for_each(stage: Stage) -> None:
    await shop_that_compares(stage)
    await order(stage, **ALONE)
    first = await due_wave(stage)
    plan = await request_plan(stage.means, MERCHANT_ID, PlanWish(TODAY, 0.3, chooses_modes=True))
    await stage.settle()
    assert len(stage.cheap.booked) == 2
    assert {(await choice(stage, number)).wave_id for number in ALONE} == {first.wave_id}
    assert (await kept_plan(stage, plan.id)).status is RoutePlanStatus.READY, "it waited for nobody"


class _Broken:
    """No map at the moment."""

    async def choose(self, wave: Wave, roads: RoadEngine, *, budget_s: float, seed: int) -> WavePlan:
        raise RemoteUnavailable("The roads are away.", system="roads")

"""Stores show how their orders stand: once, however often an answer is lost, and without an echo."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.order import LinkStatus, ShippedWhen, Store
from doorstep.report import DeliveryReport, HoldReason
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.records import ReportState, ReportStatus
from gateway.flow.telling.tell import tell, tell_due
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage


async def report_state(stage: Stage) -> ReportState:
    unit_id = (await stage.order()).fulfillment_orders[0].id
    async with stage.means.begin(MERCHANT_ID) as work:
        state = await work.reports.get(unit_id)
    assert state is not None
    return state


async def carried(stage: Stage, *statuses: DeliveryStatus) -> None:
    """The courier says these, a minute apart."""
    leg = (await stage.delivery_of("1001")).active_leg
    assert leg is not None
    for status in statuses:
        stage.clock.advance(minutes=1)
        update = stage.cheap.update(leg.external_id, status, status.lower())
        await apply_update(stage.means, MERCHANT_ID, "cheap", update)
        await stage.settle()


def last_report(stage: Stage) -> DeliveryReport:
    return stage.shop.reports[-1][0]


async def test_a_booking_is_told_with_its_carrier_and_where_to_follow_it(stage: Stage) -> None:
    delivery = await stage.booked()
    report, told, in_doubt = stage.shop.reports[-1]
    assert (report.order_external_id, report.unit_external_id) == ("1001", "1001")
    assert (report.delivery_id, report.is_shipped, report.hold) == (delivery.id, False, None)
    assert report.carrier
    assert (told, in_doubt) == ("", False)
    assert (await report_state(stage)).status is ReportStatus.DONE
    assert len(stage.shop.reports) == 1


async def test_goods_that_left_count_as_sent_and_what_they_were_stays_known(stage: Stage) -> None:
    await stage.booked()
    await carried(stage, DeliveryStatus.PICKED_UP)
    report, told, in_doubt = stage.shop.reports[-1]
    assert report.is_shipped
    assert [(line.line_external_id, line.quantity) for line in report.lines] == [("line-1", 2)]
    assert (told, in_doubt) == ("told 1", False)
    # The store itself has nothing left to send now.
    stage.shop.put("1001", left=0)
    await stage.take_in()
    await carried(stage, DeliveryStatus.OUT_FOR_DELIVERY, DeliveryStatus.DELIVERED)
    assert [line.quantity for line in last_report(stage).lines] == [2]
    steps = [step.status for step in last_report(stage).milestones]
    assert steps[-3:] == [
        DeliveryStatus.PICKED_UP,
        DeliveryStatus.OUT_FOR_DELIVERY,
        DeliveryStatus.DELIVERED,
    ]


async def test_steps_that_a_store_does_not_show_are_not_told(stage: Stage) -> None:
    await stage.booked()
    before = len(stage.shop.reports)
    await carried(stage, DeliveryStatus.COURIER_ASSIGNED, DeliveryStatus.TO_PICKUP, DeliveryStatus.AT_PICKUP)
    assert len(stage.shop.reports) == before


async def test_a_lost_answer_is_followed_by_a_call_in_doubt(stage: Stage) -> None:
    stage.shop.report_errors = [UnknownOutcome("lost", system="shop")]
    await stage.booked()
    assert (await report_state(stage)).status is ReportStatus.DUE
    assert await tell_due(stage.means, MERCHANT_ID) == 0, "not at once"
    stage.clock.advance(minutes=1)
    assert await tell_due(stage.means, MERCHANT_ID) == 1
    assert [in_doubt for _, _, in_doubt in stage.shop.reports] == [False, True]
    assert (await report_state(stage)).status is ReportStatus.DONE


async def test_a_worker_that_died_in_the_middle_leaves_a_doubt(stage: Stage) -> None:
    delivery = await stage.booked()
    called = asyncio.Event()

    async def never_answers(report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        called.set()
        await asyncio.Event().wait()
        return ""

    honest, stage.shop.report = stage.shop.report, never_answers  # type: ignore[method-assign]
    leg = delivery.active_leg
    assert leg is not None
    update = stage.cheap.update(leg.external_id, DeliveryStatus.PICKED_UP, "picked_up")
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    telling = asyncio.create_task(tell(stage.means, MERCHANT_ID, delivery.fulfillment_order_id))
    await called.wait()
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    stage.shop.report = honest  # type: ignore[method-assign]
    state = await report_state(stage)
    assert state.in_doubt
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.reports.put(replace(state, claimed_until=None))  # five minutes of machine time later
    await tell(stage.means, MERCHANT_ID, state.unit_id)
    assert [in_doubt for _, _, in_doubt in stage.shop.reports] == [False, True]


async def test_nobody_tells_a_store_while_somebody_else_does(stage: Stage) -> None:
    await stage.booked()
    await carried(stage, DeliveryStatus.PICKED_UP)
    stage.shop.reports.clear()
    running = 0
    honest = stage.shop.report

    async def slow(report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.05)
        running -= 1
        return await honest(report, told, in_doubt=in_doubt)

    stage.shop.report = slow  # type: ignore[method-assign]
    unit_id = (await stage.order()).fulfillment_orders[0].id
    leg = (await stage.delivery_of("1001")).active_leg
    assert leg is not None
    update = stage.cheap.update(leg.external_id, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    await asyncio.gather(*(tell(stage.means, MERCHANT_ID, unit_id) for _ in range(5)))
    await stage.settle()
    assert len(stage.shop.reports) == 1
    assert (await report_state(stage)).status is ReportStatus.DONE


async def test_a_store_that_is_away_is_told_when_it_is_back(stage: Stage) -> None:
    stage.shop.report_errors = [RemoteUnavailable("closed", system="shop")] * 3
    await stage.booked()
    for _ in range(20):
        stage.clock.advance(minutes=15)
        await tell_due(stage.means, MERCHANT_ID)
    assert len(stage.shop.reports) == 4
    state = await report_state(stage)
    assert (state.status, state.attempts, state.problem_text) == (ReportStatus.DONE, 0, "")


async def test_what_a_store_will_not_take_is_kept_with_its_words_and_not_repeated(stage: Stage) -> None:
    stage.shop.report_errors = [RemoteRefused("this order is locked", system="shop")]
    await stage.booked()
    stage.clock.advance(hours=1)
    await tell_due(stage.means, MERCHANT_ID)
    state = await report_state(stage)
    assert (state.status, state.problem_text) == (ReportStatus.REFUSED, "this order is locked")
    assert len(stage.shop.reports) == 1
    await carried(stage, DeliveryStatus.PICKED_UP)
    assert (await report_state(stage)).status is ReportStatus.DONE, "there was something else to tell"


async def test_an_order_that_nobody_can_carry_is_held_and_released(stage: Stage) -> None:
    closed = RemoteUnavailable("closed", system="courier")
    stage.cheap.quote_error = stage.dear.quote_error = closed
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    hold = last_report(stage).hold
    assert hold is not None
    assert hold.reason is HoldReason.NO_CARRIER
    stage.cheap.quote_error = None
    stage.clock.advance(hours=1)
    unit_id = (await stage.order()).fulfillment_orders[0].id
    await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    await stage.settle()
    assert last_report(stage).hold is None


async def test_a_store_may_count_goods_as_sent_from_the_booking_on(stage: Stage) -> None:
    await change_store(stage, shipped_when=ShippedWhen.BOOKED, notifies_shoppers=False)
    await stage.booked()
    assert (last_report(stage).is_shipped, last_report(stage).notify_shopper) == (True, False)


async def test_a_store_that_is_linked_no_longer_is_told_nothing(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    await change_store(stage, status=LinkStatus.DISCONNECTED)
    await stage.settle()
    assert stage.shop.reports == []


async def change_store(stage: Stage, **facts: object) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        store = await work.accounts.store(STORE.id)
        assert isinstance(store, Store)
        await work.accounts.put_store(replace(store, **facts))  # type: ignore[arg-type]

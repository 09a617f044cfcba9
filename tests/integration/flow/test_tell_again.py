"""What a store could not be told, or would not hear, is told again: fairly, and never by two at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import InvalidInput, NotFound, RemoteRefused, RemoteUnavailable, StateConflict
from doorstep.order import LinkStatus
from doorstep.report import DeliveryReport
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.records import ReportState, ReportStatus
from gateway.flow.telling.tell import retell, tell, tell_due
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import MERCHANT_ID, STORE
from tests.integration.flow.stage import Stage
from tests.integration.flow.test_tell import carried, change_store, last_report, report_state


async def test_what_was_refused_is_told_again_when_the_store_changes_the_order(stage: Stage) -> None:
    stage.shop.report_errors = [RemoteRefused("on hold by others", system="shop")]
    await stage.booked()
    stage.clock.advance(minutes=1)
    await _retell(stage)
    assert (await report_state(stage)).status is ReportStatus.DUE
    await stage.settle()
    assert len(stage.shop.reports) == 2
    state = await report_state(stage)
    assert (state.status, state.problem_text, state.due_at) == (ReportStatus.DONE, "", None)
    await _retell(stage)
    await stage.settle()
    assert len(stage.shop.reports) == 2, "nothing was refused"


async def test_a_try_that_changes_the_order_in_the_store_slows_down_instead_of_going_round(
    stage: Stage,
) -> None:
    stage.shop.report_errors = [RemoteRefused("no", system="shop")] * 1000
    await stage.booked()
    for _ in range(60):
        stage.clock.advance(minutes=1)
        await _retell(stage)
        await stage.settle()
        await tell_due(stage.means, MERCHANT_ID)
    # Pauses of 10, 20, 40, 80, 160, 320 and then 600 s, each up to the next minute:
    # minutes 0, 1, 2, 3, 5, 8, 14, 24, 34, 44 and 54.
    assert len(stage.shop.reports) == 11


async def test_what_was_refused_is_tried_again_every_six_hours_for_three_days(stage: Stage) -> None:
    stage.shop.report_errors = [RemoteRefused("no", system="shop")] * 1000
    await stage.booked()
    for _ in range(24 * 7):
        stage.clock.advance(hours=1)
        await tell_due(stage.means, MERCHANT_ID)
    assert len(stage.shop.reports) == 1 + 3 * 24 / 6
    state = await report_state(stage)
    assert (state.status, state.due_at) == (ReportStatus.REFUSED, None)


async def test_a_change_while_somebody_tells_is_not_lost_with_them(stage: Stage) -> None:
    delivery = await stage.booked()
    await carried(stage, DeliveryStatus.PICKED_UP)
    entered, go_on = asyncio.Event(), asyncio.Event()
    honest = stage.shop.report

    async def slow(report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        entered.set()
        await go_on.wait()
        return await honest(report, told, in_doubt=in_doubt)

    stage.shop.report = slow  # type: ignore[method-assign]
    unit_id = delivery.fulfillment_order_id
    leg = delivery.legs[0]
    out = stage.cheap.update(leg.external_id, DeliveryStatus.OUT_FOR_DELIVERY, "out")
    await apply_update(stage.means, MERCHANT_ID, "cheap", out)
    stage.shop.reports.clear()
    first = asyncio.create_task(tell(_killed_once_it_is_written(stage), MERCHANT_ID, unit_id))
    await entered.wait()
    there = stage.cheap.update(leg.external_id, DeliveryStatus.DELIVERED, "there")
    await apply_update(stage.means, MERCHANT_ID, "cheap", there)
    await tell(stage.means, MERCHANT_ID, unit_id)  # sees that somebody is at it, and goes
    go_on.set()
    await asyncio.gather(first, return_exceptions=True)
    assert [report.status for report, _, _ in stage.shop.reports] == [DeliveryStatus.OUT_FOR_DELIVERY]
    stage.shop.report = honest  # type: ignore[method-assign]
    stage.clock.advance(minutes=1)
    await tell_due(stage.means, MERCHANT_ID)
    assert last_report(stage).status is DeliveryStatus.DELIVERED


async def test_a_worker_whose_claim_was_taken_over_writes_nothing_down(stage: Stage) -> None:
    delivery = await stage.booked()
    entered, go_on = asyncio.Event(), asyncio.Event()
    honest = stage.shop.report

    async def slow(report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
        entered.set()
        await go_on.wait()
        return "the notes of a ghost"

    stage.shop.report = slow  # type: ignore[method-assign]
    update = stage.cheap.update(delivery.legs[0].external_id, DeliveryStatus.PICKED_UP, "picked_up")
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    ghost = asyncio.create_task(tell(stage.means, MERCHANT_ID, delivery.fulfillment_order_id))
    await entered.wait()
    await _lapse(stage)
    stage.shop.report = honest  # type: ignore[method-assign]
    await tell(stage.means, MERCHANT_ID, delivery.fulfillment_order_id)
    kept = await report_state(stage)
    go_on.set()
    await ghost
    assert await report_state(stage) == kept
    assert (kept.told, kept.status) == ("told 2", ReportStatus.DONE)


async def test_reports_for_stores_that_are_not_linked_keep_no_other_waiting(stage: Stage) -> None:
    await stage.booked()
    unit_id = (await stage.order()).fulfillment_orders[0].id
    gone = replace(
        STORE, id="sto_01jd0000000000000000000009", external_id="gone", status=LinkStatus.DISCONNECTED
    )
    early = stage.clock.now() - timedelta(hours=1)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(gone, {})
        for number in range(60):
            due = ReportState(f"ful_{number:02}", MERCHANT_ID, gone.id, ReportStatus.DUE, early)
            await work.reports.put(due)
        mine = await work.reports.get(unit_id)
        assert mine is not None
        await work.reports.put(replace(mine, status=ReportStatus.DUE, due_at=stage.clock.now(), digest=""))
    assert await tell_due(stage.means, MERCHANT_ID) == 1
    assert len(stage.shop.reports) == 2
    # Once it is linked again its reports come up; those of units that are gone are closed.
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(replace(gone, status=LinkStatus.CONNECTED), {"key": "anew"})
    assert await tell_due(stage.means, MERCHANT_ID) == 50
    assert await tell_due(stage.means, MERCHANT_ID) == 10
    async with stage.means.begin(MERCHANT_ID) as work:
        assert (await work.reports.counts(gone.id))[ReportStatus.DONE] == 60


async def test_stores_take_turns_at_being_told(stage: Stage) -> None:
    other = replace(STORE, id="sto_01jd0000000000000000000009", external_id="other")
    now = stage.clock.now()
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(other, {})
        for number in range(60):
            early = now - timedelta(minutes=number)
            await work.reports.put(
                ReportState(f"ful_{number:02}", MERCHANT_ID, other.id, ReportStatus.DUE, early)
            )
        for number in range(2):
            await work.reports.put(
                ReportState(f"ful_s{number}", MERCHANT_ID, STORE.id, ReportStatus.DUE, now)
            )
        due = await work.reports.due(now, 10)
    assert [state.unit_id for state in due[:4]] == ["ful_59", "ful_s0", "ful_58", "ful_s1"]
    assert len(due) == 10


async def test_a_store_that_fails_for_weeks_is_still_tried_every_ten_minutes(stage: Stage) -> None:
    await stage.booked()
    state = await report_state(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        many = replace(state, status=ReportStatus.DUE, due_at=stage.clock.now(), digest="", attempts=5000)
        await work.reports.put(many)
    stage.shop.report_errors = [RemoteUnavailable("closed", system="shop")]
    await tell_due(stage.means, MERCHANT_ID)
    after = await report_state(stage)
    assert (after.attempts, after.due_at) == (5001, stage.clock.now() + timedelta(minutes=10))


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("no plug-in speaks it"),
        StateConflict("it waits for its merchant"),
        NotFound("sto_1"),
        KeyError("id"),
    ],
    ids=["input", "conflict", "missing", "slip"],
)
async def test_a_store_that_cannot_be_opened_is_tried_again_after_a_pause(
    stage: Stage, error: Exception
) -> None:
    stage.links.store_error = error
    await _booked_untold(stage)
    state = await report_state(stage)
    assert (state.status, state.attempts, state.claimed_until) == (ReportStatus.DUE, 1, None)
    assert state.due_at == stage.clock.now() + timedelta(seconds=5)
    assert state.problem_text
    stage.links.store_error = None
    stage.clock.advance(minutes=1)
    await tell_due(stage.means, MERCHANT_ID)
    assert (await report_state(stage)).status is ReportStatus.DONE


async def test_one_report_that_cannot_even_be_composed_stops_no_other(stage: Stage) -> None:
    await stage.booked("1001")
    await stage.booked("1002")
    stage.shop.reports.clear()
    units = [(await stage.order(name)).fulfillment_orders[0].id for name in ("1001", "1002")]
    bad = (await stage.delivery_of("1001")).id
    async with stage.means.begin(MERCHANT_ID) as work:
        for unit_id in units:
            state = await work.reports.get(unit_id)
            assert state is not None
            await work.reports.put(
                replace(state, status=ReportStatus.DUE, due_at=stage.clock.now(), digest="")
            )

    def breaks_at_one(delivery: Delivery) -> str:
        if delivery.id == bad:
            raise KeyError("page")
        return ""

    means = replace(stage.means, tracking_link=breaks_at_one)
    with pytest.raises(ExceptionGroup, match="could not be told"):
        await tell_due(means, MERCHANT_ID)
    assert [report.order_external_id for report, _, _ in stage.shop.reports] == ["1002"]
    stage.clock.advance(minutes=1)
    assert await tell_due(means, MERCHANT_ID) == 0, "it does not stand first in the queue for ever"


async def test_what_happened_while_a_store_was_not_linked_is_told_when_it_is(stage: Stage) -> None:
    await stage.booked()
    await change_store(stage, status=LinkStatus.DISCONNECTED)
    await carried(stage, DeliveryStatus.PICKED_UP)
    assert len(stage.shop.reports) == 1
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(STORE, {"key": "anew"})
    stage.clock.advance(minutes=1)
    await tell_due(stage.means, MERCHANT_ID)
    assert last_report(stage).is_shipped


def _killed_once_it_is_written(stage: Stage) -> Means:
    """Means of a worker that is killed when it has written down how it went, before anything else."""

    @asynccontextmanager
    async def begin(merchant_id: str) -> AsyncIterator[UnitOfWork]:
        if stage.shop.reports and (await report_state(stage)).claimed_until is None:
            raise asyncio.CancelledError
        async with stage.means.begin(merchant_id) as work:
            yield work

    return replace(stage.means, begin=begin)


async def _lapse(stage: Stage) -> None:
    """A minute of the machine passes without a sign of life."""
    state = await report_state(stage)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.reports.put(replace(state, claimed_until=None))


async def _retell(stage: Stage) -> None:
    order = await stage.order()
    async with stage.means.begin(MERCHANT_ID) as work:
        await retell(work, order, stage.clock.now())


async def _booked_untold(stage: Stage) -> None:
    """A delivery is booked of an order that the walk has taken in before the store went."""
    broken, stage.links.store_error = stage.links.store_error, None
    stage.shop.put("1001")
    await stage.take_in()
    stage.links.store_error = broken
    await stage.settle()

"""What every store is told of a delivery: a state, shown once, whatever was lost on the way."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import (
    RemoteError,
    RemoteRefused,
)
from doorstep.report import DeliveryReport, Hold, HoldReason
from tests.contracts.store_rig import LIFE, Rig, hides_secrets
from tests.contracts.store_shop import HOME

HOLD = Hold(HoldReason.ADDRESS, "The map does not know the address. Please correct it.")


async def tell(rig: Rig, reports: list[DeliveryReport]) -> str:
    told = ""
    for report in reports:
        told = await rig.store.report(report, told, in_doubt=False)
    return told


async def test_a_delivery_is_shown_as_sent_once_with_each_step_once(rig: Rig) -> None:
    order_id = rig.shop.place()
    reports = await rig.life(order_id)

    told = await tell(rig, reports[:1])
    assert rig.shop.shown(order_id).shipments == []
    for report in reports[1:]:
        told = await rig.store.report(report, told, in_doubt=False)
        assert rig.shop.shown(order_id).shipments == ["TRK-1"]

    shown = rig.shop.shown(order_id)
    assert shown.is_delivered
    assert shown.steps
    assert len(set(shown.steps)) == len(shown.steps)
    assert shown.holds == 0


async def test_the_last_report_alone_shows_what_all_of_them_show(rig: Rig) -> None:
    one, other = rig.shop.place(), rig.shop.place()
    await tell(rig, await rig.life(one))

    await tell(rig, (await rig.life(other))[-1:])

    by_steps, at_once = rig.shop.shown(one), rig.shop.shown(other)
    assert (by_steps.shipments, by_steps.is_delivered) == (at_once.shipments, at_once.is_delivered)
    assert len(by_steps.steps) == len(at_once.steps)


@pytest.mark.parametrize("steps", range(1, len(LIFE) + 1))
async def test_a_report_that_is_told_again_writes_nothing_whatever_was_remembered(
    rig: Rig, steps: int
) -> None:
    order_id = rig.shop.place()
    reports = (await rig.life(order_id))[:steps]
    told = await tell(rig, reports)
    writes, shown = rig.shop.writes(), rig.shop.shown(order_id)
    changed_at = rig.shop.kept()[order_id].changed_at
    rig.clock.advance(60)

    assert await rig.store.report(reports[-1], told, in_doubt=False) == told
    for remembered in (told, "", "{}", "[1", "nonsense"):
        again = await rig.store.report(reports[-1], remembered, in_doubt=True)
        assert await rig.impatient().report(reports[-1], again, in_doubt=False) == again

    assert (rig.shop.writes(), rig.shop.shown(order_id)) == (writes, shown)
    assert rig.shop.kept()[order_id].changed_at == changed_at


async def test_answers_that_are_lost_double_nothing(rig: Rig) -> None:
    order_id, calm = rig.shop.place(), rig.shop.place()
    await tell(rig, await rig.life(calm))
    store = rig.impatient()
    troubles: list[RemoteError] = []
    reports = await rig.life(order_id)

    rig.shop.lose_answers(0.5)
    told = ""
    for report in reports:
        in_doubt = False
        while True:
            try:
                told = await store.report(report, told, in_doubt=in_doubt)
                break
            except RemoteError as lost:
                troubles.append(lost)
                in_doubt = True

    assert len(troubles) > 1
    for trouble in troubles:
        assert trouble.retryable
        hides_secrets(rig, trouble)
    shown, wanted = rig.shop.shown(order_id), rig.shop.shown(calm)
    assert (shown.shipments, shown.is_delivered, shown.holds) == (["TRK-1"], True, 0)
    assert len(shown.steps) == len(wanted.steps) == len(set(shown.steps))


async def test_a_worker_that_dies_after_each_write_doubles_nothing(rig: Rig) -> None:
    order_id = rig.shop.place()
    for report in await rig.life(order_id):
        await rig.impatient().report(report, "", in_doubt=True)

    shown = rig.shop.shown(order_id)
    assert (shown.shipments, shown.is_delivered) == (["TRK-1"], True)
    assert len(set(shown.steps)) == len(shown.steps)


async def test_an_unwell_store_keeps_a_report_waiting_and_takes_it_later(rig: Rig) -> None:
    order_id = rig.shop.place()
    report = await rig.booked(order_id)
    store = rig.impatient()
    for ailment in rig.shop.ailments:
        rig.shop.fall_ill(ailment)
        with pytest.raises(RemoteError) as trouble:
            await store.report(report, "", in_doubt=True)
        assert trouble.value.retryable, ailment
        rig.shop.get_well()

    final = rig.after(report, DeliveryStatus.PICKED_UP)
    await store.report(final, "", in_doubt=True)
    assert rig.shop.shown(order_id).shipments == ["TRK-1"]


async def test_a_hold_is_shown_once_and_taken_away_when_nothing_waits_any_more(rig: Rig) -> None:
    order_id = rig.shop.place()
    quiet = await rig.booked(order_id, status=DeliveryStatus.DRAFT, milestones=(), delivery_id="")
    held = replace(quiet, hold=HOLD, lines=(), carrier="", tracking_number="", tracking_url="", reference="")

    told = await rig.store.report(held, "", in_doubt=False)
    assert rig.shop.shown(order_id).holds == 1
    told = await rig.store.report(held, told, in_doubt=True)
    assert rig.shop.shown(order_id).holds == 1
    # Whoever placed a hold may carry the goods all the same, once what was wrong is right.
    assert await _can_be_carried(rig, order_id)

    await rig.store.report(replace(held, hold=None), told, in_doubt=False)
    assert rig.shop.shown(order_id).holds == 0
    assert await _can_be_carried(rig, order_id)


async def test_what_the_merchant_holds_is_carried_by_nobody_and_not_released_by_a_report(rig: Rig) -> None:
    order_id = rig.shop.place()
    quiet = await rig.booked(order_id, status=DeliveryStatus.DRAFT, milestones=(), lines=())

    rig.shop.hold(order_id)
    assert not await _can_be_carried(rig, order_id)
    await rig.store.report(quiet, "", in_doubt=True)

    assert rig.shop.shown(order_id).holds == 1


async def _can_be_carried(rig: Rig, order_id: str) -> bool:
    raw = await rig.store.fetch_order(order_id)
    assert raw is not None
    return all(unit.is_dispatchable for unit in rig.store.read_order(raw).fulfillment_orders)


async def test_what_is_held_can_be_sent_when_a_carrier_was_found_after_all(rig: Rig) -> None:
    order_id = rig.shop.place()
    booked = await rig.booked(order_id)
    told = await rig.store.report(replace(booked, hold=HOLD), "", in_doubt=False)

    await rig.store.report(rig.after(booked, DeliveryStatus.PICKED_UP), told, in_doubt=False)

    shown = rig.shop.shown(order_id)
    assert (shown.holds, shown.shipments) == (0, ["TRK-1"])


async def test_an_order_that_is_gone_is_not_told_of_again_and_again(rig: Rig) -> None:
    order_id = rig.shop.place()
    report = rig.after(await rig.booked(order_id), DeliveryStatus.PICKED_UP)
    rig.shop.delete(order_id)

    # Some stores refuse it for good, in others there is nothing left that could show anything.
    with contextlib.suppress(RemoteRefused):
        await rig.store.report(report, "", in_doubt=True)
    assert rig.shop.writes() == 0


async def test_notes_between_reports_hold_nothing_personal(rig: Rig) -> None:
    told = await tell(rig, await rig.life(rig.shop.place()))

    json.loads(told)
    for personal in ("Ana", "Lopez", HOME.line1, HOME.email):
        assert personal not in told

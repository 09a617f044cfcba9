"""What carriers do is counted once, and the next ranking leans on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.incident import IncidentKind
from doorstep.scorecard import CarrierCounts, Scorecard
from gateway.flow.learning.standing import standings
from gateway.flow.ports import CodeKind
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage


async def _hear(stage: Stage, update: CarrierUpdate) -> None:
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)


async def _cards(stage: Stage) -> dict[str, Scorecard]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return dict(await standings(work, stage.clock.now()))


async def _counts(stage: Stage) -> list[CarrierCounts]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.scores.counts(date(2026, 11, 1)))


async def test_a_delivery_in_time_counts_once_however_often_it_is_told(stage: Stage) -> None:
    delivery = await stage.booked()
    booking = delivery.legs[0].external_id
    for _ in range(3):
        await _hear(stage, stage.cheap.update(booking, DeliveryStatus.DELIVERED, "delivered"))
    (card,) = (await _cards(stage)).values()
    assert (card.deliveries, card.on_time, card.first_attempt, card.cancelled) == (1, 1, 1, 0)
    booked = [(counts.booked, counts.cost) for counts in await _counts(stage) if counts.booked]
    assert booked == [(1, delivery.legs[0].price)]


async def test_a_delivery_after_its_promise_and_a_second_attempt_is_neither_in_time_nor_at_the_first(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    booking = delivery.legs[0].external_id
    assert delivery.promise is not None
    await _hear(stage, stage.cheap.update(booking, DeliveryStatus.ATTEMPT_FAILED, "attempt"))
    left = delivery.promise.window.end - stage.clock.now()
    stage.clock.advance(seconds=left.total_seconds() + 3600)
    await _hear(stage, stage.cheap.update(booking, DeliveryStatus.DELIVERED, "delivered"))
    (card,) = (await _cards(stage)).values()
    assert (card.deliveries, card.on_time, card.first_attempt) == (1, 0, 0)


async def test_a_courier_who_drops_out_counts_against_its_carrier_and_calling_off_does_not(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    dropped = stage.cheap.update(
        delivery.legs[0].external_id,
        DeliveryStatus.CANCELLED,
        "canceled",
        trouble=IncidentKind.COURIER_CANCELLED,
    )
    await _hear(stage, dropped)
    (card,) = (await _cards(stage)).values()
    assert (card.deliveries, card.cancelled) == (0, 1)
    assert card.reliability < 0.95


async def test_who_has_let_shoppers_wait_ranks_behind_a_dearer_one_that_has_not(stage: Stage) -> None:
    # Given two couriers whose prices hardly differ, the cheaper of which was late forty times
    stage.dear.price = stage.cheap.price + 1
    stage.dear.minutes = stage.cheap.minutes
    cheap_id, dear_id = (linked.account.id for linked in stage.links.linked)
    today = stage.clock.now().date()
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.scores.add([CarrierCounts(cheap_id, today, delivered=40)])
        await work.scores.add([CarrierCounts(dear_id, today, delivered=40, on_time=40)])
    stage.shop.put("1001")
    await stage.take_in()
    unit = (await find_place(await stage.order(), stage.means)).fulfillment_orders[0]
    quote_set = await quote_unit(stage.means, MERCHANT_ID, unit.id, 1.0)
    assert quote_set is not None
    by_account = {quote.account_id: quote for quote in quote_set.quotes}
    assert by_account[cheap_id].reliability == (0 + 19) / (40 + 20)
    assert by_account[dear_id].reliability == (40 + 19) / (40 + 20)
    gap = merchant.weights.reliability * (40 / 60)
    assert gap > 0
    reasons = {reason.text for reason in by_account[dear_id].reasons}
    assert any("98%" in reason for reason in reasons)


async def test_codes_that_no_table_knows_are_counted_once_for_each_time_they_are_news(stage: Stage) -> None:
    booking = (await stage.booked()).legs[0].external_id
    first_at = stage.clock.now()
    for raw in ("teleporting", "teleporting", "pickup", "teleporting-2"):
        status = DeliveryStatus.TO_PICKUP if raw == "pickup" else DeliveryStatus.UNKNOWN
        await _hear(stage, stage.cheap.update(booking, status, raw))
        stage.clock.advance(minutes=1)
    again = stage.cheap.update(
        booking, DeliveryStatus.UNKNOWN, "teleporting", trouble=IncidentKind.OTHER, raw_reason="E-77"
    )
    await _hear(stage, replace(again, source_event_id="another"))
    async with stage.means.begin(MERCHANT_ID) as work:
        kept = list(await work.unknowns.all())
    assert [(one.carrier, one.kind, one.code, one.seen) for one in kept] == [
        ("cheap", CodeKind.REASON, "E-77", 1),
        ("cheap", CodeKind.STATUS, "teleporting", 2),
        ("cheap", CodeKind.STATUS, "teleporting-2", 1),
    ]
    assert (kept[1].first_at, kept[1].last_at) == (first_at, first_at + timedelta(minutes=4))
    assert (await stage.kept((await stage.delivery()).id)).status is DeliveryStatus.TO_PICKUP


async def test_errors_that_no_table_knows_are_counted_by_quotes_and_bookings(stage: Stage) -> None:
    unknown = RemoteRefused("no", system="cheap", raw_code="E-99")
    unknown.is_known_code = False
    stage.cheap.book_errors = [unknown]
    known = RemoteRefused("no", system="dear", raw_code="E-1")
    stage.dear.quote_error = known
    await stage.take_in()
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        kept = list(await work.unknowns.all())
    assert [(one.carrier, one.kind, one.code, one.seen) for one in kept] == [
        ("cheap", CodeKind.ERROR, "E-99", 1)
    ]


async def test_answers_are_counted_by_merchant_and_handed_over_once(stage: Stage) -> None:
    await stage.booked()
    counts = stage.means.rates.take_counts()[MERCHANT_ID]
    assert {one.account_id for one in counts} == {one.account.id for one in stage.links.linked}
    assert all(one.asked == one.answered >= 1 for one in counts)
    assert stage.means.rates.take_counts() == {}

"""The rules of the table over the real tables: raised once, told to nobody twice, closed when it is well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.audit import Actor
from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.delivery_status import DeliveryStatus as Status
from doorstep.errors import NotFound, RemoteUnavailable, StateConflict
from doorstep.geo import LatLng
from doorstep.goods import Goods, GoodsTrait
from doorstep.incident import Incident, IncidentStatus, Resolution, StepAction
from doorstep.incident import IncidentKind as Kind
from doorstep.position import Position
from doorstep.quote import DeliveryMode
from doorstep.route import RouteStatus
from doorstep.watch_rules import KindRule, WatchRules
from gateway.flow.dispatching.settings import save_merchant_rules
from gateway.flow.messaging.hand.pin import correct_pin
from gateway.flow.quoting.breaker import Breaker
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.incidents import resolve
from gateway.flow.watching.scan_gaps import SCANS_ENOUGH
from gateway.flow.watching.watch import sweep
from gateway.flow.watching.watch_carriers import look_at_carriers
from gateway.flow.watching.watch_vans import record_temperature
from gateway.store.repositories.deliveries import SqlDeliveries
from tests.integration.flow.fakes import DOOR, MERCHANT_ID
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, drive, north, order_to, own_fleet, put_tour, send


async def look(stage: Stage) -> list[Kind]:
    """Sweep, and give what is in the queue then."""
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()
    return [incident.kind for incident in await stage.incidents()]


async def hear(stage: Stage, delivery: Delivery, status: Status, raw: str, **more: object) -> None:
    update = stage.cheap.update(delivery.legs[0].external_id, status, raw, **more)
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)
    await stage.settle()


async def kept(stage: Stage, incident: Incident) -> Incident:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.incidents.get(incident.id)
    assert found is not None
    return found


async def close(stage: Stage, incident: Incident, how: Resolution) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        await resolve(work, incident, Actor.PERSON, how, "seen", stage.clock.now())


async def with_rules(stage: Stage, rules: WatchRules) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        await save_merchant_rules(work, rules)


async def test_a_courier_who_waits_in_the_shop_is_an_incident_until_it_has_the_goods(stage: Stage) -> None:
    delivery = await stage.booked()
    await hear(stage, delivery, Status.AT_PICKUP, "near")
    stage.clock.advance(seconds=599)
    assert await look(stage) == []
    stage.clock.advance(seconds=1)
    assert await look(stage) == [Kind.MERCHANT_NOT_READY]
    await hear(stage, delivery, Status.PICKED_UP, "gone")
    assert await look(stage) == []


async def test_goods_that_a_courier_took_and_never_speaks_of_again_are_lost(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.cheap.news = stage.cheap.update(delivery.legs[0].external_id, Status.PICKED_UP, "gone")
    await hear(stage, delivery, Status.PICKED_UP, "gone")
    stage.clock.advance(minutes=179)
    assert Kind.LOST not in await look(stage)
    stage.clock.advance(minutes=1)
    assert Kind.LOST in await look(stage)
    await hear(stage, delivery, Status.OUT_FOR_DELIVERY, "seen again")
    assert Kind.LOST not in await look(stage)


async def test_goods_that_are_scanned_now_and_then_cost_no_look_of_their_own(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given goods that have been on their way for long, and were scanned an hour ago
    delivery = await stage.booked()
    stage.cheap.news = stage.cheap.update(delivery.legs[0].external_id, Status.PICKED_UP, "gone")
    await hear(stage, delivery, Status.PICKED_UP, "gone")
    async with stage.means.begin(MERCHANT_ID) as work:
        kept = await work.deliveries.get(delivery.id)
        assert kept is not None
        await work.deliveries.put(replace(kept, promise=None, eta=None))
    for hours in (1, 2):
        stage.clock.advance(hours=hours)
        await hear(stage, delivery, Status.IN_TRANSIT, f"scan {hours}")
    stage.clock.advance(hours=1)
    # When everything is looked at
    events, histories = SqlDeliveries.events, list[str]()

    async def read(self: SqlDeliveries, delivery_id: str) -> Sequence[DeliveryEvent]:
        histories.append(delivery_id)
        return await events(self, delivery_id)

    monkeypatch.setattr(SqlDeliveries, "events", read)
    assert await look(stage) == []
    # Then its history was not read for it
    assert histories == []


async def test_how_long_a_carrier_may_be_silent_is_what_it_has_done_so_far(stage: Stage) -> None:
    delivery = await stage.booked()
    # A scan each two hours: three times that is more than the least of three hours.
    for scan in range(SCANS_ENOUGH + 2):
        await hear(stage, delivery, Status.PICKED_UP, f"scan {scan}")
        stage.clock.advance(hours=2)
    async with stage.means.begin(MERCHANT_ID) as work:
        long_ago = stage.clock.now() - timedelta(days=60)
        assert await work.deliveries.scan_gap_s("cheap", long_ago, SCANS_ENOUGH) == 7200
        assert await work.deliveries.scan_gap_s("cheap", long_ago, SCANS_ENOUGH + 2) is None
        assert await work.deliveries.scan_gap_s("dear", long_ago, 1) is None
    stage.cheap.news = stage.cheap.update(delivery.legs[0].external_id, Status.PICKED_UP, "scan 0")
    stage.clock.advance(minutes=239)
    assert Kind.LOST not in await look(stage)
    stage.clock.advance(minutes=1)
    assert Kind.LOST in await look(stage)


async def test_what_is_handed_over_elsewhere_is_shown_and_outlives_the_delivery(stage: Stage) -> None:
    delivery = await stage.booked()
    place = Position(LatLng(DOOR.lat + 0.01, DOOR.lng), stage.clock.now())
    await hear(stage, delivery, Status.DELIVERED, "delivered", position=place)
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.delivery_id) == (Kind.PROOF_MISMATCH, delivery.id)
    assert "1112 m" in incident.evidence


async def test_what_is_handed_over_at_its_door_is_well(stage: Stage) -> None:
    delivery = await stage.booked()
    place = Position(LatLng(DOOR.lat + 0.001, DOOR.lng), stage.clock.now())
    await hear(stage, delivery, Status.DELIVERED, "delivered", position=place)
    assert await stage.incidents() == []


async def test_broken_goods_stay_in_the_queue_when_they_are_handed_over(stage: Stage) -> None:
    delivery = await stage.booked()
    await hear(stage, delivery, Status.OUT_FOR_DELIVERY, "broken", trouble=Kind.DAMAGED)
    await hear(stage, delivery, Status.OUT_FOR_DELIVERY, "nobody", trouble=Kind.RECIPIENT_UNAVAILABLE)
    await hear(stage, delivery, Status.DELIVERED, "delivered")
    assert [incident.kind for incident in await stage.incidents()] == [Kind.DAMAGED]


async def test_prices_that_run_out_are_asked_for_again_a_few_times(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, auto_dispatch=False))
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    unit = (await stage.order()).fulfillment_orders[0]
    asked = len(stage.cheap.asked)
    for again in range(5):
        stage.clock.advance(minutes=14)
        assert await look(stage) == []
        stage.clock.advance(minutes=1)
        assert await look(stage) == []
        assert len(stage.cheap.asked) == asked + min(again + 1, 3)
    async with stage.means.begin(MERCHANT_ID) as work:
        past = await work.incidents.past(Kind.QUOTE_EXPIRED, unit.id, 10)
    assert [one.steps[0].action for one in past] == [StepAction.RETRY] * 3
    assert {one.resolved_by for one in past} == {Actor.PLAYBOOK}
    assert stage.cheap.booked == {}


async def test_prices_that_nobody_gives_any_more_stay_in_the_queue(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, auto_dispatch=False))
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    stage.cheap.quote_error = stage.dear.quote_error = RemoteUnavailable("down", system="both")
    stage.clock.advance(minutes=15)
    assert await look(stage) == [Kind.QUOTE_EXPIRED]
    assert await look(stage) == [Kind.QUOTE_EXPIRED]
    (incident,) = await stage.incidents()
    assert [step.reason for step in incident.steps] == [
        "Carriers are asked again.",
        "Nobody has a price for it now.",
    ]


async def test_a_carrier_that_does_not_answer_is_one_incident_until_it_does(stage: Stage) -> None:
    delivery = await stage.booked()
    seconds = [0.0]
    means = replace(stage.means, breaker_of=stage.means.rates.health, now_s=lambda: seconds[0])  # type: ignore[attr-defined] # the one of the house
    breaker = means.breaker_of(delivery.legs[0].account_id)
    for _ in range(6):
        breaker.failed(0.0)
    for _ in range(2):
        await sweep(means, MERCHANT_ID)
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.account_id) == (Kind.CARRIER_DOWN, delivery.legs[0].account_id)
    breaker.succeeded(10.0)
    seconds[0] = 11.0
    stage.clock.advance(minutes=1)
    await sweep(means, MERCHANT_ID)
    assert (await kept(stage, incident)).status is IncidentStatus.RESOLVED


async def test_a_carrier_that_one_process_cannot_reach_is_an_incident_though_another_one_sweeps(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    account_id = delivery.legs[0].account_id
    seconds = [0.0]
    here, there = Breaker(), Breaker()
    asks = replace(stage.means, breaker_of=lambda id_: here if id_ == account_id else Breaker())
    sweeps = replace(stage.means, breaker_of=lambda _: there, now_s=lambda: seconds[0])
    for _ in range(6):
        here.failed(asks.now_s())
    await sweep(sweeps, MERCHANT_ID)
    assert await stage.incidents() == []
    await look_at_carriers(asks, MERCHANT_ID)
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.account_id) == (Kind.CARRIER_DOWN, account_id)
    # What answers there has not answered here a moment ago: that is no end yet.
    there.succeeded(0.0)
    await sweep(sweeps, MERCHANT_ID)
    assert (await kept(stage, incident)).is_live
    stage.clock.advance(minutes=1)
    await sweep(sweeps, MERCHANT_ID)
    assert not (await kept(stage, incident)).is_live


async def test_a_tour_that_drops_what_has_no_place_on_the_map_any_more_is_shown(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    (delivery,) = await order_to(stage, a=north(3000))
    await put_tour(stage, driver, [delivery])
    async with stage.means.begin(MERCHANT_ID) as work:
        placeless = replace(delivery, destination=delivery.destination.at(None))
        await work.deliveries.put(placeless)
    for _ in range(2):
        assert await look(stage) == [Kind.ADDRESS_PROBLEM]
    await correct_pin(stage.means, MERCHANT_ID, delivery.id, north(3000))
    assert await look(stage) == []


async def test_a_van_that_stands_still_is_an_incident_until_it_moves(stage: Stage) -> None:
    driver = await add_van(stage)
    await put_tour(stage, driver, [], status=RouteStatus.STARTED, path=[north(0), north(9000)])
    await drive(stage, driver, north(500))
    assert await look(stage) == []
    await drive(stage, driver, *[north(520)] * 5, every_s=119)
    assert await look(stage) == []
    await drive(stage, driver, north(520), every_s=10)
    assert await look(stage) == [Kind.STALLED]
    await drive(stage, driver, north(800), every_s=60)
    assert await look(stage) == []


async def test_fixes_that_are_faked_are_an_incident(stage: Stage) -> None:
    driver = await add_van(stage)
    await put_tour(stage, driver, [], status=RouteStatus.STARTED)
    await drive(stage, driver, north(500))
    assert await look(stage) == []
    for _ in range(3):
        stage.clock.advance(seconds=30)
        await send(stage, driver, Position(north(500), stage.clock.now(), is_mock=True))
    assert await look(stage) == [Kind.GPS_IMPLAUSIBLE]
    for minute in range(16):
        await drive(stage, driver, north(700 + 400 * minute), every_s=60)
        await look(stage)
    assert await stage.incidents() == []


async def cold_tour(stage: Stage) -> tuple[str, Sequence[Delivery]]:
    """A van with chilled goods on board that has said where it is."""
    await own_fleet(stage)
    driver = await add_van(stage)
    deliveries = await order_to(stage, a=north(8000))
    chilled = [replace(one, goods=Goods(frozenset({GoodsTrait.CHILLED}))) for one in deliveries]
    assert deliveries[0].legs[0].mode is DeliveryMode.OWN_FLEET
    await put_tour(stage, driver, chilled, status=RouteStatus.STARTED)
    await drive(stage, driver, north(500))
    return driver.id, chilled


async def read(stage: Stage, driver_id: str, celsius: float, minutes: float) -> None:
    stage.clock.advance(minutes=minutes)
    await record_temperature(stage.means, MERCHANT_ID, driver_id, celsius, stage.clock.now())


async def test_a_van_that_is_too_warm_for_its_goods_is_an_incident_until_it_is_cold(stage: Stage) -> None:
    driver_id, _ = await cold_tour(stage)
    for minutes in (0, 2, 2, 2, 2):
        await read(stage, driver_id, 11.0, minutes)
    assert Kind.TEMPERATURE not in await look(stage)
    await read(stage, driver_id, 11.0, 2)
    assert Kind.TEMPERATURE in await look(stage)
    await read(stage, driver_id, 5.0, 2)
    assert Kind.TEMPERATURE not in await look(stage)


async def test_readings_survive_the_fixes_between_them_and_older_ones_change_nothing(stage: Stage) -> None:
    driver_id, _ = await cold_tour(stage)
    await read(stage, driver_id, 11.0, 0)
    for _ in range(2):
        async with stage.means.begin(MERCHANT_ID) as work:
            driver = await work.fleet.driver(driver_id)
        assert driver is not None
        await drive(stage, driver, north(600), every_s=300)
        await look(stage)
    await record_temperature(
        stage.means, MERCHANT_ID, driver_id, 3.0, stage.clock.now() - timedelta(minutes=20)
    )
    await read(stage, driver_id, 11.0, 0)
    assert Kind.TEMPERATURE in await look(stage)


async def test_nobody_takes_a_reading_of_a_van_that_nobody_knows_or_has_heard(stage: Stage) -> None:
    with pytest.raises(NotFound):
        await record_temperature(stage.means, MERCHANT_ID, "drv_nobody", 3.0, stage.clock.now())
    driver = await add_van(stage)
    with pytest.raises(StateConflict, match="has not said where it is"):
        await record_temperature(stage.means, MERCHANT_ID, driver.id, 3.0, stage.clock.now())


async def late(stage: Stage) -> tuple[Delivery, Incident]:
    delivery = await stage.booked()
    await hear(stage, delivery, Status.PICKED_UP, "gone")
    stage.clock.advance(minutes=61)
    assert await look(stage) == [Kind.ETA_PAST_PROMISE]
    return delivery, (await stage.incidents())[0]


async def test_a_false_alarm_about_a_delivery_is_never_raised_again(stage: Stage) -> None:
    _, incident = await late(stage)
    await close(stage, incident, Resolution.FALSE_ALARM)
    for _ in range(3):
        stage.clock.advance(minutes=40)
        assert Kind.ETA_PAST_PROMISE not in await look(stage)


async def test_what_a_person_called_mended_comes_back_once_if_it_is_not(stage: Stage) -> None:
    _, incident = await late(stage)
    await close(stage, incident, Resolution.FIXED)
    stage.clock.advance(minutes=29)
    assert await look(stage) == []
    stage.clock.advance(minutes=1)
    assert await look(stage) == [Kind.ETA_PAST_PROMISE]
    assert (await stage.incidents())[0].id != incident.id


async def test_a_carriers_word_is_news_even_after_a_false_alarm(stage: Stage) -> None:
    delivery = await stage.booked()
    await hear(stage, delivery, Status.OUT_FOR_DELIVERY, "broken", trouble=Kind.DAMAGED)
    (incident,) = await stage.incidents()
    await close(stage, incident, Resolution.FALSE_ALARM)
    await hear(stage, delivery, Status.OUT_FOR_DELIVERY, "broken indeed", trouble=Kind.DAMAGED)
    assert [one.kind for one in await stage.incidents()] == [Kind.DAMAGED]


async def test_a_merchant_switches_a_rule_off_and_says_how_bad_others_are(stage: Stage) -> None:
    off = KindRule(Kind.ETA_PAST_PROMISE, is_on=False)
    await with_rules(stage, WatchRules(kinds=(off,)))
    delivery = await stage.booked()
    await hear(stage, delivery, Status.PICKED_UP, "gone")
    stage.clock.advance(minutes=61)
    assert await look(stage) == []


async def test_quiet_orders_cost_no_questions(stage: Stage) -> None:
    await stage.booked()
    asked = len(stage.cheap.asked)
    stage.clock.advance(minutes=5)
    assert await look(stage) == []
    assert len(stage.cheap.asked) == asked
    unit = (await stage.order()).fulfillment_orders[0]
    assert await quote_unit(stage.means, MERCHANT_ID, unit.id, 1) is not None

"""What is late, silent or forgotten is noticed, and mended where a machine can."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from doorstep.delivery import Delivery, DeliveryFlag
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import AccountProblem, RemoteUnavailable
from doorstep.incident import Incident, IncidentKind, IncidentStatus
from doorstep.order import FulfillmentOrderStatus
from doorstep.position import Position
from doorstep.route import RouteStatus
from gateway.flow.quoting.question import find_place
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import add_van, north, put_tour, send


async def _look(stage: Stage) -> None:
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()


async def _kinds(stage: Stage) -> list[IncidentKind]:
    return [incident.kind for incident in await stage.incidents()]


async def _kept(stage: Stage, incident: Incident) -> Incident:
    async with stage.means.begin(MERCHANT_ID) as work:
        found = await work.incidents.get(incident.id)
    assert found is not None
    return found


async def _hear(stage: Stage, delivery: Delivery, status: DeliveryStatus, raw: str, **more: object) -> None:
    update = stage.cheap.update(delivery.legs[0].external_id, status, raw, **more)
    await apply_update(stage.means, MERCHANT_ID, "cheap", update)


async def test_a_delivery_that_goes_well_is_left_in_peace(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.clock.advance(minutes=5)
    await _look(stage)
    assert await stage.incidents() == []
    assert await stage.kept(delivery.id) == delivery


async def test_nobody_assigned_before_the_pickup_is_an_incident_until_somebody_is(stage: Stage) -> None:
    delivery = await stage.booked()
    # The pickup is due twenty minutes after the offer, a courier ten minutes before it.
    stage.clock.advance(minutes=10)
    await _look(stage)
    assert await _kinds(stage) == []
    stage.clock.advance(minutes=1)
    await _look(stage)
    await _look(stage)
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.delivery_id) == (IncidentKind.NO_COURIER, delivery.id)
    await _hear(stage, delivery, DeliveryStatus.COURIER_ASSIGNED, "pickup")
    await _look(stage)
    assert (await _kept(stage, incident)).status is IncidentStatus.RESOLVED


async def test_a_courier_booked_for_at_once_gets_three_minutes_to_find_a_driver(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        rules = replace(merchant.watch, no_courier_before_pickup_s=3600)
        await work.accounts.put_merchant(replace(merchant, watch=rules))
    await stage.booked()
    stage.clock.advance(seconds=179)
    await _look(stage)
    assert await _kinds(stage) == []
    stage.clock.advance(seconds=2)
    await _look(stage)
    assert await _kinds(stage) == [IncidentKind.NO_COURIER]


async def test_a_courier_who_says_that_it_reaches_the_shop_too_late_is_an_incident(stage: Stage) -> None:
    delivery = await stage.booked()
    due = delivery.legs[0].pickup_by
    assert due is not None
    stage.clock.advance(minutes=4)  # a younger booking is still finding its courier
    # Goods may wait for fifteen minutes after the agreed pickup.
    for minutes, raw, kinds in ((15, "in time", []), (16, "too late", [IncidentKind.NO_COURIER])):
        eta = due + timedelta(minutes=minutes)
        await _hear(stage, delivery, DeliveryStatus.TO_PICKUP, raw, pickup_eta=eta)
        await _look(stage)
        assert await _kinds(stage) == kinds
        assert (await stage.kept(delivery.id)).legs[0].pickup_eta == eta
    (incident,) = await stage.incidents()
    assert f"{due + timedelta(minutes=16):%H:%M}" in incident.evidence
    await _hear(stage, delivery, DeliveryStatus.TO_PICKUP, "faster", pickup_eta=due)
    await _look(stage)
    assert (await _kept(stage, incident)).status is IncidentStatus.RESOLVED


async def test_a_courier_who_does_not_come_when_it_said_is_late_until_it_is_there(stage: Stage) -> None:
    delivery = await stage.booked()
    due = delivery.legs[0].pickup_by
    await _hear(stage, delivery, DeliveryStatus.TO_PICKUP, "pickup", pickup_eta=due)
    # Due twenty minutes after the offer; the goods may wait for fifteen more.
    stage.clock.advance(minutes=35)
    await _look(stage)
    assert await _kinds(stage) == []
    stage.clock.advance(minutes=1)
    await _look(stage)
    (incident,) = await stage.incidents()
    assert incident.kind is IncidentKind.MISSED_PICKUP
    await _hear(stage, delivery, DeliveryStatus.AT_PICKUP, "near")
    await _look(stage)
    assert (await _kept(stage, incident)).status is IncidentStatus.RESOLVED


async def test_an_eta_behind_the_promise_is_a_risk_until_it_is_in_time_again(stage: Stage) -> None:
    delivery = await stage.booked()
    assert delivery.promise is not None
    end = delivery.promise.window.end
    # The carrier's ETA reaches five minutes before itself: three late is a risk, six is a certainty.
    for late, kind, flag in (
        (3, IncidentKind.LATE_RISK, DeliveryFlag.AT_RISK),
        (6, IncidentKind.ETA_PAST_PROMISE, DeliveryFlag.DELAYED),
    ):
        eta = end + timedelta(minutes=late)
        await _hear(stage, delivery, DeliveryStatus.PICKED_UP, f"eta {late}", dropoff_eta=eta)
        await _look(stage)
        assert await _kinds(stage) == [kind]
        assert set((await stage.kept(delivery.id)).flags) == {DeliveryFlag.EXCEPTION_OPEN, flag}
    await _hear(stage, delivery, DeliveryStatus.PICKED_UP, "faster", dropoff_eta=end - timedelta(minutes=9))
    await _look(stage)
    assert await _kinds(stage) == []
    assert (await stage.kept(delivery.id)).flags == ()


async def test_a_promise_that_has_passed_is_missed_even_without_an_eta(stage: Stage) -> None:
    delivery = await stage.booked()
    await _hear(stage, delivery, DeliveryStatus.PICKED_UP, "pickup_complete")
    # To be fetched at 20 and promised at 60: whoever has it has said nothing when a tenth of that is left.
    stage.clock.advance(minutes=56)
    await _look(stage)
    assert await _kinds(stage) == []
    stage.clock.advance(minutes=4)
    await _look(stage)
    assert await _kinds(stage) == [IncidentKind.LATE_RISK]
    stage.clock.advance(seconds=1)
    await _look(stage)
    assert await _kinds(stage) == [IncidentKind.ETA_PAST_PROMISE]


async def test_a_van_that_falls_silent_on_tour_is_an_incident_until_it_is_heard_again(stage: Stage) -> None:
    driver = await add_van(stage)
    await put_tour(stage, driver, [], status=RouteStatus.STARTED)
    await send(stage, driver, Position(north(500), stage.clock.now()))
    stage.clock.advance(seconds=300)
    await _look(stage)
    assert await _kinds(stage) == []
    stage.clock.advance(seconds=1)
    await _look(stage)
    (incident,) = await stage.incidents()
    assert (incident.kind, incident.driver_id) == (IncidentKind.GPS_SILENT, driver.id)
    assert driver.name not in f"{incident.title} {incident.evidence}"
    await send(stage, driver, Position(north(500), stage.clock.now()))
    assert (await _kept(stage, incident)).status is IncidentStatus.RESOLVED


async def test_a_van_that_is_on_no_tour_may_be_silent(stage: Stage) -> None:
    driver = await add_van(stage)
    await put_tour(stage, driver, [], status=RouteStatus.PUBLISHED)
    await send(stage, driver, Position(north(500), stage.clock.now()))
    stage.clock.advance(hours=1)
    await _look(stage)
    assert await _kinds(stage) == []


async def test_a_delivery_that_nobody_took_is_dispatched_again(stage: Stage) -> None:
    for carrier in (stage.cheap, stage.dear):
        carrier.book_errors = [AccountProblem("no money", system=carrier.carrier)]
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    assert (await stage.delivery()).status is DeliveryStatus.SEARCHING
    stage.clock.advance(minutes=2)
    await _look(stage)
    assert stage.cheap.booked == {}, "not at once"
    stage.clock.advance(minutes=1)
    await _look(stage)
    assert (await stage.delivery()).status is DeliveryStatus.BOOKED
    assert await _kinds(stage) == []


async def test_an_order_whose_message_was_lost_is_taken_up_again(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    async with stage.database.doors() as connection:
        await connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
    stage.clock.advance(minutes=2)
    await _look(stage)
    assert stage.cheap.asked == []
    stage.clock.advance(minutes=1)
    await _look(stage)
    assert len(stage.cheap.booked) == 1


async def test_an_order_that_was_quoted_and_then_forgotten_is_taken_up_again(stage: Stage) -> None:
    stage.shop.put("1001")
    await stage.take_in()
    unit = (await stage.order()).fulfillment_orders[0]
    async with stage.database.doors() as connection:
        await connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
    await find_place(await stage.order(), stage.means)
    await quote_unit(stage.means, MERCHANT_ID, unit.id, 1)
    assert (await stage.order()).fulfillment_orders[0].status is FulfillmentOrderStatus.QUOTED
    stage.clock.advance(minutes=3)
    await _look(stage)
    assert len(stage.cheap.booked) == 1


async def test_a_merchant_who_dispatches_by_hand_is_not_overtaken(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_merchant(replace(await work.accounts.merchant(), auto_dispatch=False))
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    stage.clock.advance(hours=1)
    await _look(stage)
    assert stage.cheap.booked == {}


async def test_a_carrier_that_has_said_nothing_for_long_is_asked(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.cheap.news = stage.cheap.update(
        delivery.legs[0].external_id, DeliveryStatus.PICKED_UP, "pickup_complete"
    )
    stage.clock.advance(minutes=14)
    await _look(stage)
    stage.clock.advance(minutes=16)
    await _look(stage)
    assert stage.cheap.fetched == [delivery.legs[0].external_id]
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.PICKED_UP


async def test_a_silent_carrier_that_is_down_is_asked_at_the_next_look(stage: Stage) -> None:
    delivery = await stage.booked()
    stage.clock.advance(minutes=30)
    stage.cheap.fetch_error = RemoteUnavailable("down", system="cheap")
    await _look(stage)
    stage.cheap.fetch_error = None
    await _look(stage)
    assert len(stage.cheap.fetched) == 2
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.BOOKED

"""What was reported by mistake is put right by a person, beside what was said, and everybody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from doorstep.delivery import Delivery, DeliveryEvent, EventSource, as_it_was
from doorstep.delivery_status import DeliveryStatus as S
from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.notice import NoticeAccount, NoticeChannel, NoticeEvent, NoticeRules
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from doorstep.route import StopStatus
from doorstep.webhook import WebhookEndpoint, WebhookTopic
from gateway.flow.tracking.correct import Correction, correct_delivery
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID, SHOP
from tests.integration.flow.stage import Stage
from tests.integration.flow.test_tell import carried, last_report
from tests.integration.flow.test_webhooks_out import calls_of
from tests.integration.flow.tour import add_van, drive, north, order_to, own_fleet, put_tour

KEY = "key_desk"


async def _correct(stage: Stage, delivery: Delivery, status: S, **more: object) -> Delivery:
    wanted = Correction(delivery.id, status, "The courier pressed the wrong button.", KEY)
    changed = await correct_delivery(stage.means, MERCHANT_ID, replace(wanted, **more))  # type: ignore[arg-type]
    await stage.settle()
    return changed


async def _events(stage: Stage, delivery: Delivery) -> list[DeliveryEvent]:
    async with stage.means.begin(MERCHANT_ID) as work:
        return list(await work.deliveries.events(delivery.id))


async def _standing(stage: Stage) -> tuple[FulfillmentOrderStatus, OrderStatus]:
    order = await stage.order()
    return order.fulfillment_orders[0].status, order.status


async def test_what_was_not_delivered_is_under_way_again_and_everybody_is_told(stage: Stage) -> None:
    # Given a delivery that its courier called delivered, told to a store and a system
    delivery = await stage.booked()
    every = tuple(WebhookTopic)
    erp = WebhookEndpoint(new_id("whe"), MERCHANT_ID, "ERP", "https://erp.example", every, stage.clock.now())
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.webhooks.put_endpoint(erp)
    await carried(stage, S.PICKED_UP, S.OUT_FOR_DELIVERY, S.DELIVERED)
    assert await _standing(stage) == (FulfillmentOrderStatus.DELIVERED, OrderStatus.DELIVERED)
    assert last_report(stage).status is S.DELIVERED
    heard = len(stage.told)
    # When a person says that it is not
    stage.clock.advance(minutes=5)
    await _correct(stage, delivery, S.OUT_FOR_DELIVERY)
    # Then it is on its way, whoever looks
    kept = await stage.kept(delivery.id)
    assert (kept.status, kept.legs[0].ended_at, kept.is_over) == (S.OUT_FOR_DELIVERY, None, False)
    assert await _standing(stage) == (FulfillmentOrderStatus.DISPATCHED, OrderStatus.OPEN)
    assert last_report(stage).status is S.OUT_FOR_DELIVERY
    assert (await calls_of(stage))[-1].topic is WebhookTopic.DELIVERY_UPDATED
    assert ("delivery", delivery.id) in {(news.topic, news.entity_id) for news in stage.told[heard:]}
    # And the history has both what was said, and who says otherwise and why
    *_, wrong, right = await _events(stage, delivery)
    assert (wrong.status, wrong.is_correction) == (S.DELIVERED, False)
    assert (right.is_correction, right.corrects, right.by) == (True, (wrong.id,), KEY)
    assert (right.source, right.text) == (EventSource.PERSON, "The courier pressed the wrong button.")


async def test_after_a_correction_the_carriers_word_counts_and_the_true_arrival_is_learned(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    await carried(stage, S.PICKED_UP)
    leg = delivery.legs[0]
    foretold = replace(
        stage.cheap.update(leg.external_id, S.OUT_FOR_DELIVERY, "out"),
        dropoff_eta=stage.clock.now() + timedelta(minutes=30),
    )
    await apply_update(stage.means, MERCHANT_ID, "cheap", foretold)
    asked_at = stage.clock.now()
    await carried(stage, S.DELIVERED)
    await _correct(stage, delivery, S.OUT_FOR_DELIVERY)
    stage.clock.advance(minutes=38)
    again = stage.cheap.update(leg.external_id, S.DELIVERED, "delivered again")
    await apply_update(stage.means, MERCHANT_ID, "cheap", again)
    await stage.settle()
    assert await _standing(stage) == (FulfillmentOrderStatus.DELIVERED, OrderStatus.DELIVERED)
    assert last_report(stage).status is S.DELIVERED
    async with stage.means.begin(MERCHANT_ID) as work:
        (trip,) = await work.etas.finished(10)
    assert trip.took_s == (again.occurred_at - asked_at).total_seconds()


async def test_a_booking_that_is_over_is_corrected_without_touching_the_one_that_has_the_goods(
    stage: Stage,
) -> None:
    # Given a courier who dropped out, and another one on the way
    delivery = await stage.booked()
    dropped = stage.cheap.update(delivery.legs[0].external_id, S.FAILED, "failed")
    await apply_update(stage.means, MERCHANT_ID, "cheap", dropped)
    await stage.settle()
    first, second = (await stage.kept(delivery.id)).legs
    assert (first.status, second.is_live) == (S.FAILED, True)
    # Then nobody says that the first has them too, but that it brought them may be found out
    with pytest.raises(StateConflict, match="Another booking"):
        await _correct(stage, delivery, S.IN_TRANSIT, leg_id=first.id)
    changed = await _correct(stage, delivery, S.DELIVERED, leg_id=first.id)
    assert [leg.status for leg in changed.legs] == [S.DELIVERED, second.status]
    assert changed.status is second.status


async def test_a_van_on_its_tour_goes_again_to_the_door_that_it_has_not_served(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    route = await put_tour(stage, driver, [delivery])
    away = north(1400)
    await drive(stage, driver, SHOP, north(300), north(1000), north(1000), north(1200), away)
    assert (await stage.kept(delivery.id)).status is S.DELIVERED
    await _correct(stage, delivery, S.OUT_FOR_DELIVERY)
    async with stage.means.begin(MERCHANT_ID) as work:
        kept = await work.routes.route(route.id)
    assert kept is not None
    assert [(stop.status, stop.departed_at) for stop in kept.stops] == [(StopStatus.PLANNED, None)]
    await drive(stage, driver, north(1000), north(1000))
    assert (await stage.kept(delivery.id)).status is S.AT_DROPOFF
    # And what it does there this time is in the history as well
    await drive(stage, driver, north(1200), away)
    assert (await stage.kept(delivery.id)).status is S.DELIVERED
    stands = [event.status for event in as_it_was(await _events(stage, delivery))]
    assert stands[-3:] == [S.OUT_FOR_DELIVERY, S.AT_DROPOFF, S.DELIVERED]


async def test_a_van_that_found_nobody_does_not_go_again(stage: Stage) -> None:
    await own_fleet(stage)
    driver = await add_van(stage)
    (delivery,) = await order_to(stage, a=north(1000))
    route = await put_tour(stage, driver, [delivery])
    await drive(stage, driver, SHOP, north(300), north(1000), north(1000), north(1200), north(1400))
    await _correct(stage, delivery, S.RETURNING)
    async with stage.means.begin(MERCHANT_ID) as work:
        kept = await work.routes.route(route.id)
    assert kept is not None
    assert [stop.status for stop in kept.stops] == [StopStatus.DONE]


async def test_a_carrier_that_is_asked_again_does_not_undo_a_correction(stage: Stage) -> None:
    # Given a courier's report of a hand-over that a person has put right
    delivery = await stage.booked()
    await carried(stage, S.PICKED_UP)
    said = stage.cheap.update(delivery.legs[0].external_id, S.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    stage.clock.advance(minutes=5)
    await _correct(stage, delivery, S.OUT_FOR_DELIVERY)
    # When the carrier says the same once more, as it does whenever it is asked
    stage.cheap.news = said
    stage.clock.advance(minutes=20)
    await sweep(stage.means, MERCHANT_ID)
    # Then it is still under way, until something happens
    assert (await stage.kept(delivery.id)).status is S.OUT_FOR_DELIVERY
    stage.cheap.news = replace(said, occurred_at=stage.clock.now())
    stage.clock.advance(minutes=20)
    await sweep(stage.means, MERCHANT_ID)
    assert (await stage.kept(delivery.id)).status is S.DELIVERED


async def test_a_carrier_without_a_time_of_its_own_does_not_undo_a_correction_either(stage: Stage) -> None:
    delivery = await stage.booked()
    await carried(stage, S.PICKED_UP)
    said = stage.cheap.update(delivery.legs[0].external_id, S.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", said)
    stage.clock.advance(minutes=5)
    await _correct(stage, delivery, S.OUT_FOR_DELIVERY)
    stage.clock.advance(minutes=20)
    # It says what it says as of now, whenever it is asked.
    stage.cheap.news = replace(said, occurred_at=stage.clock.now())
    await sweep(stage.means, MERCHANT_ID)
    assert (await stage.kept(delivery.id)).status is S.OUT_FOR_DELIVERY
    # What it tells by itself is dated, and news.
    again = replace(said, source_event_id="again", occurred_at=stage.clock.now())
    await apply_update(stage.means, MERCHANT_ID, "cheap", again)
    assert (await stage.kept(delivery.id)).status is S.DELIVERED


async def test_what_was_counted_of_an_end_that_was_none_is_taken_back(stage: Stage) -> None:
    delivery = await stage.booked()

    async def counted() -> tuple[int, int, int]:
        async with stage.means.begin(MERCHANT_ID) as work:
            counts = await work.scores.counts(stage.clock.now().date() - timedelta(days=3))
        ours = [one for one in counts if one.account_id == delivery.legs[0].account_id]
        return (
            sum(one.delivered for one in ours),
            sum(one.on_time for one in ours),
            sum(one.first_attempt for one in ours),
        )

    await carried(stage, S.PICKED_UP, S.DELIVERED)
    assert await counted() == (1, 1, 1)
    stage.clock.advance(days=1)
    await _correct(stage, delivery, S.ATTEMPT_FAILED)
    assert await counted() == (0, 0, 0)
    # A day late, and not at the first attempt.
    await _correct(stage, delivery, S.DELIVERED)
    assert await counted() == (1, 0, 0)
    await _correct(stage, delivery, S.OUT_FOR_DELIVERY)
    assert await counted() == (0, 0, 0)


async def test_what_a_courier_brought_after_all_is_delivered_though_the_next_one_failed(stage: Stage) -> None:
    delivery, now = await stage.booked(), stage.clock.now()
    first = replace(delivery.legs[0], status=S.CANCELLED, ended_at=now)
    second = replace(first, id=new_id("leg"), external_id="cheap-2", booking_key="second", status=S.FAILED)
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.deliveries.put(replace(delivery, status=S.FAILED, legs=(first, second)))
    changed = await _correct(stage, delivery, S.DELIVERED, leg_id=first.id)
    assert changed.status is S.DELIVERED
    assert await _standing(stage) == (FulfillmentOrderStatus.DELIVERED, OrderStatus.DELIVERED)


async def test_what_makes_no_sense_is_not_written(stage: Stage) -> None:
    delivery = await stage.booked()
    with pytest.raises(InvalidInput, match="cannot be corrected"):
        await _correct(stage, delivery, S.DELIVERED)
    await carried(stage, S.PICKED_UP, S.DELIVERED)
    with pytest.raises(InvalidInput, match="DELIVERED cannot be corrected to SEARCHING"):
        await _correct(stage, delivery, S.SEARCHING)
    with pytest.raises(StateConflict, match="changed since"):
        await _correct(stage, delivery, S.IN_TRANSIT, expected_version=delivery.version)
    with pytest.raises(NotFound):
        await _correct(stage, delivery, S.IN_TRANSIT, leg_id="leg_nobodys")
    with pytest.raises(NotFound):
        await _correct(stage, replace(delivery, id="del_nobodys"), S.IN_TRANSIT)
    assert not any(event.is_correction for event in await _events(stage, delivery))


async def test_the_shopper_hears_again_what_was_told_by_mistake_once_it_is_so(stage: Stage) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        rules = NoticeRules(
            events=(NoticeEvent.DELIVERED,), channels=(NoticeChannel.SMS,), quiet_from=0, quiet_until=0
        )
        await work.accounts.put_merchant(replace(merchant, notices=rules))
        texts = NoticeAccount(new_id("nac"), MERCHANT_ID, "twilio", "SMS", (NoticeChannel.SMS,))
        await work.notices.put_account(texts, {})
    delivery = await stage.booked()
    await carried(stage, S.PICKED_UP, S.OUT_FOR_DELIVERY, S.DELIVERED)
    await _correct(stage, delivery, S.OUT_FOR_DELIVERY)
    await carried(stage, S.AT_DROPOFF)
    again = stage.cheap.update(delivery.legs[0].external_id, S.DELIVERED, "delivered again")
    await apply_update(stage.means, MERCHANT_ID, "cheap", again)
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        told = await work.notices.of_delivery(delivery.id)
    assert [(one.event, one.occasion) for one in told] == [
        (NoticeEvent.DELIVERED, ""),
        (NoticeEvent.DELIVERED, " corrected 1"),
    ]

"""What merchants' systems hear of tours and of returns, over a real wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.order import FulfillmentLine
from doorstep.return_request import ReturnReason, ReturnRequest
from doorstep.webhook import WebhookTopic
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.messaging.systems.call import call_endpoint
from gateway.flow.planning.changes.drop import drop_driver
from gateway.flow.planning.changes.unseen import end_unseen_tours
from gateway.flow.planning.plans.publish import publish_plan
from gateway.flow.returning.fetching import call_off_return
from gateway.flow.returning.keeping import keep_request
from gateway.flow.returning.requesting import Wish, request_return
from gateway.flow.tracking.track import apply_update
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.planned import planned, shop_with_vans, tours
from tests.integration.flow.receiver import Receiver, calling, listen, receiving
from tests.integration.flow.stage import Stage
from tests.integration.flow.tour import north, order_to

LABEL = "https://labels.example/who-sends-it.pdf"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def _heard(stage: Stage, receiver: Receiver, endpoint_id: str) -> list[dict[str, object]]:
    """What comes of all that is due: the data of each call, once."""
    await stage.settle()
    before = len(receiver.came)
    await call_endpoint(calling(stage), MERCHANT_ID, endpoint_id)
    return [body["data"] for body in receiver.bodies[before:]]


async def test_a_tour_is_told_when_it_is_published_when_a_stop_falls_out_and_when_it_is_off(
    stage: Stage, receiver: Receiver
) -> None:
    (ann,) = await shop_with_vans(stage)
    first, second = await order_to(stage, a=north(1000), b=north(2000))
    endpoint, _ = await listen(calling(stage), receiver.url, (WebhookTopic.ROUTE_PUBLISHED,))
    ready = await planned(stage, is_published_at_once=False)
    assert await _heard(stage, receiver, endpoint.id) == [], "a plan that no driver knows is no news"
    await publish_plan(stage.means, MERCHANT_ID, ready.id, ready.version)
    (told,) = await _heard(stage, receiver, endpoint.id)
    (route,) = await tours(stage)
    assert receiver.types == ["route.published"]
    assert (told["route_id"], told["route_plan_id"], told["driver_id"]) == (route.id, ready.id, ann.id)
    assert (told["status"], told["date"], told["version"]) == ("PUBLISHED", "2026-11-23", route.version)
    assert told["stops"] == [
        {
            "stop_id": stop.id,
            "sequence": place,
            "kind": "DROPOFF",
            "delivery_id": delivery.id,
            "planned_arrival": stop.planned_arrival.isoformat(),
        }
        for place, (stop, delivery) in enumerate(zip(route.stops, (first, second), strict=True), start=1)
    ]
    await cancel_delivery(stage.means, MERCHANT_ID, first.id, "customer asked")
    shorter = await _heard(stage, receiver, endpoint.id)
    # Once without the stop, and once more as it was mended: it leaves later.
    assert shorter
    for said in shorter:
        assert isinstance(said["stops"], list)
        assert [stop["delivery_id"] for stop in said["stops"]] == [second.id]
    await drop_driver(stage.means, MERCHANT_ID, ann.id)
    off = await _heard(stage, receiver, endpoint.id)
    assert {(said["driver_id"], said["status"]) for said in off} == {(ann.id, "CANCELLED")}


async def test_a_tour_that_a_new_plan_takes_the_place_of_is_told_to_be_off(
    stage: Stage, receiver: Receiver
) -> None:
    await shop_with_vans(stage)
    endpoint, _ = await listen(calling(stage), receiver.url, (WebhookTopic.ROUTE_PUBLISHED,))
    await order_to(stage, a=north(1000))
    await planned(stage)
    (old,) = await _heard(stage, receiver, endpoint.id)
    await order_to(stage, b=north(2000))
    await planned(stage)
    heard = {told["route_id"]: told["status"] for told in await _heard(stage, receiver, endpoint.id)}
    (new,) = await tours(stage)
    assert heard == {old["route_id"]: "CANCELLED", new.id: "PUBLISHED"}


async def test_a_tour_that_nobody_saw_leave_is_told_to_be_off_the_day_after(
    stage: Stage, receiver: Receiver
) -> None:
    await shop_with_vans(stage)
    endpoint, _ = await listen(calling(stage), receiver.url, (WebhookTopic.ROUTE_PUBLISHED,))
    await order_to(stage, a=north(1000))
    await planned(stage)
    (told,) = await _heard(stage, receiver, endpoint.id)
    stage.clock.advance(hours=24)
    await end_unseen_tours(stage.means, MERCHANT_ID)
    (off,) = await _heard(stage, receiver, endpoint.id)
    assert (off["route_id"], off["status"]) == (told["route_id"], "CANCELLED")


async def _asked(stage: Stage) -> ReturnRequest:
    """A shopper who got their order gives a piece of it back."""
    delivery = await stage.booked()
    leg = delivery.legs[0]
    there = stage.cheap.update(leg.external_id, DeliveryStatus.DELIVERED, "delivered")
    await apply_update(stage.means, MERCHANT_ID, "cheap", there)
    await stage.settle()
    wish = Wish(delivery.order_id, (FulfillmentLine("line-1", 1),), ReturnReason.DAMAGED)
    return await request_return(stage.means, MERCHANT_ID, wish)


async def test_a_return_is_told_as_it_goes_on_and_nothing_twice(stage: Stage, receiver: Receiver) -> None:
    endpoint, _ = await listen(calling(stage), receiver.url, (WebhookTopic.RETURN_UPDATED,))
    made = await _asked(stage)
    *_, booked = await _heard(stage, receiver, endpoint.id)
    assert set(receiver.types) == {"return.updated"}
    assert (booked["return_id"], booked["order_id"]) == (made.id, made.order_id)
    assert (booked["status"], booked["reason"], booked["method"]) == ("APPROVED", "DAMAGED", "DOOR")
    assert booked["lines"] == [{"external_id": "line-1", "quantity": 1}]
    assert booked["cost"] == {"amount": "5.00", "currency_code": "USD", "minor_units": 500}
    assert booked["fulfillment_order_id"] == made.unit_id
    assert booked["delivery_id"] is not None
    async with stage.means.begin(MERCHANT_ID) as work:
        current = await work.returns.request(made.id, lock=True)
        assert current is not None
        await keep_request(work, current)
    assert await _heard(stage, receiver, endpoint.id) == [], "another version of the same is no news"
    await call_off_return(stage.means, MERCHANT_ID, made.id)
    (off,) = await _heard(stage, receiver, endpoint.id)
    assert off["status"] == "CANCELLED"


async def test_a_label_is_for_endpoints_with_personal_data_and_gone_with_the_shopper(
    stage: Stage, receiver: Receiver
) -> None:
    topics = (WebhookTopic.RETURN_UPDATED,)
    plain, _ = await listen(calling(stage), receiver.url, topics)
    trusted, _ = await listen(calling(stage), receiver.url, topics, with_personal_data=True)
    made = await _asked(stage)
    await _heard(stage, receiver, plain.id)
    await _heard(stage, receiver, trusted.id)
    async with stage.means.begin(MERCHANT_ID) as work:
        current = await work.returns.request(made.id, lock=True)
        assert current is not None
        await keep_request(work, replace(current, label_url=LABEL))
    (without,) = await _heard(stage, receiver, plain.id)
    (with_label,) = await _heard(stage, receiver, trusted.id)
    assert "label_url" not in without
    assert with_label["label_url"] == LABEL
    async with stage.means.begin(MERCHANT_ID) as work:
        await work.redaction.erase_orders([made.order_id], stage.clock.now())
        told = await work.webhooks.failed(trusted.id, made.created_at, 50)
        last = await work.webhooks.last_told(made.id)
    assert told == []
    assert set(last.values()) == {""}

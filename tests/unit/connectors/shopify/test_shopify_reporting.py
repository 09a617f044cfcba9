"""A report against a shop in memory: what is written, what is not, and what is adopted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, parse, validate

from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.reporting import report
from connectors.stores.shopify.reporting.documents import ALL
from doorstep.delivery_status import DeliveryStatus
from doorstep.geo import LatLng
from doorstep.order import FulfillmentLine
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone
from simulator.stores.shopify.cost import CostCounter
from tests.schemas.shopify import admin_schema
from tests.unit.connectors.shopify.test_shopify_reporting_shop import JAR, NOON, TEA, UNIT, Shop

PAGE = "https://track.example.test/t/abc"
HOLD = Hold(HoldReason.ADDRESS, "The house number is missing")


def milestone(number: int, status: DeliveryStatus, text: str = "") -> Milestone:
    at = NOON + timedelta(minutes=number, microseconds=250_000)
    return Milestone(f"evt_{number}", status, at, text or status.value.lower())


BOOKED = milestone(0, DeliveryStatus.BOOKED)
TO_PICKUP = milestone(1, DeliveryStatus.TO_PICKUP)
PICKED_UP = milestone(2, DeliveryStatus.PICKED_UP)
IN_TRANSIT = milestone(3, DeliveryStatus.IN_TRANSIT)
DELIVERED = milestone(5, DeliveryStatus.DELIVERED)

UNDER_WAY = DeliveryReport(
    order_external_id="gid://shopify/Order/1",
    unit_external_id=UNIT,
    location_external_id="gid://shopify/Location/1",
    delivery_id="dlv_1",
    reference="DS-1001",
    status=DeliveryStatus.BOOKED,
    is_shipped=False,
    lines=(FulfillmentLine(TEA, 3), FulfillmentLine(JAR, 2)),
    carrier="uber_direct",
    tracking_url=PAGE,
    milestones=(BOOKED,),
)
SHIPPED = replace(
    UNDER_WAY, status=DeliveryStatus.PICKED_UP, is_shipped=True, milestones=(BOOKED, TO_PICKUP, PICKED_UP)
)
CALLED_OFF = replace(UNDER_WAY, status=DeliveryStatus.CANCELLED, lines=())
PART = replace(SHIPPED, lines=(FulfillmentLine(TEA, 2),))


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def tell(shop: Shop, told: str, *reports: DeliveryReport) -> str:
    for one in reports:
        told = await report(shop, one, told, in_doubt=False)
    return told


def statuses(shop: Shop) -> list[str]:
    (sent,) = shop.live
    return [event["status"] for event in sent.events]


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_every_document_is_valid_in_shopifys_own_schema(document: Document) -> None:
    assert validate(admin_schema(), parse(document.text)) == []


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_only_mutations_are_marked_as_writes(document: Document) -> None:
    (node,) = (node for node in parse(document.text).definitions if isinstance(node, OperationDefinitionNode))
    assert (node.operation is OperationType.MUTATION) == document.is_write


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.name)
def test_no_operation_costs_more_than_a_sixth_of_what_one_may(document: Document) -> None:
    assert CostCounter(admin_schema(), parse(document.text), {}).requested() <= 1000 / 6


async def test_a_delivery_from_booking_to_door_takes_seven_calls(shop: Shop) -> None:
    on_the_way = replace(SHIPPED, milestones=(*SHIPPED.milestones, IN_TRANSIT))
    delivered = replace(
        on_the_way, status=DeliveryStatus.DELIVERED, milestones=(*on_the_way.milestones, DELIVERED)
    )
    await tell(shop, "", UNDER_WAY, SHIPPED, on_the_way, delivered)
    assert shop.asked == [
        "report_progress",
        "report_unit",
        "report_shipment",
        "report_event",
        "report_event",
        "report_event",
        "report_event",
    ]
    assert statuses(shop) == ["CONFIRMED", "CARRIER_PICKED_UP", "IN_TRANSIT", "DELIVERED"]
    assert shop.status == "CLOSED"


async def test_what_was_told_is_not_told_again(shop: Shop) -> None:
    told = await tell(shop, "", UNDER_WAY, SHIPPED)
    shop.asked.clear()
    later = replace(SHIPPED, expected_at=NOON + timedelta(hours=2))
    assert await tell(shop, told, SHIPPED, later) == told
    assert shop.asked == []


async def test_in_doubt_the_shop_is_read_and_nothing_is_written_twice(shop: Shop) -> None:
    await tell(shop, "", SHIPPED)
    shop.asked.clear()
    for told in ("", "not ours", '{"version":0}', '{"version":1,"milestones":{"evt_1":7}}'):
        await report(shop, SHIPPED, told, in_doubt=True)
    assert shop.asked == ["report_unit"] * 4


async def test_notes_that_cannot_be_read_are_doubt(shop: Shop) -> None:
    await tell(shop, "", SHIPPED)
    shop.asked.clear()
    await report(shop, SHIPPED, '{"version":2}', in_doubt=False)
    assert shop.asked == ["report_unit"]


async def test_without_notes_our_fulfillment_is_known_by_its_tracking(shop: Shop) -> None:
    await tell(shop, "", SHIPPED)
    told = await report(shop, SHIPPED, "", in_doubt=False)
    assert shop.writes == ["report_shipment", "report_event", "report_event"]
    await tell(shop, told, CALLED_OFF)
    assert shop.live == []


async def test_the_notes_hold_ids_and_digests_alone(shop: Shop) -> None:
    told = await tell(shop, "", replace(UNDER_WAY, hold=HOLD), SHIPPED)
    for secret in (PAGE, "house", "DS-1001", "uber", "picked"):
        assert secret not in told
    assert json.loads(told)["version"] == 1


async def test_the_fulfillment_is_made_as_shopify_wants_it(shop: Shop) -> None:
    where = replace(PICKED_UP, location=LatLng(40.7, -74.0))
    expected_at = NOON + timedelta(hours=1)
    await tell(shop, "", replace(SHIPPED, milestones=(where,), expected_at=expected_at))
    made, told = shop.inputs
    assert made == {
        "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": UNIT}],
        "notifyCustomer": True,
        "trackingInfo": {"company": "Uber Direct", "number": "DS-1001", "url": PAGE},
    }
    assert told | {"fulfillmentId": ""} == {
        "fulfillmentId": "",
        "status": "CARRIER_PICKED_UP",
        "happenedAt": "2026-11-22T12:02:00Z",
        "message": "picked_up",
        "latitude": 40.7,
        "longitude": -74.0,
        "estimatedDeliveryAt": "2026-11-22T13:00:00Z",
    }


async def test_lines_are_named_where_something_is_left_behind(shop: Shop) -> None:
    await tell(shop, "", PART)
    (part,) = shop.inputs[0]["lineItemsByFulfillmentOrder"]
    assert part["fulfillmentOrderLineItems"] == [
        {"id": "gid://shopify/FulfillmentOrderLineItem/1", "quantity": 2}
    ]
    assert shop.status == "IN_PROGRESS"


async def test_no_more_is_sent_than_remains_after_a_refund(shop: Shop) -> None:
    shop.remaining = shop.remaining - type(shop.remaining)({TEA: 2})
    await tell(shop, "", PART)
    assert dict(shop.live[0].pieces) == {TEA: 1}


async def test_lists_of_more_than_a_page_are_read_to_the_end(shop: Shop) -> None:
    shop.page_size = 1
    for _ in range(3):
        shop.send_by_hand({JAR: 0}).status = "CANCELLED"
    await tell(shop, "", replace(PART, lines=(FulfillmentLine(JAR, 1), FulfillmentLine(TEA, 3))))
    assert dict(shop.live[0].pieces) == {JAR: 1, TEA: 3}


async def test_what_staff_sent_by_hand_is_adopted(shop: Shop) -> None:
    shop.send_by_hand({TEA: 3, JAR: 2})
    await tell(shop, "", SHIPPED)
    assert len(shop.sent) == 1
    assert shop.live[0].tracking["url"] == PAGE
    assert statuses(shop) == ["CONFIRMED", "CARRIER_PICKED_UP"]


async def test_the_tracking_that_staff_entered_stays_and_so_does_their_fulfillment(shop: Shop) -> None:
    theirs = {"company": "UPS", "number": "1Z999", "url": "https://ups.example.test/1Z999"}
    shop.send_by_hand({TEA: 3, JAR: 2}, theirs)
    told = await tell(shop, "", SHIPPED, replace(SHIPPED, tracking_number="N2"))
    await tell(shop, told, CALLED_OFF)
    assert len(shop.live) == 1
    assert shop.live[0].tracking == theirs


async def test_goods_that_staff_left_are_sent_beside_theirs(shop: Shop) -> None:
    shop.send_by_hand({TEA: 1}, {"number": "1Z999"})
    await tell(shop, "", PART)
    assert [dict(sent.pieces) for sent in shop.live] == [{TEA: 1}, {TEA: 2}]


async def test_staff_that_is_faster_than_our_write_is_adopted(shop: Shop) -> None:
    class Hasty(Shop):
        async def send(self, document: Document, variables: Any) -> Any:
            if document.name == "report_shipment" and not self.sent:
                self.send_by_hand({TEA: 3, JAR: 2})
            return await super().send(document, variables)

    hasty = Hasty()
    await tell(hasty, "", SHIPPED)
    assert len(hasty.live) == 1
    assert statuses(hasty) == ["CONFIRMED", "CARRIER_PICKED_UP"]


@pytest.mark.parametrize("status", ["CLOSED", "CANCELLED", "INCOMPLETE", "gone"])
async def test_a_fulfillment_order_that_is_over_is_left_in_peace(shop: Shop, status: str) -> None:
    shop.status, shop.is_gone = status, status == "gone"
    shop.remaining.clear()
    told = await tell(shop, "", SHIPPED)
    assert shop.writes == []
    shop.asked.clear()
    later = replace(SHIPPED, milestones=(*SHIPPED.milestones, IN_TRANSIT), hold=HOLD)
    await tell(shop, told, later, CALLED_OFF)
    assert shop.asked == []


async def test_a_number_that_comes_later_replaces_the_tracking(shop: Shop) -> None:
    told = await tell(shop, "", SHIPPED)
    numbered = replace(SHIPPED, tracking_number="1Z7", carrier="ups", notify_shopper=False)
    told = await tell(shop, told, numbered)
    assert shop.live[0].tracking == {"company": "UPS", "number": "1Z7", "url": PAGE}
    assert shop.live[0].letters == 1
    assert shop.asked[-1] == "report_tracking"
    await report(shop, numbered, told, in_doubt=True)
    assert shop.writes.count("report_tracking") == 1


async def test_a_delivery_called_back_before_the_goods_left_cancels_once(shop: Shop) -> None:
    told = await tell(shop, "", PART)
    told = await tell(shop, told, CALLED_OFF, CALLED_OFF)
    await report(shop, CALLED_OFF, told, in_doubt=True)
    assert shop.writes.count("report_recall") == 1
    assert shop.live == []


async def test_goods_that_are_sent_again_get_a_fulfillment_with_the_whole_story(shop: Shop) -> None:
    await tell(shop, "", PART, CALLED_OFF, PART)
    assert [sent.status for sent in shop.sent] == ["CANCELLED", "SUCCESS"]
    assert statuses(shop) == ["CONFIRMED", "CARRIER_PICKED_UP"]


async def test_a_delivery_that_failed_on_the_way_is_told_as_a_failure(shop: Shop) -> None:
    failed = milestone(9, DeliveryStatus.FAILED)
    lost = replace(SHIPPED, status=DeliveryStatus.FAILED, milestones=(*SHIPPED.milestones, failed))
    await tell(shop, "", SHIPPED, lost)
    assert statuses(shop)[-1] == "FAILURE"
    assert "report_recall" not in shop.writes


async def test_a_milestone_heard_of_late_does_not_take_the_shopper_back(shop: Shop) -> None:
    delivered = replace(SHIPPED, milestones=(PICKED_UP, DELIVERED))
    late = replace(SHIPPED, milestones=(PICKED_UP, IN_TRANSIT, DELIVERED))
    told = await tell(shop, "", delivered, late)
    await report(shop, late, told, in_doubt=True)
    assert statuses(shop) == ["CARRIER_PICKED_UP", "DELIVERED"]


async def test_a_delivery_is_told_even_if_a_later_scan_was_told_before(shop: Shop) -> None:
    scan = milestone(7, DeliveryStatus.IN_TRANSIT)
    late = replace(SHIPPED, milestones=(PICKED_UP, DELIVERED, scan))
    await tell(shop, "", replace(SHIPPED, milestones=(PICKED_UP, scan)), late)
    assert statuses(shop) == ["CARRIER_PICKED_UP", "IN_TRANSIT", "DELIVERED"]


async def test_repeats_without_news_are_not_told(shop: Shop) -> None:
    again = replace(milestone(4, DeliveryStatus.IN_TRANSIT), text=IN_TRANSIT.text)
    news = milestone(5, DeliveryStatus.IN_TRANSIT, "At the depot")
    attempts = [milestone(number, DeliveryStatus.ATTEMPT_FAILED) for number in (6, 7)]
    await tell(shop, "", replace(SHIPPED, milestones=(IN_TRANSIT, again, news, *attempts)))
    assert statuses(shop) == ["IN_TRANSIT", "IN_TRANSIT", "ATTEMPTED_DELIVERY", "ATTEMPTED_DELIVERY"]

"""The simulated shop's fulfillment mutations: Shopify's rules and its recorded words, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from doorstep.money import Money
from simulator.clock import WorldClock
from simulator.stores.shopify import CartLine, FakeShopify
from simulator.stores.shopify.books import over_shipped, repeated_events, write_rows
from simulator.stores.shopify.units import UnitRecord
from tests.integration.connectors.shopify.conftest import ANA, HOME, TEA, Serve
from tests.integration.connectors.shopify.simulator_asking import Asking

CHAIR = CartLine("A", "Armchair", 3, Money(9900, "USD"))
AWAY = CartLine("B", "Bench", 1, Money(4900, "USD"), location=1)


@pytest.fixture
async def asking(shop: FakeShopify, serve: Serve) -> AsyncIterator[Asking]:
    async with aiohttp.ClientSession() as session:
        yield Asking(await serve(shop.app), session)


@pytest.fixture
def units(shop: FakeShopify, clock: WorldClock) -> list[UnitRecord]:
    """Of one order: two tea tins and three chairs in Brooklyn, one bench in Queens."""
    shop.place_order(ANA, HOME, [TEA, CHAIR, AWAY])
    clock.advance(5)
    shop.settle(clock.now())
    return shop.orders[0].units


async def ship(asking: Asking, *units: UnitRecord, lines: list[dict[str, Any]] | None = None) -> Any:
    wanted = [
        {"fulfillmentOrderId": unit.gid} | ({"fulfillmentOrderLineItems": lines} if lines is not None else {})
        for unit in units
    ]
    tracking = {"company": "UPS", "numbers": ["1Z", "2Z"], "urls": ["https://t.test/1", "https://t.test/2"]}
    return await asking.do(
        "fulfillmentCreate",
        "fulfillment { id name status displayStatus trackingInfo { company number url } }",
        fulfillment=("FulfillmentInput!", {"lineItemsByFulfillmentOrder": wanted, "trackingInfo": tracking}),
    )


async def test_a_whole_fulfillment_order_is_shipped_and_closed(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    made = await ship(asking, units[0])
    assert made["userErrors"] == []
    assert made["fulfillment"]["name"] == "#1001-F1"
    assert (made["fulfillment"]["status"], made["fulfillment"]["displayStatus"]) == ("SUCCESS", "FULFILLED")
    assert [row["number"] for row in made["fulfillment"]["trackingInfo"]] == ["1Z", "2Z"]
    assert [unit.status for unit in units] == ["CLOSED", "OPEN"]
    assert shop.orders[0].fulfillment_status == "PARTIALLY_FULFILLED"
    row = shop.books()[0].fulfillments[0]
    assert sorted(row.quantities.values()) == [2, 3]
    assert row.by_app


async def test_a_part_leaves_the_rest_open(asking: Asking, units: list[UnitRecord]) -> None:
    chairs = units[0].lines[1]
    await ship(asking, units[0], lines=[{"id": chairs.gid, "quantity": 2}])
    assert (units[0].status, chairs.remaining, units[0].remaining) == ("OPEN", 1, 3)
    again = await ship(asking, units[0], lines=[{"id": chairs.gid, "quantity": 2}])
    assert again["userErrors"] == [
        {"field": ["fulfillment"], "message": "Invalid fulfillment order line item quantity requested."}
    ]


async def test_two_locations_in_one_call_are_refused_and_nothing_changes(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    refused = await ship(asking, *units)
    places = ", ".join(str(unit.place.number) for unit in units)
    assert refused["fulfillment"] is None
    assert refused["userErrors"][0]["message"] == (
        "All fulfillment orders must be assigned to a single location. "
        f"Multiple locations with ids [{places}] were found."
    )
    assert shop.fulfillments == {}


async def test_two_orders_in_one_call_are_refused(
    asking: Asking, shop: FakeShopify, clock: WorldClock, units: list[UnitRecord]
) -> None:
    shop.place_order(ANA, HOME, [TEA])
    clock.advance(5)
    shop.settle(clock.now())
    refused = await ship(asking, units[0], shop.orders[1].units[0])
    assert refused["userErrors"][0]["message"].startswith(
        "All fulfillment orders must belong to the same order."
    )


@pytest.mark.parametrize(
    ("status", "words"), [("CLOSED", "closed"), ("ON_HOLD", "on_hold"), ("CANCELLED", "cancelled")]
)
async def test_what_cannot_be_shipped_is_named_with_its_status(
    asking: Asking, units: list[UnitRecord], status: str, words: str
) -> None:
    units[0].status = status
    refused = await ship(asking, units[0])
    assert refused["userErrors"] == [
        {
            "field": ["fulfillment"],
            "message": f"Fulfillment order {units[0].number} has an unfulfillable status= {words}.",
        }
    ]


async def test_bad_ids_and_quantities_are_refused_in_shopifys_words(
    asking: Asking, units: list[UnitRecord]
) -> None:
    line = units[0].lines[0].gid
    zero = await ship(asking, units[0], lines=[{"id": line, "quantity": 0}])
    assert zero["userErrors"][0]["field"][-1] == "quantity"
    assert zero["userErrors"][0]["message"] == "Quantity must be greater than 0"
    foreign = await ship(asking, units[0], lines=[{"id": units[1].lines[0].gid, "quantity": 1}])
    assert foreign["userErrors"][0]["message"] == "Fulfillment order line item does not exist."
    units[1].number += 1
    unknown = await ship(asking, units[1])
    assert unknown["userErrors"][0]["message"] == "Fulfillment order does not exist."
    answer = await asking.whole('{ fulfillmentOrder(id: "gid://shopify/Order/1") { id } }')
    assert answer["errors"][0]["extensions"]["code"] == "RESOURCE_NOT_FOUND"


async def test_a_repeated_event_is_a_second_event_also_of_a_cancelled_shipment(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    gid = (await ship(asking, units[0]))["fulfillment"]["id"]
    event = {
        "fulfillmentId": gid,
        "status": "IN_TRANSIT",
        "happenedAt": "2026-11-22T15:00:00Z",
        "estimatedDeliveryAt": "2026-11-23T15:00:00Z",
    }
    for _ in range(2):
        await asking.do(
            "fulfillmentEventCreate",
            "fulfillmentEvent { id }",
            fulfillmentEvent=("FulfillmentEventInput!", event),
        )
    shipment = (
        await asking.data(
            """query($id: ID!) { fulfillment(id: $id) {
                displayStatus inTransitAt estimatedDeliveryAt events(first: 5) { nodes { status happenedAt } }
            } }""",
            id=gid,
        )
    )["fulfillment"]
    assert len(shipment["events"]["nodes"]) == 2
    assert shipment["displayStatus"] == "IN_TRANSIT"
    assert shipment["inTransitAt"] == "2026-11-22T15:00:00Z"
    assert shipment["estimatedDeliveryAt"] == "2026-11-23T15:00:00Z"
    assert repeated_events(shop) == 1
    assert [row.times for row in write_rows(shop) if row.mutation == "fulfillmentEventCreate"] == [2]
    await asking.do("fulfillmentCancel", "fulfillment { id }", id=("ID!", gid))
    late = await asking.do(
        "fulfillmentEventCreate",
        "fulfillmentEvent { id }",
        fulfillmentEvent=("FulfillmentEventInput!", event | {"status": "DELIVERED"}),
    )
    assert late["userErrors"] == []
    assert shop.orders[0].fulfillments[0].display_status == "CANCELED"


async def test_an_event_of_nothing_is_refused(asking: Asking) -> None:
    refused = await asking.do(
        "fulfillmentEventCreate",
        "fulfillmentEvent { id }",
        fulfillmentEvent=(
            "FulfillmentEventInput!",
            {"fulfillmentId": "gid://shopify/Fulfillment/1", "status": "DELIVERED"},
        ),
    )
    assert refused["userErrors"] == [
        {"field": ["fulfillmentEvent", "fulfillmentId"], "message": "Fulfillment does not exist."}
    ]


async def test_a_cancelled_shipment_is_to_be_sent_again_from_a_fulfillment_order_of_its_own(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    gid = (await ship(asking, units[1]))["fulfillment"]["id"]
    cancelled = await asking.do("fulfillmentCancel", "fulfillment { status }", id=("ID!", gid))
    assert cancelled["fulfillment"]["status"] == "CANCELLED"
    fresh = shop.orders[0].units[-1]
    assert units[1].status == "CLOSED"
    assert (fresh.status, fresh.remaining, fresh.place) == ("OPEN", 1, units[1].place)
    again = await asking.do("fulfillmentCancel", "fulfillment { status }", id=("ID!", gid))
    assert again["userErrors"]
    assert over_shipped(shop) == []


async def test_tracking_is_replaced(asking: Asking, shop: FakeShopify, units: list[UnitRecord]) -> None:
    gid = (await ship(asking, units[0]))["fulfillment"]["id"]
    await asking.do(
        "fulfillmentTrackingInfoUpdate",
        "fulfillment { id }",
        fulfillmentId=("ID!", gid),
        trackingInfoInput=("FulfillmentTrackingInput!", {"company": "FedEx", "number": "9"}),
    )
    assert shop.books()[0].fulfillments[0].tracking == [("FedEx", "9", "")]


async def hold(asking: Asking, unit: UnitRecord, handle: str = "", reason: str = "INCORRECT_ADDRESS") -> Any:
    text = """mutation($id: ID!, $hold: FulfillmentOrderHoldInput!) {
        fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {
            fulfillmentHold { id heldByRequestingApp reason }
            fulfillmentOrder { status }
            userErrors { field message code }
        } }"""
    given = {"reason": reason, "handle": handle, "reasonNotes": "no such street"}
    return (await asking.data(text, id=unit.gid, hold=given))["fulfillmentOrderHold"]


async def test_holds_add_up_to_ten_and_the_last_release_opens_it_again(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    first = await hold(asking, units[0], "doorstep-1")
    assert first["fulfillmentHold"]["heldByRequestingApp"]
    assert first["fulfillmentOrder"]["status"] == "ON_HOLD"
    twice = await hold(asking, units[0], "doorstep-1")
    assert twice["userErrors"][0]["code"] == "DUPLICATE_FULFILLMENT_HOLD_HANDLE"
    for number in range(2, 11):
        await hold(asking, units[0], f"doorstep-{number}")
    eleventh = await hold(asking, units[0], "doorstep-11")
    assert eleventh["userErrors"][0]["code"] == "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED"
    shop.hold_unit(units[0].gid, "AWAITING_PAYMENT")
    own = [one.gid for one in units[0].holds if one.by_app]
    await asking.do(
        "fulfillmentOrderReleaseHold",
        "fulfillmentOrder { status }",
        id=("ID!", units[0].gid),
        holdIds=("[ID!]", own),
    )
    assert [one.reason for one in units[0].holds] == ["AWAITING_PAYMENT"]
    assert units[0].status == "ON_HOLD"
    opened = await asking.do(
        "fulfillmentOrderReleaseHold", "fulfillmentOrder { status }", id=("ID!", units[0].gid)
    )
    assert opened["fulfillmentOrder"]["status"] == "OPEN"


async def test_progress_is_reported_and_then_nothing_moves(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    told = await asking.do(
        "fulfillmentOrderReportProgress", "fulfillmentOrder { status }", id=("ID!", units[0].gid)
    )
    assert told["fulfillmentOrder"]["status"] == "IN_PROGRESS"
    refused = await asking.do(
        "fulfillmentOrderMove",
        "movedFulfillmentOrder { id }",
        id=("ID!", units[0].gid),
        newLocationId=("ID!", shop.places[1].gid),
    )
    assert (
        refused["userErrors"][0]["message"] == "Cannot move a fulfillment order that has progress reported."
    )
    assert (await ship(asking, units[0]))["userErrors"] == []


async def test_what_moves_as_a_whole_keeps_its_id_and_a_part_gets_one_of_its_own(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    queens = shop.places[1]

    async def move(unit: UnitRecord, **more: tuple[str, Any]) -> Any:
        moved = await asking.do(
            "fulfillmentOrderMove",
            "movedFulfillmentOrder { id assignedLocation { location { id } } }",
            id=("ID!", unit.gid),
            newLocationId=("ID!", queens.gid),
            **more,
        )
        return moved["movedFulfillmentOrder"]

    lines = [{"id": units[0].lines[1].gid, "quantity": 1}]
    part = await move(units[0], fulfillmentOrderLineItems=("[FulfillmentOrderLineItemInput!]", lines))
    assert part["id"] != units[0].gid
    assert part["assignedLocation"]["location"]["id"] == queens.gid
    assert (units[0].remaining, units[0].place) == (4, shop.places[0])
    whole = await move(units[0])
    assert whole["id"] == units[0].gid
    assert units[0].place is queens


async def test_a_split_and_a_merge_are_each_others_opposite(
    asking: Asking, shop: FakeShopify, units: list[UnitRecord]
) -> None:
    lines = [{"id": units[0].lines[0].gid, "quantity": 1}]
    wanted = {"fulfillmentOrderId": units[0].gid, "fulfillmentOrderLineItems": lines}
    made = await asking.do(
        "fulfillmentOrderSplit",
        "fulfillmentOrderSplits { remainingFulfillmentOrder { id } }",
        fulfillmentOrderSplits=("[FulfillmentOrderSplitInput!]!", [wanted]),
    )
    apart = shop.unit(made["fulfillmentOrderSplits"][0]["remainingFulfillmentOrder"]["id"])
    assert (units[0].remaining, apart.remaining) == (4, 1)
    intents = [{"fulfillmentOrderId": unit.gid} for unit in (units[0], apart)]
    await asking.do(
        "fulfillmentOrderMerge",
        "fulfillmentOrderMerges { fulfillmentOrder { id } }",
        fulfillmentOrderMergeInputs=("[FulfillmentOrderMergeInput!]!", [{"mergeIntents": intents}]),
    )
    assert (units[0].remaining, apart.status) == (5, "CLOSED")
    whole = [{"id": line.gid, "quantity": line.remaining} for line in units[0].lines]
    for lines, words in (
        ([], "You must select at least one item to split into a new fulfillment order."),
        (whole, "There must be at least one item selected in this fulfillment to split it."),
    ):
        wanted = {"fulfillmentOrderId": units[0].gid, "fulfillmentOrderLineItems": lines}
        refused = await asking.do(
            "fulfillmentOrderSplit",
            "fulfillmentOrderSplits { fulfillmentOrder { id } }",
            fulfillmentOrderSplits=("[FulfillmentOrderSplitInput!]!", [wanted]),
        )
        assert refused["userErrors"][0]["message"] == words

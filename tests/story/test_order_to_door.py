"""The whole way of an order, told in one screen."""

from __future__ import annotations

import pytest

from tests.story.town import Town


@pytest.mark.parametrize("store", ["shopify", "woocommerce"])
async def test_an_order_travels_from_the_store_to_the_door(town: Town, store: str) -> None:
    # Given an order in a store
    order = await town.order_at(store)

    # When it has been noticed
    await town.live(minutes=3)

    # Then vans, a courier and a parcel carrier were asked, and one of them was booked
    noticed = await town.order(order)
    assert noticed is not None
    (unit,) = noticed["fulfillmentOrders"]
    (quote_set,) = unit["quoteSets"]
    asked = [*quote_set["quotes"], *quote_set["declined"]]
    assert {answer["carrier"]["code"] for answer in asked} == {"own_fleet", "uber_direct", "easypost"}
    assert len((await town.delivery(order))["legs"]) == 1

    # When the day goes on
    async def arrived() -> bool:
        return bool((await town.delivery(order))["status"] == "DELIVERED")

    await town.live_until(arrived, within_minutes=300)

    # Then it came when it was promised, and everybody on its way was heard of
    delivery = await town.delivery(order)
    seen = {event["status"]: event["occurredAt"] for event in delivery["events"]["nodes"]}
    assert seen["DELIVERED"] <= delivery["promise"]["window"]["end"]
    assert {"BOOKED", "OUT_FOR_DELIVERY", "DELIVERED"} <= set(seen)


async def test_a_courier_drops_out_and_another_carries_on(town: Town) -> None:
    # Given an order whose shopper chose a courier at the checkout
    order = await town.order_at("woocommerce", **await town.choose_at_checkout("uber_direct"))
    await town.live(minutes=2)
    assert [leg["carrier"]["code"] for leg in (await town.delivery(order))["legs"]] == ["uber_direct"]

    # When the courier drops out
    await town.started.world.post("drop-courier")
    await town.live(minutes=3)

    # Then it is booked again by itself, and the exception is closed
    legs = (await town.delivery(order))["legs"]
    assert [leg["status"] == "CANCELLED" for leg in legs] == [True, False]
    data = await town.ask(
        "query { deliveryExceptions(filter: {status: [OPEN, ACKNOWLEDGED, RESOLVED]})"
        " { nodes { kind status steps { action status } } } }"
    )
    (exception,) = data["deliveryExceptions"]["nodes"]
    assert (exception["kind"], exception["status"]) == ("COURIER_CANCELLED", "RESOLVED")
    assert [(step["action"], step["status"]) for step in exception["steps"]] == [("REDISPATCH", "DONE")]

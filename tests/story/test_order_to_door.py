"""The whole way of an order, told in one screen."""

from __future__ import annotations

from gateway.cli.demo.moods import CARRIERS
from tests.story.shown import STORES, shows_a_delivery
from tests.story.town import CALM_S, Town


async def test_orders_travel_from_both_stores_to_the_door_and_are_shown_there(town: Town) -> None:
    # Given an order in each store
    orders = [await town.order_at(store) for store in STORES]

    # When they have been noticed
    await town.live(minutes=3)

    # Then for each vans, couriers and parcel carriers were asked, and one of them was booked
    for order in orders:
        noticed = await town.order(order)
        assert noticed is not None
        (unit,) = noticed["fulfillmentOrders"]
        (quote_set,) = unit["quoteSets"]
        asked = [*quote_set["quotes"], *quote_set["declined"]]
        assert {answer["carrier"]["code"] for answer in asked} == {"own_fleet", *CARRIERS}
        assert len((await town.delivery(order))["legs"]) == 1

    # When the day goes on
    await town.live_until(lambda: town.is_delivered(*orders), within_minutes=300)

    # Then they came when it was promised, and everybody on their way was heard of
    for order in orders:
        delivery = await town.delivery(order)
        seen = {event["status"]: event["occurredAt"] for event in delivery["events"]["nodes"]}
        assert seen["DELIVERED"] <= delivery["promise"]["window"]["end"]
        assert {"BOOKED", "OUT_FOR_DELIVERY", "DELIVERED"} <= set(seen)

    # And each store shows one shipment that can be followed, each step once, and that it was delivered
    await town.live(minutes=2)
    for store, order in zip(STORES, orders, strict=True):
        await shows_a_delivery(town, store, order)

    # When what the stores' webhooks and walks tell of all this has come back to us
    writes = await town.writes()
    await town.live(minutes=10, step_s=CALM_S)

    # Then nothing was written because of it
    assert await town.writes() == writes


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


async def test_one_list_goes_on_while_carriers_are_away_and_a_label_is_ours(town: Town) -> None:
    # Given couriers of whom one is away and one fails
    page = f"{town.started.house.settings.base_url}/demo"
    for carrier, mood in (("doordash", "away"), ("roadie", "failing")):
        wish = {"carrier": carrier, "mood": mood}
        async with town.session.post(f"{page}/carrier", json=wish) as response:
            assert await response.json() == wish

    # When a shopper chooses a parcel carrier at the checkout
    chosen = await town.choose_at_checkout("shipengine")
    order = await town.order_at("shopify", **chosen)
    await town.live(minutes=2)

    # Then the page shows how they feel, the list says who made no offer, and the label is kept where we are
    async with town.session.get(f"{page}/state") as response:
        moods = {row["carrier"]: row["mood"] for row in (await response.json())["carriers"]}
    assert moods == dict.fromkeys(CARRIERS, "well") | {"doordash": "away", "roadie": "failing"}
    noticed = await town.order(order)
    assert noticed is not None
    (quote_set,) = noticed["fulfillmentOrders"][0]["quoteSets"]
    offered = {quote["carrier"]["code"] for quote in quote_set["quotes"]}
    declined = {no["carrier"]["code"] for no in quote_set["declined"]}
    assert {"own_fleet", "uber_direct", "shipengine"} <= offered
    assert {"doordash", "roadie"} <= declined
    delivery = await town.delivery(order)
    (booking,) = (await town.books())["bookings"]
    assert (booking["carrier"], booking["reference"]) == ("shipengine", delivery["reference"])
    (leg,) = delivery["legs"]
    (label,) = leg["labels"]
    assert (leg["carrier"]["code"], label["kind"], label["contentType"]) == (
        "shipengine",
        "LABEL",
        "application/pdf",
    )
    # It opens without the carrier, which may be gone by then, and for nobody who was not given the link.
    await town.started.world.post("carrier", {"carrier": "shipengine", "mood": "away"})
    async with town.session.get(leg["labelUrl"]) as response:
        assert response.status == 200
        assert len(await response.read()) == label["size"] > 0
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith("attachment; ")
    async with town.session.get(leg["labelUrl"][:-1]) as response:
        assert response.status == 401

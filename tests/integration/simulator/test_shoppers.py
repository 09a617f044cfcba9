"""Shoppers at the gateway's checkout, and what reaches the stores of it."""

from __future__ import annotations

from datetime import date

from simulator.world import World, WorldSettings
from simulator.world.plan import Customs
from tests.integration.simulator.conftest import Desk, OpenWorld
from tests.integration.simulator.standin import PUBLISHABLE, StandIn


async def test_a_checkout_asks_for_options_and_chooses_one(
    desk: Desk, standin: StandIn, gateway_url: str
) -> None:
    await desk.link(gateway_url, stores={"woocommerce": "sto_woo"})
    await desk.post("place-order", {"store": "woocommerce", "checkout": True})
    (options, key, cart), (choice, _, chosen) = standin.asked
    assert (options, choice, key) == ("Options", "Choose", PUBLISHABLE)
    assert cart["to"]["countryCode"] == "US"
    assert cart["cart"]["storeId"] == "sto_woo"
    assert all(item["weightGrams"] > 0 for item in cart["items"])
    assert chosen["input"]["deliveryOptionsId"] == "qst_1"
    assert chosen["input"]["selections"] == [{"groupId": "grp_1", "optionId": "quo_1"}]


async def test_a_gateway_that_fails_costs_nobody_an_order(
    desk: Desk, standin: StandIn, gateway_url: str
) -> None:
    standin.is_broken = True
    await desk.link(gateway_url)
    await desk.post("place-order", {"store": "shopify", "checkout": True})
    await desk.post("place-order", {"store": "woocommerce", "checkout": True})
    assert len((await desk.get("books"))["orders"]) == 2
    assert [name for name, _, _ in standin.asked] == ["Options", "Options"]


async def test_about_the_asked_share_goes_through_the_checkout(
    open_world: OpenWorld, standin: StandIn, gateway_url: str
) -> None:
    desk = await open_world(customs=Customs(orders_per_hour=30, checkout=1.0, digital=0.2, pickup=0.0))
    await desk.link(gateway_url)
    await desk.post("start")
    await desk.post("tick", {"seconds": 3 * 3600})
    orders = (await desk.get("books"))["orders"]
    shipped = sum(row["needs_shipping"] for row in orders)
    assert 0 < shipped < len(orders)
    assert [name for name, _, _ in standin.asked].count("Choose") == shipped


async def test_an_order_without_its_street_needs_shipping_all_the_same() -> None:
    customs = Customs(orders_per_hour=30, broken=1.0, digital=0.0, pickup=0.0)
    world = World(WorldSettings(seed=7, day=date(2026, 11, 23), is_stepped=True, customs=customs))
    world.start_day()
    await world.advance(3600)
    rows = [row for shop in world.shops.values() for row in shop.books()]
    assert rows
    assert all(row.needs_shipping for row in rows)
    await world.close()

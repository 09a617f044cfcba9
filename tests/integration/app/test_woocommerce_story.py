"""From a cart in WooCommerce to the shopper who follows what they chose: through HTTP at every edge."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.stores.woocommerce.goods import Product
from tests.integration.app.market import HOME, Market
from tests.integration.app.premises import Premises
from tests.integration.app.van_shop import BREAD, VanShop, meta_of, open_shop, vans_of

LADDER = {
    **BREAD,
    "product_id": 31,
    "sku": "LADDER",
    "title": "Ladder",
    "quantity": 1,
    "price_minor": 8900,
    "weight_g": 9000,
    "length_mm": 2400,
    "width_mm": 400,
    "height_mm": 100,
}
TRACKING = """query($token: TrackingToken) { tracking(token: $token) { ... on Tracking {
  stage headline promise { window { start end } } timeline { text isDone } } } }"""


@pytest.fixture
async def shop(premises: Premises, market: Market) -> VanShop:
    # The same ladder in the shop's own units, kilograms and centimetres.
    ladder = Product(31, "LADDER", "Ladder", "89.00", "9", ("240", "40", "10"))
    market.woocommerce.shelf.products[ladder.id] = ladder
    return await open_shop(premises)


async def _shown(shop: VanShop, order_id: str) -> tuple[Any, Any]:
    """What the order's own page in the shop goes by, and what its link shows the shopper."""
    ours = shop.market.woocommerce.shelf.order(order_id).meta_value("_doorstep_delivery")
    async with shop.premises.session.get(ours["tracking_url"]) as page:
        assert page.status == 200
    token = ours["tracking_url"].rpartition("/")[2]
    return ours, (await shop.premises.ask(TRACKING, token, token=token))["tracking"]


async def _until_delivered(shop: VanShop, order_id: str) -> tuple[Any, Any]:
    for _ in range(60):
        await shop.premises.tick(60)
        ours, seen = await _shown(shop, order_id)
        if ours["status"] == "DELIVERED":
            return ours, seen
    pytest.fail("it did not come within an hour")


async def test_a_ladder_comes_with_the_vans_in_the_slot_that_was_chosen(shop: VanShop) -> None:
    # Given a cart whose sides no courier takes, and a slot
    template = await shop.template()
    shown = await shop.rates((LADDER,))
    (rate,) = shown["rates"]
    slot = rate["slots"][1]

    # When the shopper takes both, and pays
    status, chosen = await shop.choose(shown, slot["id"], "place-order")
    assert (status, chosen["price_minor"]) == (200, rate["cost_minor"] + slot["price_minor"])
    meta = meta_of(shown, vans_of(shown), "31", slot=slot["id"], choice=chosen["choice"])
    order_id = shop.market.woocommerce.place_order(
        [("LADDER", 1)], HOME, rate=meta, shipping_method="doorstep", status="pending"
    )
    await shop.settle()
    assert (await shop.seen())[0]["deliveries"]["nodes"] == []
    shop.market.woocommerce.set_status(order_id, "processing")
    await shop.settle()

    # Then this very option is booked for that window, and nobody else may have the place
    order, exceptions = await shop.seen()
    (delivery,) = order["deliveries"]["nodes"]
    assert (order["choice"]["reference"], exceptions) == (chosen["choice"], [])
    assert [leg["carrier"]["code"] for leg in delivery["legs"]] == ["own_fleet"]
    assert await shop.taken(f"{template}.2026-11-24") == {slot["id"]: 1}

    # And the shop's page leads the shopper to it
    ours, seen = await _shown(shop, order_id)
    assert (ours["id"], ours["status"]) == (delivery["id"], "BOOKED")
    assert seen["promise"]["window"] == {
        "start": "2026-11-24T20:00:00.000Z",
        "end": "2026-11-24T22:00:00.000Z",
    }


async def test_bread_comes_with_the_courier_that_was_chosen_and_is_followed_to_the_door(
    shop: VanShop,
) -> None:
    # Given a courier's option that was taken beside cheaper vans
    shown = await shop.rates()
    courier = next(rate for rate in shown["rates"] if rate["mode"] == "COURIER")
    assert courier["cost_minor"] > vans_of(shown)["cost_minor"]
    _, chosen = await shop.choose(shown, None, "place-order", option_id=courier["option_id"])

    # When the order comes
    order_id = shop.order(meta_of(shown, courier, "13", choice=chosen["choice"]))
    await shop.settle()

    # Then that courier is booked at the promise that was shown, and told of in the shop
    (delivery,) = (await shop.seen())[0]["deliveries"]["nodes"]
    assert [leg["carrier"]["code"] for leg in delivery["legs"]] == ["uber_direct"]
    ours, before = await _shown(shop, order_id)
    assert ours["id"] == delivery["id"]

    # And at the door the shop and the shopper know it
    ours, after = await _until_delivered(shop, order_id)
    assert (before["stage"], after["stage"], ours["status"]) == ("PREPARING", "DELIVERED", "DELIVERED")
    assert all(step["isDone"] for step in after["timeline"])
    assert shop.market.woocommerce.shelf.order(order_id).status == "completed"

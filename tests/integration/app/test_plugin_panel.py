"""The panel on an order's page: what the shop's own server may see and do, and nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.app.market import HOME, Market
from tests.integration.app.plugin_shop import PluginShop
from tests.integration.app.premises import Premises, Tenant


@pytest.fixture
async def tenant(premises: Premises) -> Tenant:
    return await premises.tenant()


@pytest.fixture
async def shop(premises: Premises, market: Market, tenant: Tenant) -> PluginShop:
    """A connected shop of a merchant who has no carrier yet."""
    await premises.link_store(tenant, "woocommerce")
    shop = PluginShop(premises, market)
    assert await shop.connect() == "connected"
    return shop


async def _passing(shop: PluginShop) -> None:
    for _ in range(3):
        await shop.premises.tick(5)


async def _shown(shop: PluginShop, order_id: str) -> dict[str, Any]:
    status, panel = await shop.sign("orders/show", {"order_id": order_id})
    assert status == 200, panel
    return panel


async def _pressed(shop: PluginShop, order_id: str, key: str) -> tuple[int, dict[str, Any]]:
    return await shop.sign("orders/book", {"order_id": order_id, "idempotency_key": key})


async def test_an_order_that_nobody_takes_is_booked_by_one_press_once_somebody_does(
    shop: PluginShop, tenant: Tenant
) -> None:
    order_id = shop.market.order_at("woocommerce")
    assert (await _shown(shop, order_id))["known"] is False
    await _passing(shop)
    panel = await _shown(shop, order_id)
    assert (panel["known"], panel["deliveries"], panel["can_book"]) == (True, [], True)
    assert [one["severity"] for one in panel["exceptions"]] == ["HIGH"]
    status, answer = await _pressed(shop, order_id, "early")
    assert (status, answer["booked"]) == (200, [])
    assert answer["problems"] == [{"message": "No carrier would take this order."}]

    await shop.premises.link_courier(tenant)
    (booked, problems) = (await _pressed(shop, order_id, "one"))[1].values()
    assert (booked[0]["carrier"], problems) == ("Uber Direct", [])
    # The answer was lost: the same press again, and an impatient second one, book nothing more.
    for key in ("one", "two"):
        assert (await _pressed(shop, order_id, key))[1] == {"booked": booked, "problems": []}
    assert len(shop.market.uber.books()) == 1
    await _passing(shop)
    panel = await _shown(shop, order_id)
    (delivery,) = panel["deliveries"]
    assert (panel["exceptions"], panel["can_book"], panel["why_not"]) == ([], False, "")
    assert (delivery["id"], delivery["carrier"]) == (booked[0]["delivery"], "Uber Direct")
    assert delivery["status_text"] == "Booked"
    assert delivery["promise"]["start"] < delivery["promise"]["end"]
    async with shop.premises.session.get(delivery["tracking_url"]) as page:
        assert page.status == 200


async def test_what_cannot_be_booked_says_why(shop: PluginShop) -> None:
    status, answer = await _pressed(shop, "999", "one")
    assert (status, answer["booked"]) == (200, [])
    assert "not read this order yet" in answer["problems"][0]["message"]
    order_id = shop.market.order_at("woocommerce")
    await _passing(shop)
    shop.market.woocommerce.cancel_order(order_id)
    await _passing(shop)
    panel = await _shown(shop, order_id)
    assert (panel["can_book"], panel["why_not"]) == (False, "The order is cancelled.")
    assert (await _pressed(shop, order_id, "one"))[1]["problems"] == [{"message": "The order is cancelled."}]


async def test_only_what_the_shop_has_signed_just_now_is_answered(
    shop: PluginShop, premises: Premises
) -> None:
    body = {"order_id": "1"}
    other = await premises.tenant("Another shop")
    other_store = await premises.link_store(other, "woocommerce")
    good = (await shop.sign("orders/show", body))[0]
    answers = [
        await shop.sign("orders/show", body, secret="a guess"),
        await shop.sign("orders/show", body, secret=""),
        await shop.sign("orders/show", body, site="sto_nobody"),
        await shop.sign("orders/show", body, site=other_store),
        await shop.sign("orders/show", body, age_s=301),
        await shop.sign("orders/show", body, age_s=-301),
        await shop.sign("orders/show", body, sent=b'{"order_id":"2"}'),
        await shop.sign("disconnect", {}, secret="a guess"),
    ]
    assert good == 200
    # Alike for all, so that nobody learns which shops there are.
    assert {status for status, _ in answers} == {401}
    assert len({json.dumps(answer) for _, answer in answers}) == 1
    # The publishable key opens carts, and no orders.
    headers = {
        "authorization": f"Bearer {shop.plugin.kept['key']}",
        "x-doorstep-site": shop.plugin.kept["site"],
    }
    assert (await premises.post("/woocommerce/orders/show", b'{"order_id":"1"}', headers))[0] == 401


async def test_what_cannot_be_read_is_an_error_that_names_the_field(shop: PluginShop) -> None:
    calls: tuple[tuple[str, object, int, str], ...] = (
        ("orders/show", {}, 400, "order_id"),
        ("orders/show", {"order_id": 7}, 400, "order_id"),
        ("orders/show", {"order_id": ""}, 400, "order_id"),
        ("orders/show", {"order_id": "9" * 101}, 400, "order_id"),
        ("orders/book", {"order_id": "1"}, 400, "idempotency_key"),
        ("orders/show", {"order_id": "x" * 1_000_000}, 413, "long"),
        # Whoever has seen somebody look at an order cannot disconnect the shop with it.
        ("disconnect", {"order_id": "1"}, 400, "empty"),
    )
    for call, body, status, word in calls:
        given, problem = await shop.sign(call, body)
        assert (given, problem["retryable"], word in problem["message"]) == (status, False, True), problem


async def test_the_key_that_was_handed_over_shows_rates(shop: PluginShop, tenant: Tenant) -> None:
    await shop.premises.link_courier(tenant)
    cart = {
        "cart_id": "c1",
        "currency": "USD",
        "destination": {
            "country": "US",
            "state": "NY",
            "postcode": "10118",
            "city": "New York",
            "address_1": HOME.line1,
        },
        "items": [{"product_id": 13, "sku": "BREAD-1", "quantity": 1, "price_minor": 650, "weight_g": 750}],
    }
    status, shown = await shop.call("rates", json.dumps(cart).encode())
    assert (status, shown["why_empty"]) == (200, ""), shown
    assert [rate["code"].partition(".")[0] for rate in shown["rates"]] == ["uber_direct"]

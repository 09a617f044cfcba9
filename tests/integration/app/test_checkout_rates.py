"""Stores ask for rates while a shopper waits; the order that comes of it is booked as it was chosen."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from doorstep.ids import new_id
from doorstep.money import Money
from gateway.auth.rate_doors import RateDoors
from gateway.bootstrap.secrets import secret_keys
from simulator.stores.shopify import CartLine, Customer
from tests.conftest import Dsn
from tests.integration.app.market import HOME, SHOPIFY_DOMAIN, SHOPIFY_SECRET, Market
from tests.integration.app.outage import outage
from tests.integration.app.premises import Premises, Tenant
from tests.integration.app.van_shop import BREAD as BREAD_ITEM

ORDERS = """{ orders(first: 5) { nodes { externalId
  deliveries(first: 3) { nodes { status legs { accountId } } } choice { reference total { amount } } } } }"""
BREAD = CartLine("BREAD-1", "Sourdough loaf", 2, Money(650, "USD"), weight_g=750)


async def _open(premises: Premises, platform: str) -> tuple[Tenant, str, str]:
    """The merchant, its store, and its account with a courier."""
    tenant = await premises.tenant()
    store_id = await premises.link_store(tenant, platform)
    return tenant, store_id, await premises.link_courier(tenant)


def _booked_with(order: dict[str, Any]) -> list[str]:
    return [leg["accountId"] for one in order["deliveries"]["nodes"] for leg in one["legs"]]


def _call(variant_id: int, **changes: object) -> bytes:
    home = {
        "country": HOME.country,
        "postal_code": HOME.postal_code,
        "province": HOME.province,
        "city": HOME.city,
        "name": "",
        "address1": HOME.line1,
        "address2": None,
    }
    item = {
        "name": "Sourdough loaf",
        "sku": "BREAD-1",
        "quantity": 2,
        "grams": 750,
        "price": 650,
        "requires_shipping": True,
        "variant_id": variant_id,
    }
    rate = {"origin": home, "destination": home, "items": [item], "currency": "USD", "locale": "de-DE"}
    return json.dumps({"rate": {**rate, **changes}}).encode()


def _signed(body: bytes, secret: str = SHOPIFY_SECRET) -> Mapping[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "x-shopify-shop-domain": SHOPIFY_DOMAIN,
        "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
        "x-shopify-timeout": "10000",
    }


def _address(premises: Premises, store_id: str) -> str:
    return f"/checkout/shopify/rates/{RateDoors(secret_keys(premises.house.settings)).of(store_id)}"


async def _rates(premises: Premises, store_id: str, body: bytes) -> list[dict[str, Any]]:
    status, text = await premises.post(_address(premises, store_id), body, _signed(body))
    assert status == 200, text
    rates: list[dict[str, Any]] = json.loads(text)["rates"]
    return rates


async def test_shopify_is_answered_with_prices_in_hundredths_and_days_in_its_language(
    premises: Premises,
) -> None:
    _, store_id, _ = await _open(premises, "shopify")
    (rate,) = await _rates(premises, store_id, _call(1))
    assert rate["service_code"].startswith("uber_direct.")
    assert rate["total_price"].isdecimal()
    assert (rate["currency"], rate["phone_required"]) == ("USD", True)
    assert "23. Nov." in rate["description"]
    assert rate["min_delivery_date"] < rate["max_delivery_date"]


@pytest.mark.parametrize(("secret", "door"), [("a-guess", None), (SHOPIFY_SECRET, "a-guess")])
async def test_nobody_else_is_told_rates(premises: Premises, secret: str, door: str | None) -> None:
    _, store_id, _ = await _open(premises, "shopify")
    body = _call(1)
    address = f"/checkout/shopify/rates/{door}" if door else _address(premises, store_id)
    status, text = await premises.post(address, body, _signed(body, secret))
    assert status == 401
    assert "rates" not in text


async def test_what_cannot_be_read_or_shipped_is_no_error_of_ours(premises: Premises) -> None:
    _, store_id, _ = await _open(premises, "shopify")
    assert await _rates(premises, store_id, _call(1, items=[])) != []
    body = b'{"rate": {"destination": 7}}'
    status, text = await premises.post(_address(premises, store_id), body, _signed(body))
    assert status == 400
    assert "destination" in text
    endless = _call(1)
    headers = {**_signed(endless), "x-shopify-timeout": "9" * 5_000}
    assert (await premises.post(_address(premises, store_id), endless, headers))[0] == 200


async def test_a_shop_that_nobody_carries_for_shows_the_rates_of_its_own(premises: Premises) -> None:
    tenant = await premises.tenant()
    store_id = await premises.link_store(tenant, "shopify")
    body = _call(1)
    assert (await premises.post(_address(premises, store_id), body, _signed(body)))[0] == 404
    await premises.link_courier(tenant)
    assert await _rates(premises, store_id, body) != []


async def test_the_rate_that_was_taken_at_shopify_is_the_one_that_is_booked(
    premises: Premises, market: Market
) -> None:
    tenant, store_id, account_id = await _open(premises, "shopify")
    first, _, last = HOME.name.partition(" ")
    buyer = Customer(first, last, HOME.email, HOME.phone_raw)
    variant_id = market.shopify.stock.know(BREAD).number
    (rate,) = await _rates(premises, store_id, _call(variant_id))
    market.shopify.place_order(
        buyer,
        HOME,
        [BREAD],
        rate["service_code"],
        shipping_price=Money(int(rate["total_price"]), "USD"),
    )
    for _ in range(3):
        await premises.tick(5)
    (order,) = (await premises.ask(ORDERS, tenant.secret_key))["orders"]["nodes"]
    assert order["choice"]["reference"].startswith("cho_")
    assert Money.parse(order["choice"]["total"]["amount"], "USD") == Money(int(rate["total_price"]), "USD")
    assert _booked_with(order) == [account_id]


def _cart() -> bytes:
    home = {
        "country": HOME.country,
        "state": HOME.province,
        "postcode": HOME.postal_code,
        "city": HOME.city,
        "address_1": HOME.line1,
    }
    cart = {"cart_id": "c1", "currency": "USD", "locale": "en_US", "destination": home, "items": [BREAD_ITEM]}
    return json.dumps(cart).encode()


async def _plugin(
    premises: Premises, tenant: Tenant, site: str, call: str, body: bytes
) -> tuple[int, dict[str, Any]]:
    headers = {"authorization": f"Bearer {tenant.publishable_key}", "x-doorstep-site": site}
    status, text = await premises.post(f"/checkout/woocommerce/{call}", body, headers)
    answer: dict[str, Any] = json.loads(text)
    return status, answer


async def test_the_option_that_was_taken_at_woocommerce_is_the_one_that_is_booked(
    premises: Premises, market: Market
) -> None:
    tenant, site, account_id = await _open(premises, "woocommerce")
    status, shown = await _plugin(premises, tenant, site, "rates", _cart())
    assert status == 200, shown
    (rate,) = shown["rates"]
    meta = {
        "_doorstep_option": f"{shown['options_id']}/{rate['option_id']}",
        "_doorstep_service": rate["code"],
    }
    market.woocommerce.place_order([("BREAD-1", 2)], HOME, rate=meta)
    for _ in range(3):
        await premises.tick(5)
    (order,) = (await premises.ask(ORDERS, tenant.secret_key))["orders"]["nodes"]
    assert Money.parse(order["choice"]["total"]["amount"], "USD") == Money(rate["cost_minor"], "USD")
    assert _booked_with(order) == [account_id]


async def test_the_plugin_locks_an_option_once_and_hears_what_no_longer_stands(premises: Premises) -> None:
    tenant, site, _ = await _open(premises, "woocommerce")
    _, shown = await _plugin(premises, tenant, site, "rates", _cart())
    wish = {
        "idempotency_key": "one",
        "options_id": shown["options_id"],
        "option_id": shown["rates"][0]["option_id"],
        "cart_id": "c1",
    }
    status, chosen = await _plugin(premises, tenant, site, "choose", json.dumps(wish).encode())
    assert (status, chosen["price_minor"]) == (200, shown["rates"][0]["cost_minor"])
    again = await _plugin(premises, tenant, site, "choose", json.dumps(wish).encode())
    assert again == (200, chosen)
    await premises.market.tick(3600)
    late = {**wish, "idempotency_key": "two"}
    status, problem = await _plugin(premises, tenant, site, "choose", json.dumps(late).encode())
    assert (status, problem["code"]) == (409, "OPTION_EXPIRED")


async def test_without_the_database_shops_hear_what_they_were_told_and_strangers_to_come_again(
    premises: Premises, dsn: Dsn
) -> None:
    tenant, site, _ = await _open(premises, "woocommerce")
    shopify_id = await premises.link_store(tenant, "shopify")
    _, before = await _plugin(premises, tenant, site, "rates", _cart())
    shown = await _rates(premises, shopify_id, _call(1))
    async with outage(dsn):
        status, again = await _plugin(premises, tenant, site, "rates", _cart())
        assert (status, again["rates"]) == (200, before["rates"])
        assert await _rates(premises, shopify_id, _call(1)) == shown
        status, problem = await _plugin(premises, tenant, "sto_nobody", "rates", _cart())
        assert (status, problem["retryable"]) == (503, True)


async def test_a_link_to_follow_a_parcel_opens_no_checkout(premises: Premises) -> None:
    tenant, site, _ = await _open(premises, "woocommerce")
    token, _ = premises.house.tokens.issue(tenant.merchant_id, new_id("del"), 3600)
    shopper = replace(tenant, publishable_key=token)
    assert (await _plugin(premises, shopper, site, "test", b"{}"))[0] == 401


async def test_the_plugin_of_another_shop_hears_nothing(premises: Premises) -> None:
    tenant, site, _ = await _open(premises, "woocommerce")
    other = await premises.tenant("Another shop")
    assert (await _plugin(premises, other, site, "rates", _cart()))[0] == 401
    assert (await _plugin(premises, tenant, "sto_nobody", "rates", _cart()))[0] == 401
    status, answer = await _plugin(premises, tenant, site, "test", b"{}")
    assert (status, answer["merchant"], answer["store"]["id"]) == (200, "Corner shop", site)

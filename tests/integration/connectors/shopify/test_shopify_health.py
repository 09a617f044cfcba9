"""What the connector's doctor finds in a simulated shop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from connectors.stores.shopify.link import Patience
from doorstep.secret import Secret
from simulator.stores.shopify import FakeShopify, Fault
from simulator.stores.shopify.shop import SCOPES
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve

SECRET = Secret(CLIENT_SECRET)
WITHOUT_RATES = SCOPES - {"write_shipping", "read_shipping"}


async def faults(connector: ShopifyConnector) -> set[str]:
    return {check.fault for check in await connector.check()} - {""}


@pytest.fixture
async def doctor(shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient]) -> ShopifyConnector:
    """A link whose webhooks and rates are in order, on the machine's own clock."""
    shop.place_order(ANA, HOME, [TEA])
    connector = ShopifyConnector(client(await serve(shop.app)), SECRET)
    await connector.ensure_webhooks("https://gateway.example.test/hook", SECRET)
    await connector.ensure_rates("https://gateway.example.test/rates/door")
    return connector


async def test_a_healthy_link_passes_every_check(doctor: ShopifyConnector) -> None:
    checks = await doctor.check()
    assert [check.name for check in checks if not check.passed] == []
    assert {check.name for check in checks} == {
        "credentials",
        "scopes",
        "api_version",
        "clock",
        "plan",
        "personal_data",
        "webhooks",
        "rates",
    }


Spoil = Callable[[FakeShopify], object]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda shop: shop.revoke_token(), {"token_rejected"}),
        (lambda shop: setattr(shop, "state", "frozen"), {"shop_frozen"}),
        (lambda shop: setattr(shop, "state", "unknown"), {"shop_unknown"}),
        (lambda shop: setattr(shop, "state", "locked"), {"shop_locked"}),
        (lambda shop: setattr(shop, "state", "forbidden"), {"access_forbidden"}),
        (lambda shop: setattr(shop, "scopes", {"read_locations"}), {"scope_missing"}),
        (lambda shop: setattr(shop, "retired_versions", {"2026-10"}), {"api_version_retired"}),
        (lambda shop: setattr(shop, "plan", "Basic"), {"plan_without_carrier_rates"}),
        (lambda shop: setattr(shop, "shows_personal_data", False), {"personal_data_withheld"}),
        (lambda shop: shop.subscriptions.clear(), {"webhooks_missing"}),
        (lambda shop: shop.carrier_services.records.clear(), {"rates_missing"}),
        (lambda shop: setattr(shop.carrier_services.records[0], "is_active", False), {"rates_inactive"}),
        (lambda shop: setattr(shop, "scopes", WITHOUT_RATES), {"rates_scope_missing"}),
        (lambda shop: shop.fail_next(Fault.REDIRECT, 9), {"redirected"}),
        (lambda shop: shop.fail_next(Fault.HTML, 99), {"not_shopify"}),
        (lambda shop: shop.fail_next(Fault.BAD_GATEWAY, 99), {"store_unwell"}),
        (lambda shop: shop.fail_next(Fault.TOO_MANY_REQUESTS, 999), {"rate_limited"}),
    ],
)
async def test_each_fault_is_found_alone(
    doctor: ShopifyConnector, shop: FakeShopify, spoil: Spoil, expected: set[str]
) -> None:
    spoil(shop)
    assert await faults(doctor) == expected


@pytest.mark.parametrize("offset_s", [-600, 600])
async def test_a_clock_that_is_off_is_found(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient], offset_s: float
) -> None:
    shop.clock_offset_s = offset_s
    connector = ShopifyConnector(client(await serve(shop.app, date=False)), SECRET)
    [check] = [check for check in await connector.check() if check.name == "clock"]
    assert check.fault == "clock_off"
    assert ("ahead" if offset_s < 0 else "behind") in check.text


async def test_a_shop_that_nobody_answers_for_is_unreachable(client: Callable[..., ShopifyClient]) -> None:
    connector = ShopifyConnector(client("http://127.0.0.1:1"), SECRET)
    assert await faults(connector) == {"unreachable"}


async def test_a_shop_that_answers_too_late_is_named_so(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient]
) -> None:
    shop.fail_next(Fault.LOST_ANSWER, 2)
    patience = Patience(call_s=0.5, tries=2)
    connector = ShopifyConnector(client(await serve(shop.app), patience=patience), SECRET)
    assert await faults(connector) == {"too_slow"}


async def test_no_sentence_of_the_doctor_gives_a_secret_away(
    doctor: ShopifyConnector, shop: FakeShopify
) -> None:
    shop.shows_personal_data = False
    shop.scopes = ()
    text = " ".join(check.text for check in await doctor.check())
    assert "shpat" not in text
    assert CLIENT_SECRET not in text

"""The CarrierService by which a shop's checkout asks us: registered, kept right, and refused in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

from connectors.stores.shopify.client import ShopifyClient
from connectors.stores.shopify.connector import ShopifyConnector
from doorstep.secret import Secret
from simulator.stores.shopify import FakeShopify, Fault
from simulator.stores.shopify.carrier_services import CarrierServiceRecord
from tests.integration.connectors.shopify.conftest import ANA, CLIENT_SECRET, HOME, TEA, Serve

BASE = "https://gateway.example.test/checkout/shopify/rates"
URL = f"{BASE}/door"


@pytest.fixture
async def connector(
    shop: FakeShopify, serve: Serve, client: Callable[..., ShopifyClient]
) -> ShopifyConnector:
    return ShopifyConnector(client(await serve(shop.app)), Secret(CLIENT_SECRET))


def seen(shop: FakeShopify) -> list[tuple[str, str, bool, bool]]:
    records = shop.carrier_services.records
    return [(one.name, one.callback_url, one.is_active, one.is_discovered) for one in records]


def service(
    shop: FakeShopify, url: str, name: str = "Doorstep", how: Mapping[str, bool] = MappingProxyType({})
) -> CarrierServiceRecord:
    facts = {"is_active": True, "is_discovered": True, **how}
    record = CarrierServiceRecord(shop.next_number(), name, url, **facts)
    shop.carrier_services.records.append(record)
    return record


async def test_it_is_made_once_and_left_alone_then(connector: ShopifyConnector, shop: FakeShopify) -> None:
    checks = [await connector.ensure_rates(URL) for _ in range(3)]
    assert [(check.name, check.passed) for check in checks] == [("rates", True)] * 3
    assert seen(shop) == [("Doorstep", URL, True, True)]
    assert sum(shop.writes.values()) == 1


@pytest.mark.parametrize(
    ("url", "how"),
    [
        (URL, {"is_active": False}),
        (URL, {"is_discovered": False}),
        (f"{BASE}/door-of-the-secret-before", {}),
        ("https://where-we-were.example.test/checkout/shopify/rates/door", {}),
    ],
)
async def test_what_was_switched_off_or_leads_to_where_we_were_is_put_right(
    connector: ShopifyConnector, shop: FakeShopify, url: str, how: dict[str, bool]
) -> None:
    service(shop, url, how=how)
    assert (await connector.ensure_rates(URL)).passed
    assert seen(shop) == [("Doorstep", URL, True, True)]


async def test_doubles_go_and_what_others_registered_stays(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    service(shop, f"{BASE}/older", "Doorstep 2")
    theirs = service(shop, "https://rates.example.test/ours", "Parcels")
    kept = service(shop, URL)
    service(shop, URL, "Doorstep 3")
    assert (await connector.ensure_rates(URL)).passed
    assert shop.carrier_services.records == [theirs, kept]


async def test_a_shop_that_changed_to_our_app_is_registered_beside_what_its_own_app_left(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    theirs = service(shop, f"{BASE}/older", "Rates of before", {"is_active": False})
    theirs.is_foreign = True
    assert (await connector.ensure_rates(URL)).passed
    assert ("Doorstep", URL, True, True) in seen(shop)
    assert (theirs.name, theirs.is_active) == ("Rates of before", False)


async def test_a_store_that_is_let_go_of_asks_us_no_more(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    theirs = service(shop, "https://rates.example.test/ours", "Parcels")
    service(shop, URL)
    await connector.drop_rates(URL)
    await connector.drop_rates(URL)
    assert shop.carrier_services.records == [theirs]


async def test_a_name_that_another_app_has_taken_is_told_in_shopifys_words(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    record = service(shop, "https://staging.example.test/checkout/shopify/rates/other-door")
    record.is_foreign = True
    check = await connector.ensure_rates(URL)
    assert (check.fault, "already configured" in check.text) == ("rates_refused", True)
    assert shop.carrier_services.records == [record]


async def test_a_plan_without_the_feature_is_told_with_what_to_do(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    shop.set_plan("Basic")
    check = await connector.ensure_rates(URL)
    assert (check.name, check.fault) == ("plan", "plan_without_carrier_rates")
    assert "Advanced" in check.text
    shop.carrier_services.has_add_on = True
    assert (await connector.ensure_rates(URL)).passed


async def test_a_plan_that_loses_the_feature_and_has_it_again_is_healed(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    await connector.ensure_rates(URL)
    shop.set_plan("Basic")
    assert (await connector.ensure_rates(URL)).fault == "plan_without_carrier_rates"
    shop.set_plan("Advanced")
    assert {check.fault for check in await connector.check()} >= {"rates_inactive"}
    assert (await connector.ensure_rates(URL)).passed
    assert seen(shop) == [("Doorstep", URL, True, True)]


@pytest.mark.parametrize("granted", [{"read_orders"}, {"read_orders", "read_shipping"}])
async def test_a_shop_that_has_not_agreed_is_asked_to(
    connector: ShopifyConnector, shop: FakeShopify, granted: set[str]
) -> None:
    shop.scopes = granted
    check = await connector.ensure_rates(URL)
    assert (check.fault, "write_shipping" in check.text) == ("rates_scope_missing", True)


async def test_an_answer_that_is_lost_makes_no_second_one(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    shop.fail_next(Fault.NONE)
    shop.fail_next(Fault.CUT_AFTER)
    assert (await connector.ensure_rates(URL)).passed
    assert seen(shop) == [("Doorstep", URL, True, True)]


async def test_two_who_register_it_at_once_make_one_and_neither_calls_it_trouble(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    checks = await asyncio.gather(*(connector.ensure_rates(URL) for _ in range(3)))
    assert [check.passed for check in checks] == [True] * 3
    assert seen(shop) == [("Doorstep", URL, True, True)]


async def test_an_address_that_shopify_never_asks_is_not_even_tried(
    shop: FakeShopify, client: Callable[..., ShopifyClient]
) -> None:
    real = ShopifyConnector(client(f"https://{shop.domain}"), Secret(CLIENT_SECRET))
    assert (await real.ensure_rates("http://127.0.0.1:8000/rates")).fault == "rates_callback_not_https"
    assert (await real.ensure_rates("http://gateway.example.test")).fault == "rates_callback_not_https"


async def test_a_shop_that_is_unwell_is_told_as_every_check_tells_it(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    shop.state = "frozen"
    assert (await connector.ensure_rates(URL)).fault == "shop_frozen"


async def test_an_order_is_the_customers_who_bought_it_and_nobody_elses(
    connector: ShopifyConnector, shop: FakeShopify
) -> None:
    first, second = shop.place_order(ANA, HOME, [TEA]), shop.place_order(ANA, HOME, [TEA])
    buyers = [int(gid.rpartition("/")[2]) + 1 for gid in (first, second)]
    assert await connector.is_bought_by(first, str(buyers[0]))
    assert not await connector.is_bought_by(first, str(buyers[1]))
    assert not await connector.is_bought_by(second, str(buyers[0]))
    for gid, customer in [("gid://shopify/Order/1 OR 1", "1"), (first, "1 OR status:any"), (first, "")]:
        assert not await connector.is_bought_by(gid, customer)

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from connectors.stores.woocommerce.client import WooCommerceClient
from connectors.stores.woocommerce.connector import WooCommerceConnector
from connectors.stores.woocommerce.store_api import Patience, StoreApi
from doorstep.health import HealthCheck
from doorstep.secret import Secret
from simulator.stores.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, FakeWooCommerce, served

MakeStore = Callable[..., FakeWooCommerce]
Link = Callable[..., Awaitable[WooCommerceConnector]]


async def link_finding(connector: WooCommerceConnector) -> HealthCheck:
    """What the doctor says of the way to the store; all the rest waits for it."""
    (found,) = [check for check in await connector.check() if check.name == "credentials"]
    return found


@pytest.mark.parametrize("hands_links_over", [True, False])
async def test_plain_permalinks_are_told_from_a_wrong_address(
    store: FakeWooCommerce, link: Link, *, hands_links_over: bool
) -> None:
    store.door.has_permalinks, store.door.hands_links_over = False, hands_links_over
    assert (await link_finding(await link(store))).fault == "permalinks_off"
    assert (await link_finding(await link(store, path="/nowhere"))).fault == "api_not_found"


async def test_a_web_server_that_keeps_pretty_links_from_wordpress_is_told(
    store: FakeWooCommerce, link: Link
) -> None:
    store.door.hands_links_over = False
    check = await link_finding(await link(store))
    assert (check.fault, ".htaccess" in check.text) == ("permalinks_off", True)


@pytest.mark.parametrize("has_permalinks", [True, False])
async def test_a_wordpress_without_the_plugin_is_named(
    store: FakeWooCommerce, link: Link, *, has_permalinks: bool
) -> None:
    store.door.has_plugin, store.door.has_permalinks = False, has_permalinks
    assert (await link_finding(await link(store))).fault == "plugin_missing"


async def test_a_site_address_that_differs_from_the_one_given_spoils_the_signature(
    make_store: MakeStore, link: Link
) -> None:
    store = make_store(home_url="http://www.shop.example")
    check = await link_finding(await link(store))
    assert (check.fault, "itself http://www.shop.example" in check.text) == ("signature_rejected", True)


async def test_a_site_address_that_agrees_is_not_blamed_for_a_refused_signature(
    store: FakeWooCommerce, link: Link
) -> None:
    check = await link_finding(await link(store, secret="cs_wrong"))
    assert (check.fault, "calls itself" in check.text) == ("signature_rejected", False)


async def test_https_where_only_plain_http_is_spoken_is_no_matter_of_trust(store: FakeWooCommerce) -> None:
    async with served(store.app) as url:
        address = f"{url.replace('http', 'https')}/blog"
        client = WooCommerceClient(address, Secret(CONSUMER_KEY), Secret(CONSUMER_SECRET))
        check = await link_finding(WooCommerceConnector(StoreApi(client, patience=Patience(tries=1))))
    assert (check.fault, "http://" in check.text) == ("https_failed", True)


async def test_an_untrusted_certificate_is_named(store: FakeWooCommerce, link: Link) -> None:
    assert (await link_finding(await link(store, https=True, trusts=False))).fault == "certificate_untrusted"

"""Shops that install our app: what happens when a merchant opens it in the shop's admin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from doorstep.order import LinkStatus
from gateway.store.accounts import all_merchants
from tests.conftest import Dsn
from tests.integration.app.installing import (
    OLD_SECRET,
    credentials,
    id_token,
    linked,
    open_app_premises,
    opened,
    order_ids,
    shop_of,
)
from tests.integration.app.market import SHOPIFY_DOMAIN, Market
from tests.integration.app.premises import Premises


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_app_premises(dsn, tmp_path, market) as premises:
        yield premises


async def test_a_shop_that_nobody_knows_becomes_a_merchant_of_its_own_and_is_read(
    premises: Premises, market: Market
) -> None:
    order = market.order_at("shopify")
    await market.tick()
    status, page, headers = await opened(premises, id_token(market))
    assert (status, "connected to Doorstep" in page) == (200, True)
    policy = headers["Content-Security-Policy"]
    assert f"frame-ancestors https://{SHOPIFY_DOMAIN} https://admin.shopify.com" in policy

    store = await shop_of(premises)
    assert store is not None
    assert (store.status, set(store.scopes) >= {"read_orders"}) == (LinkStatus.CONNECTED, True)
    async with premises.house.means.begin(store.merchant_id) as work:
        merchant, places = await work.accounts.merchant(), await work.accounts.locations()
    assert (merchant.currency, merchant.time_zone) == ("USD", "America/New_York")
    assert [place.id for place in places] == [store.location_id]
    assert {subscription.uri for subscription in market.shopify.subscriptions} == {
        f"{premises.url}/webhooks/shopify"
    }
    await premises.settle()
    assert await order_ids(premises, store.merchant_id) == [order]


async def test_the_page_opened_twice_at_once_makes_one_merchant(premises: Premises, market: Market) -> None:
    answers = await asyncio.gather(*(opened(premises, id_token(market)) for _ in range(3)))
    assert [status for status, *_ in answers] == [200, 200, 200]
    async with premises.house.database.doors() as connection:
        assert len(await all_merchants(connection)) == 1


async def test_a_page_that_is_opened_again_exchanges_nothing_while_the_access_is_good(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    before = await credentials(premises, store)
    await linked(premises, market)
    assert await credentials(premises, store) == before


async def test_a_page_that_is_opened_mends_access_that_has_gone(premises: Premises, market: Market) -> None:
    store = await linked(premises, market)
    before = await credentials(premises, store)
    market.shopify.revoke_token()
    again = await linked(premises, market)
    assert (again.id, again.status) == (store.id, LinkStatus.CONNECTED)
    assert (await credentials(premises, store))["access_token"] != before["access_token"]


async def test_what_is_not_shopifys_word_for_this_shop_and_app_is_refused_without_detail(
    premises: Premises, market: Market
) -> None:
    now_s = int(market.clock.now().timestamp())
    other = "other-shop.myshopify.com"
    forged = {
        "another secret": id_token(market, secret="somebody-else-s-secret-of-some-length-0"),
        "no signature": id_token(market, algorithm="none"),
        "another app": id_token(market, aud="another-app"),
        "ended": id_token(market, exp=now_s - 60, nbf=now_s - 120, iat=now_s - 120),
        "another shop": id_token(market, iss=f"https://{other}/admin", dest=f"https://{other}"),
        "two shops": id_token(market, iss=f"https://{other}/admin"),
        "no shop": id_token(market, iss="https://shop.example/admin", dest="https://shop.example"),
        "no token": "not.a.token",
        "nothing": "",
    }
    answers = {name: await opened(premises, token) for name, token in forged.items()}
    assert {name: status for name, (status, *_) in answers.items()} == dict.fromkeys(forged, 302)
    assert len({(page, headers["Location"]) for _, page, headers in answers.values()}) == 1

    # A fetch is told to come again, in the same words whatever was wrong
    for name, token in forged.items():
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{premises.url}/shopify?shop={SHOPIFY_DOMAIN}"
        async with premises.session.get(url, headers=headers) as answer:
            assert (answer.status, await answer.text()) == (401, ""), name
            assert answer.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"
    assert await shop_of(premises) is None


async def test_a_page_without_a_good_token_is_sent_over_app_bridge_and_back(
    premises: Premises, market: Market
) -> None:
    _, _, headers = await opened(premises, id_token(market, exp=1, nbf=0, iat=0))
    async with premises.session.get(f"{premises.url}{headers['Location']}") as bounce:
        page, policy = await bounce.text(), bounce.headers["Content-Security-Policy"]
        reload = bounce.url.query["shopify-reload"]
    assert f'data-api-key="{market.shopify.client_id}"' in page
    assert "https://cdn.shopify.com/shopifycloud/app-bridge.js" in page
    assert f"frame-ancestors https://{SHOPIFY_DOMAIN} https://admin.shopify.com" in policy
    assert "id_token" not in reload

    # App Bridge loads what it is told, with a fresh token in the header
    fresh = {"Authorization": f"Bearer {id_token(market)}"}
    async with premises.session.get(f"{premises.url}{reload}", headers=fresh) as answer:
        assert (answer.status, "connected to Doorstep" in await answer.text()) == (200, True)


async def test_app_bridge_takes_an_id_token_to_no_other_page_than_the_apps(premises: Premises) -> None:
    elsewhere = "https://evil.example/?"
    base = f"{premises.url}/shopify?shop={SHOPIFY_DOMAIN}&shopify-reload={elsewhere}"
    async with premises.session.get(base) as bounce:
        assert (bounce.status, bounce.url.path) == (200, "/shopify/id-token")
        assert bounce.url.query.getall("shopify-reload") == [f"/shopify?shop={SHOPIFY_DOMAIN}"]
    for reloads in ([], [elsewhere], ["//evil.example/shopify?"], [elsewhere, "/shopify?"]):
        query = [("shop", SHOPIFY_DOMAIN), *(("shopify-reload", one) for one in reloads)]
        async with premises.session.get(f"{premises.url}/shopify/id-token", params=query) as bounce:
            assert bounce.status == 400


async def test_a_page_of_no_shop_is_no_page(premises: Premises, market: Market) -> None:
    for shop in ("", "shop.example", "evil.example/.myshopify.com", 'x"><script>.myshopify.com'):
        status, page, headers = await opened(premises, "", shop)
        assert (status, "frame-ancestors 'none'" in headers["Content-Security-Policy"]) == (400, True)
        assert "script" not in page
        async with premises.session.get(f"{premises.url}/shopify/id-token", params={"shop": shop}) as bounce:
            assert bounce.status == 400


async def test_while_the_secret_is_rotated_the_old_one_opens_too(premises: Premises, market: Market) -> None:
    await linked(premises, market)
    status, page, _ = await opened(premises, id_token(market, secret=OLD_SECRET))
    assert (status, "connected to Doorstep" in page) == (200, True)

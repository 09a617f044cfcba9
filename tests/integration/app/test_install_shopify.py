"""Shops that install our app: what happens when a merchant opens it in the shop's admin."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from connectors.stores.shopify.scopes import SCOPES
from doorstep.errors import InvalidInput
from doorstep.order import LinkStatus, Store, StorePlatform
from doorstep.secret import Secret
from gateway.bootstrap.authorizing import begin_authorization, claim_for_operator
from gateway.bootstrap.claims import CLAIM_LASTS
from gateway.bootstrap.tokens import StoreTokens
from gateway.store.accounts import all_merchants, store_behind_shop
from gateway.store.database import Database
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn
from tests.integration.app.market import SHOPIFY_DOMAIN, SHOPIFY_SECRET, Market
from tests.integration.app.premises import Premises, Tenant, open_premises

OLD_SECRET = "the-client-secret-of-the-app-before-it-was-rotated"
SHOPIFY = StorePlatform.SHOPIFY


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    """A gateway with an app that the simulated shop knows."""
    async with open_premises(
        dsn,
        tmp_path,
        market,
        shopify_client_id=market.shopify.client_id,
        shopify_client_secret=Secret(SHOPIFY_SECRET),
        shopify_client_secret_previous=Secret(OLD_SECRET),
        shopify_endpoint=f"{market.url}/shopify",
    ) as premises:
        yield premises


def id_token(market: Market, secret: str = SHOPIFY_SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """As Shopify gives it to the page; good for a minute."""
    now_s = int(market.clock.now().timestamp())
    good = {
        "iss": f"https://{SHOPIFY_DOMAIN}/admin",
        "dest": f"https://{SHOPIFY_DOMAIN}",
        "aud": market.shopify.client_id,
        "sub": "42",
        "exp": now_s + 60,
        "nbf": now_s,
        "iat": now_s,
        "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087",
        "sid": "aaea182f2732d44c23057c0fea584021a4485b2bd25d3eb7fd349313ad24c685",
    }
    return jwt.encode(good | claims, secret if algorithm == "HS256" else "", algorithm)


async def opened(premises: Premises, token: str, shop: str = SHOPIFY_DOMAIN) -> tuple[int, str, Any]:
    """The app's page as the shop's admin frames it: status, text and headers."""
    query = {"shop": shop, "host": "YWRtaW4", "embedded": "1", "id_token": token}
    url = f"{premises.url}/shopify"
    async with premises.session.get(url, params=query, allow_redirects=False) as page:
        return page.status, await page.text(), page.headers


async def visited(premises: Premises, url: str) -> tuple[int, str]:
    """A page as the merchant's browser loads it."""
    async with premises.session.get(url) as page:
        return page.status, await page.text()


async def shop_of(premises: Premises) -> Store | None:
    """The store that the simulated shop is, whosever."""
    async with premises.house.database.doors() as connection:
        store_id = await store_behind_shop(connection, SHOPIFY, SHOPIFY_DOMAIN)
        merchants = await all_merchants(connection)
    for merchant_id in merchants:
        async with premises.house.means.begin(merchant_id) as work:
            found = await work.accounts.store(store_id or "")
        if found is not None:
            return found
    return None


async def linked(premises: Premises, market: Market) -> Store:
    """The shop, after its merchant opened the app."""
    assert (await opened(premises, id_token(market)))[0] == 200
    store = await shop_of(premises)
    assert store is not None
    return store


async def order_ids(premises: Premises, merchant_id: str) -> list[str]:
    async with premises.house.means.begin(merchant_id) as work:
        (store,) = await work.accounts.stores()
        return [
            order.external_id
            for external_id in (order.gid for order in premises.market.shopify.orders)
            if (order := await work.orders.by_external_id(store.id, external_id))
        ]


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


async def test_a_shop_that_an_operator_announced_is_linked_to_its_merchant(
    premises: Premises, market: Market
) -> None:
    tenant = await premises.tenant()
    house = premises.house
    store, link = await claim_for_operator(house, tenant.merchant_id, SHOPIFY, "corner-shop", "Corner shop")
    assert (store.status, link) == (
        LinkStatus.PENDING,
        f"https://{SHOPIFY_DOMAIN}/admin/oauth/install?client_id={market.shopify.client_id}",
    )
    there = await linked(premises, market)
    assert (there.id, there.merchant_id, there.status) == (store.id, tenant.merchant_id, LinkStatus.CONNECTED)
    assert there.location_id == tenant.location_id


async def test_a_shop_that_a_merchant_announced_is_asked_before_they_see_anything(
    premises: Premises, market: Market
) -> None:
    # Given a merchant who says that a shop is theirs
    tenant = await premises.tenant("Mallory’s <shop>")
    store, _ = await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)
    _, page, _ = await opened(premises, id_token(market))
    assert "Mallory’s &lt;shop&gt;" in page
    assert (await pending(premises, tenant, store)).status is LinkStatus.PENDING

    # When nobody in the shop knows them
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page)[0]
    assert "No" in await answered(premises, ticket, "no")

    # Then they have nothing, and the page links the shop to an account of its own
    there = await linked(premises, market)
    assert there.merchant_id != tenant.merchant_id


async def test_a_claim_that_the_shop_confirms_is_linked(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    store, _ = await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)
    _, page, _ = await opened(premises, id_token(market))
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page)[0]
    forged = premises.house.vault.seal({"use": "another"}).decode()
    for wrong in ("", "made-up", forged):
        assert "did not work" in await answered(premises, wrong, "yes")
    assert "connected to Doorstep" in await answered(premises, ticket, "yes")
    there = await shop_of(premises)
    assert there is not None
    assert (there.id, there.status) == (store.id, LinkStatus.CONNECTED)
    # The buttons are good once.
    assert "did not work" in await answered(premises, ticket, "no")


async def test_a_claim_that_nobody_confirms_is_void_after_a_day(premises: Premises, market: Market) -> None:
    tenant = await premises.tenant()
    await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)
    await pass_time(premises, CLAIM_LASTS.total_seconds() + 1)
    assert (await linked(premises, market)).merchant_id != tenant.merchant_id


async def test_another_merchants_shop_cannot_be_claimed(premises: Premises, market: Market) -> None:
    await linked(premises, market)
    tenant = await premises.tenant()
    with pytest.raises(InvalidInput, match="linked already"):
        await begin_authorization(premises.house, tenant.merchant_id, SHOPIFY, SHOPIFY_DOMAIN)


async def test_the_apps_webhooks_are_verified_with_its_secret_and_the_one_before(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    for number, secret in enumerate((SHOPIFY_SECRET, OLD_SECRET)):
        body = json.dumps({"id": number}).encode()
        assert (await webhook(premises, body, secret, "orders/updated"))[0] == 200
    async with premises.house.database.tenant(store.merchant_id) as connection:
        assert len(list(await connection.execute(text("SELECT 1 FROM inbox")))) == 2
    assert (await webhook(premises, b'{"id":9}', "another-secret", "orders/updated"))[0] == 401


@pytest.mark.parametrize("topic", ["customers/data_request", "customers/redact", "shop/redact"])
async def test_compliance_webhooks_are_answered_for_shops_that_we_do_not_know(
    premises: Premises, topic: str
) -> None:
    body = json.dumps({"shop_id": 1, "shop_domain": SHOPIFY_DOMAIN}).encode()
    assert (await webhook(premises, body, SHOPIFY_SECRET, topic))[0] == 200
    assert (await webhook(premises, body, "another-secret", topic))[0] == 401
    assert (await webhook(premises, body, "", topic))[0] == 401


async def test_a_shop_that_removes_the_app_is_forgotten_and_known_again_when_it_comes_back(
    premises: Premises, market: Market
) -> None:
    # Given a shop that installed the app from Shopify, with the webhooks of the app's own configuration
    shop = market.shopify.installation
    shop.configure(f"{premises.url}/webhooks/shopify")
    status, _ = await visited(premises, shop.app_home_url(f"{premises.url}/shopify"))
    store = await shop_of(premises)
    assert store is not None
    assert (status, store.status) == (200, LinkStatus.CONNECTED)
    await premises.settle()

    # When its merchant takes the app out
    shop.uninstall()
    await premises.tick()

    # Then nothing that opens it is left, while its last webhooks are still believed
    gone = await shop_of(premises)
    assert gone is not None
    assert (gone.status, await credentials(premises, store)) == (LinkStatus.DISCONNECTED, {})
    assert (await webhook(premises, b'{"shop_id":1}', SHOPIFY_SECRET, "shop/redact"))[0] == 200

    # And when it comes back it is the same store
    shop.install()
    await visited(premises, shop.app_home_url(f"{premises.url}/shopify"))
    again = await shop_of(premises)
    assert again is not None
    assert (again.id, again.status) == (store.id, LinkStatus.CONNECTED)


async def test_scopes_that_are_taken_away_degrade_the_shop_until_they_are_granted_again(
    premises: Premises, market: Market
) -> None:
    shop = market.shopify.installation
    shop.configure(f"{premises.url}/webhooks/shopify")
    whole = set(market.shopify.scopes)
    await linked(premises, market)
    await premises.settle()
    shop.change_scopes(whole - {"read_locations"})
    await premises.tick()
    store = await shop_of(premises)
    assert store is not None
    assert store.status is LinkStatus.DEGRADED
    _, page, _ = await opened(premises, id_token(market))
    assert "read_locations" in page

    shop.change_scopes(whole)
    await premises.tick()
    assert "read_locations" not in (await opened(premises, id_token(market)))[1]
    store = await shop_of(premises)
    assert store is not None
    assert (store.status, "read_locations" in store.scopes) == (LinkStatus.CONNECTED, True)


async def test_twenty_tasks_of_two_gateways_renew_at_shopify_once(
    premises: Premises, market: Market, dsn: Dsn
) -> None:
    # Given a token that ends in a minute, and a second gateway on the same database
    store = await linked(premises, market)
    await premises.settle()
    house = premises.house
    assert house.shopify is not None
    other = Database(dsn.app, pool_size=4)
    transactions = Transactions(other, house.queue, house.vault, lambda _news: None)
    holders = [
        StoreTokens(place, house.shopify.refresh, house.clock, store.merchant_id, store.id)
        for place in (house.transactions, transactions)
    ]
    await pass_time(premises, 59 * 60)
    before = market.shopify.oauth.issued

    # When twenty tasks need it at once
    found = await asyncio.gather(*(holders[number % 2].current() for number in range(20)))
    await other.close()

    # Then one pair was given out, and everybody has it
    assert market.shopify.oauth.issued - before == 2
    assert len({token.reveal() for token in found}) == 1
    assert market.shopify.accepts_token(found[0].reveal())


async def test_an_answer_that_is_lost_costs_nothing_but_another_try(
    premises: Premises, market: Market
) -> None:
    store = await linked(premises, market)
    await premises.settle()
    await pass_time(premises, 2 * 3600)
    market.shopify.fail_next("cut_after")
    connector = await premises.house.links.store(store.merchant_id, store.id)
    assert await connector.locations()
    assert (await linked(premises, market)).status is LinkStatus.CONNECTED


def test_the_guide_asks_for_exactly_the_scopes_that_the_app_needs() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "install.md").read_text()
    assert re.findall(r'^\s+scopes = "([^"]+)"', guide, re.MULTILINE) == [",".join(SCOPES)]


async def pass_time(premises: Premises, seconds: float) -> None:
    """Until the gateway has noticed, too."""
    premises.market.clock.advance(seconds)
    while premises.house.clock.now() < premises.market.clock.now():
        await asyncio.sleep(0.01)


async def credentials(premises: Premises, store: Store) -> dict[str, str]:
    async with premises.house.transactions.begin_sql(store.merchant_id) as work:
        found = await work.accounts.store_credentials(store.id)
    return {name: secret.reveal() for name, secret in found.items()}


async def pending(premises: Premises, tenant: Tenant, store: Store) -> Store:
    async with premises.house.means.begin(tenant.merchant_id) as work:
        found = await work.accounts.store(store.id)
    assert found is not None
    return found


async def answered(premises: Premises, ticket: str, answer: str) -> str:
    """The page after somebody pressed a button."""
    form = {"ticket": ticket, "answer": answer}
    async with premises.session.post(f"{premises.url}/shopify/claim", data=form) as page:
        return await page.text()


async def webhook(premises: Premises, body: bytes, secret: str, topic: str) -> tuple[int, str]:
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOPIFY_DOMAIN,
        "X-Shopify-Webhook-Id": hashlib.sha256(topic.encode() + body).hexdigest(),
        "X-Shopify-Hmac-Sha256": signature,
    }
    return await premises.post("/webhooks/shopify", body, headers)

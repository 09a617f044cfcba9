"""Opening our app in a simulated shop's admin, as a merchant's browser does."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jwt

from doorstep.order import Store, StorePlatform
from doorstep.secret import Secret
from gateway.store.accounts import all_merchants, store_behind_shop
from tests.conftest import Dsn
from tests.integration.app.market import SHOPIFY_DOMAIN, SHOPIFY_SECRET, Market
from tests.integration.app.premises import Premises, Tenant, open_premises

OLD_SECRET = "the-client-secret-of-the-app-before-it-was-rotated"
SHOPIFY = StorePlatform.SHOPIFY


@asynccontextmanager
async def open_app_premises(dsn: Dsn, home: Path, market: Market) -> AsyncIterator[Premises]:
    """A gateway with an app that the simulated shop knows."""
    async with open_premises(
        dsn,
        home,
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


def ticket_on(page: str) -> str:
    """What goes along with the buttons."""
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def answered(premises: Premises, ticket: str, answer: str) -> tuple[int, str]:
    """What comes when somebody presses a button: status, and where to go on."""
    form, url = {"ticket": ticket, "answer": answer}, f"{premises.url}/shopify/claim"
    async with premises.session.post(url, data=form, allow_redirects=False) as page:
        return page.status, page.headers.get("Location", "")


async def webhook(premises: Premises, body: bytes, secret: str, topic: str) -> tuple[int, str]:
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOPIFY_DOMAIN,
        "X-Shopify-Webhook-Id": hashlib.sha256(topic.encode() + body).hexdigest(),
        "X-Shopify-Hmac-Sha256": signature,
    }
    return await premises.post("/webhooks/shopify", body, headers)

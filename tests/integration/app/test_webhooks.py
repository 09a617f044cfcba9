"""The doors that stores and carriers post to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from sqlalchemy import text

from gateway.bootstrap.accounts import add_store
from tests.conftest import Dsn
from tests.integration.app.market import (
    SHOPIFY_DOMAIN,
    SHOPIFY_SECRET,
    UBER_SIGNING_KEY,
    WOOCOMMERCE_WEBHOOK_SECRET,
    Market,
)
from tests.integration.app.outage import outage
from tests.integration.app.premises import Premises, Tenant
from webhooks.inbound.receiver import MAX_BODY_BYTES

NEIGHBOURS_SECRET = "the-webhook-secret-of-the-shop-next-door"
NEIGHBOURS_DOMAIN = "shop-next-door.myshopify.com"


def woocommerce_headers(body: bytes, secret: str) -> dict[str, str]:
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Delivery-ID": hashlib.sha256(body).hexdigest()[:32],
        "X-WC-Webhook-Signature": signature,
    }


def shopify_headers(body: bytes, secret: str, domain: str = SHOPIFY_DOMAIN) -> dict[str, str]:
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-Webhook-Id": hashlib.sha256(body).hexdigest(),
        "X-Shopify-Hmac-Sha256": signature,
    }


def uber_headers(body: bytes, key: str) -> dict[str, str]:
    return {"X-Uber-Signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


async def kept(premises: Premises, tenant: Tenant) -> list[str]:
    """Sources of the messages in the inbox."""
    async with premises.house.database.tenant(tenant.merchant_id) as connection:
        return list((await connection.execute(text("SELECT source FROM inbox ORDER BY id"))).scalars())


async def link_neighbour(premises: Premises, market: Market) -> tuple[Tenant, dict[str, str]]:
    """Another merchant with a shop on each platform; gives the ids of its stores."""
    neighbour = await premises.tenant("Shop next door")
    stores = {}
    for platform, name in (("woocommerce", "webhook_secret"), ("shopify", "client_secret")):
        url, credentials = market.store_credentials(platform)
        store, _ = await add_store(
            premises.house,
            neighbour.merchant_id,
            platform=platform.upper(),
            url=url if platform == "woocommerce" else f"https://{NEIGHBOURS_DOMAIN}",
            credentials=credentials | {name: NEIGHBOURS_SECRET},
            location_id=None,
            check=False,
        )
        stores[platform] = store.id
    return neighbour, stores


async def test_only_what_the_right_sender_signed_is_kept(premises: Premises, market: Market) -> None:
    # Given two merchants with a shop on each platform, and one courier account
    tenant = await premises.tenant()
    woocommerce = await premises.link_store(tenant, "woocommerce")
    shopify = await premises.link_store(tenant, "shopify")
    courier = await premises.link_courier(tenant)
    neighbour, stores = await link_neighbour(premises, market)
    order, event = b'{"id":7}', _uber_event("del_unknown")
    at_woocommerce, at_courier = f"/webhooks/stores/{woocommerce}", f"/webhooks/carriers/{courier}"
    good = {
        at_woocommerce: (order, woocommerce_headers(order, WOOCOMMERCE_WEBHOOK_SECRET)),
        "/webhooks/shopify": (order, shopify_headers(order, SHOPIFY_SECRET)),
        at_courier: (event, uber_headers(event, UBER_SIGNING_KEY)),
    }
    nobody = "sto_01jdm3y5x8e3s9v2k7q4c6b0an"
    stranger: list[tuple[str, bytes, Mapping[str, str]]] = [
        (at_woocommerce, order, {}),
        (at_woocommerce, order, {"X-WC-Webhook-Signature": "not base64 at all"}),
        (at_woocommerce, order + b" ", good[at_woocommerce][1]),
        (at_woocommerce, order, woocommerce_headers(order, "")),
        # Whoever knows one shop's secret opens that shop's door alone.
        (at_woocommerce, order, woocommerce_headers(order, NEIGHBOURS_SECRET)),
        (f"/webhooks/stores/{stores['woocommerce']}", *good[at_woocommerce]),
        (f"/webhooks/stores/{nobody}", *good[at_woocommerce]),
        ("/webhooks/shopify", order, {"X-Shopify-Shop-Domain": SHOPIFY_DOMAIN}),
        ("/webhooks/shopify", order, shopify_headers(order, NEIGHBOURS_SECRET)),
        ("/webhooks/shopify", order, shopify_headers(order, SHOPIFY_SECRET, NEIGHBOURS_DOMAIN)),
        ("/webhooks/shopify", order, shopify_headers(order, SHOPIFY_SECRET, "unlinked.myshopify.com")),
        ("/webhooks/shopify", order, {}),
        (at_courier, event, {}),
        (at_courier, event, uber_headers(event, SHOPIFY_SECRET)),
        (f"/webhooks/carriers/{woocommerce}", event, uber_headers(event, UBER_SIGNING_KEY)),
    ]

    # Then strangers are turned away, in the same words whether they know the address or not
    for path, body, headers in stranger:
        status, _ = await premises.post(path, body, headers)
        assert status == 401, (path, headers)
    assert (await kept(premises, tenant), await kept(premises, neighbour)) == ([], [])

    # And what is signed is kept once, however often it comes
    for path, (body, headers) in good.items():
        assert [(await premises.post(path, body, headers))[0] for _ in range(3)] == [200, 200, 200]
    assert sorted(await kept(premises, tenant)) == sorted([woocommerce, shopify, courier])
    assert await kept(premises, neighbour) == []

    # And WooCommerce's hello, which is never signed, is answered with the 200 that it needs
    assert (await premises.post(at_woocommerce, b"webhook_id=12"))[0] == 200
    assert len(await kept(premises, tenant)) == 3


async def test_a_message_longer_than_a_mebibyte_is_refused_before_it_is_read(
    premises: Premises,
) -> None:
    tenant = await premises.tenant()
    store = await premises.link_store(tenant, "woocommerce")
    body = b'{"id":7,"filler":"' + b"x" * MAX_BODY_BYTES + b'"}'
    headers = woocommerce_headers(body, WOOCOMMERCE_WEBHOOK_SECRET)
    assert (await premises.post(f"/webhooks/stores/{store}", body, headers))[0] == 413
    assert (await premises.post("/positions", body))[0] == 413
    assert await kept(premises, tenant) == []


async def test_what_comes_while_the_database_is_away_is_asked_for_again_and_then_worked_on(
    premises: Premises, market: Market, dsn: Dsn
) -> None:
    # Given an order whose webhook is on its way
    tenant = await premises.tenant()
    store = await premises.link_store(tenant, "woocommerce")
    order = market.order_at("woocommerce")
    body = json.dumps({"id": int(order)}).encode()
    headers = woocommerce_headers(body, WOOCOMMERCE_WEBHOOK_SECRET)
    path = f"/webhooks/stores/{store}"

    # When PostgreSQL takes no connections and ends those that there are, the worker's among them
    async with outage(dsn):
        assert (await premises.post(path, body, headers))[0] == 503
        assert (await premises.post("/positions/osmand?id=phone-1&lat=1&lon=1&timestamp=1", b""))[0] == 503
        async with premises.session.get(f"{premises.url}/health") as alive:
            assert alive.status == 200
        async with premises.session.get(f"{premises.url}/ready") as ready:
            assert ready.status == 503
            (database, *_) = (await ready.json())["checks"]
        assert (database["passed"], database["fault"]) == (False, "database_away")

    # Then it is taken when it comes again, and a worker is there to work on it
    assert (await premises.post(path, body, headers))[0] == 200
    await premises.settle()
    data = await premises.ask("{ orders { nodes { externalId } } }", tenant.secret_key)
    assert data["orders"]["nodes"] == [{"externalId": order}]


def _uber_event(delivery_id: str) -> bytes:
    return json.dumps(
        {
            "kind": "event.delivery_status",
            "id": "evt_1",
            "delivery_id": delivery_id,
            "status": "pickup",
            "created": "2026-11-23T15:00:00Z",
            "data": {"id": delivery_id, "status": "pickup"},
        }
    ).encode()

"""Shopify's compliance webhooks, from the wire to the last table."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from gateway.flow.records import PrivacyStatus
from tests.conftest import Dsn
from tests.integration.app.market import HOME, SHOPIFY_DOMAIN, SHOPIFY_SECRET, Market
from tests.integration.app.premises import Premises, Tenant
from tests.integration.flow.canaries import sightings

WHO = tuple(text.lower() for text in (HOME.name, HOME.line1, HOME.phone_raw, HOME.email, HOME.postal_code))


async def _post(premises: Premises, topic: str, payload: dict[str, Any], secret: str = SHOPIFY_SECRET) -> int:
    body = json.dumps({"shop_id": 1, "shop_domain": SHOPIFY_DOMAIN, **payload}).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": SHOPIFY_DOMAIN,
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Event-Id": f"event-{topic}",
        "X-Shopify-Webhook-Id": f"webhook-{topic}",
    }
    status, _ = await premises.post("/webhooks/shopify", body, headers)
    await premises.settle()
    return status


def _shopper(order_gid: str, orders: str) -> dict[str, Any]:
    customer = {"id": 7, "email": HOME.email, "phone": HOME.phone_raw}
    return {"customer": customer, orders: [int(order_gid.rpartition("/")[2])]}


@pytest.fixture
async def tenant(premises: Premises, market: Market) -> Tenant:
    """A merchant with a Shopify shop in which Quentin has ordered; nobody carries it yet."""
    tenant = await premises.tenant()
    await premises.link_store(tenant, "shopify")
    return tenant


async def _ordered(premises: Premises, market: Market, tenant: Tenant) -> str:
    order = market.order_at("shopify")
    await premises.tick()
    await premises.tick()
    shown = await premises.ask("{ orders { nodes { id destination { address1 } } } }", tenant.secret_key)
    assert [node["destination"]["address1"] for node in shown["orders"]["nodes"]] == [HOME.line1]
    return order


async def test_a_redacted_shopper_is_nowhere_not_even_in_the_webhook_that_asked_for_it(
    premises: Premises, market: Market, tenant: Tenant, dsn: Dsn
) -> None:
    order = await _ordered(premises, market, tenant)
    assert await sightings(dsn.app, tenant.merchant_id, WHO) != set()
    assert await _post(premises, "customers/redact", _shopper(order, "orders_to_redact")) == 200
    assert await sightings(dsn.app, tenant.merchant_id, WHO) == set()
    shown = await premises.ask(
        "{ orders { nodes { destination { address1 } needsPersonalData } } }", tenant.secret_key
    )
    assert shown["orders"]["nodes"] == [{"destination": None, "needsPersonalData": True}]
    assert await _post(premises, "customers/redact", _shopper(order, "orders_to_redact")) == 200
    assert await sightings(dsn.app, tenant.merchant_id, WHO) == set(), "nor after the same webhook again"


async def test_a_redacted_shop_is_nowhere_and_its_link_is_cut(
    premises: Premises, market: Market, tenant: Tenant, dsn: Dsn
) -> None:
    await _ordered(premises, market, tenant)
    assert await _post(premises, "shop/redact", {}) == 200
    assert await sightings(dsn.app, tenant.merchant_id, WHO) == set()
    stores = await premises.ask("{ stores { nodes { status } } }", tenant.secret_key)
    assert stores["stores"]["nodes"] == [{"status": "DISCONNECTED"}]


async def test_a_data_request_waits_and_the_merchant_is_told(
    premises: Premises, market: Market, tenant: Tenant
) -> None:
    order = await _ordered(premises, market, tenant)
    payload = {**_shopper(order, "orders_requested"), "data_request": {"id": 9}}
    assert await _post(premises, "customers/data_request", payload) == 200
    async with premises.house.means.begin(tenant.merchant_id) as work:
        (request,) = await work.privacy_requests.waiting()
    assert (request.status, request.external_id, len(request.order_ids)) == (PrivacyStatus.WAITING, "9", 1)
    shown = await premises.ask("{ deliveryExceptions { nodes { title evidence } } }", tenant.secret_key)
    texts = [node for node in shown["deliveryExceptions"]["nodes"] if request.id in node["evidence"]]
    assert [node["title"] for node in texts] == ["A shopper asks what is known of them"]


async def test_a_forged_one_is_401_and_changes_nothing(
    premises: Premises, market: Market, tenant: Tenant, dsn: Dsn
) -> None:
    order = await _ordered(premises, market, tenant)
    forged = _shopper(order, "orders_to_redact")
    assert await _post(premises, "customers/redact", forged, secret="somebody-elses-secret") == 401
    assert await sightings(dsn.app, tenant.merchant_id, WHO) != set()

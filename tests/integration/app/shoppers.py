"""What a shopper's browser asks of the gateway: with a session token, and through the shop's app proxy."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import jwt
from yarl import URL

from tests.integration.app.market import SHOPIFY_DOMAIN, SHOPIFY_SECRET, Market
from tests.integration.app.premises import Premises


def session_token(market: Market, secret: str = SHOPIFY_SECRET, **claims: Any) -> str:
    """As Shopify gives it to an extension of the checkout; good for five minutes."""
    now_s = int(market.clock.now().timestamp())
    good = {
        "dest": SHOPIFY_DOMAIN,
        "aud": market.shopify.client_id,
        "exp": now_s + 300,
        "nbf": now_s,
        "iat": now_s,
        "jti": "6c992878-dbaf-48d1-bb9d-6d9b59814fd1",
    }
    return jwt.encode(good | claims, secret, "HS256")


async def asked_by_token(
    premises: Premises, token: str, order: str, confirmation: str = "", language: str = "en"
) -> tuple[int, Any, Any]:
    """Status, JSON and headers, as an extension gets them."""
    query = {"order": order} | ({"confirmation": confirmation} if confirmation else {})
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": language, "Origin": "null"}
    url = f"{premises.url}/shopify/tracking"
    async with premises.session.get(url, params=query, headers=headers) as answer:
        return answer.status, await answer.json(), answer.headers


def proxied(market: Market, secret: str = SHOPIFY_SECRET, age_s: int = 0, **more: str) -> str:
    """The query of a call through the app proxy, signed as Shopify signs it."""
    parameters = {
        "shop": SHOPIFY_DOMAIN,
        "logged_in_customer_id": "",
        "path_prefix": "/apps/doorstep",
        "timestamp": str(int(market.clock.now().timestamp()) - age_s),
    } | more
    message = "".join(sorted(f"{name}={value}" for name, value in parameters.items()))
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode(parameters | {"signature": digest})


async def asked_by_proxy(
    premises: Premises, query: str, order: str, contact: str, visitor: str = "203.0.113.7"
) -> tuple[int, Any, Any]:
    """Status, JSON and headers, as the block of a theme gets them."""
    body = json.dumps({"order": order, "contact": contact}).encode()
    headers = {"Content-Type": "application/json", "X-Forwarded-For": f"{visitor}, 198.51.100.1"}
    url = f"{premises.url}/shopify/proxy/tracking?{query}"
    async with premises.session.post(_exactly(url), data=body, headers=headers) as answer:
        return answer.status, await answer.json(), answer.headers


async def posted_form(premises: Premises, query: str, order: str, contact: str) -> tuple[int, str, Any]:
    """Status, text and headers, as a browser without scripts gets them."""
    url = _exactly(f"{premises.url}/shopify/proxy/track?{query}")
    form = {"order": order, "contact": contact}
    async with premises.session.post(url, data=form, allow_redirects=False) as answer:
        return answer.status, await answer.text(), answer.headers


def _exactly(url: str) -> URL:
    """As it was signed, not as the client would write it."""
    return URL(url, encoded=True)

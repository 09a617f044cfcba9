"""Shopify's id tokens: who opened the app, signed with the app's client secret (JWT, HS256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

LIFE_S = 60
"""Seconds that an id token is good for."""


def id_token(*, shop: str, client_id: str, client_secret: str, user: int, unique: str, now: datetime) -> str:
    """Mint one, as the merchant's browser carries it to the app."""
    issued = int(now.timestamp())
    claims = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": client_id,
        "sub": str(user),
        "exp": issued + LIFE_S,
        "nbf": issued,
        "iat": issued,
        "jti": unique,
        "sid": hashlib.sha256(f"{shop}{user}".encode()).hexdigest(),
    }
    head = _encode({"alg": "HS256", "typ": "JWT"})
    body = f"{head}.{_encode(claims)}"
    return f"{body}.{_sign(client_secret, body)}"


def is_genuine(token: str, *, shop: str, client_id: str, client_secret: str, now: datetime) -> bool:
    """Whether the shop minted this token for this app, no longer than a minute ago."""
    body, _, signed = token.rpartition(".")
    if not hmac.compare_digest(_sign(client_secret, body), signed):
        return False
    try:
        claims: Mapping[str, Any] = json.loads(_decode(body.partition(".")[2]))
    except ValueError:
        return False
    return (
        claims.get("aud") == client_id
        and claims.get("dest") == f"https://{shop}"
        and int(claims.get("nbf", 0)) <= now.timestamp() < int(claims.get("exp", 0))
    )


def query_signature(client_secret: str, parameters: Mapping[str, str]) -> str:
    """The `hmac` of a query that Shopify opens the app with: hexadecimal, over the sorted parameters."""
    text = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    return hmac.new(client_secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _sign(secret: str, body: str) -> str:
    digest = hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _encode(part: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

"""Shoppers who ask for their orders: session tokens of extensions, and calls through the app proxy. Pure.

The rules are those of Shopify's documentation of November 2026 and of its own library (shopifyapp 1.0.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

import jwt

from connectors.stores.shopify.link import is_shop
from connectors.stores.shopify.visitors import is_signed, read_claims, require_present
from doorstep.errors import BadSignature
from doorstep.secret import Secret

# A token of the admin has more: here nobody issues it and most shoppers have no account.
_REQUIRED = ("dest", "aud", "exp")
_CUSTOMER = "gid://shopify/Customer/"
_OURS_ALONE = frozenset({"shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature"})
_FRESH_S = 90.0
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody on a page of a shop, as Shopify vouches for.

    Attributes
    ----------
    shop
        "<shop>.myshopify.com".
    customer_id
        Shopify's number of the person; "" for somebody who is not logged in.
    path_prefix
        Where the app proxy is in the shop, "/apps/doorstep"; "" for a session token.
    """

    shop: str
    customer_id: str = ""
    path_prefix: str = ""


def read_session_token(token: str, client_id: str, secrets: Sequence[Secret], now: datetime) -> Shopper:
    """Verify the session token of a checkout or customer account extension.

    Parameters
    ----------
    client_id
        "" where the secret alone says which app it is: a shop's own has no other shop.

    Raises
    ------
    BadSignature
        If it is forged, for another app, of no shop, or its time is not now.
    """
    claims = read_claims(token, client_id, secrets, _REQUIRED)
    require_present(claims, now)
    shop = _shop(claims["dest"])
    subject = claims.get("sub")
    named = subject if isinstance(subject, str) and subject.startswith(_CUSTOMER) else ""
    return Shopper(shop, _number(named.removeprefix(_CUSTOMER)))


def read_proxy_call(query: str, secrets: Sequence[Secret], now: datetime) -> Shopper:
    """Verify the query that Shopify's app proxy sent; the body is not signed.

    Parameters
    ----------
    query
        As it came, without the question mark.

    Raises
    ------
    BadSignature
        If nobody we know signed it, more than 90 seconds from now, or what Shopify adds is there twice.
    """
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query[:_LONGEST], keep_blank_values=True):
        values.setdefault(name, []).append(value)
    if any(len(values.get(name, ())) > 1 for name in _OURS_ALONE):
        raise BadSignature("The call through the app proxy names something twice.")
    (given,) = values.pop("signature", [""])
    message = "".join(sorted(f"{name}={','.join(several)}" for name, several in values.items())).encode()
    if not any(is_signed(message, given, secret) for secret in secrets):
        raise BadSignature("The call through the app proxy is not signed by Shopify.")
    first = {name: several[0] for name, several in values.items()}
    timestamp = first.get("timestamp", "")
    is_fresh = timestamp.isdecimal() and abs(now.timestamp() - int(timestamp)) <= _FRESH_S
    if not is_fresh:
        raise BadSignature("The call through the app proxy was signed too long ago.")
    customer_id = _number(first.get("logged_in_customer_id", ""))
    return Shopper(_shop(first.get("shop")), customer_id, first.get("path_prefix", ""))


def _shop(text: object) -> str:
    domain = text.removeprefix("https://") if isinstance(text, str) else ""
    if not is_shop(domain):
        raise BadSignature("What Shopify signed is of no shop.")
    return domain


def _number(text: str) -> str:
    return text if text.isascii() and text.isdecimal() and len(text) <= 20 else ""


def read_claimed_shop(token: str) -> str:
    """The shop that a session token names, unproven; "" where it names none."""
    try:
        claims = jwt.decode(token[:_LONGEST], options={"verify_signature": False})
        return _shop(claims.get("dest"))
    except (jwt.PyJWTError, ValueError, BadSignature):
        return ""

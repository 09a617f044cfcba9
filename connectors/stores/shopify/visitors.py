"""Who opens the app: Shopify's id tokens and signed addresses, checked. Pure.

The rules are those of Shopify's own library (ShopifyAPI 12.7, `session_token` and `Session.validate_params`),
with the time handed in, an end required of every token, and the secret before a rotation accepted as well.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from connectors.stores.shopify.link import is_shop
from doorstep.errors import BadSignature, InvalidInput
from doorstep.secret import Secret

_REQUIRED = ["iss", "dest", "sub", "jti", "sid", "exp", "aud"]
# Clocks differ, and the admin often sends tokens whose time has not quite come.
_LEEWAY_S = 10.0
_SIGNED_FOR_S = 24 * 3600.0
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has proven to come from a shop's admin.

    Attributes
    ----------
    shop
        "<shop>.myshopify.com".
    user_id
        Shopify's number of the person.
    """

    shop: str
    user_id: str


def read_id_token(token: str, client_id: str, secrets: Sequence[Secret], now: datetime) -> Visitor:
    """Verify an id token (also called session token).

    Parameters
    ----------
    secrets
        Any of these may have signed it.

    Raises
    ------
    BadSignature
        If it is forged, for another app, of no shop, or its time is not now; the message says which.
    """
    claims = read_claims(token, client_id, secrets, _REQUIRED)
    require_present(claims, now)
    issuer, destination = _host(claims["iss"]), _host(claims["dest"])
    if not is_shop(issuer) or issuer != destination:
        raise BadSignature("The id token is not of a shop.")
    if not isinstance(claims["sub"], str):
        raise BadSignature("The id token names nobody.")
    return Visitor(issuer, claims["sub"])


def read_home_shop(query: str) -> str:
    """The shop that a page of the app is opened for; anybody can write it.

    Raises
    ------
    InvalidInput
        If it is absent, there twice, or no permanent domain of a shop.
    """
    shops = [value for name, value in _pairs(query) if name == "shop"]
    if len(shops) != 1 or not is_shop(shops[0]):
        raise InvalidInput("The address does not name a shop ending in .myshopify.com.", path=("shop",))
    return shops[0]


def read_signed_shop(query: str, secrets: Sequence[Secret], now: datetime) -> str:
    """The shop of an address that Shopify has signed within the last 24 hours.

    Parameters
    ----------
    query
        The query of the address as it came, without the question mark.

    Raises
    ------
    BadSignature
        If nobody we know signed it, or too long ago.
    InvalidInput
        As `read_home_shop`.
    """
    pairs = _pairs(query)
    given = [value for name, value in pairs if name == "hmac"]
    message = _message(pairs).encode()
    if len(given) != 1 or not any(is_signed(message, given[0], secret) for secret in secrets):
        raise BadSignature("The address is not signed by Shopify.")
    try:
        signed_s = float(dict(pairs).get("timestamp", ""))
    except ValueError:
        signed_s = -math.inf
    if not abs(now.timestamp() - signed_s) <= _SIGNED_FOR_S:
        raise BadSignature("The address was signed too long ago; open the app again.")
    return read_home_shop(query)


def read_claims(
    token: str, client_id: str, secrets: Sequence[Secret], required: Sequence[str]
) -> Mapping[str, Any]:
    """What a token says that one of these secrets signed for the app; its times are not looked at yet.

    Parameters
    ----------
    client_id
        "" where the secret alone says which app it is.

    Raises
    ------
    BadSignature
        If it is forged, for another app, or lacks one of the required claims.
    """
    if len(token) > _LONGEST:
        raise BadSignature("The id token is too long to be one.")
    for secret in secrets:
        try:
            return jwt.decode(
                token,
                secret.reveal(),
                algorithms=["HS256"],
                audience=client_id or None,
                # The times are checked by the clock that is handed in.
                options={
                    "require": list(required),
                    "verify_aud": bool(client_id),
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidAudienceError:
            raise BadSignature("The id token is for another app.") from None
        except (jwt.PyJWTError, ValueError):
            raise BadSignature("The id token is none, or lacks something.") from None
    raise BadSignature("The id token is not signed by Shopify.")


def require_present(claims: Mapping[str, Any], now: datetime) -> None:
    """Raise `BadSignature` unless the token's time is now; clocks may differ by ten seconds."""
    now_s = now.timestamp()
    ends_s, begins_s = claims["exp"], claims.get("nbf", 0)
    if not _is_number(ends_s) or not _is_number(begins_s) or not _is_number(claims.get("iat", 0)):
        raise BadSignature("The id token has a time that is none.")
    if now_s >= ends_s + _LEEWAY_S:
        raise BadSignature("The id token has ended; load the page again.")
    if now_s < max(begins_s, claims.get("iat", 0)) - _LEEWAY_S:
        raise BadSignature("The id token's time has not come: the clock here or Shopify's is wrong.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _host(address: object) -> str:
    """The host of an https address with nothing else before its path; "" for any other value."""
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
    except ValueError:
        return ""
    return parts.netloc if parts.scheme == "https" else ""


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query[:_LONGEST], keep_blank_values=True)


def _message(pairs: Sequence[tuple[str, str]]) -> str:
    """What Shopify signs: the other parameters, sorted, with the delimiters in them escaped."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name != "hmac":
            values.setdefault(name, []).append(value)
    parts = []
    for name, several in values.items():
        is_list = name.endswith("[]")
        value = json.dumps(several) if is_list else several[-1]
        key = name.removesuffix("[]").replace("%", "%25").replace("=", "%3D")
        parts.append(f"{key}={value.replace('%', '%25')}".replace("&", "%26"))
    return "&".join(sorted(parts))


def is_signed(message: bytes, given: str, secret: Secret) -> bool:
    """Whether a secret made this signature, in hexadecimal; in constant time."""
    digest = hmac.new(secret.reveal().encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(digest.encode(), given.encode())

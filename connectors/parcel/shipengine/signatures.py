"""ShipEngine's own signature over its webhooks: RSA with SHA-256, and a key out of its JWKS.

The headers' names are ShipEngine's documentation of 2026; what is signed, the timestamp, a point and the raw
body, was seen in public integrations, which agree.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from doorstep.errors import BadSignature
from doorstep.json_reading import Json, children, text

KEY_ID = "x-shipengine-rsa-sha256-key-id"
SIGNATURE = "x-shipengine-rsa-sha256-signature"
TIMESTAMP = "x-shipengine-timestamp"

STALE_AFTER = timedelta(minutes=5)
"""ShipEngine's documentation advises it."""

_FEWEST_BITS = 2048
_MILLISECONDS_FROM = 10**11


def key_set(secret: str) -> Json | None:
    """A JWKS as ShipEngine publishes it, None where the text is none."""
    if not secret.lstrip().startswith("{"):
        return None
    try:
        parsed: object = json.loads(secret)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def verify_rsa(key_sets: Sequence[Json], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Check that ShipEngine signed these bytes, and lately.

    Raises
    ------
    BadSignature
        If a header is missing, the timestamp is more than five minutes off, no set has the key, or it
        signed something else.
    """
    timestamp = headers.get(TIMESTAMP, "")
    if abs(now - _instant(timestamp)) > STALE_AFTER:
        raise BadSignature("the signature is more than five minutes old")
    try:
        signature = base64.b64decode(headers.get(SIGNATURE, "").encode(), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("the signature header is not base64") from None
    message = timestamp.encode() + b"." + body
    key_id = headers.get(KEY_ID, "")
    keys = [
        jwk for keys in key_sets for jwk in children(keys, "keys") if key_id and text(jwk, "kid") == key_id
    ]
    if not any(_signed(jwk, signature, message) for jwk in keys):
        raise BadSignature("none of ShipEngine's keys that are kept here made the signature")


def _signed(jwk: Json, signature: bytes, message: bytes) -> bool:
    key = _public_key(jwk)
    if key is None:
        return False
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _public_key(jwk: Json) -> RSAPublicKey | None:
    if text(jwk, "kty") != "RSA":
        return None
    try:
        modulus, exponent = _number(text(jwk, "n")), _number(text(jwk, "e"))
        key = RSAPublicNumbers(exponent, modulus).public_key()
    except (binascii.Error, ValueError):
        return None
    return key if key.key_size >= _FEWEST_BITS else None


def _number(digits: str) -> int:
    padded = digits + "=" * (-len(digits) % 4)
    return int.from_bytes(base64.urlsafe_b64decode(padded.encode()))


def _instant(timestamp: str) -> datetime:
    """ISO 8601 as in public integrations, or seconds or milliseconds since 1970."""
    try:
        if timestamp.isdecimal():
            count = int(timestamp)
            return datetime.fromtimestamp(count / 1000 if count >= _MILLISECONDS_FROM else count, UTC)
        at = datetime.fromisoformat(timestamp)
    except (ValueError, OverflowError, OSError):
        raise BadSignature("the signature's timestamp is missing or cannot be read") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)

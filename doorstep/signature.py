"""Signatures over the raw bytes of a message, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

from doorstep.errors import BadSignature
from doorstep.secret import Secret


def hmac_sha256(secret: Secret, body: bytes) -> bytes:
    """HMAC-SHA256 of the raw body.

    Raises
    ------
    BadSignature
        If the secret is empty: anyone can sign with an empty key, so an unset secret closes the door.
    """
    if not secret:
        raise BadSignature("no secret is configured for this webhook, so nothing can be verified")
    return hmac.new(secret.reveal().encode(), body, hashlib.sha256).digest()


def verify_base64(secrets: Iterable[Secret], body: bytes, given: str) -> None:
    """Check a base64 signature (Shopify, WooCommerce) against every secret in rotation.

    Raises
    ------
    BadSignature
        If none of them made it.
    """
    try:
        signature = base64.b64decode(given.encode(), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("the signature header is missing or not base64") from None
    _verify(secrets, body, signature)


def verify_hex(secrets: Iterable[Secret], body: bytes, given: str) -> None:
    """Check a hexadecimal signature (Uber Direct, EasyPost) against every secret in rotation.

    Raises
    ------
    BadSignature
        If none of them made it.
    """
    try:
        signature = bytes.fromhex(given)
    except ValueError:
        raise BadSignature("the signature header is missing or not hexadecimal") from None
    _verify(secrets, body, signature)


def _verify(secrets: Iterable[Secret], body: bytes, signature: bytes) -> None:
    # Every secret is tried even after a match, so that the time does not tell which one it was.
    matches = [hmac.compare_digest(hmac_sha256(secret, body), signature) for secret in secrets]
    if not any(matches):
        raise BadSignature("the signature does not match the body")

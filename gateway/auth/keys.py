"""API keys: made, recognised without a look-up, hashed, compared.

`sk_live_` + 43 characters of randomness + 6 characters of checksum. The checksum tells a typo or a key cut
short from an unknown key, offline; it protects against nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from doorstep.errors import InvalidInput
from doorstep.secret import Secret
from gateway.auth import base62
from gateway.auth.caller import Audience

PREFIXES = {
    Audience.SECRET: "sk_live_",
    Audience.PUBLISHABLE: "pk_live_",
    Audience.DRIVER: "dk_live_",
}
"""Audience -> how its keys begin. Tracking tokens are signed, not stored: see `tokens`."""

_RANDOM_BYTES = 32
_CHECKSUM_BYTES = 4
_BODY_WIDTH = base62.width_of(_RANDOM_BYTES)
_CHECKSUM_WIDTH = base62.width_of(_CHECKSUM_BYTES)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at the only time that anyone sees it whole.

    Attributes
    ----------
    key
        Shown once to whoever asked for it.
    digest
        32 bytes, what is stored and looked up.
    hint
        "sk_live_…4f2a", what people recognise it by.
    """

    key: Secret
    digest: bytes
    hint: str


def create_key(audience: Audience, *, randomness: Callable[[int], bytes] = os.urandom) -> NewKey:
    """Make a key of 256 random bits.

    Raises
    ------
    InvalidInput
        If the audience has no keys (TRACKING).
    """
    prefix = PREFIXES.get(audience)
    if prefix is None:
        message = f"there are no keys for {audience.value}; tracking links get a token instead"
        raise InvalidInput(message, path=("audience",))
    body = prefix + base62.encode(randomness(_RANDOM_BYTES))
    text = body + _checksum(body)
    return NewKey(Secret(text), hash_key(text), hint(text))


def audience_of(text: str) -> Audience | None:
    """Whose kind of key this is; None where it is no key of ours or was mistyped."""
    for audience, prefix in PREFIXES.items():
        if text.startswith(prefix) and _is_complete(text, prefix):
            return audience
    return None


def hash_key(text: str) -> bytes:
    """SHA-256 of a key, 32 bytes.

    A slow hash defends guessable passwords. A key of 256 random bits cannot be guessed at any speed, and a
    fast hash is what lets every request be looked up by it.
    """
    return hashlib.sha256(text.encode()).digest()


def verify_key(text: str, digest: bytes) -> bool:
    """Whether the key has this stored digest; takes the same time for every wrong key."""
    return hmac.compare_digest(hash_key(text), digest)


def hint(text: str) -> str:
    """The prefix and the last four characters, "sk_live_…4f2a"; "…" where it is no key of ours."""
    audience = audience_of(text)
    return "…" if audience is None else f"{PREFIXES[audience]}…{text[-4:]}"


def _is_complete(text: str, prefix: str) -> bool:
    if len(text) != len(prefix) + _BODY_WIDTH + _CHECKSUM_WIDTH or not text.isascii():
        return False
    body, checksum = text[:-_CHECKSUM_WIDTH], text[-_CHECKSUM_WIDTH:]
    return _checksum(body) == checksum


def _checksum(body: str) -> str:
    return base62.encode(zlib.crc32(body.encode()).to_bytes(_CHECKSUM_BYTES))

"""Tracking tokens: signed, expiring, and short enough for a link in a text message.

73 letters and digits stand for 54 bytes: format, key version, expiry, merchant, delivery, and the first 16
bytes of an HMAC-SHA256 over all of it. (A JWT with the same content has about 270 characters.)
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from doorstep.clock import Clock
from doorstep.errors import InvalidInput, TokenRejected
from doorstep.ids import prefix_of
from doorstep.secret import Secret
from gateway.auth import base62
from gateway.auth.key_material import derive, require_strong

_FORMAT = 1
_CONTENT = struct.Struct(">BBI16s16s")
_TAG_BYTES = 16
_TOKEN_BYTES = _CONTENT.size + _TAG_BYTES
_LATEST_EXPIRY_S = 2**32 - 1
_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class TrackingGrant:
    """What a good token opens: one delivery of one merchant, until it ends."""

    merchant_id: str
    delivery_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _SigningKey:
    key: bytes
    version: int

    def tag(self, content: bytes) -> bytes:
        return hmac.new(self.key, content, hashlib.sha256).digest()[:_TAG_BYTES]


class TrackingTokens:
    """Issues and reads tracking tokens.

    Parameters
    ----------
    secrets
        At least one, of 32 characters or more each. The first signs, all verify: to rotate, put the new one
        in front and drop the old one when its last token has ended.
    """

    def __init__(self, secrets: Sequence[Secret], clock: Clock) -> None:
        self._keys = tuple(_signing_key(secret) for secret in require_strong(secrets, "tracking secret"))
        self._clock = clock

    def issue(self, merchant_id: str, delivery_id: str, lifetime_s: int) -> tuple[str, datetime]:
        """Sign a token; answers it and when it ends. Whoever has it sees the delivery: keep it out of logs.

        Raises
        ------
        InvalidInput
            If an id is not of its kind, or the lifetime is not positive.
        """
        expires_s = int(self._clock.now().timestamp()) + lifetime_s
        if lifetime_s <= 0 or expires_s > _LATEST_EXPIRY_S:
            raise InvalidInput("lifetime_s must be positive and end before 2106", path=("lifetime_s",))
        expires_at = datetime.fromtimestamp(expires_s, UTC)
        return self.until(merchant_id, delivery_id, expires_at), expires_at

    def until(self, merchant_id: str, delivery_id: str, expires_at: datetime) -> str:
        """The token that ends at that second: the same whenever it is asked for, as long as the key is."""
        expires_s = int(expires_at.timestamp())
        signer = self._keys[0]
        content = _CONTENT.pack(
            _FORMAT,
            signer.version,
            expires_s,
            _pack_id(merchant_id, "mer", "merchant_id"),
            _pack_id(delivery_id, "del", "delivery_id"),
        )
        return base62.encode(content + signer.tag(content))

    def read(self, token: str) -> TrackingGrant:
        """Understand a token that we signed and that has not ended.

        Raises
        ------
        TokenRejected
            If it is not ours, or has ended; then with `expired_at`. An end is told only of a token that we
            signed.
        """
        try:
            raw = base62.decode(token, _TOKEN_BYTES)
        except ValueError:
            raise TokenRejected("this tracking token is incomplete or was never issued") from None
        content, tag = raw[: _CONTENT.size], raw[_CONTENT.size :]
        token_format, version, expires_s, merchant, delivery = _CONTENT.unpack(content)
        # Every key of that version is tried, so that the time does not tell which one it was.
        candidates = [key for key in self._keys if key.version == version]
        matches = [hmac.compare_digest(key.tag(content), tag) for key in candidates]
        if token_format != _FORMAT or not any(matches):
            raise TokenRejected("this tracking token is incomplete or was never issued")
        expires_at = datetime.fromtimestamp(expires_s, UTC)
        if self._clock.now() >= expires_at:
            raise TokenRejected("this tracking token has ended; ask for a new link", expired_at=expires_at)
        return TrackingGrant(_unpack_id(merchant, "mer"), _unpack_id(delivery, "del"), expires_at)


def _signing_key(secret: Secret) -> _SigningKey:
    # The version is read off the secret, so that nobody has to number secrets; two of one version both work.
    return _SigningKey(derive(secret, "doorstep/tracking/1"), derive(secret, "doorstep/tracking/version")[0])


def _pack_id(text: str, prefix: str, field: str) -> bytes:
    if prefix_of(text) != prefix:
        raise InvalidInput(f"{field} must be an id that begins with {prefix}_", path=(field,))
    value = 0
    for character in text.partition("_")[2]:
        value = value << 5 | _ID_ALPHABET.index(character)
    if value >> 128:
        raise InvalidInput(f"{field} is larger than any id", path=(field,))
    return value.to_bytes(16)


def _unpack_id(raw: bytes, prefix: str) -> str:
    value = int.from_bytes(raw)
    return f"{prefix}_" + "".join(_ID_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))

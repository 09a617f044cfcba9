"""The keys that the simulated ShipEngine signs its webhooks with, and shows as a JWKS."""

from __future__ import annotations

import base64
import functools
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

# Seen in public integrations; it signs no webhooks.
_OTHER_KIND = {"kty": "EC", "use": "sig", "alg": "ES256", "kid": "simulated-ec", "crv": "P-256"}


@functools.cache
def _key(place: int) -> RSAPrivateKey:
    """The first, second, … key of this process; making one takes a while."""
    del place
    return generate_private_key(65_537, 2048)


class Keyring:
    """Two keys at a time: the one that signs, and the one that will after the next rotation."""

    def __init__(self) -> None:
        self.times_shown = 0
        self._current = 0
        self._is_hidden = False

    def hide(self) -> None:
        """Show nobody any keys any more."""
        self._is_hidden = True

    def rotate(self) -> None:
        """Sign with the next key, and show one more."""
        self._current += 1

    def jwks(self) -> dict[str, object]:
        """What anybody may see; a key of another kind stands among them, as it does at ShipEngine."""
        self.times_shown += 1
        if self._is_hidden:
            return {}
        return {"keys": [_OTHER_KIND, _jwk(self._current), _jwk(self._current + 1)]}

    def sign(self, body: bytes) -> dict[str, str]:
        """The headers of a message, of this moment of the machine's clock, whatever time the world has."""
        timestamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = timestamp.encode() + b"." + body
        signature = _key(self._current).sign(message, PKCS1v15(), SHA256())
        return {
            "x-shipengine-rsa-sha256-key-id": _key_id(self._current),
            "x-shipengine-rsa-sha256-signature": base64.b64encode(signature).decode(),
            "x-shipengine-timestamp": timestamp,
        }


def _key_id(place: int) -> str:
    return f"simulated-{place + 1}"


def _jwk(place: int) -> dict[str, str]:
    numbers = _key(place).public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": _key_id(place),
        "n": _base64url(numbers.n),
        "e": _base64url(numbers.e),
    }


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

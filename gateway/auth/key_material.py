"""From the operator's secret settings to keys for one purpose each."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from doorstep.errors import InvalidInput
from doorstep.secret import Secret

MINIMUM_LENGTH = 32
"""Characters. A signature is a test that anyone can run offline, so a guessable secret is none."""


def require_strong(secrets: Sequence[Secret], setting: str) -> tuple[Secret, ...]:
    """The secrets again, newest first, if each is long enough.

    Raises
    ------
    InvalidInput
        If there is none or one is too short; names the setting.
    """
    if not secrets:
        raise InvalidInput(f"{setting} needs at least one secret", path=(setting,))
    if any(len(secret.reveal()) < MINIMUM_LENGTH for secret in secrets):
        message = (
            f"{setting} has a secret of fewer than {MINIMUM_LENGTH} characters; make a new one with "
            "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
        raise InvalidInput(message, path=(setting,))
    return tuple(secrets)


def derive(secret: Secret, purpose: str) -> bytes:
    """32 bytes for one purpose, so that one setting can serve several without crossing them.

    HMAC-SHA256 as a pseudorandom function over the purpose: one block of HKDF-Expand (RFC 5869).
    """
    return hmac.new(secret.reveal().encode(), purpose.encode() + b"\x01", hashlib.sha256).digest()

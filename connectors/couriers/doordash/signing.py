"""The signed token that every call to DoorDash Drive carries (its authentication guide, DD-JWT-V1)."""

from __future__ import annotations

import base64
import binascii
import time

import jwt

from doorstep.secret import Secret

LASTS_S = 300
"""DoorDash takes at most half an hour."""


class Signer:
    """Signs for one access key.

    Parameters
    ----------
    signing_secret
        As the developer portal shows it: base64url, with or without padding.

    Raises
    ------
    ValueError
        If the signing secret is no base64url; the text does not repeat it.
    """

    def __init__(self, developer_id: str, key_id: str, signing_secret: Secret) -> None:
        self._developer_id = developer_id
        self._key_id = key_id
        self._key = _decoded(signing_secret.reveal())

    def token(self) -> str:
        """A token from this moment of the machine's clock, whatever time a simulated world has."""
        now_s = int(time.time())
        claims = {
            "aud": "doordash",
            "iss": self._developer_id,
            "kid": self._key_id,
            "iat": now_s,
            "exp": now_s + LASTS_S,
        }
        return jwt.encode(claims, self._key, algorithm="HS256", headers={"dd-ver": "DD-JWT-V1"})


def _decoded(secret: str) -> bytes:
    padded = secret.strip().rstrip("=")
    padded += "=" * (-len(padded) % 4)
    try:
        key = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("the signing secret is not base64url")
    return key

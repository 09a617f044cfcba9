"""Reading a caller's signed token by hand (RFC 7515 and 7519; header dd-ver DD-JWT-V1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from simulator.carriers.doordash.problems import Problem

LONGEST_S = 1_800
_CLOCKS_MAY_DIFFER_S = 30


@dataclass(frozen=True, slots=True)
class AccessKey:
    """What the developer portal gives out; the signing secret is base64url."""

    developer_id: str
    key_id: str
    signing_secret: str


def admit(authorization: str, key: AccessKey, machine_s: float) -> None:
    """Let a caller in.

    Parameters
    ----------
    machine_s
        Seconds since 1970 on the machine's own clock: callers sign by theirs, whatever time the world has.

    Raises
    ------
    Problem
        `authentication_error`, if anything about the token is not as documented.
    """
    scheme, _, token = authorization.partition(" ")
    parts = token.split(".")
    if scheme != "Bearer" or len(parts) != 3:
        raise Problem("authentication_error")
    header, claims = (_part(part) for part in parts[:2])
    signed = hmac.new(_bytes(key.signing_secret), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256)
    if not hmac.compare_digest(signed.digest(), _bytes(parts[2])):
        raise Problem("authentication_error")
    if (header.get("alg"), header.get("typ"), header.get("dd-ver")) != ("HS256", "JWT", "DD-JWT-V1"):
        raise Problem("authentication_error")
    told = (claims.get("aud"), claims.get("iss"), claims.get("kid"))
    if told != ("doordash", key.developer_id, key.key_id):
        raise Problem("authentication_error")
    issued, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not isinstance(ends, int):
        raise Problem("authentication_error")
    is_current = issued <= machine_s + _CLOCKS_MAY_DIFFER_S and machine_s < ends
    if not is_current or ends - issued > LONGEST_S:
        raise Problem("authentication_error")


def _part(part: str) -> dict[str, object]:
    try:
        parsed: object = json.loads(_bytes(part))
    except ValueError:
        raise Problem("authentication_error") from None
    return parsed if isinstance(parsed, dict) else {}


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise Problem("authentication_error") from None

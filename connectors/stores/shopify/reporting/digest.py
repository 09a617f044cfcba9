"""Short fingerprints, so that notes tell a change without keeping what changed. Pure."""

from __future__ import annotations

import hashlib


def digest(*parts: object) -> str:
    """24 hexadecimal digits; the same for parts with the same `repr`."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]

"""JSON as PHP writes it."""

from __future__ import annotations

import json


def php_json(payload: object) -> bytes:
    """Compact JSON in ASCII with slashes escaped, as wp_json_encode writes what signatures are made of."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()

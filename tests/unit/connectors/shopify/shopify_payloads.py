"""The payload that mapping is tested with, and how to change places of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

PAYLOAD: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "payloads" / "shopify" / "order.json").read_text()
)
UNIT = "order.fulfillmentOrders.nodes.0"
LINE = "order.lineItems.nodes.0"


def changed(places: dict[str, object]) -> str:
    """The payload as JSON, with these places of it changed."""
    payload = copy.deepcopy(PAYLOAD)
    for path, value in places.items():
        *parents, last = path.split(".")
        place: Any = payload
        for part in parents:
            place = place[int(part) if isinstance(place, list) else part]
        place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(payload)

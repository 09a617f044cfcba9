"""What stores show of a delivery in their own books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.story.town import Town

STORES = ("shopify", "woocommerce")
DELIVERED = {"shopify": "DELIVERED", "woocommerce": "completed"}
# A courier's webhooks and a van's phone tell other steps; these are told in any case, in this order.
STEPS = {
    "shopify": ["CONFIRMED", "CARRIER_PICKED_UP", "OUT_FOR_DELIVERY", "DELIVERED"],
    "woocommerce": ["delivers this order", "Picked up", "Delivered"],
}


async def shows_a_delivery(town: Town, store: str, order: str) -> None:
    """Exactly one shipment, which leads to our page; each step once; delivered; nothing held."""
    shown = await town.shown(order)
    (shipment,) = shown["shipments"]
    assert shipment["url"].startswith(f"{town.started.house.settings.base_url}/track/")
    assert shipment["carrier"]
    assert (shown["status"], shown["held_for"]) == (DELIVERED[store], [])
    told = steps_of(shown)
    assert len(set(told)) == len(told)
    assert [step for step in STEPS[store] if any(step in one for one in told)] == STEPS[store]
    assert [wanted for one in told for wanted in STEPS[store] if wanted in one] == STEPS[store]


def steps_of(shown: Mapping[str, Any]) -> list[str]:
    """What the store was told; it also writes notes of its own."""
    notes = [note for note in shown["notes"] if "[Doorstep" in note]
    return [step for shipment in shown["shipments"] for step in shipment["steps"]] or notes

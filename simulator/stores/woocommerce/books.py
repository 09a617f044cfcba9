"""What a simulated WooCommerce store really holds, for an honest count at the end of the day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.stores.woocommerce.documents import needs_shipping, totals
from simulator.stores.woocommerce.meta import TRACKING_KEY
from simulator.stores.woocommerce.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Write:
    """A call of an app that was let in and may have changed something.

    Attributes
    ----------
    endpoint
        Below /wp-json/wc/v3/, or with its own namespace before it.
    digest
        SHA-256 of the body: two writes of one digest to one endpoint say the same.
    at
        World time.
    status
        What the store answered, or would have if the answer had not been lost.
    """

    method: str
    endpoint: str
    digest: str
    at: datetime
    status: int


def digest_of(body: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def rows_of(shelf: Shelf) -> list[dict[str, Any]]:
    """One plain row for every order that is not a draft, in the order of their ids."""
    rows = []
    for order in shelf.orders.values():
        if order.status == "checkout-draft":
            continue
        sums = totals(shelf.settings, order.purchase)
        rows.append(
            {
                "external_id": str(order.id),
                "number": str(order.id),
                "status": order.status,
                "needs_shipping": needs_shipping(shelf, order),
                "cancelled": order.status in {"cancelled", "refunded", "trash"},
                "trashed": order.status == "trash",
                "total": order.changes.get("total", sums["total"]),
                "currency": order.changes.get("currency", shelf.settings.currency),
                "placed_at": order.created_at,
                "modified_at": order.modified_at,
                "trackings": list(order.meta_value(TRACKING_KEY) or ()),
                "notes": [(note.text, note.for_customer, note.author) for note in order.notes],
                "fulfillments": [
                    {name: value for name, value in document.items() if name != "date_deleted"}
                    for document in order.fulfillments
                    if not document["date_deleted"]
                ],
                "refunded": [refund["amount"] for refund in order.refunds],
            }
        )
    return rows

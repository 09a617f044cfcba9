"""Meta data of orders, written as WC_Data::update_meta_data does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.stores.woocommerce.documents import meta_entry
from simulator.stores.woocommerce.orders import StoredOrder
from simulator.stores.woocommerce.shelf import Shelf

TRACKING_KEY = "_wc_shipment_tracking_items"
"""Where the Shipment Tracking and AST plugins keep their trackings."""


def write_meta(
    shelf: Shelf, order: StoredOrder, key: str, value: object, entry_id: int | None = None
) -> None:
    """Overwrite the first entry of this key, or of this id; others of the key go, and None deletes all."""
    if entry_id is not None and any(entry["id"] == entry_id for entry in order.meta):
        matching = [entry for entry in order.meta if entry["id"] == entry_id]
    else:
        matching = [entry for entry in order.meta if entry["key"] == key]
    first = matching[0]["id"] if matching else None
    doomed = {entry["id"] for entry in matching} - {first}
    if value is None:
        order.meta = [entry for entry in order.meta if entry["id"] not in {first, *doomed}]
        return
    written = meta_entry(shelf.next_id() if first is None else first, key, as_stored(value))
    if first is None:
        order.meta.append(written)
    else:
        kept = (entry for entry in order.meta if entry["id"] not in doomed)
        order.meta = [written if entry["id"] == first else entry for entry in kept]


def write_all_meta(shelf: Shelf, order: StoredOrder, given: Iterable[Mapping[str, Any]]) -> None:
    """What the `meta_data` of a PUT does."""
    for entry in given:
        write_meta(shelf, order, str(entry["key"]), entry.get("value"), entry.get("id"))


def as_stored(value: object) -> object:
    """Scalars become text in WordPress' meta tables, arrays are serialized and keep their types."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, int | float):
        return str(value)
    return value

"""Counts a WooCommerce store's own books against the gateway: no line of it knows the connector's reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from bench.sync.ours import OurDelivery, OurOrder
from bench.sync.tally import Tally
from simulator.stores.woocommerce import FakeWooCommerce
from simulator.stores.woocommerce.meta import TRACKING_KEY
from simulator.stores.woocommerce.orders import StoredOrder

_STATUSES = {
    "pending": "ON_HOLD",
    "on-hold": "ON_HOLD",
    "failed": "ON_HOLD",
    "processing": "OPEN",
    "completed": "DELIVERED",
    "cancelled": "CANCELLED",
    "refunded": "CANCELLED",
    "trash": "CANCELLED",
}
_OURS = re.compile(r"\[Doorstep ([0-9a-f]{10})\]")
_WRITES_AT_MOST = 3
"""Booked, picked up, delivered: an order has no more to show of one delivery."""


def count_woocommerce(
    store: FakeWooCommerce, ours: Mapping[str, OurOrder], wanted: Collection[str], tally: Tally
) -> None:
    """Compare everything."""
    theirs = {
        str(order.id): order for order in store.shelf.orders.values() if order.status != "checkout-draft"
    }
    for external_id, order in theirs.items():
        known = ours.get(external_id)
        if known is None:
            tally.add("lost", f"WooCommerce order in status {order.status}", external_id)
            continue
        tally.checked["orders"] += 1
        _compare(order, known, tally)
        _count_delivery(order, known, external_id in wanted, tally)
    for external_id, known in ours.items():
        if external_id not in theirs and (known.status not in {"CANCELLED", "DELIVERED"}):
            tally.add("stale", "WooCommerce has deleted it", f"{external_id} {known.status}")
    _count_writes(store, ours, tally)


def _compare(order: StoredOrder, known: OurOrder, tally: Tally) -> None:
    delivered = any(delivery.status == "DELIVERED" for delivery in known.deliveries)
    name = f"{order.id}"
    expected = _STATUSES[order.status]
    if known.status != expected and not (delivered and known.status == "DELIVERED"):
        tally.add("stale", "status", f"{name}: {order.status}, ours {known.status}")
    if known.raw_status != order.status:
        tally.add("stale", "the store's own status", f"{name}: {order.status}, ours {known.raw_status}")
    quantities = _quantities(order)
    if known.lines != quantities:
        tally.add("stale", "quantities", f"{name}: {quantities}, ours {dict(known.lines)}")
    for unit in known.units:
        if unit.lines != {line: count for line, count in quantities.items() if line in unit.lines}:
            tally.add("stale", "quantities of the fulfillment order", name)
    if known.updated_at != order.modified_at:
        tally.add("stale", "date of change", f"{name}: {order.modified_at}, ours {known.updated_at}")
    if known.placed_at != order.created_at:
        tally.add("stale", "date of placing", f"{name}: {order.created_at}, ours {known.placed_at}")
    street = _street(order)
    if street and known.destination and known.destination.get("line1") != street:
        tally.add("stale", "address", f"{name}: ours differs")


def _quantities(order: StoredOrder) -> dict[str, int]:
    left = {str(line.id): int(line.quantity) for line in order.purchase.lines}
    for refund in order.refunds:
        for row in refund["line_items"]:
            meta = {entry["key"]: entry["value"] for entry in row["meta_data"]}
            left[str(meta["_refunded_item_id"])] += int(row["quantity"])
    return left


def _street(order: StoredOrder) -> str:
    changed = order.changes.get("shipping")
    if changed is not None:
        return str(changed["address_1"])
    return order.purchase.destination.line1 if order.purchase.destination else ""


def _count_delivery(order: StoredOrder, known: OurOrder, is_wanted: bool, tally: Tally) -> None:
    name = str(order.id)
    live = [one for one in known.deliveries if one.status not in {"CANCELLED", "FAILED", "RETURNED"}]
    if len(live) > 1:
        tally.add("doubled", "live deliveries of a WooCommerce order", name)
    delivered = [one for one in live if one.status == "DELIVERED"]
    if is_wanted and order.status in {"processing", "completed"} and not delivered:
        tally.add("wrong_fulfilments", "wanted by WooCommerce and never delivered", name)
    if not is_wanted and live:
        tally.add("wrong_fulfilments", "delivered although nobody wanted it", name)
    # An order in the trash is shown nothing more.
    if delivered and order.status != "trash":
        tally.checked["deliveries"] += 1
        _count_shown(order, delivered[0], tally)
    elif not known.deliveries and (order.notes or order.meta_value(TRACKING_KEY)):
        tally.add("wrong_fulfilments", "notes or trackings without a delivery", name)


def _count_shown(order: StoredOrder, delivery: OurDelivery, tally: Tally) -> None:
    name = str(order.id)
    trackings = list(order.meta_value(TRACKING_KEY) or ())
    if len(trackings) != 1:
        tally.add("wrong_fulfilments", f"{len(trackings)} trackings at WooCommerce", name)
    elif not trackings[0].get("custom_tracking_link") or not trackings[0].get("tracking_number"):
        tally.add("wrong_fulfilments", "a tracking without a link or a number", name)
    references = [match[1] for note in order.notes if (match := _OURS.search(note.text))]
    if len(set(references)) != len(references):
        tally.add("wrong_fulfilments", "doubled notes", name)
    words = Counter(
        word
        for note in order.notes
        for word in ("delivers this order", "Picked up", "Delivered.")
        if word in note.text
    )
    for word in ("delivers this order", "Picked up", "Delivered."):
        if words[word] < 1:
            tally.add("wrong_fulfilments", f"no note {word!r}", name)
        elif words[word] > 1:
            tally.add("wrong_fulfilments", f"{words[word]} notes {word!r}", name)
    if order.status == "processing":
        tally.add(
            "wrong_fulfilments", "delivered, and still processing at WooCommerce", f"{name} {delivery.id}"
        )


def _count_writes(store: FakeWooCommerce, ours: Mapping[str, OurOrder], tally: Tally) -> None:
    good = [w for w in store.door.writes if w.status < 300 and w.endpoint.startswith("orders/")]
    tally.checked["writes"] += len(good)
    for (endpoint, _), times in Counter((write.endpoint, write.digest) for write in good).items():
        if times > 1:
            tally.add("echoed", "identical writes at WooCommerce", f"{endpoint} {times} times", times - 1)
    of_order = Counter(write.endpoint.split("/")[1] for write in good if write.method == "PUT")
    for external_id, times in of_order.items():
        known = ours.get(external_id)
        deliveries = len(known.deliveries) if known else 0
        if times > _WRITES_AT_MOST * deliveries:
            tally.add("echoed", "more writes than an order has to show", f"{external_id}: {times}")

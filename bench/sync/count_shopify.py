"""Counts a Shopify shop's own books against the gateway: no line of it knows the connector's reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from bench.sync.ours import OurDelivery, OurOrder, OurUnit
from bench.sync.tally import Tally
from simulator.stores.shopify import BookRow, FakeShopify
from simulator.stores.shopify.books import over_shipped, repeated_events
from simulator.stores.shopify.records import OrderRecord
from simulator.stores.shopify.units import FulfillmentRecord, UnitRecord

_UNIT_STATUSES = {
    "OPEN": {"OPEN", "QUOTED", "DISPATCHED", "DELIVERED"},
    "IN_PROGRESS": {"OPEN", "QUOTED", "DISPATCHED", "DELIVERED"},
    "ON_HOLD": {"ON_HOLD"},
    "SCHEDULED": {"ON_HOLD"},
    "CLOSED": {"DISPATCHED", "DELIVERED"},
    "CANCELLED": {"CANCELLED"},
}
_ENDED = {"CANCELLED", "DELIVERED", "RETURNED"}
_OVER = {"CANCELLED", "FAILED", "RETURNED"}
_SHIPPED = {"OPEN", "IN_PROGRESS", "CLOSED"}


_PROGRESS = "fulfillmentOrderReportProgress"


def count_shopify(
    store: FakeShopify, ours: Mapping[str, OurOrder], wanted: Collection[str], tally: Tally
) -> None:
    """Compare everything."""
    rows = {row.external_id: row for row in store.books()}
    for gid, row in rows.items():
        known = ours.get(gid)
        if known is None:
            tally.add("lost", "Shopify order", gid)
            continue
        tally.checked["orders"] += 1
        order = store.order(gid)
        _compare(order, row, known, tally)
        _compare_units(order, known, tally)
        _count_deliveries(order, known, gid in wanted, tally)
    for gid, known in ours.items():
        if gid not in rows and known.status not in {"CANCELLED", "DELIVERED"}:
            tally.add("stale", "Shopify has deleted it", f"{gid} {known.status}")
    _count_writes(store, tally)


def _compare(order: OrderRecord, row: BookRow, known: OurOrder, tally: Tally) -> None:
    name = row.number
    if row.cancelled and known.status not in {"CANCELLED", "DELIVERED"}:
        tally.add("stale", "status", f"{name}: cancelled, ours {known.status}")
    if not row.cancelled and known.status == "CANCELLED":
        tally.add("stale", "status", f"{name}: not cancelled, ours is")
    if known.raw_status != order.fulfillment_status:
        tally.add(
            "stale", "the shop's own status", f"{name}: {order.fulfillment_status}, ours {known.raw_status}"
        )
    if dict(known.lines) != dict(row.lines):
        tally.add("stale", "quantities", f"{name}: {dict(row.lines)}, ours {dict(known.lines)}")
    if known.updated_at != order.updated_at:
        tally.add("stale", "date of change", f"{name}: {order.updated_at}, ours {known.updated_at}")
    if known.placed_at != order.created_at:
        tally.add("stale", "date of placing", f"{name}: {order.created_at}, ours {known.placed_at}")
    street = order.address.line1 if order.address else ""
    if known.destination.get("line1", "") != street:
        tally.add("stale", "address", name)


def _compare_units(order: OrderRecord, known: OurOrder, tally: Tally) -> None:
    ours = {unit.external_id: unit for unit in known.units}
    for unit in order.units:
        mine = ours.pop(unit.gid, None)
        if mine is None:
            tally.add(
                "stale", f"fulfillment order in status {unit.status} unknown", f"{order.name} {unit.gid}"
            )
            continue
        tally.checked["units"] += 1
        _compare_unit(order.name, unit, mine, tally)
    for mine in ours.values():
        if mine.status not in _ENDED:
            tally.add("stale", "fulfillment order that Shopify has not", f"{order.name} {mine.status}")


def _compare_unit(name: str, unit: UnitRecord, mine: OurUnit, tally: Tally) -> None:
    by_app_alone = unit.status == "ON_HOLD" and all(hold.by_app for hold in unit.holds)
    expected = _UNIT_STATUSES["OPEN" if by_app_alone else unit.status]
    if mine.status not in expected and not (mine.status == "DELIVERED" and unit.status != "ON_HOLD"):
        tally.add("stale", "status of a fulfillment order", f"{name}: {unit.status}, ours {mine.status}")
    if mine.location_external_id != unit.place.gid:
        tally.add("stale", "location of a fulfillment order", f"{name}: {unit.status}, ours {mine.status}")
    remaining = {line.line.gid: line.remaining for line in unit.lines if line.line.article.requires_shipping}
    if dict(mine.lines) != remaining:
        tally.add(
            "stale",
            "quantities of a fulfillment order",
            f"{name} {unit.status}: {remaining}, ours {mine.lines}",
        )


def _count_deliveries(order: OrderRecord, known: OurOrder, is_wanted: bool, tally: Tally) -> None:
    live = [delivery for delivery in known.deliveries if delivery.status not in _OVER]
    per_unit = Counter(delivery.unit_id for delivery in live)
    for unit_id, times in per_unit.items():
        if times > 1:
            tally.add("doubled", "live deliveries of a fulfillment order", f"{order.name} {unit_id}")
    delivered = {delivery.unit_id: delivery for delivery in live if delivery.status == "DELIVERED"}
    ours = {unit.external_id: unit for unit in known.units}
    if not is_wanted and live:
        tally.add("wrong_fulfilments", "delivered although nobody wanted it", order.name)
    for unit in order.units:
        mine = ours.get(unit.gid)
        if mine is None:
            continue
        _count_unit(order, unit, delivered.get(mine.id), is_wanted, tally)


def _count_unit(
    order: OrderRecord, unit: UnitRecord, delivery: OurDelivery | None, is_wanted: bool, tally: Tally
) -> None:
    name = f"{order.name} {unit.status}"
    shipments = [one for one in order.fulfillments if any(part.unit is unit for part in one.picked)]
    good = [one for one in shipments if one.status == "SUCCESS"]
    if delivery is None:
        if good:
            tally.add("wrong_fulfilments", "fulfillment without a delivery", name)
        if is_wanted and not order.cancelled_at and unit.status in {"OPEN", "IN_PROGRESS"} and unit.remaining:
            tally.add("wrong_fulfilments", "wanted at Shopify and never delivered", name)
        return
    if not good:
        if unit.status in _SHIPPED:
            tally.add(
                "wrong_fulfilments", "delivered, and no fulfillment at Shopify", f"{name} {delivery.id}"
            )
        return
    tally.checked["deliveries"] += 1
    if len(good) > 1:
        tally.add("wrong_fulfilments", "two fulfillments of one delivery", name)
        return
    _count_fulfillment(name, unit, good[0], delivery, tally)


def _count_fulfillment(
    name: str, unit: UnitRecord, shipment: FulfillmentRecord, delivery: OurDelivery, tally: Tally
) -> None:
    pieces: Counter[str] = Counter()
    for part in shipment.picked:
        pieces[part.unit_line.line.gid] += part.quantity
    # What an edit or a refund took away meanwhile cannot be shipped any more; all the rest of it must be.
    left = {line.line.gid: line.remaining for line in unit.lines}
    for gid in pieces.keys() | delivery.carried.keys():
        missing = delivery.carried.get(gid, 0) - pieces[gid]
        if missing < 0 or min(missing, left.get(gid, 0)) > 0:
            what = f"{name}: {dict(pieces)}, carried {delivery.carried}, left {left}"
            tally.add("wrong_fulfilments", "quantities of a fulfillment", what)
    if shipment.place is not unit.place:
        tally.add("wrong_fulfilments", "location of a fulfillment", name)
    rows = shipment.tracking
    if len(rows) != 1 or not rows[0].url or not rows[0].number:
        tally.add("wrong_fulfilments", "tracking of a fulfillment", f"{name}: {len(rows)} rows")
    events = Counter(event.status for event in shipment.events)
    for status in ("CONFIRMED", "CARRIER_PICKED_UP", "DELIVERED"):
        if events[status] < 1:
            tally.add("wrong_fulfilments", f"event {status} is missing", f"{name}: {dict(events)}")
        elif events[status] > 1:
            tally.add("wrong_fulfilments", f"event {status} is doubled", f"{name}: {dict(events)}")


def _count_writes(store: FakeShopify, tally: Tally) -> None:
    for (mutation, target), times in store.writes.items():
        if not mutation.startswith("fulfillment"):
            continue
        tally.checked["writes"] += times
        # Progress that was taken back, since another carrier was sent, is reported once more.
        undone = store.writes["fulfillmentOrderOpen", target] if mutation == _PROGRESS else 0
        if times > 1 + undone:
            tally.add("echoed", f"{mutation} at Shopify", f"{target} {times} times", times - 1 - undone)
    if repeated_events(store):
        tally.add("wrong_fulfilments", "events that say the same", times=repeated_events(store))
    for gid in over_shipped(store):
        tally.add("wrong_fulfilments", "more shipped than sold", gid)

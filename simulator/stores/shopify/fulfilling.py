"""Shipping by the rules of Shopify's fulfillment mutations; the wording of refusals was recorded.

None of these is idempotent at Shopify's: whoever asks twice has two shipments, or two events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from simulator.stores.shopify.ledger import Ledger, Notice, Refusal
from simulator.stores.shopify.records import OrderRecord
from simulator.stores.shopify.units import (
    EventRecord,
    FulfillmentRecord,
    Picked,
    Tracking,
    UnitLine,
    UnitRecord,
)

FULFILLABLE = frozenset({"OPEN", "IN_PROGRESS"})
NO_UNIT = "Fulfillment order does not exist."
NO_UNIT_LINE = "Fulfillment order line item does not exist."
BAD_QUANTITY = "Invalid fulfillment order line item quantity requested."
NO_FULFILLMENT = "Fulfillment does not exist."

Wanted = Sequence[tuple[int, int]]
"""Numbers of a fulfillment order's lines and how many pieces of each; () is everything that remains."""


@dataclass(frozen=True, slots=True)
class Shipping:
    """What a shipment takes from one fulfillment order."""

    unit: UnitRecord | None
    wanted: Wanted = ()


def fulfill(
    ledger: Ledger,
    shippings: Sequence[Shipping],
    tracking: Sequence[Tracking] = (),
    *,
    by_app: bool = False,
    notified: bool = False,
    display_status: str = "FULFILLED",
) -> FulfillmentRecord:
    """Ship pieces of the fulfillment orders of one order and one location.

    Raises
    ------
    Refusal
        As fulfillmentCreate refuses; nothing has changed then.
    """
    units = _checked_units(shippings)
    picks = [
        (unit, line, quantity)
        for index, (unit, shipping) in enumerate(zip(units, shippings, strict=True))
        for line, quantity in picked_lines(unit, shipping.wanted, index)
    ]
    order, now = units[0].order, ledger.now()
    shipment = FulfillmentRecord(
        number=ledger.next_number(),
        name=f"{order.name}-F{len(order.fulfillments) + 1}",
        order=order,
        place=units[0].place,
        picked=[Picked(ledger.next_number(), unit, line, quantity) for unit, line, quantity in picks],
        created_at=now,
        updated_at=now,
        tracking=tuple(tracking),
        by_app=by_app,
        notified=notified,
        display_status=display_status,
    )
    ledger.add_fulfillment(shipment)
    _take_out(ledger, shipment)
    ledger.tell(("FULFILLMENTS_CREATE", shipment), *_of_order(order))
    return shipment


def _take_out(ledger: Ledger, shipment: FulfillmentRecord) -> None:
    """What is in a shipment is to be shipped no more."""
    for part in shipment.picked:
        part.unit_line.remaining -= part.quantity
        part.unit_line.line.fulfilled += part.quantity
    for unit in dict.fromkeys(part.unit for part in shipment.picked):
        ledger.touch_unit(unit, ledger.partly_shipped_status if unit.remaining else "CLOSED")
    ledger.touch(shipment.order)


def picked_lines(unit: UnitRecord, wanted: Wanted, index: int = 0) -> list[tuple[UnitLine, int]]:
    """The lines that are meant, with their quantities.

    Raises
    ------
    Refusal
        If a line is not the fulfillment order's, or there are not so many pieces.
    """
    if not wanted:
        return [(line, line.remaining) for line in unit.lines if line.remaining]
    lines = {line.number: line for line in unit.lines}
    found: list[tuple[UnitLine, int]] = []
    for at, (number, quantity) in enumerate(wanted):
        if quantity <= 0:
            path = ("lineItemsByFulfillmentOrder", str(index), "fulfillmentOrderLineItems", str(at))
            raise Refusal("Quantity must be greater than 0", "fulfillment", *path, "quantity")
        line = lines.get(number)
        if line is None:
            raise Refusal(NO_UNIT_LINE, "fulfillment")
        if quantity + sum(taken for other, taken in found if other is line) > line.remaining:
            raise Refusal(BAD_QUANTITY, "fulfillment")
        found.append((line, quantity))
    return found


def _checked_units(shippings: Sequence[Shipping]) -> list[UnitRecord]:
    units = [shipping.unit for shipping in shippings if shipping.unit is not None]
    if not units or len(units) < len(shippings):
        raise Refusal(NO_UNIT, "fulfillment")
    orders = list(dict.fromkeys(unit.order.number for unit in units))
    if len(orders) > 1:
        raise Refusal(
            "All fulfillment orders must belong to the same order. "
            f"Multiple orders with ids [{', '.join(map(str, orders))}] were found.",
            "fulfillment",
        )
    places = list(dict.fromkeys(unit.place.number for unit in units))
    if len(places) > 1:
        raise Refusal(
            "All fulfillment orders must be assigned to a single location. "
            f"Multiple locations with ids [{', '.join(map(str, places))}] were found.",
            "fulfillment",
        )
    for unit in units:
        if unit.status not in FULFILLABLE:
            status = unit.status.lower()
            raise Refusal(
                f"Fulfillment order {unit.number} has an unfulfillable status= {status}.", "fulfillment"
            )
    return units


def read_tracking(given: Mapping[str, Any] | None) -> list[Tracking]:
    """A FulfillmentTrackingInput: one number, or several for several parcels."""
    if not given:
        return []
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    company = given.get("company") or ""
    rows = [Tracking(company, number, url) for number, url in zip_longest(numbers, urls, fillvalue="")]
    return rows or ([Tracking(company, "", "")] if company else [])


def change_tracking(ledger: Ledger, shipment: FulfillmentRecord, tracking: Iterable[Tracking]) -> None:
    """Give a shipment other tracking numbers."""
    shipment.tracking = tuple(tracking)
    _touch(ledger, shipment)
    ledger.tell(("FULFILLMENTS_UPDATE", shipment), ("ORDERS_UPDATED", shipment.order))


def cancel_fulfillment(ledger: Ledger, shipment: FulfillmentRecord) -> list[UnitRecord]:
    """Call a shipment off; what was in it is to be shipped again.

    A fulfillment order that was wholly shipped stays closed and another one is made for the pieces; one
    that was partly shipped gets them back (Shopify's schema 2026-10). Gives what was made.

    Raises
    ------
    Refusal
        If it has been called off before; the wording is from memory.
    """
    if shipment.status == "CANCELLED":
        raise Refusal("Fulfillment has already been cancelled.", "id")
    shipment.status, shipment.display_status = "CANCELLED", "CANCELED"
    made: list[UnitRecord] = []
    for unit in dict.fromkeys(part.unit for part in shipment.picked):
        parts = [part for part in shipment.picked if part.unit is unit]
        for part in parts:
            part.unit_line.line.fulfilled -= part.quantity
        if unit.status in FULFILLABLE:
            for part in parts:
                part.unit_line.remaining += part.quantity
            ledger.touch_unit(unit)
        else:
            made.append(_made_again(ledger, unit, parts))
    _touch(ledger, shipment)
    ledger.tell(("FULFILLMENTS_UPDATE", shipment), ("ORDERS_UPDATED", shipment.order))
    return made


def _made_again(ledger: Ledger, unit: UnitRecord, parts: Sequence[Picked]) -> UnitRecord:
    now = ledger.now()
    lines = [
        UnitLine(ledger.next_number(), part.unit_line.line, part.quantity, part.quantity) for part in parts
    ]
    again = UnitRecord(
        ledger.next_number(),
        unit.order,
        unit.place,
        lines,
        now,
        now,
        method=unit.method,
        service_code=unit.service_code,
    )
    ledger.add_unit(again)
    return again


def add_event(ledger: Ledger, shipment: FulfillmentRecord, given: Mapping[str, Any]) -> EventRecord:
    """Tell of something that happened on the way; accepted of a cancelled shipment too (recorded)."""
    now = ledger.now()
    words = ("message", "address1", "city", "province", "country", "zip")
    event = EventRecord(
        number=ledger.next_number(),
        status=given["status"],
        happened_at=read_instant(given.get("happenedAt")) or now,
        created_at=now,
        **{word: given.get(word) or "" for word in words},
        latitude=given.get("latitude"),
        longitude=given.get("longitude"),
        estimated_delivery_at=read_instant(given.get("estimatedDeliveryAt")),
    )
    shipment.events.append(event)
    if shipment.status != "CANCELLED":
        shipment.display_status = event.status
    if event.status == "IN_TRANSIT" and shipment.in_transit_at is None:
        shipment.in_transit_at = event.happened_at
    if event.status == "DELIVERED":
        shipment.delivered_at = event.happened_at
    shipment.estimated_delivery_at = event.estimated_delivery_at or shipment.estimated_delivery_at
    _touch(ledger, shipment)
    ledger.tell(
        ("FULFILLMENT_EVENTS_CREATE", (shipment, event)),
        ("FULFILLMENTS_UPDATE", shipment),
        ("ORDERS_UPDATED", shipment.order),
    )
    return event


def read_instant(text: str | None) -> datetime | None:
    """A DateTime as the app writes it."""
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _touch(ledger: Ledger, shipment: FulfillmentRecord) -> None:
    shipment.updated_at = ledger.now()
    ledger.touch(shipment.order)


def _of_order(order: OrderRecord) -> list[Notice]:
    topic = "ORDERS_FULFILLED" if order.fulfillment_status == "FULFILLED" else "ORDERS_PARTIALLY_FULFILLED"
    return [("ORDERS_UPDATED", order), (topic, order)]

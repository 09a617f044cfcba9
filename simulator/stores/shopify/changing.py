"""What happens to an order after it was placed: edits, refunds, returns, cancellation."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.money import Money, zero
from simulator.stores.shopify.ledger import Ledger, Notice
from simulator.stores.shopify.records import CartLine, LineRecord, OrderRecord
from simulator.stores.shopify.routing import open_unit
from simulator.stores.shopify.units import (
    DONE,
    Picked,
    RefundedLine,
    RefundRecord,
    ReturnedLine,
    ReturnRecord,
    UnitLine,
    UnitRecord,
)

Pieces = Sequence[tuple[int, int]]
"""Indices of an order's lines, and how many pieces of each."""


def edit(ledger: Ledger, order: OrderRecord, *, removed: Pieces = (), added: Sequence[CartLine] = ()) -> None:
    """The merchant edits an order: `quantity` of a line stays, as at Shopify's; added lines are new ones."""
    removals = [(order.lines[index], pieces) for index, pieces in removed]
    for line, pieces in removals:
        line.current_quantity -= pieces
    gone = [unit for line, pieces in removals for unit in take_back(ledger, line, pieces, order)]
    additions = [LineRecord(ledger.next_number(), article, article.quantity) for article in added]
    order.lines += additions
    if order.units:
        for line in additions:
            _join(ledger, order, line)
    order.is_edited = True
    ledger.touch(order)
    told = [(line, line.article.quantity) for line in additions]
    ledger.tell(("ORDERS_EDITED", (order, told, removals)), ("ORDERS_UPDATED", order), *_cancelled(gone))


def refund(
    ledger: Ledger,
    order: OrderRecord,
    pieces: Pieces,
    *,
    restock_type: str,
    note: str = "",
    amount: Money | None = None,
) -> RefundRecord:
    """Money goes back.

    CANCEL takes pieces that were not shipped out of the fulfillment orders; RETURN and NO_RESTOCK leave
    these alone, so that what was refunded may still have to be shipped (Shopify documentation, 2026).
    """
    lines = [(order.lines[index], count) for index, count in pieces]
    total = zero(order.shipping_price.currency)
    parts: list[RefundedLine] = []
    gone: list[UnitRecord] = []
    for line, count in lines:
        line.current_quantity -= count
        subtotal = line.article.unit_price.times(count)
        total += subtotal
        place = ledger.places[line.article.location] if restock_type != "NO_RESTOCK" else None
        parts.append(RefundedLine(ledger.next_number(), line, count, restock_type, place, subtotal))
        if restock_type == "CANCEL":
            gone += take_back(ledger, line, count, order)
    record = RefundRecord(ledger.next_number(), order, parts, amount or total, note, ledger.now())
    order.refunds.append(record)
    is_all = all(line.current_quantity == 0 for line in order.lines)
    order.financial_status = "REFUNDED" if is_all else "PARTIALLY_REFUNDED"
    ledger.touch(order)
    ledger.tell(("REFUNDS_CREATE", record), ("ORDERS_UPDATED", order), *_cancelled(gone))
    return record


def cancel(ledger: Ledger, order: OrderRecord, reason: str) -> None:
    """The order and what is left of its fulfillment orders are called off."""
    order.cancelled_at = ledger.now()
    order.cancel_reason = reason
    for line in order.lines:
        line.current_quantity = 0
    gone = [unit for unit in order.units if unit.status not in DONE]
    for unit in gone:
        unit.holds.clear()
        for part in unit.lines:
            part.remaining = 0
        ledger.touch_unit(unit, "CANCELLED")
    ledger.touch(order)
    ledger.tell(("ORDERS_CANCELLED", order), ("ORDERS_UPDATED", order), *_cancelled(gone))


def start_return(ledger: Ledger, order: OrderRecord, pieces: Pieces, *, reason: str = "") -> ReturnRecord:
    """A shopper sends back pieces that were shipped.

    Raises
    ------
    ValueError
        If a line was not shipped.
    """
    picked = {part.unit_line.line.number: part for one in order.fulfillments for part in one.picked}
    lines: list[ReturnedLine] = []
    for index, count in pieces:
        part: Picked | None = picked.get(order.lines[index].number)
        if part is None:
            raise ValueError(f"line {index} was not shipped, so that it cannot come back")
        lines.append(ReturnedLine(ledger.next_number(), part, count, reason))
    name = f"{order.name}-R{len(order.returns) + 1}"
    record = ReturnRecord(ledger.next_number(), name, order, lines, ledger.now())
    order.returns.append(record)
    ledger.touch(order)
    ledger.tell(("RETURNS_APPROVE", record), ("ORDERS_UPDATED", order))
    return record


def close_return(ledger: Ledger, record: ReturnRecord) -> None:
    """The goods are back."""
    record.status = "CLOSED"
    ledger.touch(record.order)
    ledger.tell(("RETURNS_CLOSE", record), ("ORDERS_UPDATED", record.order))


def take_back(ledger: Ledger, line: LineRecord, pieces: int, order: OrderRecord) -> list[UnitRecord]:
    """Take pieces out of what is to be shipped; gives the fulfillment orders that have none left."""
    gone: list[UnitRecord] = []
    for unit in order.units:
        if unit.status in DONE:
            continue
        for part in unit.lines:
            taken = min(pieces, part.remaining) if part.line is line else 0
            if taken:
                part.remaining -= taken
                part.total -= taken
                pieces -= taken
                is_empty = not unit.remaining
                ledger.touch_unit(unit, ("CLOSED" if unit.is_touched else "CANCELLED") if is_empty else None)
                if is_empty:
                    gone.append(unit)
    return gone


def _join(ledger: Ledger, order: OrderRecord, line: LineRecord) -> None:
    """An added line joins an untouched fulfillment order of its location, or gets one of its own."""
    place = ledger.places[line.article.location]
    is_shipped = line.article.requires_shipping
    for unit in order.units:
        if unit.status == "OPEN" and unit.place is place and (unit.method != "NONE") == is_shipped:
            unit.lines.append(
                UnitLine(ledger.next_number(), line, line.current_quantity, line.current_quantity)
            )
            ledger.touch_unit(unit)
            return
    open_unit(ledger, order, line.article.location, is_shipped, [line])


def _cancelled(units: Sequence[UnitRecord]) -> list[Notice]:
    return [("FULFILLMENT_ORDERS_CANCELLED", unit) for unit in units if unit.status == "CANCELLED"]

"""How a simulated shop makes fulfillment orders of an order."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from simulator.stores.shopify.ledger import Ledger
from simulator.stores.shopify.records import LineRecord, OrderRecord
from simulator.stores.shopify.units import UnitLine, UnitRecord


def route(ledger: Ledger, order: OrderRecord, at: datetime | None = None) -> list[UnitRecord]:
    """One for each location, and one apart for what is not shipped; made now or at a past instant."""
    groups: defaultdict[tuple[int, bool], list[LineRecord]] = defaultdict(list)
    for line in order.lines:
        if line.current_quantity:
            groups[line.article.location, line.article.requires_shipping].append(line)
    return [
        open_unit(ledger, order, location, is_shipped, lines, at)
        for (location, is_shipped), lines in groups.items()
    ]


def open_unit(
    ledger: Ledger,
    order: OrderRecord,
    location: int,
    is_shipped: bool,
    lines: list[LineRecord],
    at: datetime | None = None,
) -> UnitRecord:
    """Make one fulfillment order of some lines; a pre-order's waits for its day."""
    now = at or ledger.now()
    unit = UnitRecord(
        number=ledger.next_number(),
        order=order,
        place=ledger.places[location],
        lines=[
            UnitLine(ledger.next_number(), line, line.current_quantity, line.current_quantity)
            for line in lines
        ],
        created_at=now,
        updated_at=now,
        method=order.method if is_shipped else "NONE",
        service_code=order.shipping_code if is_shipped else "",
        fulfill_at=order.fulfill_at,
        status="SCHEDULED" if order.fulfill_at and order.fulfill_at > now else "OPEN",
    )
    ledger.add_unit(unit)
    return unit

"""How a simulated shop makes fulfillment orders of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from simulator.stores.shopify.records import LineRecord, OrderRecord, Place, UnitLine, UnitRecord


def route(
    order: OrderRecord, places: Sequence[Place], now: datetime, next_number: Callable[[], int]
) -> list[UnitRecord]:
    """One for each location, and one apart for what is not shipped."""
    groups: defaultdict[tuple[int, bool], list[LineRecord]] = defaultdict(list)
    for line in order.lines:
        groups[line.article.location, line.article.requires_shipping].append(line)
    return [
        UnitRecord(
            number=next_number(),
            order=order,
            place=places[location],
            lines=[
                UnitLine(next_number(), line, line.current_quantity, line.current_quantity) for line in lines
            ],
            created_at=now,
            updated_at=now,
            method=order.method if is_shipped else "NONE",
            service_code=order.shipping_code if is_shipped else "",
        )
        for (location, is_shipped), lines in groups.items()
    ]

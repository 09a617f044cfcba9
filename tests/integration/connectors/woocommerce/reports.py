"""Reports of one delivery, and what the simulated store shows of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.stores.woocommerce.connector import WooCommerceConnector
from doorstep.delivery_status import DeliveryStatus
from doorstep.report import DeliveryReport, Hold, HoldReason, Milestone
from simulator.stores.woocommerce import FakeWooCommerce

HOLD = Hold(HoldReason.ADDRESS, "the house number is missing")


def milestone(number: int, status: DeliveryStatus, text: str = "") -> Milestone:
    """A step at minute `number`."""
    return Milestone(f"evt_{number}", status, datetime(2026, 11, 22, 15, number, tzinfo=UTC), text)


PICKED_UP = milestone(1, DeliveryStatus.PICKED_UP)


async def booked(connector: WooCommerceConnector, order_id: str, **changes: Any) -> DeliveryReport:
    """A report of a booked delivery that carries all that ships."""
    raw = await connector.fetch_order(order_id)
    assert raw is not None
    (unit,) = connector.read_order(raw).fulfillment_orders
    report = DeliveryReport(
        order_external_id=order_id,
        unit_external_id=order_id,
        location_external_id="",
        delivery_id="del_1",
        reference="D-1",
        status=DeliveryStatus.BOOKED,
        is_shipped=False,
        lines=unit.lines,
        carrier="Bikes United",
        tracking_number="TRK-1",
        tracking_url="https://follow.example/t/1",
    )
    return replace(report, **changes)


def row_of(store: FakeWooCommerce, order_id: str) -> dict[str, Any]:
    """What the store holds of an order."""
    (row,) = [row for row in store.books() if row["external_id"] == order_id]
    return row


def writes(store: FakeWooCommerce) -> int:
    """How many calls may have changed something."""
    return sum(store.calls(method) for method in ("PUT", "POST", "DELETE"))

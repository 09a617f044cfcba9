"""Orders, deliveries and incidents to be kept and found again."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from doorstep.address import Address
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.ids import new_id
from doorstep.incident import Incident, IncidentKind, IncidentStatus, Severity
from doorstep.money import Money
from doorstep.order import Order, OrderStatus, StorePlatform
from doorstep.quote import DeliveryMode
from doorstep.window import Promise, PromiseBasis, Window

_milliseconds = itertools.count(1)


def _next_id(prefix: str) -> str:
    """Later than the one before, so that a test knows how equal times are sorted."""
    return new_id(prefix, now_ms=next(_milliseconds))


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = Address("US", name="Ann Example", email="ann@shop.example", line1="12 Mill Street", postal_code="00412")


def order(number: str, merchant_id: str = "mer_a", **changes: Any) -> Order:
    """An open order of noon."""
    values: dict[str, Any] = {
        "external_id": number,
        "number": f"#{number}",
        "platform": StorePlatform.OTHER,
        "status": OrderStatus.OPEN,
        "placed_at": NOON,
        "updated_at": NOON,
        "total": Money(100, "USD"),
        "lines": (),
        "fulfillment_orders": (),
        "destination": ANN,
        "id": _next_id("ord"),
        "store_id": "sto_1",
        "merchant_id": merchant_id,
    }
    return Order(**{**values, **changes})


def delivery(
    reference: str,
    merchant_id: str = "mer_a",
    carrier: str = "courier",
    promised_in_min: int | None = 60,
    **changes: Any,
) -> Delivery:
    """A delivery with one leg."""
    leg = Leg(
        new_id("leg"),
        "acc_1",
        carrier,
        "std",
        DeliveryMode.COURIER,
        DeliveryStatus.BOOKED,
        Money(500, "USD"),
        new_id("leg"),
    )
    promise = None
    if promised_in_min is not None:
        window = Window(NOON, NOON + timedelta(minutes=promised_in_min))
        promise = Promise(window, "UTC", PromiseBasis.SLOT)
    values: dict[str, Any] = {
        "id": _next_id("del"),
        "merchant_id": merchant_id,
        "order_id": new_id("ord"),
        "fulfillment_order_id": new_id("ful"),
        "reference": reference,
        "status": DeliveryStatus.BOOKED,
        "origin_id": "loc_1",
        "destination": ANN,
        "parcels": (),
        "created_at": NOON,
        "updated_at": NOON,
        "legs": (leg,),
        "promise": promise,
    }
    return Delivery(**{**values, **changes})


def incident(kind: IncidentKind, severity: Severity, **changes: Any) -> Incident:
    """An open incident about a driver of its own."""
    values: dict[str, Any] = {
        "id": _next_id("exc"),
        "merchant_id": "mer_a",
        "kind": kind,
        "severity": severity,
        "status": IncidentStatus.OPEN,
        "title": "title",
        "evidence": "evidence",
        "raised_at": NOON,
        "due_at": NOON + severity.response_time,
        "driver_id": new_id("drv"),
    }
    return Incident(**{**values, **changes})

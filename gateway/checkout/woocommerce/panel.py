"""What the panel on an order's page shows, from what is known of the order. Pure.

In English: the gateway has no other words for people who run a shop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.incident import Incident
from doorstep.order import (
    DISPATCHED_METHODS,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
)
from doorstep.window import Window

_STATUSES = {
    DeliveryStatus.SEARCHING: "Looking for a carrier",
    DeliveryStatus.BOOKED: "Booked",
    DeliveryStatus.LABEL_READY: "The label is ready",
    DeliveryStatus.COURIER_ASSIGNED: "A courier will fetch it",
    DeliveryStatus.TO_PICKUP: "A courier is on the way to the shop",
    DeliveryStatus.AT_PICKUP: "A courier is at the shop",
    DeliveryStatus.PICKED_UP: "Picked up",
    DeliveryStatus.IN_TRANSIT: "On its way",
    DeliveryStatus.OUT_FOR_DELIVERY: "Out for delivery",
    DeliveryStatus.AT_DROPOFF: "At the shopper's door",
    DeliveryStatus.READY_FOR_COLLECTION: "Ready for collection",
    DeliveryStatus.ATTEMPT_FAILED: "Could not be handed over",
    DeliveryStatus.DELIVERED: "Delivered",
    DeliveryStatus.RETURNING: "On its way back",
    DeliveryStatus.RETURNED: "Returned to the shop",
    DeliveryStatus.CANCELLED: "Called off",
    DeliveryStatus.FAILED: "The delivery failed",
}
_STAGES = {
    DeliveryStage.PREPARING: "Being prepared",
    DeliveryStage.ON_THE_WAY: "On its way",
    DeliveryStage.NEARBY: "Almost there",
    DeliveryStage.DELIVERED: "Delivered",
    DeliveryStage.NOT_DELIVERED: "Will not be delivered",
    DeliveryStage.NEEDS_ATTENTION: "Needs attention",
}
_STANDSTILLS = {
    FulfillmentOrderStatus.CANCELLED: "The order is cancelled.",
    FulfillmentOrderStatus.DELIVERED: "It was delivered.",
    FulfillmentOrderStatus.RETURNED: "It was returned.",
}
_NOTHING = "There is nothing to carry."
_METHODS = {
    FulfillmentMethod.PICKUP: "The shopper collects it at the shop.",
    FulfillmentMethod.NONE: _NOTHING,
}
_NOT_READ = "Doorstep has not read this order yet; that takes a few minutes at most."


@dataclass(frozen=True, slots=True)
class Part:
    """One fulfillment order of an order.

    Attributes
    ----------
    latest
        The newest delivery, in whatever state.
    live
        The one that is not over, or was delivered.
    carrier
        What people call the account that the newest is booked with.
    tracking_url
        The shopper's page of the newest.
    """

    unit: FulfillmentOrder
    latest: Delivery | None = None
    live: Delivery | None = None
    carrier: str = ""
    tracking_url: str = ""
    incidents: Sequence[Incident] = ()

    @property
    def is_booked(self) -> bool:
        """Whether a carrier has said yes and is not done with it."""
        leg = self.live.active_leg if self.live is not None and not self.live.is_over else None
        return leg is not None and leg.is_live and bool(leg.external_id)


def panel_of(order: Order, parts: Sequence[Part]) -> dict[str, object]:
    """All that the panel shows of an order that we know."""
    may_book = any(not why_not(order, part) for part in parts)
    # What became of a delivery is shown by itself.
    reasons = [why_not(order, part) for part in parts if part.live is None]
    return {
        "known": True,
        "deliveries": [_delivery(part, part.latest) for part in parts if part.latest is not None],
        "exceptions": [_exception(incident) for part in parts for incident in part.incidents],
        "can_book": may_book,
        "why_not": "" if may_book else " ".join(dict.fromkeys(reasons if parts else [_NOTHING])),
    }


def unknown_panel() -> dict[str, object]:
    """What is shown of an order that we have not read."""
    return {"known": False, "deliveries": [], "exceptions": [], "can_book": False, "why_not": _NOT_READ}


def why_not(order: Order, part: Part) -> str:
    """Why a fulfillment order cannot be booked, "" where it can: as `dispatch_unit` decides it."""
    if part.is_booked:
        return "It is booked."
    if part.live is not None:
        return "It was delivered." if part.live.is_over else ""
    return _standstill(order, part.unit)


def _standstill(order: Order, unit: FulfillmentOrder) -> str:
    """Why nobody can be sent with goods that nobody has been sent with."""
    if unit.method not in DISPATCHED_METHODS:
        return _METHODS.get(unit.method, "The shop has another way for it.")
    if order.needs_personal_data or (unit.destination or order.destination) is None:
        return "The order has no address."
    if unit.is_dispatchable or unit.status is FulfillmentOrderStatus.DISPATCHED:
        return ""
    if unit.status is FulfillmentOrderStatus.ON_HOLD:
        return f"It is on hold: {unit.hold_reason}." if unit.hold_reason else "It is on hold."
    return _STANDSTILLS.get(unit.status, _NOTHING)


def _delivery(part: Part, delivery: Delivery) -> dict[str, object]:
    leg, eta = delivery.active_leg, delivery.eta
    return {
        "id": delivery.id,
        "status": str(delivery.status),
        "status_text": _STATUSES.get(delivery.status) or _STAGES[delivery.stage],
        "carrier": part.carrier,
        # Carriers' own codes: "same_day", "USPS.GroundAdvantage".
        "service": leg.service.replace("_", " ").replace(".", " ") if leg else "",
        "eta": eta
        and {"at": _instant(eta.at), "from": _instant(eta.interval.start), "to": _instant(eta.interval.end)},
        "promise": _window(delivery.promise.window) if delivery.promise else None,
        "tracking_url": part.tracking_url,
    }


def _exception(incident: Incident) -> dict[str, object]:
    return {
        "id": incident.id,
        "title": incident.title,
        "evidence": incident.evidence,
        "severity": str(incident.severity),
    }


def _window(window: Window) -> dict[str, str]:
    return {"start": _instant(window.start), "end": _instant(window.end)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

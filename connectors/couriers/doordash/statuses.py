"""DoorDash's statuses, events and reasons in our words (published OpenAPI 2.1). Unknown ones are kept raw."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, text

STATUSES: dict[str, DeliveryStatus] = {
    "quote": DeliveryStatus.QUOTED,
    "created": DeliveryStatus.BOOKED,
    "confirmed": DeliveryStatus.COURIER_ASSIGNED,
    "enroute_to_pickup": DeliveryStatus.TO_PICKUP,
    "arrived_at_pickup": DeliveryStatus.AT_PICKUP,
    "picked_up": DeliveryStatus.PICKED_UP,
    "enroute_to_dropoff": DeliveryStatus.OUT_FOR_DELIVERY,
    "arrived_at_dropoff": DeliveryStatus.AT_DROPOFF,
    "delivered": DeliveryStatus.DELIVERED,
    "enroute_to_return": DeliveryStatus.RETURNING,
    "arrived_at_return": DeliveryStatus.RETURNING,
    "returned": DeliveryStatus.RETURNED,
    "cancelled": DeliveryStatus.CANCELLED,
}

EVENTS: dict[str, DeliveryStatus] = {
    "DELIVERY_CREATED": DeliveryStatus.BOOKED,
    "DASHER_CONFIRMED": DeliveryStatus.COURIER_ASSIGNED,
    "DASHER_ENROUTE_TO_PICKUP": DeliveryStatus.TO_PICKUP,
    "DASHER_CONFIRMED_PICKUP_ARRIVAL": DeliveryStatus.AT_PICKUP,
    "DASHER_PICKED_UP": DeliveryStatus.PICKED_UP,
    "DASHER_ENROUTE_TO_DROPOFF": DeliveryStatus.OUT_FOR_DELIVERY,
    "DASHER_CONFIRMED_DROPOFF_ARRIVAL": DeliveryStatus.AT_DROPOFF,
    "DASHER_DROPPED_OFF": DeliveryStatus.DELIVERED,
    "DELIVERY_RETURN_INITIALIZED": DeliveryStatus.RETURNING,
    "DASHER_ENROUTE_TO_RETURN": DeliveryStatus.RETURNING,
    "DASHER_CONFIRMED_RETURN_ARRIVAL": DeliveryStatus.RETURNING,
    "DELIVERY_RETURNED": DeliveryStatus.RETURNED,
    "DELIVERY_CANCELLED": DeliveryStatus.CANCELLED,
}

ABOUT_A_ROUTE = frozenset({"DELIVERY_BATCHED"})
"""Events that say nothing of where a delivery stands."""

REASONS: dict[str, IncidentKind | None] = {
    "cancelled_by_creator": None,
    # The account's money; nobody's door or parcel.
    "failed_to_process_payment": IncidentKind.OTHER,
    "failed_to_assign_and_refunded": IncidentKind.NO_COURIER,
    "failed_to_pickup": IncidentKind.MISSED_PICKUP,
    # DoorDash does not say why nobody took it in.
    "failed_to_deliver": IncidentKind.OTHER,
    "failed_to_return": IncidentKind.RETURN_OVERDUE,
}
"""Why a delivery was cancelled; None where somebody on our side called it off."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands, and what went wrong if anything did."""

    status: DeliveryStatus
    trouble: IncidentKind | None = None
    raw_reason: str = ""


def standing_of(delivery: Json, raw_status: str) -> Standing:
    """Read a delivery object or a webhook; `raw_status` is its status or the name of its event."""
    status = STATUSES.get(raw_status) or EVENTS.get(raw_status) or DeliveryStatus.UNKNOWN
    if status is DeliveryStatus.CANCELLED:
        return _cancelled(delivery)
    if status is DeliveryStatus.RETURNING:
        # It was not handed over, and DoorDash does not say why.
        return Standing(status, IncidentKind.OTHER, raw_status)
    return Standing(status)


def _cancelled(delivery: Json) -> Standing:
    reason = text(delivery, "cancellation_reason")
    had_goods = bool(text(delivery, "pickup_time_actual"))
    if reason in REASONS:
        is_ours = REASONS[reason] is None
        return Standing(
            DeliveryStatus.CANCELLED if is_ours else DeliveryStatus.FAILED, REASONS[reason], reason
        )
    status = DeliveryStatus.FAILED if had_goods else DeliveryStatus.CANCELLED
    if reason or had_goods:
        return Standing(status, IncidentKind.OTHER, reason)
    return Standing(status, IncidentKind.COURIER_CANCELLED)

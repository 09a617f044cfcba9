"""Uber's statuses and reasons in our words. Unknown ones stay unknown and are kept raw.

Statuses are those of Uber Direct OpenAPI 1.0.1. Reasons are the four of its test courier, the reasons for
cancelling of its API, and the codes that Uber's public shop integrations list; Uber publishes no full list.
"""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text
from doorstep.quote import VehicleKind

RETURN_LEG_PREFIX = "ret_"

STATUSES: dict[str, DeliveryStatus] = {
    "pending": DeliveryStatus.BOOKED,
    "pickup": DeliveryStatus.TO_PICKUP,
    "shopping_completed": DeliveryStatus.AT_PICKUP,
    "pickup_complete": DeliveryStatus.PICKED_UP,
    "dropoff": DeliveryStatus.OUT_FOR_DELIVERY,
    "delivered": DeliveryStatus.DELIVERED,
    "canceled": DeliveryStatus.CANCELLED,
    "returned": DeliveryStatus.RETURNED,
}

_RETURN_LEG: dict[str, DeliveryStatus] = dict.fromkeys(
    ("pending", "pickup", "pickup_complete", "dropoff", "canceled"), DeliveryStatus.RETURNING
) | {"delivered": DeliveryStatus.RETURNED, "returned": DeliveryStatus.RETURNED}

OURS_OR_THE_SHOPPERS = frozenset(
    {
        "cancelled_by_merchant_api",
        "merchant_cancel",
        "customer_cancel",
        "customer_called_to_cancel",
        "too_expensive",
    }
)
"""Somebody on our side called it off: no incident."""

REASONS: dict[str, IncidentKind] = {
    "customer_unavailable": IncidentKind.RECIPIENT_UNAVAILABLE,
    "customer_not_available": IncidentKind.RECIPIENT_UNAVAILABLE,
    "unreachable": IncidentKind.RECIPIENT_UNAVAILABLE,
    "excessive_wait_time": IncidentKind.RECIPIENT_UNAVAILABLE,
    "customer_rejected_order": IncidentKind.REFUSED,
    "cannot_find_customer_address": IncidentKind.ADDRESS_PROBLEM,
    "wrong_address": IncidentKind.ADDRESS_PROBLEM,
    "cannot_access_customer_location": IncidentKind.ACCESS_PROBLEM,
    "no_secure_location_to_dropoff": IncidentKind.ACCESS_PROBLEM,
    "recipient_intoxicated": IncidentKind.VERIFICATION_FAILED,
    "recipient_id": IncidentKind.VERIFICATION_FAILED,
    "recipient_age": IncidentKind.VERIFICATION_FAILED,
    "customer_id_check_failed": IncidentKind.VERIFICATION_FAILED,
    "pin_match_issue": IncidentKind.VERIFICATION_FAILED,
    "store_closed": IncidentKind.MERCHANT_NOT_READY,
    "store_too_busy": IncidentKind.MERCHANT_NOT_READY,
    "restaurant_closed": IncidentKind.MERCHANT_NOT_READY,
    "merchant_closed": IncidentKind.MERCHANT_NOT_READY,
    "merchant_refused": IncidentKind.MERCHANT_NOT_READY,
    "supplier_closed": IncidentKind.MERCHANT_NOT_READY,
    "unable_to_find_pickup": IncidentKind.MISSED_PICKUP,
    "out_of_items": IncidentKind.ITEM_MISMATCH,
    "uber_missing_items": IncidentKind.ITEM_MISMATCH,
    "incorrect_package": IncidentKind.ITEM_MISMATCH,
    "oversized_item": IncidentKind.ITEM_MISMATCH,
    "delivery_vehicle_too_small": IncidentKind.ITEM_MISMATCH,
    "item_lost": IncidentKind.LOST,
    "no_courier_assigned": IncidentKind.NO_COURIER,
    "cannot_dispatch_courier": IncidentKind.NO_COURIER,
    "batch_force_ended_expired_order": IncidentKind.NO_COURIER,
    "unfulfillment": IncidentKind.NO_COURIER,
    "unfulfilled": IncidentKind.NO_COURIER,
    "courier_delayed_en_route_to_pickup": IncidentKind.COURIER_CANCELLED,
    "courier_report_crash": IncidentKind.COURIER_CANCELLED,
    "order_task_failed": IncidentKind.COURIER_CANCELLED,
    "uber_cancel": IncidentKind.COURIER_CANCELLED,
}

VEHICLES: dict[str, VehicleKind] = {
    "walker": VehicleKind.FOOT,
    "bicycle": VehicleKind.BICYCLE,
    "scooter": VehicleKind.MOTORCYCLE,
    "motorcycle": VehicleKind.MOTORCYCLE,
    "car": VehicleKind.CAR,
    "van": VehicleKind.VAN,
    "truck": VehicleKind.TRUCK,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands, and what went wrong if anything did."""

    status: DeliveryStatus
    trouble: IncidentKind | None = None
    raw_reason: str = ""


def standing_of(delivery: Json, raw_status: str) -> Standing:
    """Read a delivery object.

    "returned" means that the goods are on their way back on a leg of their own (`ret_…`), which says when
    they arrived; only where no such leg is named do we take the word as it is.
    """
    if text(delivery, "id").startswith(RETURN_LEG_PREFIX):
        trouble = IncidentKind.RETURN_OVERDUE if raw_status == "canceled" else None
        return Standing(_RETURN_LEG.get(raw_status, DeliveryStatus.UNKNOWN), trouble, "")
    if raw_status in {"canceled", "returned"}:
        return _ended_badly(delivery, raw_status)
    reason = text(delivery, "undeliverable_reason")
    if raw_status == "dropoff" and reason:
        return Standing(
            DeliveryStatus.ATTEMPT_FAILED, REASONS.get(reason.lower(), IncidentKind.OTHER), reason
        )
    return Standing(_with_nearness(delivery, raw_status))


def return_leg_of(delivery: Json) -> str:
    """Id of the leg that brings the goods back, "" where there is none."""
    return _related(delivery, "return")


def booking_of(delivery: Json, delivery_id: str) -> str:
    """Id of our booking: of the original where `delivery` is the leg back."""
    if delivery_id.startswith(RETURN_LEG_PREFIX):
        return _related(delivery, "original") or delivery_id
    return delivery_id


def _related(delivery: Json, relationship: str) -> str:
    for related in children(delivery, "related_deliveries"):
        if text(related, "relationship") == relationship:
            return text(related, "id")
    return ""


def _with_nearness(delivery: Json, raw_status: str) -> DeliveryStatus:
    status = STATUSES.get(raw_status, DeliveryStatus.UNKNOWN)
    if status is DeliveryStatus.TO_PICKUP and not child(delivery, "courier"):
        return DeliveryStatus.COURIER_ASSIGNED
    if delivery.get("courier_imminent") is True:
        near = {
            DeliveryStatus.TO_PICKUP: DeliveryStatus.AT_PICKUP,
            DeliveryStatus.OUT_FOR_DELIVERY: DeliveryStatus.AT_DROPOFF,
        }
        return near.get(status, status)
    return status


def _ended_badly(delivery: Json, raw_status: str) -> Standing:
    had_goods = text(child(delivery, "pickup"), "status") == "completed"
    trouble, reason = _reason_of(delivery, had_goods=had_goods)
    if return_leg_of(delivery):
        return Standing(DeliveryStatus.RETURNING, trouble, reason)
    if raw_status == "returned":
        return Standing(DeliveryStatus.RETURNED, trouble, reason)
    failed = had_goods or bool(text(delivery, "undeliverable_reason"))
    return Standing(DeliveryStatus.FAILED if failed else DeliveryStatus.CANCELLED, trouble, reason)


def _reason_of(delivery: Json, *, had_goods: bool) -> tuple[IncidentKind | None, str]:
    cancelled = child(delivery, "cancelation_reason")
    given = (
        text(delivery, "undeliverable_reason"),
        text(cancelled, "secondary_reason"),
        text(cancelled, "primary_reason"),
    )
    raw = next((reason for reason in given if reason), "")
    for reason in given:
        if reason.lower() in REASONS:
            return REASONS[reason.lower()], reason
        if reason.lower() in OURS_OR_THE_SHOPPERS:
            return None, reason
    return IncidentKind.OTHER if had_goods else IncidentKind.COURIER_CANCELLED, raw

"""Stuart's statuses and reasons in our words. Unknown ones stay unknown and are kept raw.

A job has a status, and its delivery has one too, in an older vocabulary ("almost_picking") or in a newer one
("courier_arriving_at_pickup"). Reasons are the keys that Stuart's guide to cancellations explains.
"""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery_status import TERMINAL, DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, text
from doorstep.quote import VehicleKind

JOB_STATUSES: dict[str, DeliveryStatus] = {
    "new": DeliveryStatus.BOOKED,
    "scheduled": DeliveryStatus.BOOKED,
    "searching": DeliveryStatus.SEARCHING,
    "in_progress": DeliveryStatus.COURIER_ASSIGNED,
    "finished": DeliveryStatus.DELIVERED,
    "canceled": DeliveryStatus.CANCELLED,
    "expired": DeliveryStatus.FAILED,
}

DELIVERY_STATUSES: dict[str, DeliveryStatus] = {
    "pending": DeliveryStatus.BOOKED,
    "picking": DeliveryStatus.COURIER_ASSIGNED,
    "almost_picking": DeliveryStatus.TO_PICKUP,
    "waiting_at_pickup": DeliveryStatus.AT_PICKUP,
    "delivering": DeliveryStatus.OUT_FOR_DELIVERY,
    "almost_delivering": DeliveryStatus.AT_DROPOFF,
    "waiting_at_dropoff": DeliveryStatus.AT_DROPOFF,
    "delivered": DeliveryStatus.DELIVERED,
    "cancelled": DeliveryStatus.CANCELLED,
    "package_created": DeliveryStatus.BOOKED,
    "courier_assigned": DeliveryStatus.COURIER_ASSIGNED,
    "courier_arriving_at_pickup": DeliveryStatus.TO_PICKUP,
    "courier_waiting_at_pickup": DeliveryStatus.AT_PICKUP,
    "package_delivering": DeliveryStatus.OUT_FOR_DELIVERY,
    "courier_arriving_at_dropoff": DeliveryStatus.AT_DROPOFF,
    "courier_waiting_at_dropoff": DeliveryStatus.AT_DROPOFF,
    "package_delivered": DeliveryStatus.DELIVERED,
    "package_canceled": DeliveryStatus.CANCELLED,
}

IMMINENT = frozenset(
    {
        "almost_delivering",
        "waiting_at_dropoff",
        "courier_arriving_at_dropoff",
        "courier_waiting_at_dropoff",
    }
)

_NOT_BEGUN = frozenset({"", "pending", "package_created"})
_ON_THE_WAY = frozenset({"picking", "courier_assigned"})

OURS_OR_THE_SHOPPERS = frozenset({"customer_cancellation_requested"})
"""Somebody on our side called it off: no incident."""

STACKED_BY_HAND = "manually_stacked"
"""Stuart goes on with it in another job, under our same reference: its delivery is not over."""

OUR_SIDE = frozenset({"client", "customer", "api"})
"""`canceled_by`, where it is given without a reason; Stuart lists no values, these are assumed."""

REASONS: dict[str, IncidentKind] = {
    "address_error": IncidentKind.ADDRESS_PROBLEM,
    "package_damaged": IncidentKind.DAMAGED,
    "wrong_transport_type": IncidentKind.ITEM_MISMATCH,
    "end_customer_unreachable": IncidentKind.RECIPIENT_UNAVAILABLE,
    "end_customer_refused_package": IncidentKind.REFUSED,
    "pu_closed": IncidentKind.MERCHANT_NOT_READY,
    "pickup_closed": IncidentKind.MERCHANT_NOT_READY,
    "no_supply": IncidentKind.NO_COURIER,
    "technical_issue": IncidentKind.COURIER_CANCELLED,
    "duplicate_package": IncidentKind.ITEM_MISMATCH,
    "courier_issue": IncidentKind.COURIER_CANCELLED,
    "incorrect_package": IncidentKind.ITEM_MISMATCH,
}
"""By key with underscores; Stuart also writes "end-customer_unreachable"."""

_AT_THE_DOOR = frozenset({"end_customer_unreachable", "end_customer_refused_package"})

VEHICLES: dict[str, VehicleKind] = {
    "walk": VehicleKind.FOOT,
    "bike": VehicleKind.BICYCLE,
    "cargobike": VehicleKind.CARGO_BIKE,
    "cargobikexl": VehicleKind.CARGO_BIKE,
    "motorbike": VehicleKind.MOTORCYCLE,
    "motorbikexl": VehicleKind.MOTORCYCLE,
    "car": VehicleKind.CAR,
    "van": VehicleKind.VAN,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands, in Stuart's word and in ours, and what went wrong if anything did."""

    raw: str
    status: DeliveryStatus
    trouble: IncidentKind | None = None
    raw_reason: str = ""


def standing_of(job_status: str, delivery: Json, *, is_seen: bool) -> Standing:
    """Read a job's status and its delivery (names with underscores) together.

    Parameters
    ----------
    job_status
        "" where a message speaks of the delivery alone.
    is_seen
        Whether somebody knows where the courier is: then an assigned one is on the way.
    """
    raw = _telling(job_status, text(delivery, "status"))
    status = DELIVERY_STATUSES.get(raw) or JOB_STATUSES.get(raw) or DeliveryStatus.UNKNOWN
    if raw in _ON_THE_WAY and is_seen:
        return Standing(raw, DeliveryStatus.TO_PICKUP)
    if raw == "expired":
        return Standing(raw, status, IncidentKind.NO_COURIER, raw)
    if status is DeliveryStatus.CANCELLED:
        return _cancelled(raw, delivery)
    return Standing(raw, status)


def _telling(job_status: str, delivery_status: str) -> str:
    """The word that says more: a delivery's as soon as it has begun, unless its job is over."""
    if DELIVERY_STATUSES.get(delivery_status) in TERMINAL:
        return delivery_status
    if JOB_STATUSES.get(job_status) in TERMINAL:
        return job_status
    return job_status or delivery_status if delivery_status in _NOT_BEGUN else delivery_status


def _cancelled(raw: str, delivery: Json) -> Standing:
    cancellation = child(delivery, "cancellation")
    raw_reason = text(cancellation, "reason_key")
    reason = raw_reason.lower().replace("-", "_")
    if reason == STACKED_BY_HAND:
        return Standing(raw_reason, DeliveryStatus.UNKNOWN, None, raw_reason)
    had_goods = bool(text(delivery, "picked_at")) or reason in _AT_THE_DOOR
    status = DeliveryStatus.FAILED if had_goods else DeliveryStatus.CANCELLED
    by_our_side = text(cancellation, "canceled_by").lower() in OUR_SIDE
    if reason in OURS_OR_THE_SHOPPERS or (by_our_side and reason not in REASONS):
        return Standing(raw, status, None, raw_reason)
    fallback = IncidentKind.OTHER if had_goods else IncidentKind.COURIER_CANCELLED
    return Standing(raw, status, REASONS.get(reason, fallback), raw_reason)

"""EasyPost's tracker statuses and details (API v2) in our words. Unknown ones stay unknown, kept raw."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, text

STATUSES: dict[str, DeliveryStatus] = {
    "unknown": DeliveryStatus.BOOKED,
    "pre_transit": DeliveryStatus.LABEL_READY,
    "in_transit": DeliveryStatus.IN_TRANSIT,
    "out_for_delivery": DeliveryStatus.OUT_FOR_DELIVERY,
    "delivered": DeliveryStatus.DELIVERED,
    "available_for_pickup": DeliveryStatus.READY_FOR_COLLECTION,
    "return_to_sender": DeliveryStatus.RETURNING,
    "failure": DeliveryStatus.ATTEMPT_FAILED,
    "cancelled": DeliveryStatus.CANCELLED,
    "error": DeliveryStatus.UNKNOWN,
}
"""`error` means that EasyPost could not ask the carrier: it says nothing about the parcel."""

TROUBLES: dict[str, IncidentKind | None] = {
    "address_correction": IncidentKind.ADDRESS_PROBLEM,
    "arrived_at_destination": None,
    "arrived_at_facility": None,
    "arrived_at_pickup_location": None,
    "awaiting_information": None,
    "cancelled": None,
    "damaged": IncidentKind.DAMAGED,
    "delayed": IncidentKind.LATE_RISK,
    "delivery_exception": IncidentKind.OTHER,
    "departed_facility": None,
    "departed_origin_facility": None,
    "expired": IncidentKind.OTHER,
    "failure": IncidentKind.OTHER,
    "held": IncidentKind.OTHER,
    "in_transit": None,
    "label_created": None,
    "lost": IncidentKind.LOST,
    "missorted": IncidentKind.LATE_RISK,
    "out_for_delivery": None,
    "received_at_destination_facility": None,
    "received_at_origin_facility": None,
    "refused": IncidentKind.REFUSED,
    "return": None,
    "status_update": None,
    "transferred_to_destination_carrier": None,
    "transit_exception": IncidentKind.LATE_RISK,
    "unknown": None,
    "weather_delay": IncidentKind.WEATHER,
}
"""Every documented `status_detail`, and the incident it means."""

_FAILED_FOR_GOOD = frozenset({"lost", "damaged", "expired", "cancelled"})
_FINE = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.CANCELLED, DeliveryStatus.READY_FOR_COLLECTION})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a parcel stands, and what went wrong if anything did."""

    status: DeliveryStatus
    trouble: IncidentKind | None = None
    raw_reason: str = ""


def standing_of(tracker: Json) -> Standing:
    """Read `status` and `status_detail` of a tracker.

    A failure is an attempt that may be repeated, unless its detail or `finalized` says that the carrier is
    through with the parcel.
    """
    detail = text(tracker, "status_detail")
    status = STATUSES.get(text(tracker, "status"), DeliveryStatus.UNKNOWN)
    is_final = tracker.get("finalized") is True
    if status is DeliveryStatus.IN_TRANSIT and detail == "received_at_origin_facility":
        status = DeliveryStatus.PICKED_UP
    elif status is DeliveryStatus.ATTEMPT_FAILED and (is_final or detail in _FAILED_FOR_GOOD):
        status = DeliveryStatus.FAILED
    elif status is DeliveryStatus.RETURNING and is_final:
        status = DeliveryStatus.RETURNED
    trouble = None if status in _FINE else TROUBLES.get(detail)
    if trouble is None and status in {DeliveryStatus.ATTEMPT_FAILED, DeliveryStatus.FAILED}:
        trouble = IncidentKind.OTHER
    return Standing(status, trouble, detail if trouble is not None else "")

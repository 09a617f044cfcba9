"""ShipEngine's tracking codes in our words. Unknown ones stay unknown, kept raw.

Status codes from the published OpenAPI 1.1.202604; detail codes from the documentation of both generations of
the API, 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, text

STATUSES: dict[str, DeliveryStatus] = {
    "UN": DeliveryStatus.UNKNOWN,
    "NY": DeliveryStatus.LABEL_READY,
    "AC": DeliveryStatus.PICKED_UP,
    "IT": DeliveryStatus.IN_TRANSIT,
    "DE": DeliveryStatus.DELIVERED,
    "EX": DeliveryStatus.IN_TRANSIT,
    "AT": DeliveryStatus.ATTEMPT_FAILED,
    "SP": DeliveryStatus.READY_FOR_COLLECTION,
}
"""`UN` means that the carrier says nothing; `EX` that something is wrong with a parcel on its way."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What a detail code adds; a status of None leaves that to the status code."""

    status: DeliveryStatus | None = None
    trouble: IncidentKind | None = None


def _details(status: DeliveryStatus | None, trouble: IncidentKind | None, codes: str) -> dict[str, Detail]:
    return dict.fromkeys(codes.split(), Detail(status, trouble))


DETAILS: dict[str, Detail] = {
    **_details(
        DeliveryStatus.LABEL_READY,
        None,
        "SHIPMENT_CREATED AWAITING_PICKUP_DROP_OFF AWAITING_DESPATCH AWAITING_ELECTRONIC_ADVICE "
        "COLLECTION_REQUESTED ELEC_ADVICE_RECD_BY_CARRIER",
    ),
    **_details(
        DeliveryStatus.LABEL_READY,
        IncidentKind.MISSED_PICKUP,
        "COLLECTION_FAILED NOT_YET_RECEIVED_BY_CARRIER",
    ),
    **_details(
        DeliveryStatus.PICKED_UP,
        None,
        "PICKED_UP COLLECTION_MADE DROPPED_OFF DESPATCHED RECEIVED_BY_CARRIER RECD_BY_CARRIER_NO_ELEC_ADVICE",
    ),
    **_details(
        DeliveryStatus.IN_TRANSIT,
        None,
        "IN_TRANSIT HUB_SCAN_IN HUB_SCAN_OUT HUB_PROCESSING RECEIVED_LOCAL_DELIVERY_DEPOT "
        "SUB_CONTRACTOR_EVENT SUB_CONTRACTOR_RECEIVED CUSTOMS_CLEARED CUSTOMS_PROCESSING "
        "PARCEL_OVER_LABELLED DELIVERY_SCHEDULED DELIVERY_ARRANGED_WITH_RECIPIENT PARCEL_REDIRECTED",
    ),
    **_details(
        DeliveryStatus.IN_TRANSIT,
        IncidentKind.LATE_RISK,
        "CARRIER_DELAYS DELAYED_NOT_CARRIER DELIVERY_RESCHEDULED HELD_BY_CARRIER MISSORTED ROUTING_ERROR",
    ),
    **_details(
        DeliveryStatus.IN_TRANSIT,
        IncidentKind.CUSTOMS,
        "HELD_BY_CUSTOMS HELD_BY_EXPORT_CUSTOMS HELD_BY_IMPORT_CUSTOMS "
        "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING",
    ),
    **_details(DeliveryStatus.IN_TRANSIT, IncidentKind.ADDRESS_PROBLEM, "ADDRESS_QUERY"),
    **_details(DeliveryStatus.IN_TRANSIT, IncidentKind.DAMAGED, "PARCEL_REPACKED"),
    **_details(DeliveryStatus.IN_TRANSIT, IncidentKind.ITEM_MISMATCH, "INCORRECT_DECLARATION"),
    **_details(DeliveryStatus.OUT_FOR_DELIVERY, None, "OUT_FOR_DELIVERY"),
    **_details(
        DeliveryStatus.ATTEMPT_FAILED,
        IncidentKind.RECIPIENT_UNAVAILABLE,
        "ATTEMPTED_DELIVERY CUSTOMER_CARDED",
    ),
    **_details(
        DeliveryStatus.ATTEMPT_FAILED,
        IncidentKind.SECOND_FAILED_ATTEMPT,
        "ATTEMPTED_DELIVERY_2ND ATTEMPTED_DELIVERY_3RD ATTEMPTED_DELIVERY_FINAL",
    ),
    **_details(
        DeliveryStatus.ATTEMPT_FAILED, IncidentKind.VERIFICATION_FAILED, "CUSTOMER_IDENTIFICATION_FAILED"
    ),
    **_details(DeliveryStatus.ATTEMPT_FAILED, IncidentKind.ACCESS_PROBLEM, "NO_ACCESS_TO_RECIPIENTS_ADDRESS"),
    **_details(
        DeliveryStatus.ATTEMPT_FAILED, IncidentKind.OTHER, "COD_AMOUNT_NOT_PAID INVALID_METHOD_OF_PAYMENT"
    ),
    **_details(
        DeliveryStatus.READY_FOR_COLLECTION,
        None,
        "AWAITING_COLLECTION_FROM_PICKUP_POINT COLLECT_AT_LOCAL_PO CUSTOMER_TO_COLLECT_FROM_CARRIER "
        "DELIVERED_TO_LOCKER_COLLECTION_POINT DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION",
    ),
    **_details(
        DeliveryStatus.DELIVERED,
        None,
        "DELIVERED DELIVERED_SPECIFIED_SAFE_PLACE DELIVERED_TO_NEIGHBOUR DELIVERED_TO_PO_BOX "
        "PARCEL_COLLECTED_FROM_PICKUP_POINT PROOF_OF_DELIVERY",
    ),
    **_details(DeliveryStatus.DELIVERED, IncidentKind.DAMAGED, "DELIVERED_DAMAGED"),
    **_details(DeliveryStatus.DELIVERED, IncidentKind.ITEM_MISMATCH, "DELIVERED_IN_PART"),
    **_details(DeliveryStatus.RETURNING, IncidentKind.OTHER, "RETURN_TO_SENDER"),
    **_details(DeliveryStatus.RETURNING, IncidentKind.REFUSED, "REFUSED_BY_CUSTOMER"),
    **_details(
        DeliveryStatus.RETURNING,
        IncidentKind.RECIPIENT_UNAVAILABLE,
        "NOT_DELIVERED NOT_COLLECTED_FROM_PICKUP_POINT NOT_DELIVERED_ADDRESSEE_DECEASED",
    ),
    **_details(DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM, "CUSTOMER_MOVED"),
    **_details(
        DeliveryStatus.RETURNING,
        IncidentKind.ITEM_MISMATCH,
        "HAZARDOUS_PROHIBITED PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY",
    ),
    **_details(DeliveryStatus.RETURNING, IncidentKind.DAMAGED, "PARCEL_DAMAGED"),
    **_details(DeliveryStatus.FAILED, IncidentKind.LOST, "PARCEL_LOST PARCEL_DISPOSED"),
    **_details(DeliveryStatus.CANCELLED, None, "CANCELLED CANCELLED_BEFORE_DESPATCH"),
    **_details(None, IncidentKind.STALLED, "TRACKING_EXPIRED"),
    **_details(
        None,
        None,
        "CARRIER_STATUS_NOT_MAPPED COD_AMOUNT_PAID INFORMATION PARCEL_UPDATE_NOTIFICATION "
        "PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL PARCEL_UPDATE_NOTIFICATION_VIA_SMS POST_TRANSIT_STATUS",
    ),
}
"""Every documented `status_detail_code`, and the incident it means."""

_AT_THE_END = frozenset(
    {DeliveryStatus.DELIVERED, DeliveryStatus.READY_FOR_COLLECTION, DeliveryStatus.CANCELLED}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a parcel stands, and what went wrong if anything did."""

    status: DeliveryStatus
    raw_status: str
    trouble: IncidentKind | None = None
    raw_reason: str = ""


def standing_of(tracking: Json) -> Standing:
    """Read `status_code` and `status_detail_code` of a TrackingInformation.

    The detail says more than the status; there is no status for "out for delivery", for instance. Delivered
    is delivered, whatever scan the detail stems from: what was on its way back is delivered to its sender.
    """
    code, name = text(tracking, "status_code"), text(tracking, "status_detail_code")
    detail = DETAILS.get(name, Detail())
    status = detail.status or STATUSES.get(code, DeliveryStatus.UNKNOWN)
    trouble = detail.trouble
    if code == "DE":
        if status is DeliveryStatus.RETURNING:
            status = DeliveryStatus.RETURNED
        elif status not in _AT_THE_END:
            status, trouble = DeliveryStatus.DELIVERED, None
    if trouble is None and code in {"EX", "AT"} and status not in _AT_THE_END:
        trouble = IncidentKind.OTHER
    raw_status = f"{code}.{name}" if name else code
    reason = (name or code) if trouble is not None else ""
    return Standing(status, raw_status, trouble, reason)

"""UPS's status types, activity codes and error codes in our words (UPS's developer appendices, 2025/26)."""

from __future__ import annotations

from connectors.calling import Answer
from connectors.parcel.karrio.dialect import Standing
from connectors.refusing import Family, Refusals
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text

TYPES: dict[str, DeliveryStatus] = {
    "M": DeliveryStatus.LABEL_READY,
    "MV": DeliveryStatus.CANCELLED,
    "P": DeliveryStatus.PICKED_UP,
    "I": DeliveryStatus.IN_TRANSIT,
    "DO": DeliveryStatus.IN_TRANSIT,
    "DD": DeliveryStatus.IN_TRANSIT,
    "W": DeliveryStatus.IN_TRANSIT,
    "O": DeliveryStatus.OUT_FOR_DELIVERY,
    "D": DeliveryStatus.DELIVERED,
    "RS": DeliveryStatus.RETURNING,
    "X": DeliveryStatus.IN_TRANSIT,
    "NA": DeliveryStatus.UNKNOWN,
}
"""`status.type` of an activity. An exception (X) happens on the way; its code may say more."""

CODES: dict[str, tuple[DeliveryStatus | None, IncidentKind | None]] = {
    "MP": (DeliveryStatus.LABEL_READY, None),
    "MV": (DeliveryStatus.CANCELLED, None),
    "VP": (DeliveryStatus.CANCELLED, None),
    "XD": (DeliveryStatus.PICKED_UP, None),
    "PU": (DeliveryStatus.PICKED_UP, None),
    "OR": (DeliveryStatus.PICKED_UP, None),
    "DP": (DeliveryStatus.IN_TRANSIT, None),
    "AR": (DeliveryStatus.IN_TRANSIT, None),
    "IP": (DeliveryStatus.IN_TRANSIT, None),
    "YP": (DeliveryStatus.IN_TRANSIT, None),
    "OT": (DeliveryStatus.OUT_FOR_DELIVERY, None),
    "OF": (DeliveryStatus.OUT_FOR_DELIVERY, None),
    "2Q": (DeliveryStatus.READY_FOR_COLLECTION, None),
    "ZP": (DeliveryStatus.READY_FOR_COLLECTION, None),
    "KB": (DeliveryStatus.DELIVERED, None),
    "FS": (DeliveryStatus.DELIVERED, None),
    "F4": (DeliveryStatus.DELIVERED, None),
    "KM": (DeliveryStatus.DELIVERED, None),
    "RS": (DeliveryStatus.RETURNING, None),
    "U1": (DeliveryStatus.RETURNING, None),
    "48": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "49": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "X2": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "22": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.REFUSED),
    "31": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.ADDRESS_PROBLEM),
    "28": (None, IncidentKind.ADDRESS_PROBLEM),
    "29": (None, IncidentKind.ADDRESS_PROBLEM),
    "32": (None, IncidentKind.ADDRESS_PROBLEM),
    "07": (None, IncidentKind.ADDRESS_PROBLEM),
    "A3": (None, IncidentKind.DAMAGED),
    "19": (None, IncidentKind.DAMAGED),
    "P5": (None, IncidentKind.LOST),
    "FU": (None, IncidentKind.WEATHER),
    "AV": (None, IncidentKind.WEATHER),
    "0N": (None, IncidentKind.LATE_RISK),
    "DJ": (None, IncidentKind.LATE_RISK),
    "59": (None, IncidentKind.LATE_RISK),
    "CH": (None, IncidentKind.CUSTOMS),
}
"""`status.code` of an activity: the status where it says more than the type, and the incident it means."""

FAMILIES: dict[str, Family] = {
    "250001": Family.ACCOUNT,
    "250002": Family.ACCOUNT,
    "250003": Family.ACCOUNT,
    "120100": Family.ACCOUNT,
    "120102": Family.ACCOUNT,
    "10429": Family.SLOW_DOWN,
    "111210": Family.NOT_SERVICEABLE,
    "120124": Family.NOT_SERVICEABLE,
    "111285": Family.ADDRESS,
    "111286": Family.ADDRESS,
    "110208": Family.ADDRESS,
    "110308": Family.ADDRESS,
    "120202": Family.ADDRESS,
    "120205": Family.ADDRESS,
    "120206": Family.ADDRESS,
    "120802": Family.ADDRESS,
    "111030": Family.PARCEL,
    "111035": Family.PARCEL,
    "111036": Family.PARCEL,
    "111055": Family.PARCEL,
    "111057": Family.PARCEL,
    "190101": Family.TOO_LATE,
    "190102": Family.TOO_LATE,
    "9801031": Family.GONE,
    "9801040": Family.GONE,
    "151018": Family.GONE,
    "151044": Family.GONE,
    "TW0001": Family.GONE,
    "TV1002": Family.GONE,
}


def standing_of(kind: str, code: str) -> Standing:
    """Read an activity's type and code; one that no table knows stays unknown."""
    status = TYPES.get(kind, DeliveryStatus.UNKNOWN)
    says, trouble = CODES.get(code, (None, None))
    if says is not None and status is not DeliveryStatus.DELIVERED:
        status = says
    if status is DeliveryStatus.DELIVERED:
        return Standing(status)
    if kind == "X" and trouble is None:
        trouble = IncidentKind.OTHER
    return Standing(status, trouble, code if trouble is not None else "")


def _errors(answer: Answer) -> tuple[Json, ...]:
    # Label Recovery was seen with the list at the top, without `response` around it.
    return children(child(answer.body, "response"), "errors") or children(answer.body, "errors")


REFUSALS = Refusals(
    "ups",
    "UPS",
    FAMILIES,
    lambda answer: next((text(error, "code") for error in _errors(answer)), ""),
    lambda answer: next((text(error, "message") for error in _errors(answer)), ""),
)

"""USPS's status categories, event codes and error codes in our words (Tracking and Labels 3.0, 2025/26)."""

from __future__ import annotations

import re

from connectors.calling import Answer
from connectors.parcel.karrio.dialect import Standing
from connectors.refusing import Family, Refusals
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*([./][A-Za-z0-9_]+)*")

NONE_BY_THIS_KEY = "160412"
CANCELLED = "160979"

CATEGORIES: dict[str, DeliveryStatus] = {
    "Pre-Shipment": DeliveryStatus.LABEL_READY,
    "Accepted": DeliveryStatus.PICKED_UP,
    "In Transit": DeliveryStatus.IN_TRANSIT,
    "In-Transit": DeliveryStatus.IN_TRANSIT,
    "Moving Through Network": DeliveryStatus.IN_TRANSIT,
    "Arriving Late": DeliveryStatus.IN_TRANSIT,
    "Awaiting Delivery Scan": DeliveryStatus.OUT_FOR_DELIVERY,
    "Out for Delivery": DeliveryStatus.OUT_FOR_DELIVERY,
    "Delivery Attempt": DeliveryStatus.ATTEMPT_FAILED,
    "Available for Pickup": DeliveryStatus.READY_FOR_COLLECTION,
    "Delivered": DeliveryStatus.DELIVERED,
    "Delivered to Agent": DeliveryStatus.DELIVERED,
    "Return to Sender": DeliveryStatus.RETURNING,
    "Alert": DeliveryStatus.IN_TRANSIT,
}
"""`statusCategory`. An alert happens on the way; the newest event may say more."""

EVENTS: dict[str, tuple[DeliveryStatus | None, IncidentKind | None]] = {
    "GX": (DeliveryStatus.LABEL_READY, None),
    "MA": (DeliveryStatus.LABEL_READY, None),
    "TM": (DeliveryStatus.LABEL_READY, None),
    "03": (DeliveryStatus.PICKED_UP, None),
    "OA": (DeliveryStatus.PICKED_UP, None),
    "07": (DeliveryStatus.IN_TRANSIT, None),
    "10": (DeliveryStatus.IN_TRANSIT, None),
    "NT": (DeliveryStatus.IN_TRANSIT, None),
    "PC": (DeliveryStatus.IN_TRANSIT, None),
    "SF": (DeliveryStatus.IN_TRANSIT, None),
    "OF": (DeliveryStatus.OUT_FOR_DELIVERY, None),
    "59": (DeliveryStatus.OUT_FOR_DELIVERY, None),
    "14": (DeliveryStatus.READY_FOR_COLLECTION, None),
    "16": (DeliveryStatus.READY_FOR_COLLECTION, None),
    "01": (DeliveryStatus.DELIVERED, None),
    "43": (DeliveryStatus.PICKED_UP, None),
    "02": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "51": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "52": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "53": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "55": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "56": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.ACCESS_PROBLEM),
    "04": (DeliveryStatus.RETURNING, IncidentKind.REFUSED),
    "05": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "09": (DeliveryStatus.RETURNING, IncidentKind.RECIPIENT_UNAVAILABLE),
    "21": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "22": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "23": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "24": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "25": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "26": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "29": (DeliveryStatus.RETURNING, None),
    "31": (DeliveryStatus.RETURNING, None),
    "06": (DeliveryStatus.IN_TRANSIT, IncidentKind.ADDRESS_PROBLEM),
    "08": (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    "DE": (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    "71": (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
}
"""`eventCode`: the status where there is no category, and the incident that it means."""

FAMILIES: dict[str, Family] = {
    "401": Family.ACCOUNT,
    "403": Family.ACCOUNT,
    "429": Family.SLOW_DOWN,
    NONE_BY_THIS_KEY: Family.GONE,
    CANCELLED: Family.GONE,
    "160378": Family.GONE,
}

_FINE = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.READY_FOR_COLLECTION})


def standing_of(category: str, code: str) -> Standing:
    """Read a category and the newest event; what no table knows stays unknown."""
    says, trouble = EVENTS.get(code, (None, None))
    status = CATEGORIES.get(category) or (says if not category else None) or DeliveryStatus.UNKNOWN
    if category == "Alert" and says is not None:
        status = says
    if status in _FINE:
        return Standing(status)
    if trouble is None and category in {"Alert", "Arriving Late"}:
        trouble = IncidentKind.LATE_RISK if category == "Arriving Late" else IncidentKind.OTHER
    return Standing(status, trouble, (code or category) if trouble is not None else "")


def _errors(answer: Answer) -> tuple[Json, ...]:
    error = child(answer.body, "error")
    return (*children(error, "errors"), error) if error else ()


def _code_of(answer: Answer) -> str:
    return next((code for error in _errors(answer) if (code := text(error, "code"))), "")


def _message_of(answer: Answer) -> str:
    told = (text(error, "detail") or text(error, "message") for error in _errors(answer))
    return next((words for words in told if words), "")


def _fields_of(answer: Answer) -> tuple[str, ...]:
    """Names only: whatever else stands there may repeat what stood in the field."""
    names = (text(child(error, "source"), "parameter") for error in _errors(answer))
    return tuple(name for name in names if _FIELD.fullmatch(name))


REFUSALS = Refusals("usps", "USPS", FAMILIES, _code_of, _message_of, fields_of=_fields_of)

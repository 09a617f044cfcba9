"""Purolator's scan types and error codes in our words (Tracking v1 and E-Ship v2 WSDL, 2025/26)."""

from __future__ import annotations

import re

from connectors.calling import Answer
from connectors.parcel.karrio.dialect import Standing
from connectors.parcel.karrio.reading_xml import Xml
from connectors.refusing import Family, Refusals
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

SCANS: dict[str, DeliveryStatus] = {
    "ProofOfPickUp": DeliveryStatus.PICKED_UP,
    "OnDelivery": DeliveryStatus.OUT_FOR_DELIVERY,
    "Delivery": DeliveryStatus.DELIVERED,
    "Undeliverable": DeliveryStatus.ATTEMPT_FAILED,
    "Other": DeliveryStatus.IN_TRANSIT,
}
"""`ScanType`: all that the WSDL knows."""

DESCRIPTIONS: tuple[tuple[re.Pattern[str], DeliveryStatus | None, IncidentKind | None], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), status, trouble)
    for pattern, status, trouble in (
        (r"shipment (?:label )?created|shipping label", DeliveryStatus.LABEL_READY, None),
        (r"available for (?:pick ?up|hold)|hold for pick ?up", DeliveryStatus.READY_FOR_COLLECTION, None),
        (r"return(?:ed|ing)? to sender", DeliveryStatus.RETURNING, None),
        (r"refus", None, IncidentKind.REFUSED),
        (r"damag", None, IncidentKind.DAMAGED),
        (r"address|no such (?:number|street)|moved", None, IncidentKind.ADDRESS_PROBLEM),
        (r"closed|not (?:home|available|in)|no one", None, IncidentKind.RECIPIENT_UNAVAILABLE),
        (r"weather", None, IncidentKind.WEATHER),
        (r"customs", None, IncidentKind.CUSTOMS),
        (r"delay|missort|misrout", None, IncidentKind.LATE_RISK),
    )
)
"""What a scan's English text adds to its type; the first that fits. Purolator publishes no codes."""

FAMILIES: dict[str, Family] = {}
"""Purolator publishes no list of its seven-digit codes; what they mean falls back on the HTTP status."""


def standing_of(kind: str, description: str) -> Standing:
    """Read a scan's type and text; a type that the WSDL does not know stays unknown."""
    status = SCANS.get(kind, DeliveryStatus.UNKNOWN)
    trouble: IncidentKind | None = None
    if status in {DeliveryStatus.IN_TRANSIT, DeliveryStatus.ATTEMPT_FAILED}:
        for pattern, says, means in DESCRIPTIONS:
            if pattern.search(description):
                status, trouble = says or status, means
                break
        if trouble is None and status is DeliveryStatus.ATTEMPT_FAILED:
            trouble = IncidentKind.OTHER
    return Standing(status, trouble, kind if trouble is not None else "")


def errors_in(answer: Answer) -> bool:
    """Whether it says no, be it with 200."""
    return bool(_code_of(answer))


def _code_of(answer: Answer) -> str:
    told = Xml.parse(answer.raw)
    return told.first("Errors").first("Error").text("Code") or told.first("Fault").text("faultcode")


def _message_of(answer: Answer) -> str:
    told = Xml.parse(answer.raw)
    return told.first("Errors").first("Error").text("Description") or told.first("Fault").text("faultstring")


REFUSALS = Refusals("purolator", "Purolator", FAMILIES, _code_of, _message_of)

"""DHL Express's event codes and error codes in our words (MyDHL API reference data, 2025/26)."""

from __future__ import annotations

import re

from connectors.calling import Answer
from connectors.parcel.karrio.dialect import Standing
from connectors.refusing import Family, Refusals
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import text

EVENTS: dict[str, tuple[DeliveryStatus, IncidentKind | None]] = {
    "PU": (DeliveryStatus.PICKED_UP, None),
    "SA": (DeliveryStatus.PICKED_UP, None),
    **dict.fromkeys(
        (
            "PL",
            "DF",
            "AF",
            "AR",
            "FD",
            "TP",
            "TR",
            "RR",
            "CR",
            "CI",
            "IC",
            "MC",
            "ES",
            "RW",
            "SD",
            "HO",
            "PO",
        ),
        (DeliveryStatus.IN_TRANSIT, None),
    ),
    "WC": (DeliveryStatus.OUT_FOR_DELIVERY, None),
    "OK": (DeliveryStatus.DELIVERED, None),
    "PD": (DeliveryStatus.DELIVERED, None),
    "DD": (DeliveryStatus.DELIVERED, IncidentKind.DAMAGED),
    "DL": (DeliveryStatus.DELIVERED, None),
    "CC": (DeliveryStatus.READY_FOR_COLLECTION, None),
    "NH": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "CA": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "RD": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.REFUSED),
    "ND": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.OTHER),
    "BA": (DeliveryStatus.IN_TRANSIT, IncidentKind.ADDRESS_PROBLEM),
    "CM": (DeliveryStatus.IN_TRANSIT, IncidentKind.ADDRESS_PROBLEM),
    "AD": (DeliveryStatus.IN_TRANSIT, None),
    "OH": (DeliveryStatus.IN_TRANSIT, IncidentKind.OTHER),
    "HP": (DeliveryStatus.IN_TRANSIT, IncidentKind.CUSTOMS),
    "UD": (DeliveryStatus.IN_TRANSIT, IncidentKind.CUSTOMS),
    "CD": (DeliveryStatus.IN_TRANSIT, IncidentKind.CUSTOMS),
    "CS": (DeliveryStatus.IN_TRANSIT, IncidentKind.CUSTOMS),
    "BN": (DeliveryStatus.IN_TRANSIT, None),
    "MS": (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    "DY": (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    "TD": (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    "SM": (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    "WX": (DeliveryStatus.IN_TRANSIT, IncidentKind.WEATHER),
    "DM": (DeliveryStatus.IN_TRANSIT, IncidentKind.DAMAGED),
    "SS": (DeliveryStatus.IN_TRANSIT, IncidentKind.OTHER),
    "RT": (DeliveryStatus.RETURNING, None),
    "DS": (DeliveryStatus.FAILED, IncidentKind.OTHER),
}
"""`typeCode` of an event, and the incident that it means."""

FAMILIES: dict[str, Family] = {
    "996": Family.NOT_SERVICEABLE,
    "420504": Family.ADDRESS,
    "420505": Family.ADDRESS,
}
"""The number that starts `detail`, "996: The requested product(s) …"."""

_NUMBER = re.compile(r"\s*(\d{3,6})\b")


def standing_of(code: str) -> Standing:
    """Read an event's code; one that the table does not know stays unknown."""
    status, trouble = EVENTS.get(code, (DeliveryStatus.UNKNOWN, None))
    return Standing(status, trouble, code if trouble is not None else "")


def _code_of(answer: Answer) -> str:
    numbered = _NUMBER.match(text(answer.body, "detail"))
    return numbered.group(1) if numbered else ""


REFUSALS = Refusals(
    "mydhl",
    "DHL Express",
    FAMILIES,
    _code_of,
    lambda answer: text(answer.body, "detail") or text(answer.body, "message") or text(answer.body, "title"),
)

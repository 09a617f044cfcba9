"""Canada Post's event identifiers and message codes in our words (its developer pages, 2025/26)."""

from __future__ import annotations

from connectors.calling import Answer
from connectors.parcel.karrio.dialect import Standing
from connectors.parcel.karrio.reading_xml import Xml
from connectors.refusing import Family, Refusals
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind

EVENTS: dict[str, tuple[DeliveryStatus, IncidentKind | None]] = {
    "3000": (DeliveryStatus.LABEL_READY, None),
    **dict.fromkeys(("2300", "0300", "300"), (DeliveryStatus.PICKED_UP, None)),
    **dict.fromkeys(
        ("0100", "100", "0170", "170", "4500", "4600", "4310", "4450"), (DeliveryStatus.IN_TRANSIT, None)
    ),
    **dict.fromkeys(("0174", "174", "0500", "500"), (DeliveryStatus.OUT_FOR_DELIVERY, None)),
    **dict.fromkeys(
        ("1407", "1410", "1435", "1436", "1437", "1438", "1479", "1488", "1701"),
        (DeliveryStatus.READY_FOR_COLLECTION, None),
    ),
    **dict.fromkeys(
        (
            "1408 1409 1421 1422 1423 1424 1425 1426 1427 1428 1429 1430 1431 1432 1433 1434 1441 1442 1496 "
            "1497 1498 1499"
        ).split(),
        (DeliveryStatus.DELIVERED, None),
    ),
    "1443": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.RECIPIENT_UNAVAILABLE),
    "1450": (DeliveryStatus.ATTEMPT_FAILED, IncidentKind.OTHER),
    "1415": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "1416": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "1417": (DeliveryStatus.RETURNING, IncidentKind.ADDRESS_PROBLEM),
    "1418": (DeliveryStatus.RETURNING, IncidentKind.RECIPIENT_UNAVAILABLE),
    "1419": (DeliveryStatus.RETURNING, IncidentKind.RECIPIENT_UNAVAILABLE),
    "1420": (DeliveryStatus.RETURNING, IncidentKind.REFUSED),
    **dict.fromkeys(
        ("0159", "159", "0160", "160", "0161", "161", "0162", "162", "0163", "163", "0172", "172"),
        (DeliveryStatus.IN_TRANSIT, IncidentKind.LATE_RISK),
    ),
}
"""`event-identifier`, with and without leading zeros: the service writes it both ways. Seen in public
integrations; Canada Post's own list is longer, and what is not here stays unknown."""

FAMILIES: dict[str, Family] = {
    "E002": Family.ACCOUNT,
    "AA001": Family.ACCOUNT,
    "AA002": Family.ACCOUNT,
    "AA003": Family.ACCOUNT,
    "AA004": Family.ACCOUNT,
    "AA005": Family.ACCOUNT,
    "AA006": Family.ACCOUNT,
    "Server": Family.SLOW_DOWN,
    "004": Family.GONE,
    "8064": Family.TOO_LATE,
}
"""`message/code`. "Server" is the one for too many calls."""


def standing_of(code: str) -> Standing:
    """Read an event's identifier; one that the table does not know stays unknown."""
    status, trouble = EVENTS.get(code, (DeliveryStatus.UNKNOWN, None))
    return Standing(status, trouble, code if trouble is not None else "")


REFUSALS = Refusals(
    "canada_post",
    "Canada Post",
    FAMILIES,
    lambda answer: _message(answer).text("code"),
    lambda answer: _message(answer).text("description"),
)


def _message(answer: Answer) -> Xml:
    return Xml.parse(answer.raw).first("message")

"""FedEx's tracking codes, exception reasons and error codes in our words (Track v1 and Ship v1, 2025/26)."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.calling import Answer
from connectors.parcel.karrio.dialect import Standing
from connectors.refusing import Family, Refusals
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text

STATUSES: dict[str, DeliveryStatus] = {
    **dict.fromkeys(("OC", "OX", "IN", "EP", "MD"), DeliveryStatus.LABEL_READY),
    **dict.fromkeys(("PU", "PX", "AP", "DO"), DeliveryStatus.PICKED_UP),
    **dict.fromkeys(
        "IT IX AA AC AF AR AX CC CP DP DR EA EO FD LO OF PF PL PM RR SF TR DY DD SE CD HA RC".split(),
        DeliveryStatus.IN_TRANSIT,
    ),
    **dict.fromkeys(("OD", "ED", "AD"), DeliveryStatus.OUT_FOR_DELIVERY),
    **dict.fromkeys(("HL", "HP"), DeliveryStatus.READY_FOR_COLLECTION),
    "DE": DeliveryStatus.ATTEMPT_FAILED,
    "DL": DeliveryStatus.DELIVERED,
    **dict.fromkeys(("RS", "RT"), DeliveryStatus.RETURNING),
    **dict.fromkeys(("CA", "RD"), DeliveryStatus.CANCELLED),
}
"""`latestStatusDetail.code`. FedEx publishes the list as open: others stay unknown."""

TROUBLES: dict[str, IncidentKind] = {
    "DE": IncidentKind.RECIPIENT_UNAVAILABLE,
    "SE": IncidentKind.OTHER,
    "CD": IncidentKind.CUSTOMS,
    "DY": IncidentKind.LATE_RISK,
    "DD": IncidentKind.LATE_RISK,
    "RS": IncidentKind.OTHER,
    "RT": IncidentKind.OTHER,
}
"""What a code means by itself, where no reason says more."""

REASONS: dict[str, IncidentKind] = {
    "03": IncidentKind.ADDRESS_PROBLEM,
    "07": IncidentKind.REFUSED,
    "08": IncidentKind.RECIPIENT_UNAVAILABLE,
    "11": IncidentKind.ACCESS_PROBLEM,
    "12": IncidentKind.LATE_RISK,
    "15": IncidentKind.RECIPIENT_UNAVAILABLE,
    "17": IncidentKind.RECIPIENT_UNAVAILABLE,
    "29": IncidentKind.LATE_RISK,
    "30": IncidentKind.RECIPIENT_UNAVAILABLE,
    "34": IncidentKind.RECIPIENT_UNAVAILABLE,
    "42": IncidentKind.RECIPIENT_UNAVAILABLE,
    "71": IncidentKind.WEATHER,
    "79": IncidentKind.WEATHER,
    "81": IncidentKind.WEATHER,
    "84": IncidentKind.LATE_RISK,
    "93": IncidentKind.REFUSED,
    "A12": IncidentKind.DAMAGED,
    "A13": IncidentKind.WEATHER,
}
"""`ancillaryDetails.reason`: FedEx's exception numbers."""

_FINE = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.CANCELLED, DeliveryStatus.READY_FOR_COLLECTION})

FAMILIES: dict[str, Family] = {
    "NOT.AUTHORIZED.ERROR": Family.ACCOUNT,
    "FORBIDDEN.ERROR": Family.ACCOUNT,
    "ACCOUNT.NUMBER.MISMATCH": Family.ACCOUNT,
    "ACCOUNTNUMBER.REGISTRATION.REQUIRED": Family.ACCOUNT,
    "SHIPMENT.ACCOUNTNUMBER.UNAUTHORIZED": Family.ACCOUNT,
    "INTERNAL.SERVER.ERROR": Family.RETRY,
    "SERVICE.UNAVAILABLE.ERROR": Family.RETRY,
    "SYSTEM.UNAVAILABLE.EXCEPTION": Family.RETRY,
    "SYSTEM.UNEXPECTED.ERROR": Family.RETRY,
    "RATE.LOCATION.NOSERVICE": Family.NOT_SERVICEABLE,
    "SERVICETYPE.NOT.ALLOWED": Family.NOT_SERVICEABLE,
    "SERVICE.PACKAGECOMBINATION.INVALID": Family.PARCEL,
    "TRACKING.TRACKINGNUMBER.NOTFOUND": Family.GONE,
    "TRACKING.REFERENCENUMBER.NOTFOUND": Family.GONE,
}

_WORDS: tuple[tuple[tuple[str, ...], Family], ...] = (
    (("POSTALCODE", "STREETLINE", "STATEORPROVINCE", ".CITY", "ADDRESS"), Family.ADDRESS),
    (("WEIGHT", "DIMENSION", "LENGTH", "GIRTH"), Family.PARCEL),
    (("NOSERVICE", "NOTSERVED", "NOT.SERVICED"), Family.NOT_SERVICEABLE),
    (("NOTFOUND", "NOT.FOUND"), Family.GONE),
)


def standing_of(code: str, reasons: Iterable[str] = ()) -> Standing:
    """Read a status code and its reasons; a code that no table knows stays unknown."""
    status = STATUSES.get(code, DeliveryStatus.UNKNOWN)
    if status in _FINE:
        return Standing(status)
    known = next((reason for reason in reasons if reason in REASONS), "")
    trouble = REASONS.get(known) or TROUBLES.get(code)
    return Standing(status, trouble, (known or code) if trouble is not None else "")


def _family_of_code(code: str) -> Family | None:
    """FedEx's codes are dotted words, "RECIPIENTS.ADDRESSSTATEORPROVINCECODE.MISMATCH"."""
    return next((family for words, family in _WORDS if any(word in code for word in words)), None)


def _errors(answer: Answer) -> tuple[Json, ...]:
    listed = children(answer.body, "errors")
    output = child(answer.body, "output")
    inner = [
        child(result, "error")
        for whole in children(output, "completeTrackResults")
        for result in children(whole, "trackResults")
    ]
    alerts = [alert for alert in children(output, "alerts") if text(alert, "alertType") == "ERROR"]
    return (*listed, *(error for error in inner if error), *alerts)


REFUSALS = Refusals(
    "fedex",
    "FedEx",
    FAMILIES,
    lambda answer: next((text(error, "code") for error in _errors(answer)), ""),
    lambda answer: next((text(error, "message") for error in _errors(answer)), ""),
    family_of_code=_family_of_code,
)

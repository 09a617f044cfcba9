"""Lalamove's statuses in our words (API guide v3, 2026). Unknown ones stay unknown and are kept raw."""

from __future__ import annotations

from dataclasses import dataclass

from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, children, text

SEARCHING = "ASSIGNING_DRIVER"
MATCHED = "ON_GOING"
CANCELLED = "CANCELED"

STATUSES: dict[str, DeliveryStatus] = {
    SEARCHING: DeliveryStatus.BOOKED,
    MATCHED: DeliveryStatus.TO_PICKUP,
    "PICKED_UP": DeliveryStatus.PICKED_UP,
    # Seen in public integrations (Brazil, 2026); the guide does not have it.
    "DELIVERING": DeliveryStatus.OUT_FOR_DELIVERY,
    "COMPLETED": DeliveryStatus.DELIVERED,
    CANCELLED: DeliveryStatus.CANCELLED,
    "REJECTED": DeliveryStatus.FAILED,
    "EXPIRED": DeliveryStatus.FAILED,
}

PROOFS: dict[str, DeliveryStatus | None] = {
    "PENDING": None,
    "DELIVERED": DeliveryStatus.DELIVERED,
    "SIGNED": DeliveryStatus.DELIVERED,
    "FAILED": DeliveryStatus.ATTEMPT_FAILED,
}
"""Status of a stop's proof of delivery -> what it says of the delivery; None for nothing yet."""

NOBODY_COMES = frozenset({CANCELLED, "REJECTED", "EXPIRED"})

_WITH_GOODS = frozenset({"PICKED_UP", "DELIVERING"})
_NO_DRIVER = frozenset({"REJECTED", "EXPIRED"})
_OURSELVES = frozenset({"", "USER"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands, and what went wrong if anything did."""

    status: DeliveryStatus
    trouble: IncidentKind | None = None
    raw_reason: str = ""


def standing_of(raw_status: str, *, previous: str = "", proof: str = "", cancelled_by: str = "") -> Standing:
    """Read the status of an order.

    Parameters
    ----------
    previous
        The status before, where a webhook names it: a search that follows a driver is a second search.
    proof
        Status of the proof at the drop-off: a driver may complete an order without handing it over.
    cancelled_by
        `cancelParty`, which some markets send: "USER", "LALAMOVE_CUSTOMER_SUPPORT".
    """
    if raw_status == SEARCHING and previous == MATCHED:
        return Standing(DeliveryStatus.SEARCHING, IncidentKind.COURIER_CANCELLED, "the driver gave up")
    if raw_status == SEARCHING and previous in _WITH_GOODS:
        return Standing(DeliveryStatus.SEARCHING, IncidentKind.OTHER, f"searching again after {previous}")
    status = STATUSES.get(raw_status, DeliveryStatus.UNKNOWN)
    if proof == "FAILED" and (raw_status in _WITH_GOODS or status is DeliveryStatus.DELIVERED):
        return failed_handover()
    if raw_status in _NO_DRIVER:
        return Standing(status, IncidentKind.NO_COURIER, raw_status)
    if raw_status == CANCELLED and cancelled_by not in _OURSELVES:
        return Standing(status, IncidentKind.COURIER_CANCELLED, cancelled_by)
    return Standing(status)


def failed_handover() -> Standing:
    """The driver could not hand the goods over; Lalamove does not say why."""
    return Standing(DeliveryStatus.ATTEMPT_FAILED, IncidentKind.OTHER, "POD FAILED")


def dropoff_of(order: Json) -> Json:
    """The stop where the goods go: we send every order to one door, the last stop."""
    stops = children(order, "stops")
    return stops[-1] if len(stops) > 1 else {}


def proof_of(order: Json) -> Json:
    """Proof of delivery at the drop-off, {} where there is none."""
    return child(dropoff_of(order), "POD")


def proof_status(order: Json) -> str:
    """Its status, "" where there is none."""
    return text(proof_of(order), "status")

"""Changes of a booking that Stuart takes: contacts, comments and what the package is described as."""

from __future__ import annotations

from connectors.couriers.stuart import bodies, mapping
from connectors.couriers.stuart.client import NAME, SYSTEM
from doorstep.address import Address
from doorstep.booking import BookingChange
from doorstep.errors import RemoteRefused
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json, child, text

_COMMENT_LENGTH = 250


def change_body(job: Json, change: BookingChange) -> dict[str, object]:
    """The change for PATCH /v2/jobs/{id}.

    Raises
    ------
    RemoteRefused
        If it is about a street or a window, which stay as they were booked.
    """
    if change.window is not None:
        raise _refused("another window", IncidentKind.LATE_RISK)
    delivery = mapping.booking_of(job)
    fields: dict[str, object] = {"id": delivery.get("id")}
    dropoff: dict[str, object] = {}
    if change.dropoff is not None:
        if not _is_same_door(child(delivery, "dropoff"), change.dropoff):
            raise _refused("another address", IncidentKind.ADDRESS_PROBLEM)
        dropoff = bodies.contact_fields(change.dropoff)
    if change.instructions is not None:
        dropoff["comment"] = change.instructions[:_COMMENT_LENGTH]
    if change.items is not None:
        fields["package_description"] = bodies.contents_of(change.items)
    if dropoff:
        fields["dropoff"] = dropoff
    return {"job": {"deliveries": [fields]}}


def _is_same_door(booked: Json, wanted: Address) -> bool:
    """Whether it is the street and the postcode that Stuart has; where it does not say, it is another."""
    address = child(booked, "address")
    told = f"{text(address, 'street')} {text(address, 'formatted_address')}".casefold()
    same_street = bool(wanted.line1.strip()) and wanted.line1.strip().casefold() in told
    return same_street and wanted.postal_code.strip().casefold() == text(address, "postcode").casefold()


def _refused(what: str, kind: IncidentKind) -> RemoteRefused:
    sentence = f"{NAME} takes {what} only as a new booking."
    return RemoteRefused(sentence, system=SYSTEM, raw_code="not_changeable", kind=kind)

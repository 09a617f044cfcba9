"""Jobs as Stuart is told of them: API v2, as its client libraries and public integrations send it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from connectors.couriers.stuart.schedule import Schedule
from connectors.couriers.stuart.sizes import PackageType
from connectors.quoted import wanted_window
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.quote import QuoteRequest
from doorstep.window import Window

_TEXT_LENGTH = 250


def job_body(
    request: QuoteRequest | BookingRequest, size: PackageType, schedule: Schedule
) -> dict[str, object]:
    """The job of a price, an ETA or a booking; a booking's carries its key as `client_reference`."""
    dropoff = _dropoff(request.dropoff, size, schedule.window)
    job: dict[str, object] = {"pickups": [_stop(request.pickup)], "dropoffs": [dropoff]}
    if schedule.pickup_at is not None:
        job["pickup_at"] = _iso(schedule.pickup_at)
    if schedule.dropoff_at is not None:
        job["dropoff_at"] = _iso(schedule.dropoff_at)
    if isinstance(request, BookingRequest):
        job["assignment_code"] = request.reference
        dropoff |= _named(request)
    return {"job": job}


def tour_body(
    stops: Sequence[BookingRequest],
    sizes: Sequence[PackageType],
    pickup_at: datetime | None,
    *,
    is_booking: bool,
) -> dict[str, object]:
    """The job of a tour with a drop-off for each stop, for its price or for its booking.

    Stuart takes `dropoff_at` with a single drop-off alone, so a tour goes by its pickup, and the windows of
    the shoppers stand with their doors.
    """
    dropoffs = [
        _dropoff(stop.dropoff, size, wanted_window(stop.booking_data)) | (_named(stop) if is_booking else {})
        for stop, size in zip(stops, sizes, strict=True)
    ]
    job: dict[str, object] = {"pickups": [_stop(stops[0].pickup)], "dropoffs": dropoffs}
    if pickup_at is not None:
        job["pickup_at"] = _iso(pickup_at)
    if is_booking:
        job["assignment_code"] = ", ".join(stop.reference for stop in stops)[:_TEXT_LENGTH]
    return {"job": job}


def contents_of(items: tuple[tuple[str, int], ...]) -> str:
    """What is in the package, in a line."""
    return (", ".join(f"{quantity} x {title}" for title, quantity in items) or "Parcel")[:_TEXT_LENGTH]


def contact_fields(address: Address) -> dict[str, object]:
    """Who is there, and how to find the door: what may be changed of a booking."""
    first, _, last = address.name.strip().partition(" ")
    contact = {
        "firstname": first,
        "lastname": last,
        "phone": address.phone,
        "email": address.email,
        "company": address.company,
    }
    comment = ". ".join(part for part in (address.line2, address.instructions) if part)[:_TEXT_LENGTH]
    fields: dict[str, object] = {"contact": {name: value for name, value in contact.items() if value}}
    return fields | ({"comment": comment} if comment else {})


def _dropoff(address: Address, size: PackageType, window: Window | None) -> dict[str, object]:
    fields = _stop(address) | {"package_type": size.code}
    if window is not None:
        fields["end_customer_time_window_start"] = _iso(window.start)
        fields["end_customer_time_window_end"] = _iso(window.end)
    return fields


def _named(request: BookingRequest) -> dict[str, object]:
    """What only a booking says of a drop-off."""
    return {
        "client_reference": request.booking_key,
        "package_description": contents_of(request.items),
    }


def _stop(address: Address) -> dict[str, object]:
    town = f"{address.postal_code} {address.city}".strip()
    fields: dict[str, object] = {
        "address": ", ".join(part for part in (address.line1, town, address.country) if part)
    }
    if address.location is not None:
        fields["coordinates"] = {"lat": address.location.lat, "long": address.location.lng}
    return fields | contact_fields(address)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

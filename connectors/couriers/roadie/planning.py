"""What is decided about a shipment before and after Roadie is asked."""

from __future__ import annotations

from connectors.couriers.roadie.client import NAME, SYSTEM
from connectors.couriers.roadie.limits import LIMITS
from connectors.couriers.roadie.mapping import CURRENCY, us_phone
from connectors.couriers.roadie.statuses import standing_of
from connectors.quoted import is_too_dear
from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteRefused
from doorstep.incident import IncidentKind
from doorstep.json_reading import Json
from doorstep.limits import why_not
from doorstep.money import Money
from doorstep.quote import Decline, DeclineReason, QuoteRequest

OVER = frozenset({DeliveryStatus.CANCELLED, DeliveryStatus.FAILED, DeliveryStatus.RETURNED})
"""A shipment that stands so carries nothing of ours."""


def why_declined(request: QuoteRequest) -> Decline | None:
    """What keeps Roadie from carrying this on any day, None where nothing does."""
    for side, address in (("pickup", request.pickup), ("delivery", request.dropoff)):
        lacking = _lacks(address)
        if lacking:
            sentence = f"{NAME} needs a full {side} address; it lacks {' and '.join(lacking)}."
            return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)
    impossible = why_not(SYSTEM, NAME, LIMITS, request)
    if impossible is not None:
        return impossible
    if not request.parcels:
        return Decline(SYSTEM, DeclineReason.OTHER, "There is no parcel to carry.")
    if request.value.currency != CURRENCY:
        sentence = f"{NAME} charges in {CURRENCY}, not in {request.value.currency}."
        return Decline(SYSTEM, DeclineReason.RULE, sentence)
    return None


def require_addresses(request: BookingRequest) -> None:
    """Check what every shipment needs; the same for a repeat, which is refused like the first call.

    Raises
    ------
    RemoteRefused
        If an address or a phone number is missing.
    """
    for side, address in (("pickup", request.pickup), ("delivery", request.dropoff)):
        lacking = _lacks(address)
        if us_phone(address) is None:
            lacking = (*lacking, "a phone number of the United States")
        if lacking:
            raise RemoteRefused(
                f"{NAME} needs a full {side} address; it lacks {' and '.join(lacking)}.",
                system=SYSTEM,
                kind=IncidentKind.ADDRESS_PROBLEM,
            )


def quoted_price(request: BookingRequest) -> Money:
    """The price in the booking data; zero in the order's currency where the offer came from elsewhere."""
    data = request.booking_data
    if "price" not in data:
        return Money(0, request.value.currency)
    return Money.parse(data["price"], data.get("currency", CURRENCY))


def refusal_if_too_dear(price: Money, request: BookingRequest) -> RemoteRefused | None:
    """The error for a price more than a tenth above the estimate, None for one that is near enough."""
    quoted = quoted_price(request)
    if "price" not in request.booking_data or not is_too_dear(price, quoted):
        return None
    return RemoteRefused(
        f"{NAME} now asks {price}, more than a tenth above the estimated {quoted}.",
        system=SYSTEM,
        raw_code="price_changed",
        kind=IncidentKind.QUOTE_EXPIRED,
    )


def refusal_of_what_is_over(shipment: Json, booking: Booking) -> RemoteRefused:
    """The error where this key made a shipment before that nobody carries any more."""
    return RemoteRefused(
        f"{NAME}'s shipment with this key is over already.",
        system=SYSTEM,
        raw_code=booking.raw_status,
        kind=standing_of(shipment, {}).trouble or IncidentKind.COURIER_CANCELLED,
    )


def _lacks(address: Address) -> tuple[str, ...]:
    local = {"province": address.province, "postal_code": address.postal_code}
    return (*address.missing, *(name for name, value in local.items() if not value.strip()))

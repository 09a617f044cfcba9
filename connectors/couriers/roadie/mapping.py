"""Roadie API v1 as its overview and karrio's recorded answers show it, November 2026. Pure, both ways.

Roadie measures in inches, pounds and dollars as decimal numbers.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta

from connectors.couriers.roadie.client import NAME, SYSTEM
from connectors.couriers.roadie.limits import LIMITS
from connectors.couriers.roadie.statuses import IMMINENT, Standing, newest_event, standing_of
from connectors.couriers.roadie.windows import Times, keep_times
from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery import Courier
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.goods import all_needs
from doorstep.json_reading import Json, child, instant, number, text
from doorstep.limits import vehicle_for
from doorstep.money import InvalidAmount, Money
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.position import Position
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis

SERVICE = "local_delivery"
CURRENCY = "USD"

PRICE_HOLDS = timedelta(minutes=15)
"""Ours: an estimate says nothing about how long it holds."""

_INCH_MM = 25.4
_POUND_G = 453.59237
_UNKNOWN_SIDE_MM = 300
_TEXT_LENGTH = 250
_US_PHONE = re.compile(r"\+1([0-9]{10})")
_TRACKING_PAGE = "https://track.roadie.com/id/"


def estimate_body(request: QuoteRequest | BookingRequest, times: Times) -> dict[str, object]:
    """POST /estimates."""
    window = times.deliver_between
    return {
        "items": _items(request.parcels, request.value),
        "pickup_location": _location(request.pickup),
        "delivery_location": _location(request.dropoff),
        "pickup_after": _iso(times.pickup_after),
        "deliver_between": {"start": _iso(window.start), "end": _iso(window.end)},
    }


def shipment_body(request: BookingRequest, times: Times) -> dict[str, object]:
    """POST /shipments; the booking key is the idempotency key."""
    contents = ", ".join(f"{quantity} x {title}" for title, quantity in request.items)
    return {
        **estimate_body(request, times),
        "reference_id": request.reference,
        "idempotency_key": request.booking_key,
        "description": (contents or "Parcel")[:_TEXT_LENGTH],
        "options": _options(request),
    }


def us_phone(address: Address) -> str | None:
    """Ten digits, as Roadie writes numbers; None where it is none of this country."""
    match = _US_PHONE.fullmatch(address.phone or "")
    return match[1] if match else None


def read_price(data: Json) -> Money | None:
    """Price of an estimate or a shipment; None where it names none."""
    return _money(data, "price")


def read_tip(shipment: Json) -> Money:
    """What was promised beside the price; nothing where it does not say."""
    return _money(shipment, "tip") or Money(0, CURRENCY)


def _money(data: Json, name: str) -> Money | None:
    amount = number(data, name)
    try:
        return Money.parse_rounding(str(amount), CURRENCY) if amount is not None else None
    except InvalidAmount:
        return None


def read_quote(answer: Json, request: QuoteRequest, times: Times) -> CarrierQuote:
    """An offer from an estimate.

    Raises
    ------
    RemoteUnavailable
        If the answer lacks its price.
    """
    price = read_price(answer)
    if price is None:
        raise RemoteUnavailable(f"{NAME}'s estimate lacks its price.", system=SYSTEM)
    is_wanted = request.delivery_window is not None
    data = {"price": price.amount, "currency": CURRENCY} | keep_times(times, is_wanted=is_wanted)
    return CarrierQuote(
        carrier=SYSTEM,
        service=SERVICE,
        title="Driver in a time window" if is_wanted else "Driver, same day",
        mode=DeliveryMode.COURIER,
        vehicle=vehicle_for(LIMITS, request) or VehicleKind.CAR,
        price=price,
        price_basis=PriceBasis.ESTIMATE,
        promise=Promise(times.deliver_between, request.time_zone, PromiseBasis.CARRIER_COMMITMENT),
        expires_at=request.asked_at + PRICE_HOLDS,
        booking_data=data,
    )


def number_of(shipment: Json) -> str:
    """Roadie's id of a shipment, "" where there is none."""
    value = shipment.get("id")
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def read_booking(shipment: Json, quoted: Money) -> Booking:
    """A booking from a shipment; `quoted` stands in where it names no price."""
    standing = standing_of(shipment, {})
    return Booking(
        external_id=number_of(shipment),
        status=standing.status,
        raw_status=standing.raw,
        price=read_price(shipment) or quoted,
        tracking_number=text(shipment, "tracking_number"),
        tracking_url=_tracking_url(shipment),
        dropoff_eta=instant(child(shipment, "deliver_between"), "end"),
    )


def read_shipment(
    shipment: Json, *, source_event_id: str, now: datetime, event: Json | None = None
) -> CarrierUpdate:
    """What a shipment says, and an event where a message is about one."""
    standing: Standing = standing_of(shipment, event or {})
    newest = event or newest_event(shipment)
    return CarrierUpdate(
        source_event_id=source_event_id,
        external_id=number_of(shipment),
        status=standing.status,
        raw_status=standing.raw,
        occurred_at=standing.at or instant(shipment, "updated_at") or now,
        tracking_number=text(shipment, "tracking_number"),
        tracking_url=_tracking_url(shipment),
        courier=_driver(child(shipment, "driver")),
        position=_position(newest),
        is_imminent=standing.raw in IMMINENT,
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
        price=read_price(shipment),
    )


def digest_of(data: Json) -> str:
    """An id of what was said; a repeat says the same."""
    return f"sha256:{hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()}"


def _items(parcels: tuple[Parcel, ...], value: Money) -> list[dict[str, object]]:
    each = Money(value.minor // max(1, len(parcels)), value.currency)
    return [
        {
            "length": _inches(parcel.length_mm),
            "width": _inches(parcel.width_mm),
            "height": _inches(parcel.height_mm),
            # A scale that shows nothing is not believed.
            "weight": round(max(parcel.weight_g, 1) / _POUND_G + 0.005, 2),
            "quantity": 1,
            "value": float(each.amount),
        }
        for parcel in parcels
    ]


def _inches(side_mm: int | None) -> float:
    """Rounded up; a foot where nobody knows."""
    return round((side_mm or _UNKNOWN_SIDE_MM) / _INCH_MM + 0.05, 1)


def _location(address: Address) -> dict[str, object]:
    place: dict[str, object] = {
        "name": address.company or address.name,
        "street1": address.line1,
        "street2": address.line2,
        "city": address.city,
        "state": address.province,
        "zip": address.postal_code,
    }
    if address.location is not None:
        place |= {"latitude": address.location.lat, "longitude": address.location.lng}
    contact = {"name": address.name or address.company, "phone": us_phone(address)}
    location: dict[str, object] = {"address": {name: value for name, value in place.items() if value != ""}}
    if contact["name"] and contact["phone"]:
        location["contact"] = contact
    if address.instructions:
        location["notes"] = address.instructions[:_TEXT_LENGTH]
    return location


def _options(request: BookingRequest) -> dict[str, object]:
    needs = set(all_needs(request.goods, request.requirements))
    is_adult = bool(needs & {HandoverRequirement.ADULT_SIGNATURE, HandoverRequirement.ID_CHECK})
    is_signed = bool(needs & {HandoverRequirement.SIGNATURE, HandoverRequirement.ADULT_SIGNATURE})
    # We tell the shopper ourselves.
    return {"signature_required": is_signed, "notifications_enabled": False, "over_21_required": is_adult}


def _driver(driver: Json) -> Courier | None:
    if not driver:
        return None
    return Courier(text(driver, "name"), VehicleKind.CAR, text(driver, "phone") or None)


def _position(event: Json) -> Position | None:
    place, at = child(event, "location"), instant(event, "occurred_at")
    lat, lng = number(place, "latitude"), number(place, "longitude")
    if lat is None or lng is None or at is None:
        return None
    try:
        return Position(LatLng(lat, lng), at)
    except ValueError:
        return None


def _tracking_url(shipment: Json) -> str:
    tracking_number = text(shipment, "tracking_number")
    return f"{_TRACKING_PAGE}{tracking_number}" if tracking_number else ""


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

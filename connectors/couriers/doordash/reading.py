"""Answers and webhooks of DoorDash Drive, published OpenAPI 2.1 and payloads of November 2026. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.couriers.doordash.statuses import standing_of
from connectors.couriers.doordash.wording import NAME, SYSTEM
from connectors.quoted import window_data
from doorstep.booking import Booking, CarrierUpdate
from doorstep.delivery import Courier
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.json_reading import Json, child, instant, integer, number, text
from doorstep.money import Money, UnknownCurrency
from doorstep.position import Position
from doorstep.proof import Proof, ProofKind
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

SERVICE = "drive"

QUOTE_HOLDS = timedelta(minutes=5)

_EARLIER = timedelta(minutes=10)
_LATER = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Offered:
    """What an offer left in its booking data.

    Attributes
    ----------
    quote_id
        The external delivery id that was quoted with; "" where the offer came from elsewhere.
    price
        None where none was kept.
    asks
        Fingerprint of what was asked for.
    """

    quote_id: str
    price: Money | None
    expires_at: datetime | None
    asks: str

    def holds(self, asks: str, now: datetime) -> bool:
        """Whether it can be accepted: still good, and for the same."""
        return (
            bool(self.quote_id)
            and asks == self.asks
            and self.expires_at is not None
            and now < self.expires_at
        )


def offered(booking_data: Mapping[str, str]) -> Offered:
    """Read what `read_quote` kept."""
    fee, currency = booking_data.get("fee", ""), booking_data.get("currency", "")
    return Offered(
        booking_data.get("external_delivery_id", ""),
        Money(int(fee), currency) if fee.isdecimal() and currency else None,
        instant(booking_data, "expires_at"),
        booking_data.get("asks", ""),
    )


def read_quote(body: Json, request: QuoteRequest, asks: str) -> CarrierQuote:
    """An offer from the answer to a quote.

    Raises
    ------
    RemoteUnavailable
        If the answer lacks what an offer needs.
    """
    price, eta = price_of(body), instant(body, "dropoff_time_estimated") or instant(body, "delivery_time")
    quote_id = text(body, "external_delivery_id")
    if price is None or eta is None or not quote_id:
        raise RemoteUnavailable(f"{NAME}'s quote lacks its price or its times.", system=SYSTEM)
    expires_at = instant(body, "expires_at") or request.asked_at + QUOTE_HOLDS
    wanted = request.delivery_window
    data = {
        "external_delivery_id": quote_id,
        "fee": str(price.minor),
        "currency": price.currency,
        "expires_at": expires_at.isoformat(),
        "asks": asks,
    }
    data |= window_data(wanted)
    if request.vehicle is not None:
        data["vehicle"] = request.vehicle
    return CarrierQuote(
        carrier=SYSTEM,
        service=SERVICE,
        title="Courier in a time window" if wanted else "Courier, as soon as possible",
        mode=DeliveryMode.COURIER,
        vehicle=VehicleKind.CAR,  # DoorDash does not say; most Dashers drive one
        price=price,
        price_basis=PriceBasis.LIVE,
        promise=_promise(eta, wanted, request),
        expires_at=expires_at,
        pickup_by=instant(body, "pickup_time_estimated") or instant(body, "pickup_time"),
        booking_data=data,
    )


def price_of(body: Json) -> Money | None:
    """The fee in cents; tax and tip stand beside it and are no part of it."""
    return _money(body, "fee")


def tip_of(body: Json) -> Money | None:
    """What the Dasher gets beside the fee, None where no currency is named."""
    return _money({**body, "tip": integer(body, "tip") or 0}, "tip")


def read_booking(delivery: Json, quoted: Money) -> Booking:
    """A booking from a delivery object; `quoted` stands in where it names no price."""
    raw_status = text(delivery, "delivery_status")
    return Booking(
        external_id=text(delivery, "external_delivery_id"),
        status=standing_of(delivery, raw_status).status,
        raw_status=raw_status,
        price=price_of(delivery) or quoted,
        tracking_url=text(delivery, "tracking_url"),
        dropoff_eta=instant(delivery, "dropoff_time_estimated"),
        pickup_eta=instant(delivery, "pickup_time_estimated"),
    )


def read_delivery(delivery: Json, external_id: str = "") -> CarrierUpdate:
    """Where a delivery stands; `external_id` stands in where it does not name itself."""
    raw_status = text(delivery, "delivery_status")
    at = instant(delivery, "updated_at") or datetime.now(UTC)
    external_id = text(delivery, "external_delivery_id") or external_id
    event_id = f"{external_id}:{raw_status}:{at.isoformat()}"
    return read_update(delivery, external_id, raw_status, source_event_id=event_id, occurred_at=at)


def read_update(
    message: Json, external_id: str, raw_status: str, *, source_event_id: str, occurred_at: datetime
) -> CarrierUpdate:
    """What a delivery object or a webhook says; they name their fields alike."""
    standing = standing_of(message, raw_status)
    return CarrierUpdate(
        source_event_id=source_event_id,
        external_id=external_id,
        status=standing.status,
        raw_status=raw_status,
        occurred_at=occurred_at,
        tracking_url=text(message, "tracking_url"),
        courier=_courier(message),
        position=_position(message, occurred_at),
        dropoff_eta=instant(message, "dropoff_time_estimated"),
        is_imminent=raw_status in {"arrived_at_dropoff", "DASHER_CONFIRMED_DROPOFF_ARRIVAL"},
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
        price=price_of(message),
        # The key, or the id of the quote that became this delivery, which is no key of ours.
        booking_key=external_id,
        pickup_eta=instant(message, "pickup_time_estimated"),
    )


def called_off(external_id: str, delivery: Json) -> CarrierUpdate:
    """The answer to our own cancelling: no incident, whatever reason DoorDash files it under."""
    return CarrierUpdate(
        source_event_id=f"{external_id}:cancelled",
        external_id=external_id,
        status=DeliveryStatus.CANCELLED,
        raw_status=text(delivery, "delivery_status") or "cancelled",
        occurred_at=instant(delivery, "updated_at") or datetime.now(UTC),
    )


def read_proofs(delivery: Json) -> tuple[Proof, ...]:
    """Pictures that DoorDash keeps, of the pickup and of the door."""
    fetched_at, brought_at = instant(delivery, "pickup_time_actual"), instant(delivery, "dropoff_time_actual")
    found = (
        Proof(ProofKind.PHOTO, text(delivery, "pickup_verification_image_url"), fetched_at, is_pickup=True),
        Proof(ProofKind.PHOTO, text(delivery, "dropoff_verification_image_url"), brought_at),
        Proof(ProofKind.SIGNATURE, text(delivery, "dropoff_signature_image_url"), brought_at),
    )
    return tuple(proof for proof in found if proof.url)


def _money(body: Json, field: str) -> Money | None:
    amount, currency = integer(body, field), text(body, "currency")
    try:
        return Money(amount, currency.upper()) if amount is not None else None
    except UnknownCurrency:
        return None


def _courier(message: Json) -> Courier | None:
    """A first name and a masked number; a vehicle is told only where it is a car."""
    name = text(message, "dasher_name")
    phone = text(message, "dasher_dropoff_phone_number") or text(message, "dasher_phone_number")
    if not name and not phone:
        return None
    vehicle = VehicleKind.CAR if text(message, "dasher_vehicle_make") else VehicleKind.OTHER
    return Courier(name, vehicle, phone or None)


def _position(message: Json, recorded_at: datetime) -> Position | None:
    location = child(message, "dasher_location")
    lat, lng = number(location, "lat"), number(location, "lng")
    if lat is None or lng is None:
        lat, lng = number(message, "dasher_location_lat"), number(message, "dasher_location_lng")
    if lat is None or lng is None:
        return None
    try:
        return Position(LatLng(lat, lng), recorded_at)
    except ValueError:
        return None


def _promise(eta: datetime, wanted: Window | None, request: QuoteRequest) -> Promise:
    if wanted is not None:
        return Promise(wanted, request.time_zone, PromiseBasis.CARRIER_COMMITMENT)
    start = max(min(request.asked_at, eta), eta - _EARLIER)
    return Promise(Window(start, eta + _LATER), request.time_zone, PromiseBasis.PREDICTED)

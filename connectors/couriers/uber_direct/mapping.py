"""Uber Direct OpenAPI 1.0.1 (October 2024), payloads of November 2026. Pure, both ways."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from connectors.couriers.uber_direct.client import SYSTEM
from connectors.couriers.uber_direct.limits import is_phone, size_of, vehicle_for
from connectors.couriers.uber_direct.statuses import RETURN_LEG_PREFIX, VEHICLES, booking_of, standing_of
from connectors.couriers.uber_direct.windows import Windows
from connectors.quoted import window_data
from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery import Courier, IfUndeliverable
from doorstep.errors import RemoteUnavailable
from doorstep.geo import LatLng
from doorstep.goods import AGE_CHECKED, Goods, GoodsTrait, all_needs
from doorstep.json_reading import Json, child, instant, integer, number, text
from doorstep.money import Money, UnknownCurrency
from doorstep.order import HandoverRequirement
from doorstep.position import Position
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, QuoteRequest, VehicleKind
from doorstep.window import Promise, PromiseBasis, Window

SERVICE = "same_day"

NOTES_LENGTH = 280

_ADULT_AGE = 21
_ID_AGE = 18
_OLDEST_AGE = 25
_IF_UNDELIVERABLE = {
    IfUndeliverable.RETURN: "return",
    IfUndeliverable.LEAVE_AT_DOOR: "leave_at_door",
    IfUndeliverable.DISPOSE: "discard",
}
_FROM_21 = frozenset({GoodsTrait.ALCOHOL, GoodsTrait.TOBACCO})
_EARLIER = timedelta(minutes=10)
_LATER = timedelta(minutes=20)
_CM_MM = 10


def quote_body(request: QuoteRequest | BookingRequest, windows: Windows) -> dict[str, object]:
    """POST /delivery_quotes, for a first question or for a fresh price while booking."""
    phones = {"pickup": request.pickup.phone, "dropoff": request.dropoff.phone}
    return {
        **_places(request.pickup, request.dropoff),
        **_window_fields(windows),
        **{f"{side}_phone_number": phone for side, phone in phones.items() if is_phone(phone)},
        "manifest_total_value": request.value.minor,
    }


def create_body(
    request: BookingRequest, quote_id: str, windows: Windows, *, robo_courier: bool
) -> dict[str, object]:
    """POST /deliveries. The booking key is both the idempotency key (kept 60 minutes) and the external id."""
    body: dict[str, object] = {
        **quote_body(request, windows),
        "quote_id": quote_id,
        "pickup_name": request.pickup.name or request.pickup.company or "Store",
        "pickup_business_name": request.pickup.company,
        "pickup_notes": request.pickup.instructions[:NOTES_LENGTH],
        "dropoff_name": request.dropoff.name or request.dropoff.company or "Recipient",
        "dropoff_business_name": request.dropoff.company,
        "dropoff_notes": request.dropoff.instructions[:NOTES_LENGTH],
        "manifest_items": _manifest(request),
        "manifest_reference": request.reference,
        "external_id": request.booking_key,
        "idempotency_key": request.booking_key,
        "deliverable_action": "deliverable_action_meet_at_door",
        "undeliverable_action": "return",
    }
    verification = _verification(request)
    if not verification and not request.goods.traits & AGE_CHECKED:
        # What has to be handed over comes back, whatever was wished for.
        body["undeliverable_action"] = _IF_UNDELIVERABLE[request.if_undeliverable]
    if verification:
        body["dropoff_verification"] = verification
    if robo_courier:
        body["test_specifications"] = {"robo_courier_specification": {"mode": "auto"}}
    return {name: value for name, value in body.items() if value not in ("", None)}


def read_quote(body: Json, request: QuoteRequest) -> CarrierQuote:
    """An offer from the answer to a quote.

    Raises
    ------
    RemoteUnavailable
        If the answer lacks what an offer needs.
    """
    price, eta = quoted_price(body), instant(body, "dropoff_eta")
    quote_id, expires_at = text(body, "id"), instant(body, "expires")
    if price is None or eta is None or expires_at is None or not quote_id:
        raise RemoteUnavailable("Uber Direct's quote lacks its price or its times.", system=SYSTEM)
    wanted = request.delivery_window
    data = {"quote_id": quote_id, "fee": str(price.minor), "currency": price.currency}
    data["expires_at"] = expires_at.isoformat()
    data |= window_data(wanted)
    minutes = integer(body, "pickup_duration")
    return CarrierQuote(
        carrier=SYSTEM,
        service=SERVICE,
        title="Courier in a time window" if wanted else "Courier, as soon as possible",
        mode=DeliveryMode.COURIER,
        vehicle=vehicle_for(request.parcels),
        price=price,
        price_basis=PriceBasis.LIVE,
        promise=_promise(eta, wanted, request),
        expires_at=expires_at,
        pickup_by=request.asked_at + timedelta(minutes=minutes) if minutes is not None else None,
        booking_data=data,
    )


def quoted_price(body: Json) -> Money | None:
    """Price of a quote or a delivery; `currency` in lower case is the older field."""
    fee, currency = integer(body, "fee"), text(body, "currency_type") or text(body, "currency")
    try:
        return Money(fee, currency.upper()) if fee is not None else None
    except UnknownCurrency:
        return None


def read_booking(delivery: Json, quoted: Money) -> Booking:
    """A booking from a delivery object; `quoted` stands in where it names no price."""
    raw_status = text(delivery, "status")
    return Booking(
        external_id=text(delivery, "id"),
        status=standing_of(delivery, raw_status).status,
        raw_status=raw_status,
        price=quoted_price(delivery) or quoted,
        tracking_url=text(delivery, "tracking_url"),
        dropoff_eta=instant(delivery, "dropoff_eta"),
        pickup_eta=instant(delivery, "pickup_eta"),
    )


def read_update(
    delivery: Json,
    *,
    source_event_id: str,
    occurred_at: datetime,
    raw_status: str = "",
    delivery_id: str = "",
) -> CarrierUpdate:
    """What a delivery object says; `raw_status` and `delivery_id` of a webhook's envelope win."""
    raw_status = raw_status or text(delivery, "status")
    delivery_id = delivery_id or text(delivery, "id")
    standing = standing_of({**delivery, "id": delivery_id}, raw_status)
    return CarrierUpdate(
        source_event_id=source_event_id,
        external_id=booking_of(delivery, delivery_id),
        status=standing.status,
        raw_status=raw_status,
        occurred_at=occurred_at,
        tracking_url=text(delivery, "tracking_url"),
        courier=read_courier(child(delivery, "courier")),
        position=read_position(child(child(delivery, "courier"), "location"), occurred_at),
        dropoff_eta=instant(delivery, "dropoff_eta"),
        # Uber also says so before the pickup; to a shopper it means the door.
        is_imminent=raw_status == "dropoff" and delivery.get("courier_imminent") is True,
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
        price=quoted_price(delivery),
        booking_key=text(delivery, "external_id"),
        # The leg back begins at the door; the booking's pickup is long over then.
        pickup_eta=None if delivery_id.startswith(RETURN_LEG_PREFIX) else instant(delivery, "pickup_eta"),
    )


def read_courier(courier: Json) -> Courier | None:
    """Who comes; Uber gives a first name and an initial, and a masked number."""
    if not courier:
        return None
    vehicle = VEHICLES.get(text(courier, "vehicle_type").lower(), VehicleKind.OTHER)
    return Courier(text(courier, "name"), vehicle, text(courier, "phone_number") or None)


def read_position(location: Json, recorded_at: datetime) -> Position | None:
    """Where the courier is; None where there is no fix."""
    lat, lng = number(location, "lat"), number(location, "lng")
    if lat is None or lng is None:
        return None
    try:
        return Position(LatLng(lat, lng), recorded_at)
    except ValueError:
        return None


def _places(pickup: Address, dropoff: Address) -> dict[str, object]:
    fields: dict[str, object] = {}
    for side, address in (("pickup", pickup), ("dropoff", dropoff)):
        fields[f"{side}_address"] = _address(address)
        if address.location is not None:
            fields[f"{side}_latitude"] = address.location.lat
            fields[f"{side}_longitude"] = address.location.lng
    return fields


def _address(address: Address) -> str:
    """Uber wants an address as a string that holds JSON."""
    return json.dumps(
        {
            "street_address": [line for line in (address.line1, address.line2) if line],
            "city": address.city,
            "state": address.province,
            "zip_code": address.postal_code,
            "country": address.country,
        },
        separators=(",", ":"),
    )


def _window_fields(windows: Windows) -> dict[str, object]:
    instants = {
        "pickup_ready_dt": windows.pickup_ready,
        "pickup_deadline_dt": windows.pickup_deadline,
        "dropoff_ready_dt": windows.dropoff_ready,
        "dropoff_deadline_dt": windows.dropoff_deadline,
    }
    return {name: _rfc3339(value) for name, value in instants.items() if value is not None}


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _manifest(request: BookingRequest) -> list[dict[str, object]]:
    contents = ", ".join(f"{quantity} x {title}" for title, quantity in request.items)[:200]
    boxes = len(request.parcels)
    manifest: list[dict[str, object]] = []
    for place, parcel in enumerate(request.parcels, start=1):
        name = contents if boxes == 1 and contents else f"Parcel {place} of {boxes}"
        item: dict[str, object] = {"name": name, "quantity": 1, "size": size_of(parcel) or "xlarge"}
        # Weight and sides come both or not at all.
        if parcel.length_mm and parcel.width_mm and parcel.height_mm:
            sides = (parcel.length_mm, parcel.height_mm, parcel.width_mm)
            length, height, depth = (-(-side // _CM_MM) for side in sides)
            item["dimensions"] = {"length": length, "height": height, "depth": depth}
            item["weight"] = parcel.weight_g
        manifest.append(item)
    return manifest


def _verification(request: BookingRequest) -> dict[str, object]:
    needs = set(all_needs(request.goods, request.requirements))
    wanted: dict[str, object] = {}
    if {HandoverRequirement.SIGNATURE, HandoverRequirement.ADULT_SIGNATURE} & needs:
        wanted["signature_requirement"] = {"enabled": True, "collect_signer_name": True}
    if {HandoverRequirement.ADULT_SIGNATURE, HandoverRequirement.ID_CHECK} & needs:
        wanted["identification"] = {"min_age": _least_age(request.goods, needs)}
    if HandoverRequirement.PIN in needs:
        wanted["pincode"] = {"enabled": True}
    if HandoverRequirement.PHOTO in needs:
        wanted["picture"] = True
    return wanted


def _least_age(goods: Goods, needs: set[HandoverRequirement]) -> int:
    """Uber looks for an age of 18 to 25; where nobody said which, goods for adults count as in New York."""
    is_adult = HandoverRequirement.ADULT_SIGNATURE in needs or bool(goods.traits & _FROM_21)
    usual = _ADULT_AGE if is_adult else _ID_AGE
    return min(max(goods.minimum_age or usual, _ID_AGE), _OLDEST_AGE)


def _promise(eta: datetime, wanted: Window | None, request: QuoteRequest) -> Promise:
    if wanted is not None:
        return Promise(wanted, request.time_zone, PromiseBasis.CARRIER_COMMITMENT)
    start = max(min(request.asked_at, eta), eta - _EARLIER)
    return Promise(Window(start, eta + _LATER), request.time_zone, PromiseBasis.PREDICTED)

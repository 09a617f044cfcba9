"""EasyPost API v2 (client library 10.7, June 2026), payloads of November 2026. Pure, both ways."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal

from connectors.parcel.easypost.statuses import standing_of
from connectors.quoted import comes_back
from doorstep.address import Address
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.goods import all_needs
from doorstep.json_reading import Json, child, children, instant, text
from doorstep.money import InvalidAmount, Money, UnknownCurrency
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import QuoteRequest

_GRAMS_AN_OUNCE = Decimal("28.349523125")
_MM_AN_INCH = Decimal("25.4")
_TENTH = Decimal("0.1")
_PRINTED_LENGTH = 35

VOIDED = frozenset({"submitted", "refunded"})
"""Refund states in which a label is as good as dead."""


def ounces(weight_g: int) -> float:
    """Grams as ounces, rounded up to a tenth; EasyPost refuses nothing at all, so at least a tenth."""
    exact = Decimal(max(weight_g, 1)) / _GRAMS_AN_OUNCE
    return float(exact.quantize(_TENTH, rounding=ROUND_CEILING))


def inches(length_mm: int) -> float:
    """Millimetres as inches, rounded up to a tenth."""
    return float((Decimal(length_mm) / _MM_AN_INCH).quantize(_TENTH, rounding=ROUND_CEILING))


def shipment_body(request: QuoteRequest | BookingRequest, reference: str) -> dict[str, object]:
    """POST /v2/shipments, and POST /beta/rates alike; takes the first parcel.

    A return is told with the addresses of the way there: EasyPost turns them round for its label by itself
    (its guide to returns, 2026).
    """
    here, there = request.pickup, request.dropoff
    is_back = comes_back(request)
    options: dict[str, object] = {
        "label_format": "PNG",
        "currency": request.value.currency,
        "print_custom_1": request.reference[:_PRINTED_LENGTH],
    }
    confirmation = _confirmation(request)
    if confirmation:
        options["delivery_confirmation"] = confirmation
    shipment = {
        "reference": reference,
        "from_address": _address(there if is_back else here),
        "to_address": _address(here if is_back else there),
        "parcel": _parcel(request.parcels[0]),
        "options": options,
    }
    return {"shipment": {**shipment, "is_return": True} if is_back else shipment}


def made_for(request: QuoteRequest | BookingRequest) -> str:
    """Digest of everything that a label depends on; another address or weight needs another shipment."""
    content = [
        _address(request.pickup),
        _address(request.dropoff),
        _parcel(request.parcels[0]),
        _confirmation(request),
        comes_back(request),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def is_bought(shipment: Json) -> bool:
    """Whether a label exists and still counts."""
    return bool(text(shipment, "tracking_code")) and not is_void(shipment)


def is_void(shipment: Json) -> bool:
    """Whether its label was given back."""
    return text(shipment, "refund_status") in VOIDED


def rate_price(rate: Json) -> Money | None:
    """What a rate costs us, None where it cannot be read."""
    try:
        return Money.parse_rounding(text(rate, "rate"), text(rate, "currency"))
    except (InvalidAmount, UnknownCurrency):
        return None


def matching_rate(shipment: Json, carrier: str, service: str) -> Json | None:
    """The cheapest rate of this carrier and service, None where there is none."""
    fitting = [
        (price.minor, place, rate)
        for place, rate in enumerate(children(shipment, "rates"))
        if text(rate, "carrier") == carrier and text(rate, "service") == service
        if (price := rate_price(rate)) is not None
    ]
    return min(fitting)[2] if fitting else None


def read_booking(shipment: Json, quoted: Money) -> Booking:
    """A booking from a shipment with a label; `quoted` stands in where it names no rate."""
    tracker = child(shipment, "tracker")
    raw_status = text(tracker, "status") or text(shipment, "status")
    status = standing_of(tracker or shipment).status
    label_url = text(child(shipment, "postage_label"), "label_url")
    if label_url and status in {DeliveryStatus.BOOKED, DeliveryStatus.UNKNOWN}:
        status = DeliveryStatus.LABEL_READY
    return Booking(
        external_id=text(shipment, "id"),
        status=status,
        raw_status=raw_status,
        price=rate_price(child(shipment, "selected_rate")) or quoted,
        tracking_number=text(shipment, "tracking_code"),
        tracking_url=text(tracker, "public_url"),
        label_url=label_url,
        dropoff_eta=instant(tracker, "est_delivery_date"),
    )


def read_shipment(shipment: Json) -> CarrierUpdate:
    """Where a shipment stands: given back, without a label yet, or wherever its tracker says."""
    shipment_id = text(shipment, "id")
    label_url = text(child(shipment, "postage_label"), "label_url")
    at = instant(shipment, "updated_at") or instant(shipment, "created_at") or datetime.now(UTC)
    if is_void(shipment) or not text(shipment, "tracking_code"):
        refund = text(shipment, "refund_status")
        status = DeliveryStatus.CANCELLED if refund else DeliveryStatus.QUOTED
        raw_status = f"refund_{refund}" if refund else text(shipment, "status")
        return CarrierUpdate(f"{shipment_id}:{raw_status}", shipment_id, status, raw_status, at)
    tracker = child(shipment, "tracker")
    return read_tracker(
        tracker,
        external_id=shipment_id,
        source_event_id=f"{shipment_id}:{text(tracker, 'status')}:{_last_instant(tracker, at).isoformat()}",
        fallback_at=at,
        label_url=label_url,
        tracking_code=text(shipment, "tracking_code"),
    )


def read_tracker(
    tracker: Json,
    *,
    external_id: str,
    source_event_id: str,
    fallback_at: datetime,
    label_url: str = "",
    tracking_code: str = "",
) -> CarrierUpdate:
    """What a tracker says now; its newest scan gives the instant."""
    standing = standing_of(tracker)
    status = standing.status
    if label_url and status is DeliveryStatus.BOOKED:
        status = DeliveryStatus.LABEL_READY
    return CarrierUpdate(
        source_event_id=source_event_id,
        external_id=external_id,
        status=status,
        raw_status=text(tracker, "status"),
        occurred_at=_last_instant(tracker, fallback_at),
        tracking_number=text(tracker, "tracking_code") or tracking_code,
        tracking_url=text(tracker, "public_url"),
        label_url=label_url,
        dropoff_eta=instant(tracker, "est_delivery_date"),
        trouble=standing.trouble,
        raw_reason=standing.raw_reason,
    )


def lacks(address: Address) -> tuple[str, ...]:
    """What a label would still need, as names of fields."""
    return address.missing if address.postal_code else (*address.missing, "postal_code")


def _last_instant(tracker: Json, fallback: datetime) -> datetime:
    scans = children(tracker, "tracking_details")
    newest = instant(scans[-1], "datetime") if scans else None
    return newest or instant(tracker, "updated_at") or fallback


def _address(address: Address) -> dict[str, object]:
    fields = {
        "name": address.name,
        "company": address.company,
        "street1": address.line1,
        "street2": address.line2,
        "city": address.city,
        "state": address.province,
        "zip": address.postal_code,
        "country": address.country,
        "phone": address.phone or "",
        "email": address.email,
    }
    return {name: value for name, value in fields.items() if value}


def _parcel(parcel: Parcel) -> dict[str, object]:
    fields: dict[str, object] = {"weight": ounces(parcel.weight_g)}
    if parcel.length_mm and parcel.width_mm and parcel.height_mm:
        sides = sorted((parcel.length_mm, parcel.width_mm, parcel.height_mm), reverse=True)
        fields |= dict(zip(("length", "width", "height"), map(inches, sides), strict=True))
    return fields


def _confirmation(request: QuoteRequest | BookingRequest) -> str:
    needs = set(all_needs(request.goods, request.requirements))
    if {HandoverRequirement.ADULT_SIGNATURE, HandoverRequirement.ID_CHECK} & needs:
        return "ADULT_SIGNATURE"
    if {HandoverRequirement.SIGNATURE, HandoverRequirement.NO_SAFE_PLACE} & needs:
        return "SIGNATURE"
    return ""

"""Requests to DoorDash Drive, published OpenAPI 2.1 as of November 2026. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.couriers.doordash.limits import allowed_vehicles, is_phone, phone_at_the_door
from connectors.couriers.doordash.times import Times, moved_to
from connectors.quoted import wanted_window
from doorstep.address import Address
from doorstep.booking import BookingChange, BookingRequest
from doorstep.delivery import IfUndeliverable
from doorstep.goods import AGE_CHECKED, Goods, GoodsTrait, all_needs
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import QuoteRequest, VehicleKind
from doorstep.window import Window

_INSTRUCTIONS_LENGTH = 500  # ours: DoorDash publishes no limit
_CONTENTS_LENGTH = 200
_GRAMS_A_POUND = 453.59237
_MM_AN_INCH = 25.4

_AT_THE_DOOR = frozenset(
    {
        HandoverRequirement.SIGNATURE,
        HandoverRequirement.ADULT_SIGNATURE,
        HandoverRequirement.ID_CHECK,
        HandoverRequirement.PIN,
        HandoverRequirement.NO_SAFE_PLACE,
    }
)


def question_of(request: BookingRequest) -> QuoteRequest:
    """The question that a booking's offer answered; the vehicle is what `read_quote` kept."""
    vehicle = request.booking_data.get("vehicle", "")
    return QuoteRequest(
        reference=request.reference,
        pickup=request.pickup,
        dropoff=request.dropoff,
        parcels=request.parcels,
        value=request.value,
        asked_at=request.asked_at,
        ready_at=request.ready_at,
        time_zone=request.promise.time_zone,
        delivery_window=wanted_window(request.booking_data),
        requirements=request.requirements,
        goods=request.goods,
        vehicle=VehicleKind(vehicle) if vehicle in VehicleKind else None,
    )


def quote_body(
    question: QuoteRequest, times: Times, if_undeliverable: IfUndeliverable = IfUndeliverable.RETURN
) -> dict[str, object]:
    """What is asked for, but for its id: POST /quotes, and all of POST /deliveries that costs money."""
    pickup, dropoff = question.pickup, question.dropoff
    body: dict[str, object] = {
        "pickup_address": pickup.one_line,
        "pickup_business_name": pickup.company or pickup.name,
        "pickup_phone_number": pickup.phone if is_phone(pickup.phone) else "",
        "pickup_instructions": pickup.instructions[:_INSTRUCTIONS_LENGTH],
        **_dropoff(replace(dropoff, phone=phone_at_the_door(question))),
        "dropoff_instructions": dropoff.instructions[:_INSTRUCTIONS_LENGTH],
        "order_value": question.value.minor,
        "items": items_of_parcels(question.parcels),
        **_times(times),
        **_handover(question, if_undeliverable),
        "order_contains": _contents(question.goods),
        "dasher_allowed_vehicles": allowed_vehicles(question),
    }
    return _without_blanks(body)


def fingerprint(body: Mapping[str, object]) -> str:
    """The same for two bodies that ask for the same: a quote is accepted only for what it was asked for."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]


def create_body(request: BookingRequest, body: Mapping[str, object]) -> dict[str, object]:
    """POST /deliveries; the booking key is the id that DoorDash takes only once."""
    return {**body, **label_body(request), "external_delivery_id": request.booking_key}


def label_body(request: BookingRequest) -> dict[str, object]:
    """What a quote does not know: the reference that staff look for, and what is in the box."""
    fields: dict[str, object] = {"pickup_reference_tag": request.reference}
    if request.items:
        fields["items"] = items_of_parcels(request.parcels, request.items)
    return _without_blanks(fields)


def change_body(change: BookingChange) -> dict[str, object]:
    """PATCH /deliveries/{id}; {} where nothing is to be changed."""
    fields: dict[str, object] = {}
    if change.dropoff is not None:
        fields |= _dropoff(change.dropoff)
        fields["dropoff_instructions"] = change.dropoff.instructions[:_INSTRUCTIONS_LENGTH]
    if change.window is not None:
        fields |= _times(moved_to(change.window))
    fields = _without_blanks(fields)
    if change.instructions is not None:
        fields["dropoff_instructions"] = change.instructions[:_INSTRUCTIONS_LENGTH]
    if change.items is not None:
        fields["items"] = [{"name": title, "quantity": quantity} for title, quantity in change.items]
    return fields


def items_of_parcels(
    parcels: tuple[Parcel, ...], contents: tuple[tuple[str, int], ...] = ()
) -> list[dict[str, object]]:
    """One item a parcel, in DoorDash's pounds and inches, because that is what a Dasher carries."""
    named = ", ".join(f"{quantity} x {title}" for title, quantity in contents)[:_CONTENTS_LENGTH]
    items: list[dict[str, object]] = []
    for place, parcel in enumerate(parcels, start=1):
        name = named if named and len(parcels) == 1 else f"Parcel {place} of {len(parcels)}"
        item: dict[str, object] = {"name": name, "quantity": 1}
        if parcel.weight_g:
            item["weight"] = round(parcel.weight_g / _GRAMS_A_POUND, 2)
        if parcel.length_mm and parcel.width_mm and parcel.height_mm:
            item["length"] = round(parcel.length_mm / _MM_AN_INCH, 1)
            item["width"] = round(parcel.width_mm / _MM_AN_INCH, 1)
            item["height"] = round(parcel.height_mm / _MM_AN_INCH, 1)
        items.append(item)
    return items


def _dropoff(address: Address) -> dict[str, object]:
    given, _, family = address.name.strip().rpartition(" ")
    fields: dict[str, object] = {
        "dropoff_address": address.one_line,
        "dropoff_business_name": address.company,
        "dropoff_phone_number": address.phone if is_phone(address.phone) else "",
        "dropoff_contact_given_name": given or family,
        "dropoff_contact_family_name": family if given else "",
    }
    if address.location is not None:
        fields["dropoff_location"] = {"lat": address.location.lat, "lng": address.location.lng}
    if address.country == "US":  # the components of other countries are named otherwise
        fields["dropoff_address_components"] = _without_blanks(
            {
                "street_address": address.line1,
                "sub_premise": address.line2,
                "city": address.city,
                "state": address.province,
                "zip_code": address.postal_code,
                "country": address.country,
            }
        )
    return fields


def _times(times: Times) -> dict[str, object]:
    fields: dict[str, object] = {}
    if times.pickup_at is not None:
        fields["pickup_time"] = _iso(times.pickup_at)
    if times.pickup is not None and times.dropoff is not None:
        fields["pickup_window"] = _window(times.pickup)
        fields["dropoff_window"] = _window(times.dropoff)
    return fields


def _handover(question: QuoteRequest, if_undeliverable: IfUndeliverable) -> dict[str, object]:
    asked = set(all_needs(question.goods, question.requirements))
    options: dict[str, object] = {}
    if asked & {HandoverRequirement.SIGNATURE, HandoverRequirement.ADULT_SIGNATURE}:
        options["signature"] = "required"
    if asked & {HandoverRequirement.ID_CHECK, HandoverRequirement.ADULT_SIGNATURE}:
        options["id_verification"] = "required"
    fields: dict[str, object] = {}
    if HandoverRequirement.PIN in asked:
        options["proof_of_delivery"] = "pin_code"
        # DoorDash makes the number and tells it to the recipient.
        fields["dropoff_pin_code_verification_metadata"] = {"pin_code_type": "random_number"}
    elif HandoverRequirement.PHOTO in asked:
        options["proof_of_delivery"] = "photo_required"
    if options:
        fields["dropoff_options"] = options
    if asked & _AT_THE_DOOR:
        fields["contactless_dropoff"] = False
    elif if_undeliverable is IfUndeliverable.LEAVE_AT_DOOR:
        fields["contactless_dropoff"] = True
    # What only grown-ups may have is brought back, whatever was wished for.
    may_dispose = not question.goods.traits & AGE_CHECKED
    disposes = may_dispose and if_undeliverable is IfUndeliverable.DISPOSE
    fields["action_if_undeliverable"] = "dispose" if disposes else "return_to_pickup"
    return fields


def _contents(goods: Goods) -> dict[str, bool]:
    """Only what is true; hemp and over-the-counter medicine have no trait of their own with us."""
    is_pharmacy = GoodsTrait.PHARMACY in goods.traits
    is_for_adults = GoodsTrait.AGE_RESTRICTED in goods.traits or goods.minimum_age is not None
    contains = {
        "alcohol": GoodsTrait.ALCOHOL in goods.traits,
        "tobacco": GoodsTrait.TOBACCO in goods.traits,
        "pharmacy_items": is_pharmacy,
        "age_restricted_pharmacy_items": is_pharmacy and is_for_adults,
    }
    return {name: True for name, is_contained in contains.items() if is_contained}


def _window(window: Window) -> dict[str, str]:
    return {"start_time": _iso(window.start), "end_time": _iso(window.end)}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _without_blanks(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in ("", None, {}, [])}

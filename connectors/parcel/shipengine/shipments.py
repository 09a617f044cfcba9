"""ShipEngine API 1.1.202604 (its published OpenAPI of April 2026): what is asked for. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from decimal import Decimal

from connectors.parcel.shipengine.promises import ship_date
from connectors.quoted import comes_back
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.delivery import IfUndeliverable
from doorstep.goods import GoodsTrait, all_needs
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import QuoteRequest

type Consignment = QuoteRequest | BookingRequest

LONGEST_KEY = 50
"""Characters of `external_shipment_id`; ShipEngine cuts a longer one off without a word."""

OWN_BOX = "package"
"""The package code of a box that is nobody's product."""

_PRINTED_LENGTH = 35
_COUNTRIES_WITH_STATES = frozenset({"US", "CA", "AU"})


def rates_body(
    request: Consignment, carrier_ids: Sequence[str], *, service_code: str = ""
) -> dict[str, object]:
    """POST /rates: every service of these carriers between two full addresses, or one of them."""
    options: dict[str, object] = {
        "carrier_ids": list(carrier_ids),
        "preferred_currency": request.value.currency.lower(),
    }
    if service_code:
        options["service_codes"] = [service_code]
    if comes_back(request):
        options["is_return"] = True
    return {"shipment": _shipment(request), "rate_options": options}


def estimate_body(request: QuoteRequest, carrier_ids: Sequence[str]) -> dict[str, object]:
    """POST /rates/estimate: prices of one parcel between postcodes; what comes back cannot be bought."""
    body: dict[str, object] = {
        "carrier_ids": list(carrier_ids),
        **_place("from", request.pickup),
        **_place("to", request.dropoff),
        **_measures(request.parcels[0]),
        "confirmation": confirmation(_needs(request)),
        "address_residential_indicator": "unknown",
        "ship_date": ship_date(request).isoformat(),
    }
    return body


def label_body(
    request: BookingRequest, *, carrier_id: str, service_code: str, package_code: str
) -> dict[str, object]:
    """POST /labels: buy under the booking key, which ShipEngine takes once.

    A return names its addresses as the parcel goes, from the shopper to the shop (seen in public
    integrations; only /labels/{id}/return turns those of an outbound label round by itself).
    """
    shipment = _shipment(request, package_code or OWN_BOX) | {
        "carrier_id": carrier_id,
        "service_code": service_code,
        "external_shipment_id": request.booking_key,
    }
    body: dict[str, object] = {
        "shipment": shipment,
        "is_return_label": comes_back(request),
        "label_format": "pdf",  # the one format that every carrier prints
        "label_layout": "4x6",
        "label_download_type": "url",
    }
    if comes_back(request):
        # A return needs to be told when it is charged (ShipEngine's guide to returns, 2026): most carriers do
        # so at the first scan, so that a label which nobody uses costs nothing.
        body |= {"charge_event": "carrier_default", "rma_number": request.reference[:_PRINTED_LENGTH]}
    return body


def made_for(request: Consignment) -> str:
    """Digest of everything that a price depends on; another address or weight needs another rating."""
    needs = _needs(request)
    content = [
        _address(request.pickup),
        _address(request.dropoff),
        [_measures(parcel) for parcel in request.parcels],
        confirmation(needs),
        sorted(request.goods.traits),
        comes_back(request),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def lacks(address: Address) -> tuple[str, ...]:
    """What a label would still need, as names of fields."""
    lacking = list(address.missing)
    if not address.postal_code:
        lacking.append("postal_code")
    if not address.province and address.country in _COUNTRIES_WITH_STATES:
        lacking.append("province")
    if not (address.name or address.company):
        lacking.append("name")
    return tuple(lacking)


def confirmation(needs: Collection[HandoverRequirement]) -> str:
    """What is asked for at the door: the strictest of the needs, since a label carries one."""
    if {HandoverRequirement.ADULT_SIGNATURE, HandoverRequirement.ID_CHECK} & set(needs):
        return "adult_signature"
    if HandoverRequirement.PIN in needs:
        return "delivery_code"
    if {HandoverRequirement.SIGNATURE, HandoverRequirement.NO_SAFE_PLACE} & set(needs):
        return "signature"
    return "none"


def _shipment(request: Consignment, package_code: str = "") -> dict[str, object]:
    shipment: dict[str, object] = {
        "validate_address": "no_validation",
        "ship_from": _address(request.pickup),
        "ship_to": _address(request.dropoff),
        "ship_date": ship_date(request).isoformat(),
        "confirmation": confirmation(_needs(request)),
        "packages": [_package(parcel, package_code, request.reference) for parcel in request.parcels],
    }
    options = _advanced_options(request)
    return shipment | {"advanced_options": options} if options else shipment


def _package(parcel: Parcel, package_code: str, reference: str) -> dict[str, object]:
    fields = {**_measures(parcel), "label_messages": {"reference1": reference[:_PRINTED_LENGTH]}}
    return {"package_code": package_code, **fields} if package_code else fields


def _measures(parcel: Parcel) -> dict[str, object]:
    # Nothing at all is refused as a weight.
    fields: dict[str, object] = {"weight": {"value": max(parcel.weight_g, 1), "unit": "gram"}}
    if parcel.length_mm and parcel.width_mm and parcel.height_mm:
        sides = sorted((parcel.length_mm, parcel.width_mm, parcel.height_mm), reverse=True)
        centimetres = [float(Decimal(side) / 10) for side in sides]
        named = dict(zip(("length", "width", "height"), centimetres, strict=True))
        fields["dimensions"] = {"unit": "centimeter", **named}
    return fields


def _advanced_options(request: Consignment) -> dict[str, object]:
    traits = request.goods.traits
    options: dict[str, object] = {}
    if GoodsTrait.ALCOHOL in traits:
        options["contains_alcohol"] = True
    if GoodsTrait.LITHIUM in traits:
        options["dangerous_goods"] = True
        options["dangerous_goods_contact"] = _contact(request.pickup)
    if GoodsTrait.FRAGILE in traits:
        options["fragile"] = True
    if GoodsTrait.OVERSIZED in traits:
        options["additional_handling"] = True
    if GoodsTrait.LIVE_ANIMALS in traits:
        options["regulated_content_type"] = "other_live_animal"
    leaves_it = isinstance(request, BookingRequest) and (
        request.if_undeliverable is IfUndeliverable.LEAVE_AT_DOOR
    )
    if leaves_it and confirmation(_needs(request)) == "none":
        options["shipper_release"] = True
    return options


def _contact(address: Address) -> dict[str, str]:
    phone = address.phone or address.phone_raw
    fields = {"name": address.name or address.company, "phone": phone}
    return {name: value for name, value in fields.items() if value}


def _address(address: Address) -> dict[str, str]:
    fields = {
        "name": address.name or address.company,
        "company_name": address.company,
        "phone": address.phone or address.phone_raw,
        "email": address.email,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "city_locality": address.city,
        "state_province": address.province,
        "postal_code": address.postal_code,
        "country_code": address.country,
        "address_residential_indicator": "unknown",
        "instructions": address.instructions,
    }
    return {name: value for name, value in fields.items() if value}


def _place(end: str, address: Address) -> dict[str, str]:
    fields = {
        f"{end}_country_code": address.country,
        f"{end}_postal_code": address.postal_code,
        f"{end}_city_locality": address.city,
        f"{end}_state_province": address.province,
    }
    return {name: value for name, value in fields.items() if value}


def _needs(request: Consignment) -> tuple[HandoverRequirement, ...]:
    return all_needs(request.goods, request.requirements)

"""Admin API 2026-10, written from its schema and recorded answers of November 2026: places. Pure."""

from __future__ import annotations

import phonenumbers

from connectors.stores.shopify.payload import Field
from doorstep.address import Address
from doorstep.geo import LatLng
from doorstep.order import Location


def read_shipping_address(address: Field, *, phone: str, email: str, instructions: str) -> Address:
    """A `MailingAddress`; `phone` is the order's, taken where the address has none."""
    return _address(
        address,
        country=address["countryCodeV2"].text_or_empty(),
        province=address["provinceCode"].text_or_empty(),
        phone_raw=address["phone"].text_or_empty() or phone,
        email=email,
        instructions=instructions,
        location=_coordinates(address) if address["coordinatesValidated"].flag(False) else None,
    )


def read_destination(destination: Field, *, phone: str, instructions: str) -> Address:
    """A `FulfillmentOrderDestination`; it knows neither coordinates nor the province's code."""
    return _address(
        destination,
        country=destination["countryCode"].text_or_empty(),
        province=destination["province"].text_or_empty(),
        phone_raw=destination["phone"].text_or_empty() or phone,
        email=destination["email"].text_or_empty(),
        instructions=instructions,
        location=None,
    )


def read_location(location: Field, time_zone: str) -> Location:
    """A `Location`."""
    address = location["address"]
    return Location(
        id="",
        merchant_id="",
        name=location["name"].text_or_empty(),
        address=_address(
            address,
            country=address["countryCode"].text_or_empty(),
            province=address["provinceCode"].text_or_empty(),
            phone_raw=address["phone"].text_or_empty(),
            email="",
            instructions="",
            location=_coordinates(address),
        ),
        time_zone=time_zone,
        external_ids=(location["id"].text(),),
    )


def e164(raw: str, country: str) -> str | None:
    """The number in E.164, None where it cannot be dialled: shoppers type "555-555-SHIP"."""
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _address(
    source: Field,
    *,
    country: str,
    province: str,
    phone_raw: str,
    email: str,
    instructions: str,
    location: LatLng | None,
) -> Address:
    parts = (source["firstName"].text_or_empty(), source["lastName"].text_or_empty())
    return Address(
        country=country,
        name=" ".join(part for part in parts if part) or source["name"].text_or_empty(),
        company=source["company"].text_or_empty(),
        line1=source["address1"].text_or_empty(),
        line2=source["address2"].text_or_empty(),
        city=source["city"].text_or_empty(),
        province=province,
        postal_code=source["zip"].text_or_empty(),
        phone=e164(phone_raw, country),
        phone_raw=phone_raw,
        email=email,
        instructions=instructions,
        location=location,
    )


def _coordinates(source: Field) -> LatLng | None:
    if not source["latitude"] or not source["longitude"]:
        return None
    try:
        return LatLng(source["latitude"].number(), source["longitude"].number())
    except ValueError:
        raise source["latitude"].unreadable("and longitude are no place on the earth") from None

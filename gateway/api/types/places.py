"""Places, addresses, boxes, and where somebody is."""

from __future__ import annotations

from datetime import datetime

from doorstep import address as addresses
from doorstep import geo, parcel, product
from doorstep import position as positions
from gateway.api.marks import ANYONE, BY_DRIVER, SHOP, entry, part, shape
from gateway.api.scalars import CountryCode, PhoneNumber

_PREDICTED = "Where a silent van would be by its tour; recordedAt and ageSeconds are of its last word."


@shape(to=ANYONE)
class LatLng:
    """WGS 84 degrees."""

    latitude: float
    longitude: float

    @staticmethod
    def of(place: geo.LatLng) -> LatLng:
        return LatLng(latitude=place.lat, longitude=place.lng)

    @staticmethod
    def maybe(place: geo.LatLng | None) -> LatLng | None:
        return None if place is None else LatLng.of(place)


@entry
class LatLngInput:
    """WGS 84 degrees."""

    latitude: float
    longitude: float


@shape(to=(*SHOP, *BY_DRIVER))
class Address:
    """A postal address; a phone number is shown to those who need it."""

    name: str | None
    company: str | None
    address1: str | None = part()
    address2: str | None = part()
    city: str | None
    province_code: str | None
    postal_code: str | None
    country_code: CountryCode | None = part("Null where the store did not say.")
    phone: PhoneNumber | None = part(to=BY_DRIVER)
    location: LatLng | None
    instructions: str | None = part(to=BY_DRIVER)

    @staticmethod
    def of(known: addresses.Address) -> Address:
        return Address(
            name=known.name or None,
            company=known.company or None,
            address1=known.line1 or None,
            address2=known.line2 or None,
            city=known.city or None,
            province_code=known.province or None,
            postal_code=known.postal_code or None,
            country_code=CountryCode(known.country) if known.country else None,
            phone=PhoneNumber(known.phone) if known.phone else None,
            location=LatLng.maybe(known.location),
            instructions=known.instructions or None,
        )

    @staticmethod
    def maybe(known: addresses.Address | None) -> Address | None:
        return None if known is None else Address.of(known)


@entry
class DestinationInput:
    """Any prefix of an address: country alone, country and postcode, a pin, or all of it."""

    country_code: CountryCode
    postal_code: str | None = None
    province_code: str | None = None
    city: str | None = None
    address1: str | None = None
    address2: str | None = None
    name: str | None = None
    company: str | None = None
    phone: PhoneNumber | None = None
    email: str | None = None
    location: LatLngInput | None = None
    instructions: str | None = None


@shape()
class Dimensions:
    """Greatest extent and weight of a thing."""

    length_millimeters: int | None
    width_millimeters: int | None
    height_millimeters: int | None
    weight_grams: int | None

    @staticmethod
    def maybe(sides: product.Dimensions | None, weight_g: int | None) -> Dimensions | None:
        if sides is None:
            return None
        return Dimensions(
            length_millimeters=sides.length_mm,
            width_millimeters=sides.width_mm,
            height_millimeters=sides.height_mm,
            weight_grams=weight_g,
        )


@shape()
class Parcel:
    """A box, packed or planned."""

    dimensions: Dimensions

    @staticmethod
    def of(box: parcel.Parcel) -> Parcel:
        return Parcel(
            dimensions=Dimensions(
                length_millimeters=box.length_mm,
                width_millimeters=box.width_mm,
                height_millimeters=box.height_mm,
                weight_grams=box.weight_g,
            )
        )


@shape(to=ANYONE)
class Position:
    """Last known place."""

    location: LatLng
    recorded_at: datetime
    age_seconds: int
    heading_degrees: int | None
    speed_meters_per_second: float | None
    accuracy_meters: int | None
    is_predicted: bool = part(_PREDICTED)

    @staticmethod
    def of(fix: positions.Position, now: datetime, *, is_predicted: bool = False) -> Position:
        return Position(
            location=LatLng.of(fix.location),
            recorded_at=fix.recorded_at,
            age_seconds=age_s(fix, now),
            heading_degrees=whole(fix.heading_deg),
            speed_meters_per_second=fix.speed_mps,
            accuracy_meters=whole(fix.accuracy_m),
            is_predicted=is_predicted,
        )

    @staticmethod
    def maybe(fix: positions.Position | None, now: datetime) -> Position | None:
        return None if fix is None else Position.of(fix, now)


def age_s(fix: positions.Position, now: datetime) -> int:
    """Whole seconds since a fix; 0 where its clock runs ahead."""
    return max(0, round((now - fix.recorded_at).total_seconds()))


def whole(value: float | None) -> int | None:
    """Rounded to the next integer."""
    return None if value is None else round(value)

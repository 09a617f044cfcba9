"""Our questions and bookings in the words of karrio's models, as plain dictionaries. Pure.

Every parcel is given in the units of the country it leaves from, rounded up: karrio writes a parcel's
centimetres beside the word inches where it thinks that the country measures so (FedEx), and cuts off what
stands behind the point (DHL's sides, Purolator's weight).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_CEILING, Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import QuoteRequest

_GRAMS_A_POUND = Decimal("453.59237")
_MM_AN_INCH = Decimal("25.4")
_IN_POUNDS_AND_INCHES = frozenset({"US", "PR"})
_HANDOVER_UNTIL = time(17, 0)
_SUNDAY = 6
_GROWN_UP = frozenset({HandoverRequirement.ADULT_SIGNATURE, HandoverRequirement.ID_CHECK})
_SIGNED = frozenset({HandoverRequirement.SIGNATURE, HandoverRequirement.NO_SAFE_PLACE})

type Requirements = tuple[HandoverRequirement, ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """How finely a carrier measures; weights and sides are rounded up.

    Attributes
    ----------
    always_pounds
        Pounds and inches wherever it is; else where the country measures so.
    pound_step, kilogram_step, side_step
        The smallest part of a unit.
    """

    always_pounds: bool = False
    pound_step: Decimal = Decimal("0.1")
    kilogram_step: Decimal = Decimal("0.001")
    side_step: Decimal = Decimal("0.1")


def payload_of(
    request: QuoteRequest | BookingRequest, reference: str, options: Mapping[str, Any], measures: Measures
) -> dict[str, Any]:
    """Everything but the service.

    Parameters
    ----------
    reference
        What the carrier is to remember it by.
    """
    is_imperial = measures.always_pounds or request.pickup.country in _IN_POUNDS_AND_INCHES
    day = ship_date(request.ready_at, zone_of(request))
    return {
        "shipper": _address(request.pickup),
        "recipient": _address(request.dropoff),
        "parcels": [_parcel(parcel, is_imperial, measures, reference) for parcel in request.parcels],
        "options": {
            "shipment_date": day.isoformat(),
            "shipping_date": f"{day.isoformat()}T{_HANDOVER_UNTIL:%H:%M}",
            "currency": request.value.currency,
            # karrio lets carriers write to the shopper unless it is told otherwise.
            "email_notification": False,
            **options,
        },
        "reference": reference,
    }


def wants_grown_up(requirements: Requirements) -> bool:
    """Whether only a grown-up may sign."""
    return bool(_GROWN_UP & set(requirements))


def wants_signature(requirements: Requirements) -> bool:
    """Whether somebody must sign."""
    return wants_grown_up(requirements) or bool(_SIGNED & set(requirements))


def lacks(address: Address) -> tuple[str, ...]:
    """What a label would still need, as names of fields."""
    return address.missing if address.postal_code else (*address.missing, "postal_code")


def reference_of(key: str, most: int) -> str:
    """A booking key as a reference of at most `most` characters; the same key gives the same one."""
    return key if len(key) <= most else hashlib.sha256(key.encode()).hexdigest()[:most]


def zone_of(request: QuoteRequest | BookingRequest) -> tzinfo:
    """The time zone that days are counted in."""
    name = request.time_zone
    if isinstance(request, BookingRequest) and not name:
        name = request.promise.time_zone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def ship_date(ready_at: datetime, zone: tzinfo) -> date:
    """The day of handing over: the same one until 17:00 there, never a Sunday."""
    local = ready_at.astimezone(zone)
    day = local.date() + timedelta(days=1 if local.time() >= _HANDOVER_UNTIL else 0)
    return day + timedelta(days=1) if day.weekday() == _SUNDAY else day


def _address(address: Address) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "person_name": address.name or address.company,
        "company_name": address.company,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "city": address.city,
        "state_code": address.province,
        "postal_code": address.postal_code,
        "country_code": address.country,
        "phone_number": address.phone or "",
        "email": address.email,
    }
    known = {name: value for name, value in fields.items() if value}
    return {**known, "residential": not address.company}


def _parcel(parcel: Parcel, is_imperial: bool, measures: Measures, reference: str) -> dict[str, Any]:
    weight_g = Decimal(max(parcel.weight_g, 1))
    pounds = _up(weight_g / _GRAMS_A_POUND, measures.pound_step)
    fields: dict[str, Any] = {
        "weight": pounds if is_imperial else _up(weight_g / 1000, measures.kilogram_step),
        "weight_unit": "LB" if is_imperial else "KG",
        "dimension_unit": "IN" if is_imperial else "CM",
        "reference_number": reference,
    }
    if parcel.length_mm and parcel.width_mm and parcel.height_mm:
        sides = sorted((parcel.length_mm, parcel.width_mm, parcel.height_mm), reverse=True)
        unit = _MM_AN_INCH if is_imperial else Decimal(10)
        fields |= {
            name: _up(side / unit, measures.side_step)
            for name, side in zip(("length", "width", "height"), sides, strict=True)
        }
    return fields


def _up(value: Decimal, step: Decimal) -> float:
    """karrio's models want floats; these have so few digits that none is lost."""
    return float(value.quantize(step, rounding=ROUND_CEILING))

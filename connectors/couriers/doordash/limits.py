"""What DoorDash Drive carries.

Countries and vehicles are those of its published OpenAPI 2.1 (address components for US, CA, AU and NZ;
`dasher_allowed_vehicles` car, bicycle, walking). It publishes no weights, sides or distances: those figures
are assumptions, wide enough that DoorDash itself has the last word.
"""

from __future__ import annotations

import re

from connectors.couriers.doordash.wording import NAME, SYSTEM
from doorstep import limits
from doorstep.address import Address
from doorstep.goods import GoodsTrait, all_needs
from doorstep.limits import CarrierLimits, VehicleRoom
from doorstep.order import HandoverRequirement
from doorstep.quote import Decline, DeclineReason, QuoteRequest, VehicleKind

_HEAVIEST_G = 22_680  # assumed: fifty pounds, what one person carries from a counter to a door
_LONGEST_MM = 1_200  # assumed: what lies across the back seat of a car

LIMITS = CarrierLimits(
    parcel_weight_g=_HEAVIEST_G,
    longest_mm=_LONGEST_MM,
    parcels=10,  # assumed
    countries=frozenset({"US", "CA", "AU", "NZ"}),
    refused=frozenset({GoodsTrait.HAZARDOUS, GoodsTrait.LIVE_ANIMALS, GoodsTrait.OVERSIZED}),  # assumed
    handovers=frozenset(
        {
            HandoverRequirement.SIGNATURE,
            HandoverRequirement.ADULT_SIGNATURE,
            HandoverRequirement.ID_CHECK,
            HandoverRequirement.PIN,
            HandoverRequirement.PHOTO,
            HandoverRequirement.PHONE_NUMBER,
            HandoverRequirement.NO_SAFE_PLACE,
        }
    ),
    vehicles=(  # assumed: weights, sides and volumes
        VehicleRoom(VehicleKind.FOOT, 5_000, 450, 25_000),
        VehicleRoom(VehicleKind.BICYCLE, 10_000, 600, 45_000),
        VehicleRoom(VehicleKind.CAR, 2 * _HEAVIEST_G, _LONGEST_MM, 400_000),
    ),
    distance_m=40_000.0,  # assumed
)

WIRE_VEHICLES: dict[VehicleKind, str] = {
    VehicleKind.FOOT: "walking",
    VehicleKind.BICYCLE: "bicycle",
    VehicleKind.CAR: "car",
}

_E164 = re.compile(r"^\+[1-9][0-9]{6,14}$")


def is_phone(phone: str | None) -> bool:
    """Whether it is a number as DoorDash takes it, E.164."""
    return bool(_E164.match(phone or ""))


def why_not(request: QuoteRequest) -> Decline | None:
    """What keeps DoorDash from carrying this on any day, None where nothing does."""
    return (
        _about_address("pickup", request.pickup)
        or _about_address("delivery", request.dropoff)
        or _about_phone(request)
        or limits.why_not(SYSTEM, NAME, LIMITS, request)
        or _about_proof(request)
    )


def allowed_vehicles(request: QuoteRequest) -> list[str]:
    """The vehicles that take it, in DoorDash's words; [] where every one does."""
    smallest = limits.vehicle_for(LIMITS, request)
    if smallest is None:
        return []
    taking = [kind for kind in WIRE_VEHICLES if limits.is_at_least(kind, smallest)]
    return [] if len(taking) == len(WIRE_VEHICLES) else [WIRE_VEHICLES[kind] for kind in taking]


def _about_address(side: str, address: Address) -> Decline | None:
    if not address.missing:
        return None
    sentence = f"{NAME} needs a full {side} address; it lacks {' and '.join(address.missing)}."
    return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)


def phone_at_the_door(request: QuoteRequest) -> str:
    """The number that DoorDash is told, "" where there is none that it takes.

    DoorDash wants one even for a price, which a cart does not have yet: the shop's own stands in for it. It
    is told to nobody, as what is asked for a cart is never booked.
    """
    known = (request.dropoff.phone, request.pickup.phone if request.is_cart else None)
    return next((phone for phone in known if phone is not None and is_phone(phone)), "")


def _about_phone(request: QuoteRequest) -> Decline | None:
    if phone_at_the_door(request):
        return None
    place = "delivery address or the shop's" if request.is_cart else "delivery address"
    sentence = f"{NAME} needs a phone number at the {place}, with its country code."
    return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)


def _about_proof(request: QuoteRequest) -> Decline | None:
    """DoorDash takes one kind of proof a delivery."""
    asked = set(all_needs(request.goods, request.requirements))
    if not {HandoverRequirement.PIN, HandoverRequirement.PHOTO} <= asked:
        return None
    sentence = f"{NAME} asks for a PIN or takes a photo at the door, not both."
    return Decline(SYSTEM, DeclineReason.HANDOVER, sentence)

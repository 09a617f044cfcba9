"""What Uber Direct carries: addresses, phones, sizes and services at the door."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.couriers.uber_direct.client import SYSTEM
from doorstep.address import Address
from doorstep.booking import BookingRequest
from doorstep.goods import GoodsTrait, all_needs
from doorstep.limits import CarrierLimits
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.quote import Decline, DeclineReason, QuoteRequest, VehicleKind

HEAVIEST_G = 22_680
"""Fifty pounds a package, the most that Uber's couriers are told to expect (Uber Help)."""

# Ours: Uber names the sizes and leaves their measures open. (size, heaviest in grams, longest side in mm)
_SIZES = (
    ("small", 5_000, 300),
    ("medium", 10_000, 450),
    ("large", 15_000, 800),
    ("xlarge", HEAVIEST_G, 1_200),
)

LIMITS = CarrierLimits(
    parcel_weight_g=HEAVIEST_G,
    longest_mm=_SIZES[-1][2],
    refused=frozenset({GoodsTrait.HAZARDOUS, GoodsTrait.LIVE_ANIMALS}),  # assumed
    # The verifications of Uber's published OpenAPI 1.0.1; its couriers meet the recipient at the door.
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
)

_HEAVY_FOR_A_BICYCLE_G = 10_000
_E164 = re.compile(r"^\+[0-9]{7,15}$")


def is_phone(phone: str | None) -> bool:
    """Whether Uber takes it."""
    return bool(_E164.match(phone or ""))


def why_not(request: QuoteRequest | BookingRequest) -> Decline | None:
    """What keeps Uber from carrying this on any day, None where nothing does."""
    return (
        _about_address("pickup", request.pickup)
        or _about_address("delivery", request.dropoff)
        or _about_phones(request)
        or _about_goods(request)
        or _about_parcels(request.parcels)
    )


def size_of(parcel: Parcel) -> str | None:
    """Uber's size of a parcel, None where no courier of Uber's could take it."""
    sides = (parcel.length_mm or 0, parcel.width_mm or 0, parcel.height_mm or 0)
    for size, heaviest_g, longest_mm in _SIZES:
        if parcel.weight_g <= heaviest_g and max(sides) <= longest_mm:
            return size
    return None


def vehicle_for(parcels: Sequence[Parcel]) -> VehicleKind:
    """What the courier will probably drive: Uber lets nobody choose, and sends by size."""
    is_big = {size_of(parcel) for parcel in parcels} & {"large", "xlarge", None}
    is_heavy = sum(parcel.weight_g for parcel in parcels) > _HEAVY_FOR_A_BICYCLE_G
    return VehicleKind.CAR if is_big or is_heavy else VehicleKind.BICYCLE


def _about_address(side: str, address: Address) -> Decline | None:
    if address.missing:
        sentence = f"Uber Direct needs a full {side} address; it lacks {' and '.join(address.missing)}."
        return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)
    return None


def _about_phones(request: QuoteRequest | BookingRequest) -> Decline | None:
    """A quote does without, so that a cart has a price before anybody gave one.

    Both numbers are optional there (Uber Direct documentation, November 2026).
    """
    is_cart = isinstance(request, QuoteRequest) and request.is_cart
    sides = (("pickup", request.pickup), *(() if is_cart else (("delivery", request.dropoff),)))
    for side, address in sides:
        if not is_phone(address.phone):
            sentence = f"Uber Direct needs a phone number at the {side} address, with its country code."
            return Decline(SYSTEM, DeclineReason.ADDRESS_PROBLEM, sentence)
    return None


def _about_goods(request: QuoteRequest | BookingRequest) -> Decline | None:
    unmet = sorted(set(all_needs(request.goods, request.requirements)) - LIMITS.handovers)
    if unmet:
        return Decline(SYSTEM, DeclineReason.HANDOVER, f"Uber Direct does not offer {', '.join(unmet)}.")
    refused = sorted(request.goods.traits & LIMITS.refused)
    if refused:
        sentence = f"Uber Direct does not carry {', '.join(refused)} goods."
        return Decline(SYSTEM, DeclineReason.PROHIBITED_GOODS, sentence)
    return None


def _about_parcels(parcels: Sequence[Parcel]) -> Decline | None:
    if not parcels:
        return Decline(SYSTEM, DeclineReason.OTHER, "There is no parcel to carry.")
    if any(parcel.weight_g > HEAVIEST_G for parcel in parcels):
        return Decline(SYSTEM, DeclineReason.TOO_HEAVY, "A parcel is over the 22.68 kg that Uber carries.")
    if any(size_of(parcel) is None for parcel in parcels):
        return Decline(SYSTEM, DeclineReason.TOO_LARGE, "A parcel is too large for an Uber courier.")
    return None

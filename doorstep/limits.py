"""What a carrier can take at all, so that it is not asked for what it cannot, and why it falls out is said.

Measures are those that carriers publish: the weight of one parcel, its longest side, its length and girth
together, and for couriers what fits into each of their vehicles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from doorstep.geo import distance_m
from doorstep.goods import GoodsTrait, all_needs, cause_of, in_words
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel, total_weight_g
from doorstep.quote import Decline, DeclineReason, QuoteRequest, VehicleKind

EVERY_HANDOVER = frozenset(HandoverRequirement)


@dataclass(frozen=True, slots=True)
class VehicleRoom:
    """What one kind of vehicle takes in all.

    Attributes
    ----------
    longest_mm, volume_ml
        Of the goods together; None where the carrier publishes none.
    """

    kind: VehicleKind
    weight_g: int
    longest_mm: int | None = None
    volume_ml: int | None = None


@dataclass(frozen=True, slots=True)
class CarrierLimits:
    """What a carrier takes; None or empty where it publishes no limit.

    Attributes
    ----------
    parcel_weight_g, longest_mm, girth_mm
        Of each parcel; girth is the longest side and twice the two others.
    parcels
        How many in one booking.
    refused
        Goods that it does not carry.
    handovers
        What it does at the door.
    vehicles
        Smallest first; a request goes by the first that takes it.
    distance_m
        From door to door, as the crow flies.
    dimensional_divisor
        Cubic centimetres that are billed as a kilogram; None where weight alone counts.
    """

    parcel_weight_g: int | None = None
    longest_mm: int | None = None
    girth_mm: int | None = None
    parcels: int | None = None
    countries: frozenset[str] = frozenset()
    refused: frozenset[GoodsTrait] = frozenset()
    handovers: frozenset[HandoverRequirement] = EVERY_HANDOVER
    vehicles: tuple[VehicleRoom, ...] = ()
    distance_m: float | None = None
    dimensional_divisor: int | None = None


def why_not(carrier: str, name: str, limits: CarrierLimits, request: QuoteRequest) -> Decline | None:
    """The first reason why a carrier cannot take a request; None where nothing speaks against asking.

    Parameters
    ----------
    carrier, name
        Its code, and what it is called in sentences.
    """
    for reason, text in _objections(name, limits, request):
        return Decline(carrier, reason, text)
    return None


def refusal_of(trait: GoodsTrait) -> DeclineReason:
    """What somebody says who does not carry goods with this trait."""
    return DeclineReason.TOO_LARGE if trait is GoodsTrait.OVERSIZED else DeclineReason.PROHIBITED_GOODS


def vehicle_for(limits: CarrierLimits, request: QuoteRequest) -> VehicleKind | None:
    """The smallest vehicle that takes a request; None where none does, or the carrier names none."""
    room = next((room for room in limits.vehicles if _takes(room, request)), None)
    return room.kind if room is not None else None


def billed_weight_g(parcel: Parcel, divisor: int | None) -> int:
    """What a parcel carrier charges for: the weight, or the size as weight where that is more."""
    if divisor is None or parcel.volume_ml is None:
        return parcel.weight_g
    return max(parcel.weight_g, -(-parcel.volume_ml * 1000 // divisor))


def girth_mm(parcel: Parcel) -> int | None:
    """Longest side and twice the two others; None where the sides are unknown."""
    sides = _sides(parcel)
    return None if sides is None else sides[0] + 2 * (sides[1] + sides[2])


def _objections(
    name: str, limits: CarrierLimits, request: QuoteRequest
) -> Iterator[tuple[DeclineReason, str]]:
    yield from _about_area(name, limits, request)
    yield from _about_goods(name, limits, request)
    yield from _about_size(name, limits, request)
    if limits.vehicles and vehicle_for(limits, request) is None:
        largest = limits.vehicles[-1].kind.replace("_", " ").lower()
        yield DeclineReason.VEHICLE_MISMATCH, f"It does not fit into {name}'s largest vehicle, a {largest}."


def _about_area(
    name: str, limits: CarrierLimits, request: QuoteRequest
) -> Iterator[tuple[DeclineReason, str]]:
    if limits.countries:
        for end, address in (("from", request.pickup), ("to", request.dropoff)):
            if address.country not in limits.countries:
                yield DeclineReason.OUT_OF_AREA, f"{name} does not carry {end} {address.country}."
    here, there = request.pickup.location, request.dropoff.location
    if limits.distance_m is not None and here is not None and there is not None:
        far_m = distance_m(here, there)
        if far_m > limits.distance_m:
            text = f"{far_m / 1000:.1f} km as the crow flies; {name} goes {limits.distance_m / 1000:.10g} km."
            yield DeclineReason.OUT_OF_AREA, text


def _about_goods(
    name: str, limits: CarrierLimits, request: QuoteRequest
) -> Iterator[tuple[DeclineReason, str]]:
    for trait in sorted(request.goods.traits & limits.refused):
        yield refusal_of(trait), f"{name} carries no {in_words(trait)}."
    for need in all_needs(request.goods, request.requirements):
        if need not in limits.handovers:
            is_age = need in {HandoverRequirement.ID_CHECK, HandoverRequirement.ADULT_SIGNATURE}
            reason = DeclineReason.AGE_RESTRICTED if is_age else DeclineReason.HANDOVER
            cause = cause_of(request.goods, need)
            because = f", which {cause} must have" if cause else ""
            yield reason, f"{name} does not offer {need.replace('_', ' ').lower()}{because}."


def _about_size(
    name: str, limits: CarrierLimits, request: QuoteRequest
) -> Iterator[tuple[DeclineReason, str]]:
    if limits.parcels is not None and len(request.parcels) > limits.parcels:
        text = f"{len(request.parcels)} parcels; {name} takes {limits.parcels} at once."
        yield DeclineReason.TOO_LARGE, text
    for parcel in request.parcels:
        if limits.parcel_weight_g is not None and parcel.weight_g > limits.parcel_weight_g:
            most = f"{limits.parcel_weight_g / 1000:.10g} kg"
            yield DeclineReason.TOO_HEAVY, f"{parcel.weight_g / 1000:.10g} kg; {name} takes {most}."
        sides = _sides(parcel)
        if sides is None:
            continue
        if limits.longest_mm is not None and sides[0] > limits.longest_mm:
            text = f"{sides[0] / 10:.10g} cm long; {name} takes {limits.longest_mm / 10:.10g} cm."
            yield DeclineReason.TOO_LARGE, text
        girth = girth_mm(parcel)
        if limits.girth_mm is not None and girth is not None and girth > limits.girth_mm:
            most = f"{limits.girth_mm / 10:.10g} cm"
            yield DeclineReason.TOO_LARGE, f"Length and girth are {girth / 10:.10g} cm; {name} takes {most}."


def _takes(room: VehicleRoom, request: QuoteRequest) -> bool:
    if request.vehicle is not None and not is_at_least(room.kind, request.vehicle):
        return False
    if total_weight_g(request.parcels) > room.weight_g:
        return False
    longest = max((sides[0] for parcel in request.parcels if (sides := _sides(parcel))), default=0)
    if room.longest_mm is not None and longest > room.longest_mm:
        return False
    return room.volume_ml is None or sum(p.volume_ml or 0 for p in request.parcels) <= room.volume_ml


_BY_SIZE = (
    VehicleKind.FOOT,
    VehicleKind.BICYCLE,
    VehicleKind.MOTORCYCLE,
    VehicleKind.CARGO_BIKE,
    VehicleKind.CAR,
    VehicleKind.VAN,
    VehicleKind.TRUCK,
)


def is_at_least(kind: VehicleKind, wanted: VehicleKind) -> bool:
    """Whether a vehicle is as large as another; one that is none of those we know never is."""
    if kind not in _BY_SIZE or wanted not in _BY_SIZE:
        return kind is wanted
    return _BY_SIZE.index(kind) >= _BY_SIZE.index(wanted)


def _sides(parcel: Parcel) -> tuple[int, int, int] | None:
    """Longest first; None where they are unknown."""
    if parcel.length_mm is None or parcel.width_mm is None or parcel.height_mm is None:
        return None
    longest, middle, shortest = sorted((parcel.length_mm, parcel.width_mm, parcel.height_mm), reverse=True)
    return longest, middle, shortest

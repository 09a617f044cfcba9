"""What Stuart carries, and as which of its five sizes of package.

Sides, weights and reach of the sizes, and which of them go by bicycle: Stuart's help centre ("Understand
package size", "What to do if an order is too heavy"), 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.goods import GoodsTrait
from doorstep.limits import CarrierLimits, VehicleRoom, is_at_least
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel, total_weight_g
from doorstep.quote import VehicleKind


@dataclass(frozen=True, slots=True)
class PackageType:
    """One of Stuart's sizes.

    Attributes
    ----------
    sides_mm
        Longest first.
    vehicle
        What the courier probably drives; the size decides, nobody chooses.
    """

    code: str
    sides_mm: tuple[int, int, int]
    weight_g: int
    reach_m: float
    vehicle: VehicleKind

    @property
    def volume_ml(self) -> int:
        """Room in millilitres."""
        length, width, height = self.sides_mm
        return length * width * height // 1000


PACKAGE_TYPES = (
    PackageType("xsmall", (100, 100, 80), 3_000, 8_000.0, VehicleKind.BICYCLE),
    PackageType("small", (400, 200, 150), 6_000, 8_000.0, VehicleKind.BICYCLE),
    PackageType("medium", (500, 300, 300), 12_000, 13_000.0, VehicleKind.MOTORCYCLE),
    PackageType("large", (900, 650, 500), 40_000, 17_000.0, VehicleKind.CAR),
    PackageType("xlarge", (1_000, 900, 500), 70_000, 17_000.0, VehicleKind.CAR),
)

_LARGEST = PACKAGE_TYPES[-1]

LIMITS = CarrierLimits(
    parcel_weight_g=_LARGEST.weight_g,
    longest_mm=_LARGEST.sides_mm[0],
    # Assumed: Stuart publishes no list that distinguishes these two.
    refused=frozenset({GoodsTrait.HAZARDOUS, GoodsTrait.LIVE_ANIMALS}),
    # Looks at identity cards and cold chains are ordered in Stuart's own dashboard; its API has no field.
    handovers=frozenset(
        {
            HandoverRequirement.SIGNATURE,
            HandoverRequirement.PHOTO,
            HandoverRequirement.PHONE_NUMBER,
            HandoverRequirement.NO_SAFE_PLACE,
        }
    ),
    vehicles=tuple(
        VehicleRoom(size.vehicle, size.weight_g, size.sides_mm[0], size.volume_ml) for size in PACKAGE_TYPES
    ),
    distance_m=_LARGEST.reach_m,
)
"""Countries are left open: which cities an account is served in, Stuart answers itself (OUT_OF_RANGE)."""


def package_type_for(
    parcels: Sequence[Parcel],
    *,
    vehicle: VehicleKind | None = None,
    distance_m: float = 0.0,
    at_least: str = "",
) -> PackageType | None:
    """The smallest size that takes all parcels together, None where none does.

    Parameters
    ----------
    vehicle
        The smallest that will do.
    distance_m
        From door to door as the crow flies; the smaller sizes do not go as far.
    at_least
        Code of the size that was offered; "" for any.
    """
    codes = [size.code for size in PACKAGE_TYPES]
    for size in PACKAGE_TYPES[codes.index(at_least) if at_least in codes else 0 :]:
        is_large_enough = vehicle is None or is_at_least(size.vehicle, vehicle)
        if is_large_enough and distance_m <= size.reach_m and _takes(size, parcels):
            return size
    return None


def _takes(size: PackageType, parcels: Sequence[Parcel]) -> bool:
    if total_weight_g(parcels) > size.weight_g:
        return False
    all_sides = [_sides(parcel) for parcel in parcels]
    if any(sides is None for sides in all_sides):
        # Nobody knows how large it is: an envelope is not assumed.
        if size is PACKAGE_TYPES[0]:
            return False
        all_sides = [sides for sides in all_sides if sides is not None]
    fits = all(
        side <= room
        for sides in all_sides
        if sides is not None
        for side, room in zip(sides, size.sides_mm, strict=True)
    )
    return fits and sum(parcel.volume_ml or 0 for parcel in parcels) <= size.volume_ml


def _sides(parcel: Parcel) -> tuple[int, int, int] | None:
    if parcel.length_mm is None or parcel.width_mm is None or parcel.height_mm is None:
        return None
    longest, middle, shortest = sorted((parcel.length_mm, parcel.width_mm, parcel.height_mm), reverse=True)
    return longest, middle, shortest

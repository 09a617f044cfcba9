"""What Roadie carries."""

from __future__ import annotations

from doorstep.goods import GoodsTrait
from doorstep.limits import CarrierLimits, VehicleRoom
from doorstep.order import HandoverRequirement
from doorstep.quote import VehicleKind

LIMITS = CarrierLimits(
    # Assumed: Roadie publishes sizes in pictures ("fits in a trunk") and no weights.
    parcel_weight_g=68_000,
    longest_mm=2_400,
    countries=frozenset({"US"}),
    # "Rules of the Road", Roadie's support pages; animals only from a list of its own.
    refused=frozenset(
        {GoodsTrait.ALCOHOL, GoodsTrait.TOBACCO, GoodsTrait.HAZARDOUS, GoodsTrait.LIVE_ANIMALS}
    ),
    # What a shipment's options name, and the pictures that every driver takes.
    handovers=frozenset(
        {
            HandoverRequirement.SIGNATURE,
            HandoverRequirement.ADULT_SIGNATURE,
            HandoverRequirement.ID_CHECK,
            HandoverRequirement.PHOTO,
            HandoverRequirement.PHONE_NUMBER,
        }
    ),
    # Assumed: a driver's own car, a large one, and a pickup truck.
    vehicles=(
        VehicleRoom(VehicleKind.CAR, 70_000, 1_200, 350_000),
        VehicleRoom(VehicleKind.VAN, 140_000, 1_800, 1_000_000),
        VehicleRoom(VehicleKind.TRUCK, 270_000, 2_400, 2_000_000),
    ),
)

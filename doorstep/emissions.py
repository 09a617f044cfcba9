"""Greenhouse gas of what own vehicles drive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from doorstep.quote import VehicleKind

CO2E_G_PER_KM: Mapping[VehicleKind, int] = MappingProxyType(
    {VehicleKind.FOOT: 0, VehicleKind.BICYCLE: 0, VehicleKind.CARGO_BIKE: 0, VehicleKind.VAN: 180}
)
"""Grams of CO₂ equivalent per kilometre, well to wheel, of a vehicle that says nothing of its own.

On foot and by bicycle nothing is burnt; what charges the motor of a cargo bike is not counted. 180 is an
assumption for a diesel van of up to 3.5 t, the same that the own fleet's rate sheets begin with. Kinds that
are missing vary too much for one: theirs are unknown until somebody says what the vehicle emits.
"""


def co2e_g(kind: VehicleKind, g_per_km: int | None, distance_m: int) -> int | None:
    """Grams that a distance costs; None where nobody knows.

    Parameters
    ----------
    g_per_km
        Of the vehicle itself; None for what is usual of its kind.
    """
    factor = CO2E_G_PER_KM.get(kind) if g_per_km is None else g_per_km
    return None if factor is None else round(distance_m * factor / 1000)

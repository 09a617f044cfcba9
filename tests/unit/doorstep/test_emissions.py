"""What own vehicles emit."""

from __future__ import annotations

import pytest

from doorstep.emissions import co2e_g
from doorstep.quote import VehicleKind


@pytest.mark.parametrize(
    ("kind", "own", "grams"),
    [
        (VehicleKind.VAN, None, 450),  # 2.5 km at 180 g
        (VehicleKind.VAN, 60, 150),
        (VehicleKind.BICYCLE, None, 0),
        (VehicleKind.TRUCK, None, None),
        (VehicleKind.TRUCK, 700, 1750),
    ],
)
def test_a_vehicles_own_figure_counts_before_what_is_usual_of_its_kind(
    kind: VehicleKind, own: int | None, grams: int | None
) -> None:
    assert co2e_g(kind, own, 2500) == grams

"""Vehicles, each kept with who drives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import driver as ground
from doorstep.quote import VehicleKind
from gateway.api.marks import BY_DRIVER, entry, part, resolved, shape

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver

DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]

MOST_SKILLS = 30

_EMITS = "Well to wheel; null for what is usual of its kind, where that is known."
_LITRES = "Null where nobody counts it: then only the weight limits what the van takes."


@shape(to=BY_DRIVER)
class Vehicle:
    """What a driver drives. Settings of it are the driver's: saveDriver."""

    name: str | None
    kind: VehicleKind
    capacity_grams: int
    capacity_milliliters: int | None = part(_LITRES)
    skills: list[str] = part("What it can do together with its driver.", most=MOST_SKILLS, usual=2)
    co2e_grams_per_kilometer: int | None = part(_EMITS, to=())
    enabled: bool = part("Whether its driver is: no plan uses it otherwise.")
    driver_id: strawberry.ID
    kept: strawberry.Private[ground.Driver]

    @staticmethod
    def of(driver: ground.Driver) -> Vehicle:
        return Vehicle(
            name=driver.vehicle_name or None,
            kind=driver.vehicle,
            capacity_grams=driver.capacity_g,
            capacity_milliliters=driver.capacity_ml,
            skills=sorted(driver.skills)[:MOST_SKILLS],
            co2e_grams_per_kilometer=driver.co2e_g_per_km,
            enabled=driver.enabled,
            driver_id=strawberry.ID(driver.id),
            kept=driver,
        )

    @resolved()
    def driver(self) -> DriverRef:
        """Who drives it."""
        from gateway.api.types.drivers import Driver

        return Driver.of(self.kept)


@entry
class VehicleInput:
    """What a driver drives, whole."""

    name: str | None = None
    kind: VehicleKind = VehicleKind.VAN
    capacity_grams: int
    capacity_milliliters: int | None = part(_LITRES, default=None)
    co2e_grams_per_kilometer: int | None = part(_EMITS, default=None)

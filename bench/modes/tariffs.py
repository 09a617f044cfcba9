"""What carriers ask, by way, weight and hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.wave import WaveOption

CURRENCY = "USD"

EVENING_FROM = 17
EVENING_SURGE = 1.15


@dataclass(frozen=True, slots=True)
class Courier:
    """An on-demand courier: `base_minor` as far as `free_km`, then by the kilometre."""

    name: str
    base_minor: int
    free_km: float
    per_km_minor: int
    most_kg: float
    late: float

    def offer(self, pickup_at: datetime, km: float, kg: float, level: float = 1.0) -> WaveOption | None:
        """A ride that is fetched at `pickup_at`; None where it is too heavy."""
        if kg > self.most_kg:
            return None
        surge = EVENING_SURGE if pickup_at.hour >= EVENING_FROM else 1.0
        price = (self.base_minor + max(0.0, km - self.free_km) * self.per_km_minor) * surge * level
        # Fetched within a quarter of an hour, then 25 km/h with a few minutes at both doors.
        arrives_by = pickup_at + timedelta(minutes=25 + 60 * km / 25)
        return WaveOption(
            f"{self.name}-{pickup_at:%H%M}",
            self.name,
            DeliveryMode.COURIER,
            Money(round(price), CURRENCY),
            arrives_by,
            self.late,
            pickup_at,
        )


@dataclass(frozen=True, slots=True)
class ParcelCarrier:
    """A parcel carrier: by zone, each of 8 km, and by started kilogram; the first is in the base."""

    name: str
    base_minor: int
    zone_minor: int
    kg_minor: int
    late: float

    def offer(
        self, arrives_by: datetime, km: float, kg: float, level: float = 1.0, extra: int = 0
    ) -> WaveOption:
        """A parcel that is at the door by `arrives_by`."""
        zones, kilograms = int(km / 8), ceil(kg) - 1
        price = (self.base_minor + zones * self.zone_minor + kilograms * self.kg_minor) * level + extra
        return WaveOption(
            f"{self.name}-{arrives_by:%d%H}",
            self.name,
            DeliveryMode.PARCEL,
            Money(round(price), CURRENCY),
            arrives_by,
            self.late,
        )


COURIERS = (
    Courier("Swift", 975, 8.0, 47, 20.0, 0.05),
    Courier("Dart", 640, 1.5, 82, 12.0, 0.06),
    Courier("Hopper", 560, 1.0, 98, 6.0, 0.09),
    Courier("Comet", 810, 4.0, 62, 30.0, 0.04),
    Courier("Lark", 700, 2.0, 76, 15.0, 0.07),
    Courier("Ferry", 1090, 14.0, 55, 30.0, 0.05),
)

PARCEL_CARRIERS = (
    ParcelCarrier("Acorn", 560, 60, 55, 0.06),
    ParcelCarrier("Birch", 590, 35, 48, 0.05),
    ParcelCarrier("Cedar", 520, 80, 70, 0.08),
    ParcelCarrier("Dogwood", 610, 40, 40, 0.05),
    ParcelCarrier("Elder", 545, 70, 62, 0.07),
    ParcelCarrier("Fir", 630, 25, 45, 0.04),
    ParcelCarrier("Ginkgo", 575, 55, 58, 0.06),
    ParcelCarrier("Hazel", 600, 45, 50, 0.06),
)

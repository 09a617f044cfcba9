"""What a merchant says of the own fleet: depots, zones, rate sheet, vans and windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import msgspec

from connectors.fleet.payload import decoded, surplus_path
from connectors.fleet.settings_check import require_sound
from connectors.fleet.wall_clock import WEEK
from connectors.fleet.zone import Zone, indexed
from doorstep.driver import Driver
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.goods import AccessLimit, GoodsTrait
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.quote import VehicleKind


@dataclass(frozen=True, slots=True)
class Depot:
    """Where vans start; `time_zone` is IANA and rules the wall clock of all its windows and shifts."""

    location: LatLng
    time_zone: str


@dataclass(frozen=True, slots=True)
class RateBand:
    """A row of the rate sheet; the first that fits the zone, the weight and the distance counts.

    Attributes
    ----------
    zone_id, max_weight_g
        None for any.
    max_distance_m
        Along the roads from the depot; None for any.
    price_per_km
        Added for every kilometre along the roads, in proportion.
    """

    zone_id: str | None
    max_weight_g: int | None
    price: Money
    max_distance_m: int | None = None
    price_per_km: Money | None = None


@dataclass(frozen=True, slots=True)
class Surcharge:
    """Added when the delivery window begins in [start, end) on one of the weekdays (1 is Monday).

    Attributes
    ----------
    amount, percent
        At least one of them; where there are both, both are added. `percent` is of the row's price with
        its kilometres, without other surcharges, so that their order does not matter.
    """

    name: str
    amount: Money | None = None
    weekdays: tuple[int, ...] = WEEK
    start: str = "00:00"
    end: str = "24:00"
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CutOff:
    """Another cut-off on some weekdays (1 is Monday), wall clock "HH:MM" of the depot."""

    weekdays: tuple[int, ...]
    at: str


@dataclass(frozen=True, slots=True)
class Equipment:
    """What one driver with a van can do beside what all can.

    Attributes
    ----------
    skills
        Names of what it does although the settings' `cannot`, `refuses` or `avoids` name it.
    vehicle
        What is driven.
    longest_mm
        The longest parcel that goes in; None for any.
    """

    driver_id: str
    skills: tuple[str, ...] = ()
    vehicle: VehicleKind = VehicleKind.VAN
    longest_mm: int | None = None


@dataclass(frozen=True, slots=True)
class DayWindow:
    """A window that shoppers are promised, wall clock "HH:MM" of the depot."""

    start: str
    end: str


TWO_HOURS = tuple(DayWindow(f"{hour:02d}:00", f"{hour + 2:02d}:00") for hour in range(10, 20, 2))
"""10:00 to 20:00 in windows of two hours."""


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """All of it, checked when made.

    Attributes
    ----------
    depots
        Location id -> depot.
    cut_off, cut_offs
        Orders placed before it may arrive the same day, wall clock of the depot; the first of `cut_offs`
        that names the weekday counts instead.
    closed_dates
        ISO days on which nobody drives, "2026-12-25".
    free_above
        Goods worth this much or more are carried for nothing.
    lead_s
        From the order, or from the goods being ready, until a van can leave with them.
    stops_per_van
        How many stops one van makes within one window.
    co2e_g_per_km
        Of a van. 180 is an assumption for a diesel van of up to 3.5 t, well to wheel; set your own.
    cannot, refuses, avoids
        What is not done at the door, which goods are not carried, and which doors are not gone to, but for
        drivers who have the skill. Without a say hazardous goods are left to those who are trained for them.
    equipment
        Of drivers who differ from a van of any length without special skills.

    Raises
    ------
    doorstep.errors.InvalidInput
        With one issue per wrong field, each with its path.
    """

    currency: str
    depots: Mapping[str, Depot]
    zones: tuple[Zone, ...]
    bands: tuple[RateBand, ...]
    drivers: tuple[Driver, ...] = ()
    windows: tuple[DayWindow, ...] = TWO_HOURS
    cut_off: str = "15:00"
    surcharges: tuple[Surcharge, ...] = ()
    free_above: Money | None = None
    closed_dates: tuple[str, ...] = ()
    lead_s: int = 1800
    stops_per_van: int = 12
    co2e_g_per_km: int = 180
    cannot: tuple[HandoverRequirement, ...] = field(
        default=(HandoverRequirement.TWO_PERSON, HandoverRequirement.COLD_CHAIN)
    )
    refuses: tuple[GoodsTrait, ...] = (GoodsTrait.HAZARDOUS,)
    avoids: tuple[AccessLimit, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    cut_offs: tuple[CutOff, ...] = ()

    def __post_init__(self) -> None:
        drivers = tuple(replace(driver, weekdays=tuple(driver.weekdays)) for driver in self.drivers)
        zones = indexed(self.zones)
        object.__setattr__(self, "drivers", drivers)
        object.__setattr__(self, "zones", zones)
        require_sound(self, zones.issues)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> FleetSettings:
        """Read what `to_json` or a person wrote, strictly.

        Raises
        ------
        InvalidInput
            If a field is missing, wrong or unknown; its path names it.
        """
        settings = decoded(lambda: msgspec.convert(dict(data), cls))
        unknown = surplus_path(data, settings.to_json())
        if unknown is not None:
            raise InvalidInput(f"{'.'.join(unknown)} is no setting of a fleet.", path=unknown)
        return settings

    def to_json(self) -> dict[str, object]:
        """Dictionaries, lists, strings and numbers; money as {"minor", "currency"}."""
        plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    def cut_off_on(self, day: date) -> str:
        """Until when an order may arrive on the same day."""
        special = (one.at for one in self.cut_offs if day.isoweekday() in one.weekdays)
        return next(special, self.cut_off)

    def equipment_of(self, driver: Driver) -> Equipment:
        """What a driver has to carry with."""
        known = (one for one in self.equipment if one.driver_id == driver.id)
        return next(known, None) or Equipment(driver.id)

    def drivers_of(self, depot_id: str) -> tuple[Driver, ...]:
        """Who drives from a depot at all."""
        return tuple(driver for driver in self.drivers if driver.enabled and driver.depot_id == depot_id)

"""What a merchant says of the own fleet: depots, zones, rate sheet, vans and windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from connectors.fleet.payload import decoded, surplus_path
from connectors.fleet.settings_check import require_sound
from connectors.fleet.wall_clock import WEEK
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.order import HandoverRequirement
from doorstep.route import Driver


@dataclass(frozen=True, slots=True)
class Depot:
    """Where vans start; `time_zone` is IANA and rules the wall clock of all its windows and shifts."""

    location: LatLng
    time_zone: str


@dataclass(frozen=True, slots=True)
class Zone:
    """An area of the rate sheet: by postcode or by distance as the crow flies, never both.

    Attributes
    ----------
    postcode_prefixes
        Case and spaces do not count.
    country
        ISO 3166-1 alpha-2 that the postcodes belong to; "" for any.
    radius_m
        Around the depot.
    """

    id: str
    postcode_prefixes: tuple[str, ...] = ()
    country: str = ""
    radius_m: int | None = None


@dataclass(frozen=True, slots=True)
class RateBand:
    """A row of the rate sheet; the first that fits the zone, the weight and the distance counts.

    Attributes
    ----------
    max_distance_m
        Along the roads from the depot; None for any.
    price_per_km
        Added for every kilometre along the roads, in proportion.
    """

    zone_id: str
    max_weight_g: int
    price: Money
    max_distance_m: int | None = None
    price_per_km: Money | None = None


@dataclass(frozen=True, slots=True)
class Surcharge:
    """Added when the delivery window begins in [start, end) on one of the weekdays (1 is Monday)."""

    name: str
    amount: Money
    weekdays: tuple[int, ...] = WEEK
    start: str = "00:00"
    end: str = "24:00"


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
    cut_off
        Orders placed before it may arrive the same day, wall clock of the depot.
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
    cannot
        What the drivers do not do at the door.

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

    def __post_init__(self) -> None:
        drivers = tuple(replace(driver, weekdays=tuple(driver.weekdays)) for driver in self.drivers)
        object.__setattr__(self, "drivers", drivers)
        require_sound(self)

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

    def drivers_of(self, depot_id: str) -> tuple[Driver, ...]:
        """Who drives from a depot at all."""
        return tuple(driver for driver in self.drivers if driver.enabled and driver.depot_id == depot_id)

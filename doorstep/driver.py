"""Drivers of the merchant's own vans."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep import emissions
from doorstep.money import Money
from doorstep.quote import VehicleKind

_DAY_MINUTES = 24 * 60
_WALL_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class DriverStatus(StrEnum):
    """What a driver is doing."""

    OFF_DUTY = "OFF_DUTY"
    AVAILABLE = "AVAILABLE"
    DRIVING = "DRIVING"
    AT_STOP = "AT_STOP"
    ON_BREAK = "ON_BREAK"
    SILENT = "SILENT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class DriverBreak:
    """A rest that a driver takes on each shift.

    Attributes
    ----------
    earliest, latest
        Wall clock "HH:MM" in the depot's time zone: it begins between them.
    duration_s
        How long it takes, seconds.

    Raises
    ------
    ValueError
        If a time is none, or it takes no time.
    """

    earliest: str
    latest: str
    duration_s: int

    def __post_init__(self) -> None:
        _wall_clock(self, "earliest", "latest")
        if self.duration_s <= 0:
            raise ValueError(f"duration_s must be positive, got {self.duration_s}")


@dataclass(frozen=True, slots=True)
class TourLimits:
    """How much one tour of a driver may be; None where only the shift counts.

    Attributes
    ----------
    overtime_s
        How long after the shift the van may come home.
    reloads
        How often the van may come back to its depot for more.

    Raises
    ------
    ValueError
        If a limit is not positive, or overtime or reloads are negative.
    """

    max_stops: int | None = None
    max_distance_m: int | None = None
    max_duration_s: int | None = None
    overtime_s: int = 0
    reloads: int = 0

    def __post_init__(self) -> None:
        for name in ("max_stops", "max_distance_m", "max_duration_s"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} must be positive, got {value}")
        for name in ("overtime_s", "reloads"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class TourCosts:
    """What a driver and the van cost; None for what the merchant's vans usually cost.

    Attributes
    ----------
    fixed
        Of leaving at all.
    overtime_per_hour
        On top of an hour's cost.
    outside
        Of each stop outside of the driver's territories; None where there may be none.
    """

    per_km: Money | None = None
    per_hour: Money | None = None
    fixed: Money | None = None
    overtime_per_hour: Money | None = None
    outside: Money | None = None


@dataclass(frozen=True, slots=True)
class TourHold:
    """What a dispatcher said of a tour: its driver goes on with it only later.

    Attributes
    ----------
    held_from
        When it was to leave: what its driver has before goes on as it is. None for one on the road, behind
        which everything waits.
    """

    route_id: str
    until: datetime
    held_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Driver:
    """A person who drives one of the merchant's vans.

    Attributes
    ----------
    device_id
        What the phone's tracking app calls itself, when the driver is put: only its hash is kept, as a
        first device key, so that whoever reads the driver finds "".
    shift_start, shift_end
        Wall clock "HH:MM" in the depot's time zone.
    vehicle
        What is driven.
    skills
        What the driver and the van can do: names of handover requirements and goods ("COLD_CHAIN",
        "TWO_PERSON", "HAZARDOUS"), and words of the merchant's own.
    territories
        Postcodes, or what they begin with, that are the driver's; () for anywhere.
    ends_anywhere
        A tour is over at its last door, not at the depot.
    not_before
        The driver cannot go on before, as a dispatcher said; None where nobody said so.
    holds
        The same of single tours, one for each.
    co2e_g_per_km
        Of the vehicle, well to wheel; None for what is usual of its kind.
    """

    id: str
    merchant_id: str
    name: str
    depot_id: str
    device_id: str
    shift_start: str
    shift_end: str
    capacity_g: int
    capacity_ml: int | None = None
    vehicle_name: str = ""
    weekdays: Sequence[int] = (1, 2, 3, 4, 5, 6, 7)
    enabled: bool = True
    vehicle: VehicleKind = VehicleKind.VAN
    skills: frozenset[str] = frozenset()
    territories: tuple[str, ...] = ()
    breaks: tuple[DriverBreak, ...] = ()
    limits: TourLimits = TourLimits()
    costs: TourCosts = TourCosts()
    ends_anywhere: bool = False
    not_before: datetime | None = None
    holds: tuple[TourHold, ...] = ()
    co2e_g_per_km: int | None = None
    version: int = 1

    def co2e_g(self, distance_m: int) -> int | None:
        """Grams of CO₂ equivalent that driving so far costs; None where nobody knows."""
        return emissions.co2e_g(self.vehicle, self.co2e_g_per_km, distance_m)

    @property
    def held_until(self) -> datetime | None:
        """When the driver can go on with everything that there is; None where nobody said anything."""
        said = [hold.until for hold in self.holds]
        return max([*said, self.not_before] if self.not_before is not None else said, default=None)

    @property
    def backward_breaks(self) -> tuple[int, ...]:
        """Places of the breaks that end before they begin, as the shift goes: it may go past midnight."""
        return tuple(place for place, rest in enumerate(self.breaks) if self._is_backward(rest))

    def _is_backward(self, rest: DriverBreak) -> bool:
        if rest.earliest <= rest.latest:
            return False
        is_by_day = self.shift_start < self.shift_end
        return is_by_day or self._into_shift(rest.latest) < self._into_shift(rest.earliest)

    def _into_shift(self, wall_clock: str) -> int:
        """Minutes from the shift's beginning to the next time that clocks show this."""
        return (_minutes(wall_clock) - _minutes(self.shift_start)) % _DAY_MINUTES


def _minutes(wall_clock: str) -> int:
    hours, minutes = wall_clock.split(":")
    return 60 * int(hours) + int(minutes)


def _wall_clock(owner: object, *names: str) -> None:
    for name in names:
        value = getattr(owner, name)
        if not _WALL_CLOCK.fullmatch(value):
            raise ValueError(f"{name} must be a time of day such as 12:30, got {value}")

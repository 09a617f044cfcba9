"""Writes about drivers, and how they sign in; part of the root of writes."""

from __future__ import annotations

import re
from typing import Annotated

from doorstep import driver as ground
from doorstep.money import Money
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, built, found, read_id, read_money, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.driver_sessions import (
    CreateDriverSessionInput,
    CreateDriverSessionResult,
    CreateDriverSessionSuccess,
    EndDriverSessionsInput,
    EndDriverSessionsResult,
    EndDriverSessionsSuccess,
)
from gateway.api.types.drivers import (
    Driver,
    DriverBreakInput,
    SaveDriverInput,
    SaveDriverResult,
    SaveDriverSuccess,
    TourCostsInput,
    TourLimitsInput,
)
from gateway.api.types.money import MoneyInput

_AT = ("input",)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAY_S = 86_400
SESSION_S = (60, 7 * _DAY_S)
_MOST_G, _MOST_ML, _MOST_M = 50_000_000, 200_000_000, 2_000_000
_MOST_CO2E_G = 10_000


@shape()
class DriverMutations:
    """Writes about drivers."""

    @root(scope=Scope.CONFIGURE)
    async def save_driver(self, info: Info, given: Annotated[SaveDriverInput, INPUT]) -> SaveDriverResult:
        """Keeps a driver with the van; one who is disabled leaves tours that have not left to others."""
        if given.id is not None and given.expected_version is None:
            raise wrong((*_AT, "expectedVersion"), "expectedVersion is needed with an id", "REQUIRED")
        driver = _read_driver(given)
        kept = await info.context.commands.save_driver(driver=driver, expected_version=given.expected_version)
        return SaveDriverSuccess(driver=Driver.of(kept))

    @root(scope=Scope.OPERATE)
    async def create_driver_session(
        self, info: Info, given: Annotated[CreateDriverSessionInput, INPUT]
    ) -> CreateDriverSessionResult:
        """Lets a driver sign in to see the own tours, live; hand the token on and keep it nowhere."""
        made = await info.context.commands.create_driver_session(
            driver_id=read_id(given.driver_id, "drv", (*_AT, "driverId")),
            lifetime_s=read_span(given.lifetime_seconds, (*_AT, "lifetimeSeconds"), *SESSION_S),
        )
        return CreateDriverSessionSuccess.of(made)

    @root(scope=Scope.OPERATE)
    async def end_driver_sessions(
        self, info: Info, given: Annotated[EndDriverSessionsInput, INPUT]
    ) -> EndDriverSessionsResult:
        """Signs a driver out everywhere, as when a phone is lost."""
        driver_id = read_id(given.driver_id, "drv", (*_AT, "driverId"))
        ended = await info.context.commands.end_driver_sessions(driver_id=driver_id)
        driver = found(await info.context.loaders.driver.load(driver_id), driver_id, (*_AT, "driverId"))
        return EndDriverSessionsSuccess(driver=Driver.of(driver), ended=ended)


def _read_driver(given: SaveDriverInput) -> ground.Driver:
    name = read_text(given.name, (*_AT, "name"), 100)
    if not name:
        raise wrong((*_AT, "name"), "name must not be empty", "REQUIRED")
    van, at_van = given.vehicle, (*_AT, "vehicle")
    room, emits = van.capacity_milliliters, van.co2e_grams_per_kilometer
    return ground.Driver(
        id="" if given.id is None else read_id(given.id, "drv", (*_AT, "id")),
        merchant_id="",
        name=name,
        depot_id=read_id(given.depot_id, "loc", (*_AT, "depotId")),
        device_id="",
        shift_start=_read_time(given.shift_start, (*_AT, "shiftStart")),
        shift_end=_read_time(given.shift_end, (*_AT, "shiftEnd")),
        capacity_g=read_span(van.capacity_grams, (*at_van, "capacityGrams"), 1, _MOST_G),
        capacity_ml=None if room is None else read_span(room, (*at_van, "capacityMilliliters"), 1, _MOST_ML),
        vehicle_name=read_text(van.name, (*at_van, "name"), 100),
        weekdays=_read_weekdays(given.weekdays),
        enabled=given.enabled,
        vehicle=van.kind,
        skills=frozenset(_read_words(given.skills, "skills", 50)),
        territories=_read_words(given.territories, "territories", 12),
        breaks=tuple(_read_break(one, place) for place, one in enumerate(given.breaks or ())),
        limits=_read_limits(given.limits),
        costs=_read_costs(given.costs),
        ends_anywhere=given.ends_anywhere,
        co2e_g_per_km=(
            None if emits is None else read_span(emits, (*at_van, "co2eGramsPerKilometer"), 0, _MOST_CO2E_G)
        ),
    )


def _read_time(given: str, path: Path) -> str:
    if not _TIME.fullmatch(given):
        raise wrong(path, f"{path[-1]} must be a time of day such as 09:30")
    return given


def _read_weekdays(given: list[int] | None) -> tuple[int, ...]:
    days = tuple(range(1, 8)) if given is None else tuple(sorted(set(given)))
    if not days or not set(days) <= set(range(1, 8)):
        raise wrong((*_AT, "weekdays"), "weekdays are 1 for Monday to 7 for Sunday, at least one")
    return days


def _read_words(given: list[str] | None, name: str, most: int) -> tuple[str, ...]:
    words = []
    for place, text in enumerate(given or ()):
        word = read_text(text, (*_AT, name, str(place)), most)
        if not word:
            raise wrong((*_AT, name, str(place)), f"{name} must not hold an empty text", "REQUIRED")
        words.append(word)
    return tuple(dict.fromkeys(words))


def _read_break(given: DriverBreakInput, place: int) -> ground.DriverBreak:
    at = (*_AT, "breaks", str(place))
    return ground.DriverBreak(
        earliest=_read_time(given.earliest, (*at, "earliest")),
        latest=_read_time(given.latest, (*at, "latest")),
        duration_s=read_span(given.duration_seconds, (*at, "durationSeconds"), 60, _DAY_S),
    )


def _read_limits(given: TourLimitsInput | None) -> ground.TourLimits:
    if given is None:
        return ground.TourLimits()
    at = (*_AT, "limits")
    most, distance, duration = given.max_stops, given.max_distance_meters, given.max_duration_seconds
    return built(
        ground.TourLimits,
        at,
        max_stops=None if most is None else read_span(most, (*at, "maxStops"), 1, 1000),
        max_distance_m=(
            None if distance is None else read_span(distance, (*at, "maxDistanceMeters"), 1, _MOST_M)
        ),
        max_duration_s=(
            None if duration is None else read_span(duration, (*at, "maxDurationSeconds"), 1, _DAY_S)
        ),
        overtime_s=read_span(given.overtime_seconds, (*at, "overtimeSeconds"), 0, _DAY_S),
        reloads=read_span(given.reloads, (*at, "reloads"), 0, 20),
    )


def _read_costs(given: TourCostsInput | None) -> ground.TourCosts:
    if given is None:
        return ground.TourCosts()

    def read(amount: MoneyInput | None, name: str) -> Money | None:
        return None if amount is None else read_money(amount, (*_AT, "costs", name))

    return ground.TourCosts(
        per_km=read(given.cost_per_kilometer, "costPerKilometer"),
        per_hour=read(given.cost_per_hour, "costPerHour"),
        fixed=read(given.fixed_cost, "fixedCost"),
        overtime_per_hour=read(given.overtime_cost_per_hour, "overtimeCostPerHour"),
        outside=read(given.outside_cost, "outsideCost"),
    )

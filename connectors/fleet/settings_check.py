"""What can be wrong with fleet settings, each with the path of its field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.fleet.wall_clock import WEEK, minutes_of
from doorstep.driver import Driver
from doorstep.errors import InvalidInput, Issue
from doorstep.goods import AccessLimit, GoodsTrait
from doorstep.money import Money, UnknownCurrency, exponent_of
from doorstep.order import HandoverRequirement

if TYPE_CHECKING:
    from connectors.fleet.settings import FleetSettings

Path = tuple[str, ...]

MOST_PERCENT = 1_000
"""Of a surcharge: eleven times the price is a slip of the pen."""

SKILLS = frozenset(
    {*HandoverRequirement.__members__, *GoodsTrait.__members__, *AccessLimit.__members__} - {"OTHER"}
)
"""What a driver can be said to do. OTHER is no skill: three lists have it, each with a meaning of its own."""


def require_sound(settings: FleetSettings, of_zones: Sequence[Issue]) -> None:
    """Raise `InvalidInput` with every issue there is.

    Parameters
    ----------
    of_zones
        What is wrong with single zones, as it was found when they were read.
    """
    issues = [
        *_general(settings),
        *_depots(settings),
        *_zones(settings),
        *of_zones,
        *_bands(settings),
        *_surcharges(settings),
        *_windows(settings),
        *_drivers(settings),
        *_equipment(settings),
    ]
    if issues:
        first = issues[0]
        raise InvalidInput(f"{'.'.join(first.path)} {first.message}", path=first.path, issues=issues)


def _general(settings: FleetSettings) -> Iterator[Issue]:
    try:
        exponent_of(settings.currency)
    except UnknownCurrency:
        yield Issue(("currency",), "must be an ISO 4217 code such as EUR")
    yield from _time(("cut_off",), settings.cut_off)
    yield from _money(settings, ("free_above",), settings.free_above)
    for name, least in (("lead_s", 0), ("stops_per_van", 1), ("co2e_g_per_km", 0)):
        if getattr(settings, name) < least:
            yield Issue((name,), f"must be at least {least}")
    for number, cut_off in enumerate(settings.cut_offs):
        yield from _time(("cut_offs", str(number), "at"), cut_off.at)
        yield from _weekdays(("cut_offs", str(number), "weekdays"), cut_off.weekdays)
    for number, day in enumerate(settings.closed_dates):
        try:
            date.fromisoformat(day)
        except ValueError:
            yield Issue(("closed_dates", str(number)), "must be a day such as 2026-12-25")


def _depots(settings: FleetSettings) -> Iterator[Issue]:
    if not settings.depots:
        yield Issue(("depots",), "must name at least one place that vans start from")
    for depot_id, depot in settings.depots.items():
        try:
            ZoneInfo(depot.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield Issue(("depots", depot_id, "time_zone"), "must be an IANA zone such as Europe/Malta")


def _zones(settings: FleetSettings) -> Iterator[Issue]:
    if not settings.zones:
        yield Issue(("zones",), "must have at least one zone that is delivered to")
    yield from _unique("zones", [zone.id for zone in settings.zones])


def _bands(settings: FleetSettings) -> Iterator[Issue]:
    zone_ids = {zone.id for zone in settings.zones}
    priced = {band.zone_id for band in settings.bands}
    for zone_id in sorted(zone_ids - priced) if None not in priced else ():
        yield Issue(("bands",), f"must have a price for zone {zone_id}")
    for number, band in enumerate(settings.bands):
        path = ("bands", str(number))
        if band.zone_id is not None and band.zone_id not in zone_ids:
            yield Issue((*path, "zone_id"), "must be the id of one of the zones")
        if band.max_weight_g is not None and band.max_weight_g <= 0:
            yield Issue((*path, "max_weight_g"), "must be positive")
        if band.max_distance_m is not None and band.max_distance_m <= 0:
            yield Issue((*path, "max_distance_m"), "must be positive")
        yield from _money(settings, (*path, "price"), band.price)
        yield from _money(settings, (*path, "price_per_km"), band.price_per_km)


def _surcharges(settings: FleetSettings) -> Iterator[Issue]:
    for number, surcharge in enumerate(settings.surcharges):
        path = ("surcharges", str(number))
        if surcharge.amount is None and surcharge.percent is None:
            yield Issue(path, "must have an amount or a percent")
        percent = surcharge.percent
        if percent is not None and not (percent.is_finite() and 0 <= percent <= MOST_PERCENT):
            yield Issue((*path, "percent"), f"must lie between 0 and {MOST_PERCENT}")
        yield from _money(settings, (*path, "amount"), surcharge.amount)
        yield from _weekdays((*path, "weekdays"), surcharge.weekdays)
        yield from _span(path, surcharge.start, surcharge.end)


def _windows(settings: FleetSettings) -> Iterator[Issue]:
    if not settings.windows:
        yield Issue(("windows",), "must have at least one window of the day")
    for number, window in enumerate(settings.windows):
        yield from _span(("windows", str(number)), window.start, window.end)


def _drivers(settings: FleetSettings) -> Iterator[Issue]:
    yield from _unique("drivers", [driver.id for driver in settings.drivers])
    for number, driver in enumerate(settings.drivers):
        yield from _driver(settings, ("drivers", str(number)), driver)


def _driver(settings: FleetSettings, path: Path, driver: Driver) -> Iterator[Issue]:
    if driver.depot_id not in settings.depots:
        yield Issue((*path, "depot_id"), "must be the id of one of the depots")
    if driver.capacity_g <= 0:
        yield Issue((*path, "capacity_g"), "must be positive")
    if driver.capacity_ml is not None and driver.capacity_ml <= 0:
        yield Issue((*path, "capacity_ml"), "must be positive")
    yield from _weekdays((*path, "weekdays"), tuple(driver.weekdays))
    yield from _span(path, driver.shift_start, driver.shift_end, names=("shift_start", "shift_end"))


def _equipment(settings: FleetSettings) -> Iterator[Issue]:
    yield from _unique("equipment", [one.driver_id for one in settings.equipment], "driver_id")
    for number, one in enumerate(settings.equipment):
        path = ("equipment", str(number))
        for place, skill in enumerate(one.skills):
            if skill not in SKILLS:
                yield Issue((*path, "skills", str(place)), f"must be one of {', '.join(sorted(SKILLS))}")
        if one.longest_mm is not None and one.longest_mm <= 0:
            yield Issue((*path, "longest_mm"), "must be positive")


def _time(path: Path, text: str) -> Iterator[Issue]:
    try:
        minutes_of(text)
    except ValueError as error:
        yield Issue(path, str(error))


def _span(path: Path, start: str, end: str, names: tuple[str, str] = ("start", "end")) -> Iterator[Issue]:
    wrong = [*_time((*path, names[0]), start), *_time((*path, names[1]), end)]
    yield from wrong
    if not wrong and minutes_of(end) <= minutes_of(start):
        yield Issue((*path, names[1]), f"must be later than {names[0]}; a span cannot pass midnight")


def _weekdays(path: Path, weekdays: tuple[int, ...]) -> Iterator[Issue]:
    if not set(weekdays) <= set(WEEK):
        yield Issue(path, "must be numbers from 1 (Monday) to 7 (Sunday)")


def _money(settings: FleetSettings, path: Path, amount: Money | None) -> Iterator[Issue]:
    if amount is None:
        return
    if amount.currency != settings.currency:
        yield Issue(path, f"must be in {settings.currency}")
    if amount.minor < 0:
        yield Issue(path, "must not be negative")


def _unique(name: str, ids: list[str], field: str = "id") -> Iterator[Issue]:
    for number, one in enumerate(ids):
        if not one:
            yield Issue((name, str(number), field), "must not be empty")
    for one, times in Counter(ids).items():
        if one and times > 1:
            yield Issue((name, str(ids.index(one)), field), "must be unique")

"""Vans: drivers on their shifts as the planner sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.driver import Driver, DriverBreak
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.order import Location
from doorstep.route import Route, RouteStatus
from doorstep.route_solution import StopKind
from doorstep.van import Break, Depot, Reloads, Van
from doorstep.window import Window
from gateway.flow.planning.parts.visits import LATE_ANYWAY_PER_HOUR_MINOR, Terms

LOADING_S = 300
"""Seconds at the depot before a van leaves; picking its goods as well may take longer (`lead_s`)."""

OVERTIME_ANYWAY_S = 6 * 3600
"""A van that is out brings what it has on board, whatever its shift says."""


def is_loaded(route: Route, now: datetime) -> bool:
    """Whether its goods are on board: it has left, or is being loaded."""
    return route.status is RouteStatus.STARTED or route.starts_at <= now + timedelta(seconds=LOADING_S)


def driver_in(driver: Driver, shift: Window) -> Driver:
    """A driver on a shift: what was said of a tour of a later day holds up nothing on this one."""
    return _held_before(driver, shift.end)


def driver_on(driver: Driver, route: Route) -> Driver:
    """A driver on a tour: what was said of a later one does not hold this one up."""
    return _held_before(driver, route.starts_at + timedelta.resolution)


def is_before_delay(driver: Driver, route: Route) -> bool:
    """Whether a tour was to leave before one of which a dispatcher said that it leaves later."""
    return driver_on(driver, route) is not driver


def _held_before(driver: Driver, moment: datetime) -> Driver:
    """Without what was said of tours that were to leave then or later; the very same where nothing was."""
    holds = tuple(hold for hold in driver.holds if hold.held_from is None or hold.held_from < moment)
    return driver if len(holds) == len(driver.holds) else replace(driver, holds=holds)


def leaves_at_soonest(now: datetime, lead_s: float) -> datetime:
    """When a van can leave whose goods are picked from now on; a whole minute.

    So a day in memory stands for one.

    Parameters
    ----------
    lead_s
        What picking and loading take.
    """
    soonest = now + timedelta(seconds=lead_s)
    past = timedelta(seconds=soonest.second, microseconds=soonest.microsecond)
    return soonest - past + timedelta(minutes=1) if past else soonest


def shift_of(driver: Driver, depot: Location, day: date) -> Window | None:
    """The hours on a day in the depot's time zone; a shift past midnight ends the day after."""
    if day.isoweekday() not in driver.weekdays:
        return None
    zone = ZoneInfo(depot.time_zone)
    start = _at(driver.shift_start, day, zone)
    end = _at(driver.shift_end, day, zone)
    return Window(start, end if end > start else end + timedelta(days=1))


def depots_of(places: Mapping[str, Location]) -> tuple[Depot, ...]:
    """The places on the map."""
    found = ((place.id, place.address.location) for place in places.values())
    return tuple(Depot(id_, location) for id_, location in found if location is not None)


def van_of(driver: Driver, home: LatLng, shift: Window, terms: Terms, *, van_id: str = "") -> Van:
    """A driver who begins at the depot.

    Parameters
    ----------
    shift
        What is left of it.
    van_id
        Where it is not the driver's.
    """
    limits, costs = driver.limits, driver.costs
    return Van(
        id=van_id or driver.id,
        depot_id=driver.depot_id,
        start=home,
        end=None if driver.ends_anywhere else home,
        shift=shift,
        capacity_g=driver.capacity_g,
        capacity_ml=driver.capacity_ml,
        fixed_cost_minor=_minor(costs.fixed) or 0,
        max_stops=limits.max_stops,
        max_distance_m=limits.max_distance_m,
        max_duration_s=limits.max_duration_s,
        overtime_s=limits.overtime_s,
        overtime_cost_per_hour_minor=_minor(costs.overtime_per_hour) or 0,
        cost_per_km_minor=_minor(costs.per_km),
        cost_per_hour_minor=_minor(costs.per_hour),
        skills=driver.skills,
        kind=str(driver.vehicle),
        territories=terms.within(driver),
        outside_cost_minor=_minor(costs.outside),
        reloads=Reloads((driver.depot_id,), limits.reloads) if limits.reloads else None,
    )


def free_van(seat: Seat, leaves: datetime, terms: Terms, *, van_id: str = "") -> Van | None:
    """The van of a driver who can leave from then on; None where that is after the shift."""
    start = max(seat.shift.start, leaves)
    if start >= seat.shift.end:
        return None
    shift = Window(start, seat.shift.end)
    return replace(van_of(seat.driver, seat.home, shift, terms, van_id=van_id), breaks=seat.breaks(shift))


@dataclass(frozen=True, slots=True)
class Seat:
    """A driver with the depot, who can be planned for a day.

    Attributes
    ----------
    shift
        From when on the driver can go on; no time at all where that is after its end.
    shift_start
        When it begins without the delay that a dispatcher told.
    """

    driver: Driver
    depot: Location
    home: LatLng
    shift: Window
    shift_start: datetime

    @staticmethod
    def of(driver: Driver, places: Mapping[str, Location], day: date) -> Seat | None:
        """None where the driver is off duty that day, or the depot is on no map."""
        depot = places.get(driver.depot_id)
        home = depot.address.location if depot is not None else None
        if not driver.enabled or depot is None or home is None:
            return None
        shift = shift_of(driver, depot, day)
        if shift is None:
            return None
        # Of who cannot go on before the end nothing is left; what is on board is brought all the same.
        held = driver_in(driver, shift).held_until
        begins = min(max(shift.start, held or shift.start), shift.end)
        return Seat(driver, depot, home, Window(begins, shift.end), shift.start)

    def breaks(self, shift: Window, taken: int = 0) -> tuple[Break, ...]:
        """Rests of the part of a shift that is left, without so many that were taken already."""
        zone = ZoneInfo(self.depot.time_zone)
        day = self.shift_start.astimezone(zone).date()
        found = []
        for place, rest in enumerate(sorted(self.driver.breaks, key=lambda rest: rest.earliest)):
            window = _window_of(rest, day, zone, self.shift_start)
            left = window.overlap(shift)
            if place >= taken and left is not None:
                found.append(Break(f"break {place + 1}", left, rest.duration_s))
        return tuple(found)


def breaks_taken(route: Route) -> int:
    """How many rests of a tour are over."""
    return sum(stop.kind is StopKind.BREAK and stop.is_over for stop in route.stops)


def reloads_taken(route: Route) -> int:
    """How often a van has been back for more."""
    return sum(stop.kind is StopKind.RELOAD and stop.is_over for stop in route.stops)


def overtime_cost(van: Van) -> int:
    """An hour of overtime of a van that has to bring what it has on board, in minor units."""
    return max(van.overtime_cost_per_hour_minor, LATE_ANYWAY_PER_HOUR_MINOR)


def _window_of(rest: DriverBreak, day: date, zone: ZoneInfo, shift_start: datetime) -> Window:
    """When a rest begins; on a shift past midnight it may be of the day after."""
    start, end = _at(rest.earliest, day, zone), _at(rest.latest, day, zone)
    if end < start:
        end += timedelta(days=1)
    if end < shift_start:
        start, end = start + timedelta(days=1), end + timedelta(days=1)
    return Window(start, end + timedelta(seconds=1))


def _at(wall_clock: str, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(wall_clock), zone)


def _minor(money: Money | None) -> int | None:
    return None if money is None else money.minor

"""Window costs: what one more stop would add to the tours of a day, window by window."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from doorstep.address import Address
from doorstep.errors import DoorstepError
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel, total_weight_g
from doorstep.route import Route
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window
from gateway.flow.planning.running import Running, read_running
from gateway.flow.planning.vans import LOADING_S, Seat, free_after, is_loaded, van_of
from gateway.flow.planning.visits import territory_at
from gateway.flow.ports import Means, UnitOfWork

BUDGET_S = 1.0
"""For all windows together; what is not known by then is not known."""

_NEW = "new"


@dataclass(frozen=True, slots=True)
class Door:
    """Where something may be brought.

    Attributes
    ----------
    origin_id
        The depot that it lies at.
    """

    origin_id: str
    address: Address
    parcels: tuple[Parcel, ...]


async def window_costs(
    means: Means, merchant_id: str, door: Door, windows: Sequence[Window]
) -> Sequence[Money | None]:
    """What bringing it in each window would add to the tours as they are planned so far.

    None where no van could, where nobody knows the way in time, and where nothing here can work it out.
    """
    place = door.address.location
    if means.desk is None or place is None:
        return [None] * len(windows)
    found: dict[Window, Money | None] = {}
    try:
        async with asyncio.timeout(BUDGET_S):
            for day, of_day in (await _by_day(means, merchant_id, door, windows)).items():
                found |= await _of_day(means, merchant_id, (door, place), day, of_day)
    except TimeoutError:
        pass
    except DoorstepError:
        return [None] * len(windows)
    return [found.get(window) for window in windows]


async def _by_day(
    means: Means, merchant_id: str, door: Door, windows: Sequence[Window]
) -> Mapping[date, list[Window]]:
    async with means.begin(merchant_id) as work:
        places = {one.id: one for one in await work.accounts.locations()}
    depot = places.get(door.origin_id)
    if depot is None:
        return {}
    zone, days = ZoneInfo(depot.time_zone), dict[date, list[Window]]()
    for window in windows:
        days.setdefault(window.start.astimezone(zone).date(), []).append(window)
    return days


async def _of_day(
    means: Means, merchant_id: str, door: tuple[Door, LatLng], day: date, windows: Sequence[Window]
) -> Mapping[Window, Money | None]:
    async with means.begin(merchant_id) as work:
        running, problem = await _tours_of(work, day, means.clock.now())
    if means.desk is None or not problem.vans:
        return {}
    visit = _visit(door, running)
    costs = await means.desk.window_costs(problem, means.roads, visit, windows)
    currency = running.merchant.currency
    return {
        window: None if cost is None else Money(cost, currency)
        for window, cost in zip(windows, costs, strict=True)
    }


async def _tours_of(work: UnitOfWork, day: date, now: datetime) -> tuple[Running, RouteProblem]:
    """The tours of a day that have not left, and a van for each driver without one."""
    told = [one for one in await work.routes.unfinished() if one.date == day.isoformat()]
    working = {driver.id: driver for driver in await work.fleet.drivers() if driver.enabled}
    waits = [one for one in told if not is_loaded(one, now) and one.driver_id in working]
    running = await read_running(work, waits, now)
    busy = {route.driver_id for route in waits}
    seats = (Seat.of(driver, running.places, day) for id_, driver in working.items() if id_ not in busy)
    vans = [_free_van(seat, told, running, now) for seat in seats if seat is not None]
    problem = running.problem()
    return running, replace(problem, vans=(*problem.vans, *(van for van in vans if van is not None)))


def _free_van(seat: Seat, told: Sequence[Route], running: Running, now: datetime) -> Van | None:
    before = free_after([route for route in told if route.driver_id == seat.driver.id])
    start = max(seat.shift.start, now + timedelta(seconds=LOADING_S), before or now)
    if start >= seat.shift.end:
        return None
    shift = Window(start, seat.shift.end)
    return replace(van_of(seat.driver, seat.home, shift, running.terms), breaks=seat.breaks(shift))


def _visit(door: tuple[Door, LatLng], running: Running) -> Visit:
    said, place = door
    rules = running.terms.rules
    return Visit(
        id=_NEW,
        depot_id=said.origin_id,
        location=place,
        service_s=rules.service_s,
        setup_s=rules.setup_s,
        weight_g=total_weight_g(said.parcels),
        volume_ml=sum(parcel.volume_ml or 0 for parcel in said.parcels),
        territory=territory_at(said.address.postal_code, running.terms),
    )

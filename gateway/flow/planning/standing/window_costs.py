"""Window costs: what one more stop would add to the tours of a day, window by window."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from doorstep.address import Address
from doorstep.errors import DoorstepError
from doorstep.geo import LatLng
from doorstep.money import Money
from doorstep.parcel import Parcel, total_weight_g
from doorstep.ports import RouteDesk
from doorstep.route import Route
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window
from gateway.flow.planning.parts.busy import free_from, loaded_ids, may_take_more, read_ends
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.vans import Seat, free_van, leaves_at_soonest
from gateway.flow.planning.parts.visits import territory_at
from gateway.flow.planning.standing.running import Running, read_running
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
            for one in await _read_days(means, merchant_id, door.origin_id, windows):
                found |= await _costs_of(means, means.desk, one, _visit((door, place), one.running))
    except TimeoutError:
        pass
    except DoorstepError:
        return [None] * len(windows)
    return [found.get(window) for window in windows]


@dataclass(frozen=True, slots=True)
class _Day:
    """A day with its windows; its name is that of its merchant and depot's calendar."""

    name: str
    windows: tuple[Window, ...]
    running: Running
    problem: RouteProblem


async def _read_days(
    means: Means, merchant_id: str, origin_id: str, windows: Sequence[Window]
) -> Sequence[_Day]:
    """The days of these windows on which vans drive, the first first; all are read as they stand at once."""
    async with means.begin(merchant_id) as work:
        depot = {one.id: one for one in await work.accounts.locations()}.get(origin_id)
        if depot is None:
            return []
        zone, by_date = ZoneInfo(depot.time_zone), dict[date, list[Window]]()
        for window in windows:
            by_date.setdefault(window.start.astimezone(zone).date(), []).append(window)
        days = []
        for day in sorted(by_date):
            running, problem = await _tours_of(work, day, means.clock.now())
            if problem.vans:
                days.append(_Day(f"slots {merchant_id} {day}", tuple(by_date[day]), running, problem))
        return days


async def _costs_of(means: Means, desk: RouteDesk, day: _Day, visit: Visit) -> Mapping[Window, Money | None]:
    roads = roads_for(means, day.problem)
    costs = await desk.window_costs(day.problem, roads, visit, day.windows, day=day.name)
    currency = day.running.merchant.currency
    return {
        window: None if cost is None else Money(cost, currency)
        for window, cost in zip(day.windows, costs, strict=True)
    }


async def _tours_of(work: UnitOfWork, day: date, now: datetime) -> tuple[Running, RouteProblem]:
    """The tours of a day that have not left, and a van for each driver without one.

    In the order of their ids, whatever hour they leave at: so of one checkout to the next it is the same day.
    """
    unfinished = await work.routes.unfinished()
    places = {place.id: place for place in await work.accounts.locations()}
    found = (Seat.of(driver, places, day) for driver in await work.fleet.drivers())
    seats = {seat.driver.id: seat for seat in found if seat is not None}
    loaded = loaded_ids(unfinished, now)
    told = [one for one in unfinished if one.date == day.isoformat() and one.driver_id in seats]
    rules = (await work.accounts.merchant()).planning
    waits = sorted(
        (one for one in told if may_take_more(one, loaded, rules, now)), key=lambda route: route.id
    )
    running = await read_running(work, waits, now)
    busy = {route.driver_id for route in waits}
    out = [one for one in told if one.driver_id not in busy]
    ends = await read_ends(work, out, now)
    vans = (_free_van(seats[id_], out, ends, running) for id_ in sorted(seats.keys() - busy))
    problem = running.problem()
    return running, replace(problem, vans=(*problem.vans, *(van for van in vans if van is not None)))


def _free_van(seat: Seat, out: Sequence[Route], ends: Mapping[str, datetime], running: Running) -> Van | None:
    leaves = leaves_at_soonest(running.now, running.terms.rules.lead_s)
    back = free_from((route for route in out if route.driver_id == seat.driver.id), ends)
    return free_van(seat, max(leaves, back or leaves), running.terms)


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

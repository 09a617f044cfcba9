"""Assign: a whole tour goes to another driver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from doorstep.errors import NotFound
from doorstep.route import Route
from doorstep.route_change import ToldRoutes
from doorstep.route_solution import RouteViolation, ViolationKind
from gateway.flow.planning.changes.conflicts import conflict, desk_for, require_version
from gateway.flow.planning.parts.faults import caused, require_allowed
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.vans import is_loaded
from gateway.flow.planning.parts.wording import named
from gateway.flow.planning.standing.running import Running, read_running
from gateway.flow.planning.standing.tell import changed, tell_changes
from gateway.flow.ports import Means, UnitOfWork


async def assign_route(
    means: Means,
    merchant_id: str,
    route_id: str,
    driver_id: str,
    expected_version: int,
    *,
    accepts_soft: bool = False,
) -> Route:
    """Give a tour that has not left to another driver, as far as that one can drive it.

    A delay that was told of it is over with its driver.

    Parameters
    ----------
    accepts_soft
        Also where rules are broken that may be broken at a cost, and with stops that were to stay with their
        driver.

    Raises
    ------
    NotFound
        If there is no such tour or driver.
    StateConflict
        If it is of another version, is being loaded or has left, or the driver is off duty.
    PlanInfeasible
        If the driver or the van must not drive it, or it breaks soft rules that are not accepted.
    RemoteError
        If the roads cannot be asked.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        told = {route.id: route for route in await work.routes.unfinished()}
        route, driver = told.get(route_id), await work.fleet.driver(driver_id)
        if route is None:
            raise NotFound(route_id, path=("input", "routeId"))
        if driver is None:
            raise NotFound(driver_id, path=("input", "driverId"))
        require_version(route, expected_version)
        if route.driver_id == driver_id:
            return route
        if is_loaded(route, now):
            raise conflict("The van is being loaded or has left: its tour stays with its driver.", route)
        desk = desk_for(means, route)
        running = await read_running(work, [route], now, drivers={route_id: driver})
    problem = running.problem()
    after = await desk.look(problem, roads_for(means, problem))
    faults = named(_faults(route, after), running.deliveries)
    what = f"With {driver.name}, this tour"
    require_allowed(faults, what, accepts_soft=accepts_soft, path=("input", "driverId"))
    changes = [
        replace(change, after=_from_home(change.after, running))
        for change in changed(running, after, [route_id], problem.visits)
    ]
    async with means.begin(merchant_id) as work:
        (given,) = await tell_changes(work, changes, means.clock.now())
        await _free(work, route)
        return given


async def _free(work: UnitOfWork, route: Route) -> None:
    """What was said of its leaving was said of the driver who had it: nobody waits for it any more."""
    driver = await work.fleet.driver(route.driver_id, lock=True)
    if driver is None or all(hold.route_id != route.id for hold in driver.holds):
        return
    holds = tuple(hold for hold in driver.holds if hold.route_id != route.id)
    await work.fleet.put_driver(replace(driver, holds=holds, version=driver.version + 1))


def _faults(route: Route, after: ToldRoutes) -> Iterator[RouteViolation]:
    """What the tour did not break with its driver; a hard rule counts whoever breaks it."""
    yield from (one for one in after.violations if one.is_hard)
    yield from (one for one in caused(route.violations, after.violations) if not one.is_hard)
    for stop in route.ahead:
        if stop.is_locked:
            text = "A dispatcher wanted this stop with its driver."
            yield RouteViolation(
                ViolationKind.LOCKED, is_hard=False, text=text, van_id=route.id, visit_id=stop.delivery_id
            )


def _from_home(route: Route, running: Running) -> Route:
    """It begins and ends where its new driver's tours do."""
    seat = running.seats[route.id]
    return replace(route, origin=seat.home, ends_anywhere=seat.driver.ends_anywhere)

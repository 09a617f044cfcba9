"""Delay: a van can go on only later; its tour is timed anew, and others help where it comes too late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.driver import Driver, TourHold
from doorstep.errors import NotFound, StateConflict
from doorstep.events import TourDisturbed
from doorstep.route import Route, RouteStatus
from gateway.flow.planning.changes.conflicts import conflict, desk_for, require_version
from gateway.flow.planning.parts.faults import caused
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.standing.running import read_running
from gateway.flow.planning.standing.tell import TourChange, changed, tell_changes
from gateway.flow.ports import Means, UnitOfWork


async def delay_van(
    means: Means, merchant_id: str, route_id: str, delay_s: int, *, expected_version: int
) -> Route:
    """Let a tour go on, or leave, so many seconds later; gives it with its new times.

    Where that breaks a rule which it kept before, the tours of the day are planned again, if the merchant
    lets machines mend them. The driver takes no new tour before either; tours that the driver has before this
    one go on as they are.

    Raises
    ------
    NotFound
        If no tour that is told has this id.
    StateConflict
        If it is of another version, its driver is off duty, or nobody here can work it out.
    RemoteError
        If the roads cannot be asked.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        route, driver = await _found(work, route_id, expected_version)
        until = (now if route.status is RouteStatus.STARTED else max(now, route.starts_at)) + timedelta(
            seconds=delay_s
        )
        late = _held(driver, route, until, now)
        running = await read_running(work, [route], now, drivers={route.id: late})
    desk = desk_for(means, route)
    problem = running.problem()
    after = await desk.look(problem, roads_for(means, problem))
    (change,) = changed(running, after, [route.id], problem.visits)
    is_broken = bool(caused(route.violations, change.after.violations))
    try:
        return await _tell(means, change, until, is_broken=is_broken)
    except StateConflict:
        return await _leave_to_others(means, route, until)


async def _found(work: UnitOfWork, route_id: str, expected_version: int) -> tuple[Route, Driver]:
    route = await work.routes.route(route_id)
    if route is None or route.status not in (RouteStatus.PUBLISHED, RouteStatus.STARTED):
        raise NotFound(route_id, path=("input", "routeId"))
    require_version(route, expected_version)
    driver = await work.fleet.driver(route.driver_id)
    if driver is None:
        raise conflict("Nobody drives this tour.", route)
    return route, driver


async def _tell(means: Means, change: TourChange, until: datetime, *, is_broken: bool) -> Route:
    route = change.before
    async with means.begin(route.merchant_id) as work:
        (told,) = await tell_changes(work, [change], means.clock.now())
        await _keep(work, route, until, means.clock.now())
        if is_broken:
            await work.emit(TourDisturbed(route.merchant_id, route.id))
        return told


async def _leave_to_others(means: Means, route: Route, until: datetime) -> Route:
    """The tour runs into the driver's next one: what is planned again sorts out both.

    Raises
    ------
    StateConflict
        If the tour itself was changed meanwhile.
    """
    async with means.begin(route.merchant_id) as work:
        current = await work.routes.route(route.id)
        if current is None or current.version != route.version:
            raise conflict("This tour was changed meanwhile.", current or route)
        await _keep(work, route, until, means.clock.now())
        await work.emit(TourDisturbed(route.merchant_id, route.id))
        return current


async def _keep(work: UnitOfWork, route: Route, until: datetime, now: datetime) -> None:
    driver = await work.fleet.driver(route.driver_id, lock=True)
    if driver is not None:
        await work.fleet.put_driver(replace(_held(driver, route, until, now), version=driver.version + 1))


def _held(driver: Driver, route: Route, until: datetime, now: datetime) -> Driver:
    """Who drives on later: on the road nothing goes on, before that an earlier tour may.

    What was said of other tours holds as it did.
    """
    is_out = route.status is RouteStatus.STARTED
    others = (hold for hold in driver.holds if hold.route_id != route.id and now < hold.until)
    return replace(driver, holds=(*others, TourHold(route.id, until, None if is_out else route.starts_at)))

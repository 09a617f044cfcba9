"""Assign: a whole tour goes to another driver."""

from __future__ import annotations

from doorstep.errors import NotFound, PlanInfeasible, StateConflict
from doorstep.route import Route
from gateway.flow.planning.running import changed, read_running, tell_changes
from gateway.flow.planning.vans import is_loaded
from gateway.flow.ports import Means


async def assign_route(
    means: Means, merchant_id: str, route_id: str, driver_id: str, expected_version: int
) -> Route:
    """Give a tour that has not left to another driver, as far as that one can drive it.

    Raises
    ------
    NotFound
        If there is no such tour or driver.
    StateConflict
        If it is of another version, is being loaded or has left, or the driver is off duty.
    PlanInfeasible
        If the driver or the van must not drive it.
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
        if route.version != expected_version:
            raise _conflict("This tour was changed by someone else since you read it.", route)
        if route.driver_id == driver_id:
            return route
        if is_loaded(route, now):
            raise _conflict("The van is being loaded or has left: its tour stays with its driver.", route)
        if means.desk is None:
            raise _conflict("This gateway has nothing to work out tours with.", route)
        running = await read_running(work, [route], now, drivers={route_id: driver})
    problem = running.problem()
    after = await means.desk.look(problem, means.roads)
    if not after.is_feasible:
        text = f"{driver.name} cannot drive this tour as it is."
        raise PlanInfeasible(text, violations=after.violations, path=("input", "driverId"))
    changes = changed(running, after, [route_id], problem.visits)
    async with means.begin(merchant_id) as work:
        (given,) = await tell_changes(work, changes, means.clock.now())
        return given


def _conflict(text: str, route: Route) -> StateConflict:
    return StateConflict(text, current_id=route.id, current_version=route.version)

"""Pin: a dispatcher wants a stop with its driver, perhaps first or last; no plan puts it elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.errors import NotFound
from doorstep.route import Route, Stop, StopStatus
from doorstep.route_change import Placement
from doorstep.route_problem import RouteProblem
from doorstep.visit import PinnedPlace
from gateway.flow.planning.changes.conflicts import conflict, desk_for, require_version
from gateway.flow.planning.parts.faults import caused, require_allowed
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.wording import named
from gateway.flow.planning.standing.running import read_running
from gateway.flow.planning.standing.tell import TourChange, changed, tell_changes
from gateway.flow.ports import Means, UnitOfWork

_AT, _PLACE = ("input", "stopId"), ("input", "place")


async def pin_stop(
    means: Means,
    merchant_id: str,
    stop_id: str,
    *,
    expected_version: int,
    place: PinnedPlace | None = None,
) -> Route:
    """Keep a stop with the driver who has it; `move_stop` with `locks` gives it to another one and pins it.

    Parameters
    ----------
    expected_version
        Of its tour.
    place
        Where in the tour it has to be; the stop that was wanted there before is free again. None for
        anywhere in it.

    Raises
    ------
    NotFound
        If no tour that is told has it.
    StateConflict
        If the tour is of another version, the van has been there or is on its way, it cannot be first
        because the van is on its way to another door, or nobody here can work the new order out.
    PlanInfeasible
        If the tour would break a rule with the stop at that place.
    RemoteError
        If the roads cannot be asked.
    """
    async with means.begin(merchant_id) as work:
        route, stop = await _found(work, stop_id, expected_version)
        _require_ahead(route, stop)
    if place is None or _is_there(route, stop, place):
        return await _write(means, route, _with_pin(route, stop.delivery_id, place))
    return await _put_there(means, route, stop, place)


async def unpin_stop(means: Means, merchant_id: str, stop_id: str, *, expected_version: int) -> Route:
    """Plans may put a stop wherever they want again; one that is free already stays as it is.

    Raises
    ------
    NotFound
        If no tour that is told has it.
    StateConflict
        If the tour is of another version.
    """
    async with means.begin(merchant_id) as work:
        route, stop = await _found(work, stop_id, expected_version)
    if not stop.is_locked and stop.pinned_place is None:
        return route
    free = replace(stop, is_locked=False, pinned_place=None)
    stops = tuple(free if one.id == stop.id else one for one in route.stops)
    return await _write(means, route, replace(route, stops=stops))


async def _found(work: UnitOfWork, stop_id: str, expected_version: int) -> tuple[Route, Stop]:
    route = await work.routes.with_stop(stop_id)
    if route is None:
        raise NotFound(stop_id, path=_AT)
    require_version(route, expected_version)
    return route, next(stop for stop in route.stops if stop.id == stop_id)


def _require_ahead(route: Route, stop: Stop) -> None:
    if stop not in doors_ahead(route) or stop.status is StopStatus.ARRIVED:
        raise conflict("The van has been at this stop: there is nothing to pin.", route)


def _is_there(route: Route, stop: Stop, place: PinnedPlace) -> bool:
    return doors_ahead(route)[0 if place is PinnedPlace.FIRST else -1].id == stop.id


def _with_pin(route: Route, delivery_id: str, place: PinnedPlace | None) -> Route:
    """With a stop pinned; another one that was wanted at the same place is with its driver still."""

    def seen(stop: Stop) -> Stop:
        if stop.delivery_id == delivery_id:
            return replace(stop, is_locked=True, pinned_place=place)
        is_rival = place is not None and stop.pinned_place is place
        return replace(stop, pinned_place=None) if is_rival else stop

    return replace(route, stops=tuple(seen(stop) for stop in route.stops))


async def _put_there(means: Means, route: Route, stop: Stop, place: PinnedPlace) -> Route:
    """Drive the tour in another order, with the stop where it is wanted."""
    desk = desk_for(means, route)
    now = means.clock.now()
    async with means.begin(route.merchant_id) as work:
        running = await read_running(work, [route], now)
    given = running.tours[route.id].given
    if stop.delivery_id in given.visit_ids[: given.frozen] or (place is PinnedPlace.FIRST and given.frozen):
        raise conflict("The van is on its way to its next door: that one stays first.", route)
    at = 0 if place is PinnedPlace.FIRST else len(given.visit_ids) - 1
    problem = _free_of(running.problem(), stop.delivery_id, place)
    roads = roads_for(means, problem)
    before = await desk.look(problem, roads)
    after = await desk.move(problem, roads, Placement(stop.delivery_id, route.id, at))
    faults = named(caused(before.violations, after.violations), running.deliveries)
    require_allowed(faults, f"The tour with this stop {place.lower()}", accepts_soft=True, path=_PLACE)
    (change,) = changed(running, after, [route.id], problem.visits)
    pinned = _with_pin(change.after, stop.delivery_id, place)
    return await _tell(means, TourChange(route, pinned), means.clock.now())


def _free_of(problem: RouteProblem, visit_id: str, place: PinnedPlace) -> RouteProblem:
    """With no other visit wanted at the place, and this one wanted nowhere."""
    visits = (
        replace(one, pinned_place=None) if one.id == visit_id or one.pinned_place is place else one
        for one in problem.visits
    )
    return replace(problem, visits=tuple(visits))


async def _write(means: Means, route: Route, pinned: Route) -> Route:
    return await _tell(means, TourChange(route, pinned), means.clock.now())


async def _tell(means: Means, change: TourChange, now: datetime) -> Route:
    async with means.begin(change.before.merchant_id) as work:
        (told,) = await tell_changes(work, [change], now)
        return told

"""Followers: what a driver has behind a tour gives way when the tour gets longer, as far as the shift allows.

Tours of one driver are worked out apart, as if there were no other, and then one behind the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.ports import RoadEngine, RouteDesk
from doorstep.route import Route, RouteStatus
from doorstep.route_change import ToldRoutes
from doorstep.route_problem import RouteProblem
from doorstep.window import Window
from gateway.flow.planning.parts.vans import LOADING_S, is_loaded
from gateway.flow.planning.standing.running import Running, read_running
from gateway.flow.ports import UnitOfWork


async def read_with_followers(
    work: UnitOfWork, routes: Sequence[Route], unfinished: Sequence[Route], now: datetime
) -> Running:
    """These tours, and those of the same day that their drivers have behind them and that have not left.

    Parameters
    ----------
    unfinished
        All tours that drivers were told.

    Raises
    ------
    StateConflict
        If a driver is off duty on the day.
    """
    wanted = {route.id: route for route in routes}
    for one in unfinished:
        if one.id not in wanted and not is_loaded(one, now) and any(_is_behind(one, r) for r in routes):
            wanted[one.id] = one
    if len({route.driver_id for route in wanted.values()}) == len(wanted):
        return await read_running(work, routes, now)
    apart = [
        await read_running(work, [route], now, instead=[id_ for id_ in wanted if id_ != route.id])
        for route in wanted.values()
    ]
    return replace(
        apart[0],
        tours={id_: tour for one in apart for id_, tour in one.tours.items()},
        seats={id_: seat for one in apart for id_, seat in one.seats.items()},
        deliveries={id_: delivery for one in apart for id_, delivery in one.deliveries.items()},
    )


async def in_turn(
    desk: RouteDesk, roads: RoadEngine, running: Running, problem: RouteProblem, told: ToldRoutes
) -> ToldRoutes:
    """The same tours, each of them once its driver is back from the one before.

    Raises
    ------
    RemoteError
        If the roads cannot be asked.
    """
    for chain in _chains(running):
        for route in chain[1:]:
            earliest = _free_at(told, chain[: chain.index(route)])
            own = told.of(route.id)
            if own is not None and earliest is not None and own.starts_at < earliest:
                problem = _not_before(problem, told, route.id, earliest)
                told = await desk.look(problem, roads)
    return told


def retimed(running: Running, told: ToldRoutes, but: Sequence[str]) -> list[str]:
    """Ids of the other tours that leave at another time than their drivers were told."""
    found = []
    for route_id, tour in running.tours.items():
        planned = told.of(route_id)
        is_later = planned is not None and planned.starts_at > tour.route.starts_at
        if is_later and route_id not in but:
            found.append(route_id)
    return found


def _is_behind(one: Route, route: Route) -> bool:
    is_later = route.status is RouteStatus.STARTED or one.starts_at >= route.starts_at
    return one.driver_id == route.driver_id and one.date == route.date and is_later


def _chains(running: Running) -> list[list[Route]]:
    """Tours by their driver, in the order in which they are driven."""
    by_driver: dict[str, list[Route]] = {}
    for tour in running.tours.values():
        by_driver.setdefault(tour.route.driver_id, []).append(tour.route)
    return [sorted(routes, key=_turn) for routes in by_driver.values()]


def _turn(route: Route) -> tuple[bool, datetime, str]:
    return route.status is not RouteStatus.STARTED, route.starts_at, route.id


def _free_at(told: ToldRoutes, before: Sequence[Route]) -> datetime | None:
    ends = [planned.ends_at for route in before if (planned := told.of(route.id)) is not None]
    return max(ends) + timedelta(seconds=LOADING_S) if ends else None


def _not_before(problem: RouteProblem, told: ToldRoutes, van_id: str, earliest: datetime) -> RouteProblem:
    """With the tours as they are now, and a van that leaves no sooner."""
    stops: Mapping[str, tuple[str, ...]] = {route.van_id: route.visit_ids for route in told.routes}
    given = tuple(replace(one, visit_ids=stops.get(one.van_id, ())) for one in problem.given)
    vans = tuple(
        replace(van, shift=Window(earliest, max(earliest, van.shift.end))) if van.id == van_id else van
        for van in problem.vans
    )
    return replace(problem, given=given, vans=vans)

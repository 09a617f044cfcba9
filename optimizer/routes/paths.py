"""The way along the roads of each route."""

from __future__ import annotations

from dataclasses import replace

from doorstep.errors import DoorstepError
from doorstep.geo import LatLng
from doorstep.ports import RoadEngine
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import PlannedRoute, RouteSolution, StopKind


async def with_paths(
    problem: RouteProblem, solution: RouteSolution, roads: RoadEngine
) -> tuple[PlannedRoute, ...]:
    """The routes with their ways; a route whose way cannot be had is kept without."""
    drawn = []
    for route in solution.routes:
        places = _places(problem, route)
        try:
            way = await roads.route(places) if len(places) > 1 else None
        except DoorstepError:
            way = None
        drawn.append(replace(route, path=way.path if way else ()))
    return tuple(drawn)


def _places(problem: RouteProblem, route: PlannedRoute) -> list[LatLng]:
    """Where a route comes by; a place where the van only rests is left out."""
    van = next(van for van in problem.vans if van.id == route.van_id)
    visits = {visit.id: visit.location for visit in problem.visits}
    depots = {depot.id: depot.location for depot in problem.depots}
    stops = [
        depots[stop.visit_id] if stop.kind is StopKind.RELOAD else visits[stop.visit_id]
        for stop in route.stops
        if stop.kind is not StopKind.BREAK
    ]
    return [place for place in (van.start, *stops, van.end) if place is not None]

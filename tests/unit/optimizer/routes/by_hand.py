"""Plans written down by hand, in minutes and kilometres: 600 m take a minute, a minute costs 40, a km 60."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import (
    PlannedRoute,
    PlannedStop,
    RouteSolution,
    RouteViolation,
    StopKind,
    UnassignedCode,
    UnassignedReason,
    UnassignedVisit,
    ViolationKind,
)
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window
from tests.unit.optimizer.routes.town import EPOCH, place

HOME = place(0, 0)
REASONS = (UnassignedReason(UnassignedCode.OTHER, "Because."),)


def at(minutes: float) -> datetime:
    """Minutes since the epoch -> the instant."""
    return EPOCH + timedelta(minutes=minutes)


def span(start: float, end: float) -> Window:
    """Minutes since the epoch -> the window."""
    return Window(at(start), at(end))


def east(km: float) -> LatLng:
    """A place east of the depot."""
    return place(km * 1000, 0)


def visit(name: str, km: float = 6, *, depot_id: str = "depot", **more: Any) -> Visit:
    """A delivery of a kilogram, east of the depot, that takes two minutes."""
    return replace(Visit(name, depot_id, east(km), 120, 1_000), **more)


def van(name: str = "one", **more: Any) -> Van:
    """A van for ten kilograms, on duty from minute 0 to 240."""
    return replace(Van(name, "depot", HOME, HOME, span(0, 240), 10_000), **more)


def day(visits: Sequence[Visit], *vans: Van, **more: Any) -> RouteProblem:
    """A problem; with van "one" where none is named."""
    return RouteProblem(EPOCH, tuple(visits), vans or (van(),), **more)


def stop(name: str, arrives: float, begins: float | None = None, **more: Any) -> PlannedStop:
    """Two minutes of service, from the arrival on where nothing else is said."""
    begins = arrives if begins is None else begins
    return replace(PlannedStop(name, at(arrives), at(begins), at(begins + 2)), **more)


def rest(arrives: float, begins: float, minutes: float, name: str = "lunch") -> PlannedStop:
    """A break."""
    return PlannedStop(name, at(arrives), at(begins), at(begins + minutes), StopKind.BREAK)


def reload(arrives: float, minutes: float = 10, name: str = "depot") -> PlannedStop:
    """Loading at a depot."""
    return PlannedStop(name, at(arrives), at(arrives), at(arrives + minutes), StopKind.RELOAD)


def route(
    starts: float, stops: Sequence[PlannedStop], ends: float, km: float, *, kg: float = 1, **more: Any
) -> PlannedRoute:
    """Of van "one"; `extra` is what it costs besides way and time, `kg` its peak load."""
    extra = more.pop("extra", 0)
    cost = km * 60 + (ends - starts) * 40 + extra
    planned = PlannedRoute(
        "one",
        tuple(stops),
        at(starts),
        at(ends),
        distance_m=round(km * 1000),
        driving_s=round(km * 100),
        cost_minor=round(cost),
        peak_weight_g=round(kg * 1000),
    )
    return replace(planned, **more)


def plan(*routes: PlannedRoute, out: Sequence[str] = (), **more: Any) -> RouteSolution:
    """A solution; `out` names the visits without a place."""
    return RouteSolution(
        routes,
        tuple(UnassignedVisit(name, REASONS) for name in out),
        "by hand",
        sum(route.cost_minor for route in routes),
        **more,
    )


def soft(
    kind: ViolationKind, visit_id: str = "", by_s: int | None = None, van_id: str = "one"
) -> RouteViolation:
    """A rule broken by choice."""
    return RouteViolation(kind, is_hard=False, text="Told.", van_id=van_id, visit_id=visit_id, by_s=by_s)

"""A day with two tours, one late stop, a reload, a break and a delivery without a place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem, SpeedProfile
from doorstep.route_solution import (
    PlannedRoute,
    PlannedStop,
    RouteSolution,
    StopKind,
    UnassignedCode,
    UnassignedReason,
    UnassignedVisit,
)
from doorstep.van import Break, Depot, Reloads, Van
from doorstep.visit import Visit
from doorstep.window import Window
from gateway.flow.showing.of_solution import SolvedDay

SEVEN = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""In New York."""

HOME = LatLng(39.90, -71.50)
DAY = Window(SEVEN, SEVEN + timedelta(hours=9))
REASON = "Its window closes 12 min before the earliest van can be there."


def minutes(count: int) -> datetime:
    return SEVEN + timedelta(minutes=count)


def _visit(id_: str, north_m: float, window: Window | None = None) -> Visit:
    place = LatLng(HOME.lat + north_m / 111_195, HOME.lng)
    return Visit(id_, "shop", place, 120, 2_500, windows=(window,) if window else ())


def _stop(id_: str, arrives: int, kind: StopKind = StopKind.DROPOFF, late_s: int = 0) -> PlannedStop:
    return PlannedStop(id_, minutes(arrives), minutes(arrives), minutes(arrives + 2), kind, late_s)


def solved_day() -> SolvedDay:
    """Ann: a, reload, b (90 s late), rest, c. Bob, along a road: d. Nobody: e."""
    till_half_past = Window(SEVEN, minutes(30))
    visits = (
        _visit("a", 1_000, till_half_past),
        _visit("b", 2_000, till_half_past),
        _visit("c", 3_000),
        _visit("d", -1_000),
        _visit("e & f <g>", 90_000, till_half_past),
    )
    ann = Van(
        "=Ann",
        "shop",
        HOME,
        None,
        DAY,
        5_000,
        breaks=(Break("rest", DAY, 1_800),),
        reloads=Reloads(("shop",)),
        kind="VAN",
    )
    bob = Van("Bob", "shop", HOME, HOME, DAY, 10_000)
    stops = (
        _stop("a", 10),
        _stop("shop", 20, StopKind.RELOAD),
        _stop("b", 31, late_s=90),
        _stop("rest", 33, StopKind.BREAK),
        _stop("c", 70),
    )
    path = (HOME, LatLng(39.895, -71.499), visits[3].location, HOME)
    tours = (
        PlannedRoute(
            "=Ann", stops, SEVEN, minutes(72), 12_300, 900, is_approximate=True, peak_weight_g=5_000
        ),
        PlannedRoute("Bob", (_stop("d", 5),), SEVEN, minutes(12), 2_000, 240, path, peak_weight_g=2_500),
    )
    reasons = (UnassignedReason(UnassignedCode.WINDOW_UNREACHABLE, REASON),)
    return SolvedDay(
        RouteProblem(
            epoch=SEVEN,
            visits=visits,
            vans=(ann, bob),
            depots=(Depot("shop", HOME),),
            speeds=SpeedProfile((1.0,) * 24, "America/New_York"),
        ),
        RouteSolution(tours, (UnassignedVisit("e & f <g>", reasons),), "PyVRP", 4_250),
    )

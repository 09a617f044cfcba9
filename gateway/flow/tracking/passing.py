"""Passing: what one fix changes about a van under way, and whether anybody has to hear of it. Pure.

Most fixes change nothing but where the van is: those of many vans are worked through together, without the
locks that an arrival needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from doorstep.geo import distance_m
from doorstep.position import Position
from doorstep.route import Route, RouteStatus
from doorstep.watch_rules import WatchRules
from gateway.flow.records import DriverState
from gateway.flow.tracking.along import way_of
from gateway.flow.tracking.halts import look
from gateway.flow.tracking.motion import ARRIVED_M, WayEvent, WayState, beside_way

LEFT_DEPOT_M = 150
"""A van this far from its depot is on its way."""

LEFT_DEPOT_WITHIN = timedelta(minutes=30)
"""A phone that was at the depot longer ago and is elsewhere now went home with its driver."""

LEAVES_EARLY = timedelta(hours=3)
"""A van that leaves the depot longer before its tour begins is on another errand, or its driver goes home."""


def pass_quietly(
    state: DriverState, route: Route | None, fixes: Sequence[Position], rules: WatchRules
) -> DriverState | None:
    """The state after some believed fixes; None where one of them means something for the tour.

    Parameters
    ----------
    fixes
        In the order of their times, newer than the state's.
    """
    for fix in fixes:
        last, state = state.position, replace(state, position=fix, read_to=fix.recorded_at)
        if route is None or route.status is RouteStatus.FINISHED:
            continue
        if begins(route, last, fix):
            return None
        if route.status is RouteStatus.STARTED:
            state, happened = look(state, route)
            state, off_way = keep_to_way(state, route, rules)
            if happened or off_way is not None:
                return None
    return state


def begins(route: Route, last: Position | None, fix: Position) -> bool:
    """Whether a tour that drivers know of begins: the van has just left the depot, or is at the first door.

    Being elsewhere is not enough: a driver comes from home in the morning.
    """
    here = fix.location
    is_due = route.starts_at - LEAVES_EARLY <= fix.recorded_at
    if route.status is not RouteStatus.PUBLISHED or not is_due:
        return False
    if distance_m(here, route.origin) <= LEFT_DEPOT_M:
        return False
    was_there = (
        last is not None
        and fix.recorded_at - last.recorded_at <= LEFT_DEPOT_WITHIN
        and distance_m(last.location, route.origin) <= LEFT_DEPOT_M
    )
    first = route.next_stop
    return was_there or (first is not None and distance_m(here, first.location) <= ARRIVED_M)


def keep_to_way(state: DriverState, route: Route, rules: WatchRules) -> tuple[DriverState, WayEvent | None]:
    """Where on the planned way the van is, and whether it has just left it or come back.

    Straight lines of an estimate are no way to keep to, and at a door nobody has to.
    """
    way = way_of(route)
    if way is None:
        event = WayEvent.BACK if state.way.is_off else None
        return fresh(state), event
    # Many ways end where they begin: a van of which nothing is known yet is at the beginning.
    along = way.nearest(state.position.location, state.along.done_m if state.along is not None else 0.0)
    if state.at_stop.is_there:
        return replace(state, along=along), None
    way_state, event = beside_way(state.way, state.position, along, rules)
    return replace(state, way=way_state, along=along), event


def fresh(state: DriverState) -> DriverState:
    """The state at the beginning of a tour, or after one."""
    return replace(state, way=WayState(), along=None)

"""Afterwards: a van that is out leaves again once it is back, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.window import Window
from gateway.flow.planning.days.problem import Day, driver_of, goes_out_again
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.vans import LOADING_S
from gateway.flow.ports import Means

_LOADING = timedelta(seconds=LOADING_S)


async def with_true_returns(means: Means, day: Day) -> Day:
    """Where vans that are out can leave again, with when they will be back by what is left of their tours.

    What is put on such a tour may not let it be back later than that. Without a desk it counts what the
    tours themselves say, and how late the vans are.

    Raises
    ------
    DoorstepError
        What the road engine raises.
    """
    again = {driver_of(van.id) for van in day.problem.vans if goes_out_again(van.id)}
    if means.desk is None or not again:
        return day
    roads = roads_for(means, day.problem)
    told = await means.desk.look(_what_is_left(day.problem, again), roads)
    backs = {route.van_id: route.ends_at for route in told.routes}
    leaves = {
        van.id: max(van.shift.start, backs.get(driver_of(van.id), van.shift.start) + _LOADING)
        for van in day.problem.vans
        if goes_out_again(van.id)
    }
    limits = {driver_of(van_id): at - _LOADING for van_id, at in leaves.items()}
    vans = tuple(_bounded(van, leaves, limits) for van in day.problem.vans)
    return replace(day, problem=replace(day.problem, vans=vans))


def _what_is_left(problem: RouteProblem, van_ids: set[str]) -> RouteProblem:
    """The tours of these vans alone."""
    given = tuple(route for route in problem.given if route.van_id in van_ids)
    ids = {visit_id for route in given for visit_id in route.visit_ids}
    return replace(
        problem,
        visits=tuple(visit for visit in problem.visits if visit.id in ids),
        vans=tuple(van for van in problem.vans if van.id in van_ids),
        given=given,
        balance=None,
    )


def _bounded(van: Van, leaves: Mapping[str, datetime], limits: Mapping[str, datetime]) -> Van:
    if van.id in leaves:
        if leaves[van.id] < van.shift.end:
            return replace(van, shift=Window(leaves[van.id], van.shift.end))
        # One that comes back after its shift stays among the vans and can take nothing.
        return replace(van, shift=Window(van.shift.end, van.shift.end), overtime_s=0)
    if van.id not in limits:
        return van
    end = max(van.shift.start, min(van.shift.end, limits[van.id]))
    overtime_s = max(0, min(van.overtime_s, int((limits[van.id] - end).total_seconds())))
    return replace(van, shift=Window(van.shift.start, end), overtime_s=overtime_s)

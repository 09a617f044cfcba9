"""Shift, stops, distance and duration of a route."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from doorstep.route_problem import RouteProblem
from optimizer.routes.checker.clock import later, overtime_s
from optimizer.routes.checker.drive import Drive
from optimizer.routes.checker.violation import Violation, ViolationKind


def limits(problem: RouteProblem, drive: Drive) -> Iterator[Violation]:
    """What is more than the van or its driver may do, and overtime that is told wrongly."""
    van, route = drive.van, drive.route
    if route.starts_at < max(problem.epoch, van.shift.start):
        yield Violation(ViolationKind.OUTSIDE_SHIFT, f"starts at {route.starts_at.isoformat()}", van.id)
    if route.ends_at > later(van.shift.end, van.overtime_s):
        yield Violation(ViolationKind.OUTSIDE_SHIFT, f"ends at {route.ends_at.isoformat()}", van.id)
    if route.overtime_s != (overtime := overtime_s(van.shift.end, route.ends_at)):
        text = f"overtime_s is {route.overtime_s}, it ends {overtime} s after the shift"
        yield Violation(ViolationKind.WRONG_TOTAL, text, van.id)
    if van.max_stops is not None and len(drive.visits) > van.max_stops:
        text = f"{len(drive.visits)} of {van.max_stops} stops"
        yield Violation(ViolationKind.TOO_MANY_STOPS, text, van.id)
    if van.max_distance_m is not None and route.distance_m > van.max_distance_m:
        text = f"{route.distance_m} of {van.max_distance_m} m"
        yield Violation(ViolationKind.TOO_FAR, text, van.id)
    duration = route.ends_at - route.starts_at
    if van.max_duration_s is not None and duration > timedelta(seconds=van.max_duration_s):
        text = f"{duration} of {timedelta(seconds=van.max_duration_s)}"
        yield Violation(ViolationKind.TOO_LONG, text, van.id)

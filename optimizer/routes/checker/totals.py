"""Overtime and money of routes and of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution
from optimizer.routes.checker.ability import is_outside
from optimizer.routes.checker.clock import late_s, overtime_s
from optimizer.routes.checker.drive import Drive
from optimizer.routes.checker.violation import Violation, ViolationKind

_HALF = Fraction(1, 2)


def total_cost(problem: RouteProblem, drives: list[Drive], solution: RouteSolution) -> Iterator[Violation]:
    """Costs that are more than half a minor unit away from what they should be.

    The plan's may also be the sum of its routes', each of which is rounded: plans are put together of others.
    """
    costs = [cost_of(problem, drive) for drive in drives]
    for drive, cost in zip(drives, costs, strict=True):
        if abs(drive.route.cost_minor - cost) > _HALF:
            text = f"cost_minor is {drive.route.cost_minor}, the route costs {float(cost):.2f}"
            yield Violation(ViolationKind.WRONG_TOTAL, text, drive.van.id)
    total = sum(costs, Fraction(0))
    added = sum(route.cost_minor for route in solution.routes)
    if abs(solution.cost_minor - total) > _HALF and solution.cost_minor != added:
        text = f"cost_minor is {solution.cost_minor}, the routes cost {float(total):.2f}"
        yield Violation(ViolationKind.WRONG_TOTAL, text)


def cost_of(problem: RouteProblem, drive: Drive) -> Fraction:
    """Way, time, overtime, lateness, visits outside of territories and fixed cost, in minor units."""
    van, route = drive.van, drive.route
    per_km = problem.cost_per_km_minor if van.cost_per_km_minor is None else van.cost_per_km_minor
    per_hour = problem.cost_per_hour_minor if van.cost_per_hour_minor is None else van.cost_per_hour_minor
    duration_s = (route.ends_at - route.starts_at) // timedelta(seconds=1)
    cost = Fraction(route.distance_m, 1000) * per_km + Fraction(duration_s, 3600) * per_hour
    cost += Fraction(overtime_s(van.shift.end, route.ends_at), 3600) * van.overtime_cost_per_hour_minor
    for call, visit in drive.visit_calls:
        late = late_s(visit, call.stop.service_start)
        if visit.late is not None and late:
            cost += Fraction(late, 3600) * visit.late.cost_per_hour_minor
        if is_outside(van, visit) and van.outside_cost_minor is not None:
            cost += van.outside_cost_minor
    return cost + van.fixed_cost_minor

"""What is broken by choice: each instance is told, and nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from doorstep.route_problem import BalanceMeasure, RouteProblem
from doorstep.route_solution import RouteViolation
from doorstep.route_solution import ViolationKind as SoftKind
from optimizer.routes.checker.ability import is_outside
from optimizer.routes.checker.clock import late_s, later, overtime_s
from optimizer.routes.checker.drive import Drive
from optimizer.routes.checker.violation import Violation, ViolationKind

_Soft = tuple[SoftKind, str, str, int | None]
"""Kind, van, visit, seconds."""

_EDGE = Fraction(1, 10**9)
"""How near a tour may be to the limit of balance to be told or not: tolerances are floats."""


def softness(
    problem: RouteProblem, drives: list[Drive], told: tuple[RouteViolation, ...]
) -> Iterator[Violation]:
    """Soft violations that are not told, or told for nothing."""
    balanced = Counter(soft.van_id for soft in told if soft.kind is SoftKind.UNBALANCED)
    others = Counter(_key(soft) for soft in told if soft.kind is not SoftKind.UNBALANCED)
    expected = Counter(_lateness_and_the_like(drives))
    for kind, van_id, visit_id, by_s in (expected - others).elements():
        yield Violation(ViolationKind.SOFT_UNTOLD, f"{kind} by {by_s}", van_id, visit_id or None)
    for kind, van_id, visit_id, by_s in (others - expected).elements():
        yield Violation(ViolationKind.SOFT_INVENTED, f"{kind} by {by_s}", van_id, visit_id or None)
    for soft in told:
        if soft.is_hard or not soft.text:
            text = f"{soft.kind} is hard, or has no text"
            yield Violation(ViolationKind.SOFT_INVENTED, text, soft.van_id, soft.visit_id or None)
    yield from _balance(problem, drives, balanced)


def _key(soft: RouteViolation) -> _Soft:
    return soft.kind, soft.van_id, soft.visit_id, soft.by_s


def _lateness_and_the_like(drives: list[Drive]) -> Iterator[_Soft]:
    for drive in drives:
        van = drive.van
        if over := overtime_s(van.shift.end, drive.route.ends_at):
            yield SoftKind.OVER_SHIFT, van.id, "", over
        for call, visit in drive.visit_calls:
            if late := late_s(visit, call.stop.service_start):
                yield SoftKind.LATE, van.id, visit.id, late
            if is_outside(van, visit):
                yield SoftKind.OUTSIDE_TERRITORY, van.id, visit.id, None


def _balance(problem: RouteProblem, drives: list[Drive], told: Counter[str]) -> Iterator[Violation]:
    shares = {drive.van.id: _share(problem, drive) for drive in drives}
    limit = _fair_limit(problem, sum(shares.values(), Fraction(0)))
    for van_id in sorted(shares.keys() | told.keys()):
        above = shares.get(van_id, Fraction(0)) - limit if limit is not None else Fraction(-1)
        if above > _EDGE * (limit or 1) and not told[van_id]:
            yield Violation(ViolationKind.SOFT_UNTOLD, f"UNBALANCED by {float(above):.1f}", van_id)
        if (above < -_EDGE * (limit or 1) and told[van_id]) or told[van_id] > 1:
            yield Violation(ViolationKind.SOFT_INVENTED, "UNBALANCED", van_id)


def _share(problem: RouteProblem, drive: Drive) -> Fraction:
    if problem.balance is not None and problem.balance.measure is BalanceMeasure.TIME:
        return Fraction((drive.route.ends_at - drive.route.starts_at) // timedelta(seconds=1))
    return Fraction(len(drive.visits))


def _fair_limit(problem: RouteProblem, total: Fraction) -> Fraction | None:
    """The most that one tour may have; None where nothing is balanced.

    Vans whose shift is over share nothing. Whole stops cannot be shared more evenly than by one.
    """
    on_duty = [
        van
        for van in problem.vans
        if later(van.shift.end, van.overtime_s) > max(van.shift.start, problem.epoch)
    ]
    if problem.balance is None or not on_duty:
        return None
    average = total / len(on_duty)
    limit = average * (1 + Fraction(problem.balance.tolerance))
    if problem.balance.measure is BalanceMeasure.STOPS:
        return max(limit, Fraction(math.ceil(average)))
    return limit

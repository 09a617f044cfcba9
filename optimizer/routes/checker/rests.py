"""Breaks: each that is due is taken once, in its window, for as long as it lasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import PlannedRoute
from doorstep.van import Break
from optimizer.routes.checker.clock import later
from optimizer.routes.checker.drive import Call, Drive
from optimizer.routes.checker.violation import Violation, ViolationKind


def rests(problem: RouteProblem, drive: Drive) -> Iterator[Violation]:
    """Breaks that are missing, taken twice, too short, or at the wrong time."""
    taken = [(call, call.what) for call in drive.calls if isinstance(call.what, Break)]
    count = Counter(rest.id for _, rest in taken)
    for rest in drive.van.breaks:
        if count[rest.id] > 1:
            text = f"break {rest.id!r} is taken {count[rest.id]} times"
            yield Violation(ViolationKind.WRONG_BREAK, text, drive.van.id)
        if count[rest.id] == 0 and is_due(rest, drive.route):
            yield Violation(ViolationKind.MISSED_BREAK, f"break {rest.id!r} is not taken", drive.van.id)
    for call, rest in taken:
        yield from _rest(problem, drive, call, rest)


def is_due(rest: Break, route: PlannedRoute) -> bool:
    """Whether the driver is on the road when the window is over, having begun before."""
    return route.starts_at < rest.window.end <= route.ends_at


def _rest(problem: RouteProblem, drive: Drive, call: Call, rest: Break) -> Iterator[Violation]:
    begins = call.stop.service_start
    if not rest.window.contains(begins):
        text = f"break {rest.id!r} begins at {begins.isoformat()}, not in its window"
        yield Violation(ViolationKind.WRONG_BREAK, text, drive.van.id)
    if begins < max(call.stop.arrival, problem.epoch, drive.van.shift.start):
        text = f"break {rest.id!r} begins before the van stands, or before the shift"
        yield Violation(ViolationKind.WRONG_BREAK, text, drive.van.id)
    if call.stop.departure != later(begins, rest.duration_s):
        text = f"break {rest.id!r} ends at {call.stop.departure.isoformat()} after {rest.duration_s} s"
        yield Violation(ViolationKind.WRONG_BREAK, text, drive.van.id)

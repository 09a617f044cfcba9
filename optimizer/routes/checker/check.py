"""The order in which a plan is looked at."""

from __future__ import annotations

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution
from optimizer.routes.checker.bookkeeping import bookkeeping, names
from optimizer.routes.checker.drive import drives_of
from optimizer.routes.checker.limits import limits
from optimizer.routes.checker.loads import loads
from optimizer.routes.checker.permission import permission
from optimizer.routes.checker.promises import promises
from optimizer.routes.checker.rests import rests
from optimizer.routes.checker.softness import softness
from optimizer.routes.checker.times import times
from optimizer.routes.checker.totals import total_cost
from optimizer.routes.checker.violation import Violation
from optimizer.routes.travel import Travel


def check(problem: RouteProblem, travel: Travel, solution: RouteSolution) -> tuple[Violation, ...]:
    """Everything that is wrong with a plan; () for a good one.

    A route with an id that nobody knows is told for that alone; money and what is broken by choice are
    looked at where everything else is right.
    """
    drives = drives_of(problem, solution)
    found = [*bookkeeping(problem, solution), *names(solution, drives), *promises(problem, solution)]
    for drive in drives:
        if not drive.visits or any(call.what is None for call in drive.calls):
            continue
        found += permission(drive)
        found += loads(drive)
        found += times(problem, travel, drive)
        found += rests(problem, drive)
        found += limits(problem, drive)
    if not found:
        found += softness(problem, drives, solution.soft)
        found += total_cost(problem, drives, solution)
    return tuple(found)

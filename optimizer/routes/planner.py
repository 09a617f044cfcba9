"""The planner of routes: matrix, model, solve, check, explain.

The search runs on a thread of its own; PyVRP lets other threads run meanwhile. Progress is told on the event
loop's thread, at least once a second, and one last time when the search is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from time import monotonic

from doorstep.errors import DoorstepError
from doorstep.ports import RoadEngine
from doorstep.route import PlannedRoute, PlanProgress, RouteProblem, RouteSolution
from optimizer.routes.checker import Violation, check
from optimizer.routes.engine import Engine, Limits, Watcher
from optimizer.routes.greedy import empty_tours, hardest_first, insert
from optimizer.routes.progress import ProgressBoard
from optimizer.routes.solution import UndrivableTour, solution_of
from optimizer.routes.task import Task, Tours
from optimizer.routes.travel import Travel, travel_of

_SEARCH_SHARE = 0.93
"""Share of the budget after which the search ends, so that checking, reasons and paths fit as well."""

_GREEDY_BELOW_S = 0.15
"""Less time than this is not worth building a model for."""


class PyvrpPlanner:
    """`doorstep.ports.RoutePlanner` with PyVRP 0.14 on top of greedy insertion.

    Parameters
    ----------
    max_iterations
        Ends the search of each depot after so many iterations. With it and with a budget that is not
        reached, the same problem, table and seed give the same plan.
    engine
        What improves the tours of greedy insertion; None for PyVRP, which is loaded on first use.
    progress_every_s
        Seconds between two reports, at most 1.
    """

    def __init__(
        self,
        *,
        max_iterations: int | None = None,
        engine: Engine | None = None,
        progress_every_s: float = 0.5,
    ) -> None:
        if not 0 < progress_every_s <= 1:
            raise ValueError(f"progress_every_s must lie in (0, 1], got {progress_every_s}")
        self._max_iterations = max_iterations
        self._engine = engine or _pyvrp
        self._progress_every_s = progress_every_s

    async def plan(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        *,
        budget_s: float,
        seed: int,
        on_progress: Callable[[PlanProgress], None],
    ) -> RouteSolution:
        """Solve within `budget_s` seconds; every visit is on a route or unassigned with a reason.

        No answer breaks a hard rule: one of PyVRP's that did would be replaced by greedy insertion's, and
        `method` says so. `on_progress` is called on the thread that awaits this. Cancelling ends the search.

        Raises
        ------
        DoorstepError
            What the road engine raises when asked for the table.
        """
        board = ProgressBoard(len(problem.visits), budget_s)
        limits = Limits(monotonic() + budget_s * _SEARCH_SHARE, self._max_iterations)
        travel = await travel_of(problem, roads)
        work = partial(solve, problem, travel, engine=self._engine, seed=seed, limits=limits, board=board)
        solution = await self._watched(work, limits, lambda: on_progress(board.progress()))
        on_progress(board.finish(solution))
        return replace(solution, routes=await _with_paths(problem, solution, roads))

    async def _watched(
        self, work: Callable[[], RouteSolution], limits: Limits, report: Callable[[], None]
    ) -> RouteSolution:
        """Do the work on a thread and report now and then from this one."""
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="routes")
        try:
            future = asyncio.get_running_loop().run_in_executor(executor, work)
            while not future.done():
                report()
                await asyncio.wait({future}, timeout=self._progress_every_s)
            return future.result()
        finally:
            limits.called_off.set()
            executor.shutdown(wait=False)


def solve(
    problem: RouteProblem,
    travel: Travel,
    *,
    engine: Engine,
    seed: int,
    limits: Limits,
    board: ProgressBoard,
) -> RouteSolution:
    """The algorithm: insert greedily, improve, put in what still fits, give reasons, check.

    Blocks until `limits` are reached.
    """
    task = Task.of(problem, travel)
    greedy = insert(task, empty_tours(task), hardest_first(task), lambda: limits.is_over)
    board.start(task, greedy)
    if limits.deadline_s - monotonic() < _GREEDY_BELOW_S or not problem.visits:
        return _checked(problem, travel, task, greedy, "greedy insertion")
    better = engine(task, greedy, seed=seed, limits=limits, watch=board)
    try:
        return _checked(problem, travel, task, _filled(task, better), "PyVRP")
    except _BrokenPlan as broken:
        return _checked(problem, travel, task, greedy, f"greedy insertion, since PyVRP's plan broke {broken}")


def _pyvrp(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    from optimizer.routes.search import improve

    return improve(task, tours, seed=seed, limits=limits, watch=watch)


class _BrokenPlan(Exception):
    """A plan that must not be returned."""


def _checked(problem: RouteProblem, travel: Travel, task: Task, tours: Tours, method: str) -> RouteSolution:
    try:
        solution = solution_of(
            problem, task, tours, is_approximate=travel.table.is_approximate, method=method
        )
    except UndrivableTour as error:
        raise _BrokenPlan(str(error)) from error
    violations = check(problem, travel, solution)
    if violations:
        raise _BrokenPlan(_in_words(violations))
    return solution


def _in_words(violations: tuple[Violation, ...]) -> str:
    return ", ".join(sorted({violation.kind.value for violation in violations}))


def _filled(task: Task, tours: Tours) -> Tours:
    """The tours with every visit put in that fits as they are; a search may end before trying all."""
    planned = {visit for tour in tours for visit in tour}
    return insert(task, tours, [visit for visit in hardest_first(task) if visit not in planned])


async def _with_paths(
    problem: RouteProblem, solution: RouteSolution, roads: RoadEngine
) -> tuple[PlannedRoute, ...]:
    """The routes with the way along the roads; a route whose way cannot be had is kept without."""
    vans = {van.id: van for van in problem.vans}
    places = {visit.id: visit.location for visit in problem.visits}
    drawn = []
    for route in solution.routes:
        van = vans[route.van_id]
        try:
            way = await roads.route([van.start, *(places[stop.visit_id] for stop in route.stops), van.end])
        except DoorstepError:
            drawn.append(route)
        else:
            drawn.append(replace(route, path=way.path))
    return tuple(drawn)

"""The planner of routes: number, insert, improve, mend, fill, explain, check.

The search runs on a thread of its own; its engines let other threads run meanwhile. Progress is told on the
event loop's thread, at least once a second, and one last time when the search is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from time import monotonic

from doorstep.ports import RoadEngine
from doorstep.route import PlanProgress
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution
from optimizer.routes.engine import Engine, Limits
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.paths import with_paths
from optimizer.routes.progress import ProgressBoard
from optimizer.routes.solution import told_exactly
from optimizer.routes.solving import solve
from optimizer.routes.timetable.reloading import with_reloads
from optimizer.routes.travel import travel_of

_RESERVE_SHARE, _RESERVE_S_PER_VISIT, _MOST_RESERVED = 0.02, 0.0006, 0.3
"""What is kept of the budget for checking, reasons and paths: a share, seconds for each visit, at most."""

_RESERVE_S_PER_CHOICE = 0.001
"""For each visit that may be left out for a price: those that are will be asked about."""


class PyvrpPlanner:
    """`doorstep.ports.RoutePlanner`: PyVRP 0.14 on top of greedy insertion, and others for what it lacks.

    Parameters
    ----------
    max_iterations
        Ends each search after so many iterations. With it and with a budget that is not reached, the same
        problem, table and seed give the same plan.
    engine
        What improves the tours of greedy insertion; None for those that suit the day, which are loaded on
        first use.
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
        self._engine = engine
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

        No answer breaks a hard rule: one that did would be replaced by the tours that the search began with,
        and `method` says so. `on_progress` is called on the thread that awaits this. Cancelling ends the
        search.

        Raises
        ------
        DoorstepError
            What the road engine raises when asked for the table.
        """
        board = ProgressBoard(len(problem.visits), budget_s)
        ends_s = monotonic() + budget_s
        limits = Limits(ends_s - _reserve_s(problem, budget_s), self._max_iterations)
        travel = await travel_of(problem, roads)
        work = partial(
            solve,
            problem,
            travel,
            engine=self._engine,
            seed=seed,
            limits=limits,
            budget_s=budget_s,
            ends_s=ends_s,
            board=board,
        )
        solution = await self._watched(work, limits, lambda: on_progress(board.progress()))
        on_progress(board.finish(solution))
        return replace(solution, routes=await with_paths(problem, solution, roads))

    async def check_given(self, problem: RouteProblem, roads: RoadEngine) -> RouteSolution:
        """The given plan exactly as it was told, with its times, costs, and every rule that it breaks.

        `RouteSolution.soft` has hard violations as well; a van reloads where its goods need it. A preview of
        a change is made of two of them.

        Raises
        ------
        DoorstepError
            What the road engine raises when asked for the table.
        """
        travel = await travel_of(problem, roads)
        task = await asyncio.to_thread(task_of, problem, travel)
        tours = tuple(with_reloads(task, van, tour) for van, tour in enumerate(task.given))
        solution = told_exactly(problem, task, tours, is_approximate=travel.table.is_approximate)
        return replace(solution, routes=await with_paths(problem, solution, roads))

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


def _reserve_s(problem: RouteProblem, budget_s: float) -> float:
    choices = sum(visit.skip_cost_minor is not None for visit in problem.visits)
    wanted_s = (
        _RESERVE_SHARE * budget_s
        + _RESERVE_S_PER_VISIT * len(problem.visits)
        + _RESERVE_S_PER_CHOICE * choices
    )
    return min(wanted_s, _MOST_RESERVED * budget_s)

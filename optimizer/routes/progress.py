"""How far a search is: written by the searching thread, read by the one that reports."""

from __future__ import annotations

from time import monotonic

from doorstep.route import PlanProgress, RouteSolution
from optimizer.routes.schedule import Misfit, cost_of, timetable
from optimizer.routes.task import Task, Tours, in_minor


class ProgressBoard:
    """The best of each depot so far. One thread writes; single assignments make reading safe.

    Parameters
    ----------
    visits
        Of the whole problem.
    budget_s
        What the whole plan may take, seconds from now.
    """

    def __init__(self, visits: int, budget_s: float) -> None:
        self._visits = visits
        self._budget_s = budget_s
        self._began = monotonic()
        self._best: dict[str, tuple[int, int]] = {}

    def start(self, task: Task, tours: Tours) -> None:
        """The first plan there is."""
        best: dict[str, tuple[int, int]] = {}
        for van, tour in enumerate(tours):
            times = timetable(task, van, tour) if tour else None
            if times is not None and not isinstance(times, Misfit):
                assigned, cost = best.get(task.vans[van].depot_id, (0, 0))
                best[task.vans[van].depot_id] = (assigned + len(tour), cost + cost_of(task, van, times))
        self._best = best

    def __call__(self, depot_id: str, assigned: int, cost: int) -> None:
        """A depot has a better plan: visits on its routes, and their cost in cost units."""
        self._best = {**self._best, depot_id: (assigned, cost)}

    def finish(self, solution: RouteSolution) -> PlanProgress:
        """The last report, of what is answered."""
        assigned = sum(len(route.stops) for route in solution.routes)
        return PlanProgress(
            fraction=1.0,
            elapsed_s=monotonic() - self._began,
            assigned=assigned,
            unassigned=self._visits - assigned,
            best_cost_minor=solution.cost_minor,
        )

    def progress(self) -> PlanProgress:
        """How far it is now."""
        best, elapsed_s = self._best, monotonic() - self._began
        assigned = sum(assigned for assigned, _ in best.values())
        share = elapsed_s / self._budget_s if self._budget_s > 0 else 1.0
        return PlanProgress(
            fraction=min(share, 0.99),
            elapsed_s=elapsed_s,
            assigned=assigned,
            unassigned=self._visits - assigned,
            best_cost_minor=in_minor(sum(cost for _, cost in best.values())) if best else None,
        )

"""How far a search is: written by the searching thread, read by the one that reports."""

from __future__ import annotations

from time import monotonic

from doorstep.route import PlanProgress
from doorstep.route_solution import RouteSolution
from optimizer.routes.numbered.task import in_minor


class ProgressBoard:
    """The best so far. One thread writes; single assignments make reading safe.

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
        self._best: tuple[int, int] | None = None

    def whole(self, assigned: int, cost: int) -> None:
        """There is a plan: visits on its routes, and its cost in cost units.

        Of two that bring as much the cheaper one counts, and one that brings less never does: a search that
        begins with a part of the day has told only that part so far.
        """
        best = self._best
        if best is None or (assigned, -cost) > (best[0], -best[1]):
            self._best = (assigned, cost)

    def finish(self, solution: RouteSolution) -> PlanProgress:
        """The last report, of what is answered."""
        assigned = self._visits - len(solution.unassigned)
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
        assigned = best[0] if best else 0
        share = elapsed_s / self._budget_s if self._budget_s > 0 else 1.0
        return PlanProgress(
            fraction=min(share, 0.99),
            elapsed_s=elapsed_s,
            assigned=assigned,
            unassigned=self._visits - assigned,
            best_cost_minor=in_minor(best[1]) if best else None,
        )


class PartsWatch:
    """Adds up what a search tells of independent parts."""

    def __init__(self, board: ProgressBoard) -> None:
        self._board = board
        self._best: dict[str, tuple[int, int]] = {}

    def __call__(self, part: str, assigned: int, cost: int) -> None:
        """A part has a better plan."""
        self._best[part] = (assigned, cost)
        self._board.whole(
            sum(assigned for assigned, _ in self._best.values()), sum(cost for _, cost in self._best.values())
        )

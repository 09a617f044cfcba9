"""A model searched as a whole: several walks, whose routes are recombined now and then."""

from __future__ import annotations

from concurrent.futures import Executor
from itertools import repeat

import pyvrp

from optimizer.routes.search.budget import Budget
from optimizer.routes.search.recombining import Pool
from optimizer.routes.search.walk import Pace, Walk

_STEPS = 250
"""Of a walk in a round."""

_HOTTEST = 0.5
"""Legs that a walk may become worse by, at the beginning."""

_RECOMBINED_AT = (0.3, 0.5, 0.7, 0.85, 0.96)
"""Progress after which routes are recombined."""

_JOINED_FROM = 0.5
"""Progress from which walks go on from the best of all, where they found nothing as good themselves."""

_EFFORT = 0.4
"""Of a recombination, in CP-SAT's deterministic seconds."""

_PACES = (Pace(), Pace(most_disturbed=25))
"""Of the walks in turn: what is too wild for one model is just right for another."""


class WholeSearch:
    """Walks through a model, from one start.

    Attributes
    ----------
    best
        Of all walks.
    """

    def __init__(
        self, data: pyvrp.ProblemData, start: pyvrp.Solution, *, seed: int, budget: Budget, walks: int
    ) -> None:
        self.best = start
        self._budget = budget
        self._walks = [
            Walk(data, start, seed=seed + number, pace=_PACES[number % len(_PACES)])
            for number in range(walks)
        ]
        self._pool = Pool(data)
        self._recombined = 0

    def round(self, threads: Executor) -> None:
        """Let every walk take some steps, and tell them what the others found."""
        budget, walks = self._budget, self._walks
        steps = max(1, budget.steps(_STEPS * len(walks)) // len(walks))
        taken = threads.map(
            Walk.go, walks, repeat(steps), repeat(budget.heat(_HOTTEST)), repeat(budget.is_over)
        )
        budget.take(max(len(walks), sum(taken)))
        for walk in walks:
            self._pool.add(walk.current)
            self._pool.add(walk.best)
        self._share()

    def _share(self) -> None:
        leader = min(self._walks, key=lambda walk: walk.best_cost)
        due = sum(self._budget.progress >= share for share in _RECOMBINED_AT)
        if due > self._recombined and not self._budget.is_over():
            self._recombined = due
            found = self._pool.recombined(leader.best, effort=_EFFORT)
            if found is not leader.best:
                leader.move_to(found)
        self.best = leader.best
        if self._budget.progress >= _JOINED_FROM:
            for walk in self._walks:
                if walk.best_cost > leader.best_cost:
                    walk.move_to(leader.best)

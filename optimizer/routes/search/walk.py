"""A walk through solutions: disturb, mend by local search, and go on from there if it is not much worse.

PyVRP's local search does the work in C++ and lets other threads run meanwhile, so that two walks on two
threads are as fast as in two processes. What is ours is around it: annealing in place of late acceptance,
smaller neighbourhoods and disturbances, and penalties that begin high and follow quickly.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyvrp
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from optimizer.routes.search.penalties import Penalties
from optimizer.routes.search.scale import scale_of

Neighbours = dict[pyvrp.Activity, list[pyvrp.Activity]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a walk goes.

    Attributes
    ----------
    neighbours
        Of each stop, that moves are tried with.
    most_disturbed
        Stops taken out or put in before each local search, at most.
    is_thorough
        Whether each new best is searched with every move there is.
    """

    neighbours: int = 20
    most_disturbed: int = 12
    is_thorough: bool = True


class Walk:
    """A walk from a solution.

    Parameters
    ----------
    penalties
        To begin with, as `Penalties` takes them; None for what suits the start.
    neighbours
        Of each activity, that moves are tried with; None for what PyVRP finds.

    Attributes
    ----------
    best
        The cheapest solution that keeps every rule, or the start.
    current
        Where the walk is.
    """

    def __init__(
        self,
        data: pyvrp.ProblemData,
        start: pyvrp.Solution,
        *,
        seed: int,
        pace: Pace,
        penalties: Sequence[float] | None = None,
        neighbours: Neighbours | None = None,
    ) -> None:
        self._pace = pace
        self._random = random.Random(seed)  # noqa: S311  # chooses ways, guards nothing
        self._search = local_search(data, seed, pace, neighbours)
        scale = scale_of(data, start)
        self._leg_cost = scale.leg_cost
        self.penalties = Penalties(penalties or scale.penalties(data))
        self.best = self.current = start
        self.best_cost = self.penalties.evaluator.cost(start)

    def go(self, steps: int, heat: float, is_over: Callable[[], bool]) -> int:
        """Take steps and return how many were taken; `heat` in legs is how much worse one may become."""
        for step in range(steps):
            if is_over():
                return step
            self._step(heat * self._leg_cost)
        return steps

    def move_to(self, solution: pyvrp.Solution) -> None:
        """Go on from a solution; it is the best one if it keeps every rule and costs less."""
        self.current = solution
        cost = self.penalties.evaluator.cost(solution)
        if cost < self.best_cost:
            self.best, self.best_cost = solution, cost

    def _step(self, heat: float) -> None:
        evaluator = self.penalties.evaluator
        found = self._search(self.current, evaluator, exhaustive=False)
        self.penalties.see(found)
        if evaluator.cost(found) < self.best_cost:
            self.move_to(found)
            if self._pace.is_thorough:
                self.move_to(self._search(found, evaluator, exhaustive=True))
            return
        worse = evaluator.penalised_cost(found) - evaluator.penalised_cost(self.current)
        if worse < -heat * math.log(1 - self._random.random()):
            self.current = found


def local_search(
    data: pyvrp.ProblemData, seed: int, pace: Pace, neighbours: Neighbours | None = None
) -> LocalSearch:
    """PyVRP's local search with every operator that the model has a use for."""
    search = LocalSearch(
        data,
        pyvrp.RandomNumberGenerator(seed=seed),
        neighbours or compute_neighbours(data, NeighbourhoodParams(num_neighbours=pace.neighbours)),
        PerturbationManager(PerturbationParams(1, pace.most_disturbed)),
    )
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    return search

"""A large model searched in parts, whose borders are other ones each round.

A step through a part of 250 stops takes a fraction of one through 1,000, and parts are searched side by side.
"""

from __future__ import annotations

import random
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import pyvrp

from optimizer.routes.search.budget import Budget
from optimizer.routes.search.parts import parts_of, together
from optimizer.routes.search.penalties import mean_of
from optimizer.routes.search.sub_model import Inner, SubModel
from optimizer.routes.search.walk import Pace, Walk

_STOPS, _FEWER_STOPS = 250, 150
"""Of a part: few enough for quick steps, enough for several long routes."""

_MANY = 600
"""Planned stops from which parts are the larger ones."""

_STEPS_PER_STOP = 6
"""In a round."""

_PACE = Pace(is_thorough=False)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a walk through a part led to."""

    routes: list[Inner]
    penalties: tuple[float, ...]
    taken: int


class PiecewiseSearch:
    """Rounds of walks through parts of the best solution so far.

    Parameters
    ----------
    stops
        Of a part; None for what suits the start.

    Attributes
    ----------
    best
        Put together of the best of every part.
    """

    def __init__(
        self,
        data: pyvrp.ProblemData,
        start: pyvrp.Solution,
        *,
        seed: int,
        budget: Budget,
        stops: int | None = None,
    ) -> None:
        self.best = start
        self._data = data
        self._budget = budget
        self._stops = stops or (_STOPS if start.num_clients() >= _MANY else _FEWER_STOPS)
        self._random = random.Random(seed)  # noqa: S311  # chooses borders, guards nothing
        self._penalties: list[float] | None = None

    def round(self, threads: Executor) -> None:
        """Search every part, and put together what was found."""
        parts = parts_of(self._data, self.best, size=self._stops, rng=self._random)
        work = partial(_walk, penalties=self._penalties, heat=self._budget.heat, budget=self._budget)
        seeds = [self._random.randrange(1 << 30) for _ in parts]
        steps = [_STEPS_PER_STOP * (part.start.num_clients() + part.start.num_shipments()) for part in parts]
        allowed = self._budget.steps(sum(steps)) / sum(steps)
        found = list(threads.map(work, parts, seeds, [max(1, int(allowed * count)) for count in steps]))
        self._budget.take(max(1, sum(part.taken for part in found)))
        self._penalties = mean_of([part.penalties for part in found])
        self.best = together(self._data, [route for part in found for route in part.routes])


def _walk(
    part: SubModel, seed: int, steps: int, *, penalties: list[float] | None, heat: float, budget: Budget
) -> _Found:
    walk = Walk(part.data, part.start, seed=seed, pace=_PACE, penalties=penalties)
    taken = walk.go(steps, heat, budget.is_over)
    return _Found(part.outside(walk.best.routes()), walk.penalties.values, taken)

"""A large model searched in parts, whose borders are other ones each round.

A step through a part of 250 stops takes a fraction of one through 1,000, and parts are searched side by side.
Walks go on where those of the round before have come to, and not from the best solution: what is annealed is
the whole model. Towards the end they begin at the best one, and routes that were met are recombined.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial

import pyvrp

from optimizer.routes.search.budget import Budget
from optimizer.routes.search.parts import shares_of, together
from optimizer.routes.search.penalties import mean_of
from optimizer.routes.search.recombining import Pool, price_of
from optimizer.routes.search.sub_model import Inner, Share, SubModel, sub_model
from optimizer.routes.search.walk import Pace, Walk

_STOPS, _FEWER_STOPS = 250, 150
"""Of a part, and where a model has fewer than `_MANY`: few enough for quick steps. There are
always two parts, so that both threads search the same solution."""

_MANY = 600

_ROUTES, _MOST_STOPS = 9, 400
"""Of a part, where routes are long: with fewer there is too little to exchange, with more steps are slow."""

_STEPS_PER_STOP = 3
"""In a round: the borders of parts are to change a dozen times and more."""

_LEAST_HOT, _HOTTEST, _HOTTEST_FROM = 0.25, 0.5, 30
"""Legs that a walk may become worse by at the beginning: little where routes are short, since what is lost is
not won back in a round, and most from so many stops a route on: to merge long ones takes detours."""

_JOINED_FROM = 0.8
"""Progress from which walks begin at the best solution."""

_RECOMBINED_AT = (0.5, 0.7, 0.85, 0.95)
"""Progress after which routes are recombined, beside the walks of a round."""

_LOOKS = 4
"""How often in a round the routes of a walk are remembered for that."""

_EFFORT = 0.15
"""Of a recombination, in CP-SAT's deterministic seconds."""

_PACE = Pace(is_thorough=False)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a walk through a part led to: the best, and what it came by, last where it is now."""

    best: list[Inner]
    passed: list[list[Inner]]
    penalties: tuple[float, ...]
    taken: int


class PiecewiseSearch:
    """Rounds of walks through parts of a solution.

    Parameters
    ----------
    stops
        Of a part; None for what suits the start.

    Attributes
    ----------
    best
        Of all that was put together of what walks found.
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
        self.best = self._current = start
        self._data = data
        self._budget = budget
        self._stops = stops or _stops_of_a_part(start)
        self._hottest = _hottest(start)
        self._random = random.Random(seed)  # noqa: S311  # chooses borders, guards nothing
        self._penalties: list[float] | None = None
        self._pool = Pool(data)
        self._times_recombined = 0

    def round(self, threads: Executor) -> None:
        """Search every part, and put together what was found."""
        if self._budget.progress >= _JOINED_FROM:
            self._current = self.best
        recombined = self._recombined_beside(threads)
        shares = shares_of(self._data, self._current, size=self._stops, rng=self._random)
        heat = self._budget.heat(self._hottest)
        work = partial(_walk, self._data, penalties=self._penalties, heat=heat, budget=self._budget)
        seeds = [self._random.randrange(1 << 30) for _ in shares]
        steps = [_STEPS_PER_STOP * share.planned for share in shares]
        allowed = self._budget.steps(sum(steps)) / sum(steps)
        found = list(threads.map(work, shares, seeds, [max(1, int(allowed * count)) for count in steps]))
        offers = [future.result() for future in recombined]
        self._budget.take(max(1, sum(part.taken for part in found)))
        self._penalties = mean_of([part.penalties for part in found])
        for at in range(_LOOKS):
            self._pool.add(self._together(part.passed[at] for part in found))
        self._current = self._together(part.passed[-1] for part in found)
        together_best = self._together(part.best for part in found)
        self.best = min(self.best, together_best, *offers, key=price_of)

    def _together(self, parts: Iterable[list[Inner]]) -> pyvrp.Solution:
        return together(self._data, [route for part in parts for route in part])

    def _recombined_beside(self, threads: Executor) -> list[Future[pyvrp.Solution]]:
        """The best of all routes that were met, where it is time for that."""
        due = sum(self._budget.progress >= share for share in _RECOMBINED_AT)
        if due <= self._times_recombined:
            return []
        self._times_recombined = due
        return [threads.submit(self._pool.recombined, self.best, effort=_EFFORT)]


def _stops_of_a_part(start: pyvrp.Solution) -> int:
    stops = start.num_clients() + start.num_shipments()
    if stops < _MANY:
        return min(_FEWER_STOPS, stops // 2)
    return max(_STOPS, min(_MOST_STOPS, int(_ROUTES * _stops_of_a_route(start))))


def _hottest(start: pyvrp.Solution) -> float:
    return max(_LEAST_HOT, _HOTTEST * min(1.0, _stops_of_a_route(start) / _HOTTEST_FROM))


def _stops_of_a_route(start: pyvrp.Solution) -> float:
    return (start.num_clients() + start.num_shipments()) / max(1, start.num_routes())


def _walk(
    whole: pyvrp.ProblemData,
    share: Share,
    seed: int,
    steps: int,
    *,
    penalties: list[float] | None,
    heat: float,
    budget: Budget,
) -> _Found:
    part = sub_model(whole, share)
    walk = Walk(part.data, part.start, seed=seed, pace=_PACE, penalties=penalties)
    taken, passed = 0, []
    for look in range(_LOOKS):
        taken += walk.go(steps * (look + 1) // _LOOKS - taken, heat, budget.is_over)
        passed.append(_kept(part, walk))
    best = part.outside(walk.best.routes())
    return _Found(best, passed, walk.penalties.values, taken)


def _kept(part: SubModel, walk: Walk) -> list[Inner]:
    """Where a walk is, or its best where that breaks a rule."""
    solution = walk.current if walk.current.is_feasible() else walk.best
    return part.outside(solution.routes())

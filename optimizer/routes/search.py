"""PyVRP's iterated local search over one depot's model, watched and stopped from outside."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from time import monotonic

import pyvrp
from pyvrp import IteratedLocalSearchParams, SolveParams
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks
from pyvrp.stop import StoppingCriterion

from optimizer.routes.engine import Limits, Watcher
from optimizer.routes.model import DepotModel, model_of
from optimizer.routes.task import Task, Tours


def improve(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    """Search each depot from the tours given; a depot gets its share of the time by its visits.

    The same seed gives the same tours when the limit on iterations is what ends the search.
    """
    sizes: dict[str, int] = {}
    for visit in task.visits:
        sizes[visit.depot_id] = sizes.get(visit.depot_id, 0) + 1
    waiting, best = len(task.visits), list(tours)
    for depot_id, size in sizes.items():
        now = monotonic()
        share_s = (limits.deadline_s - now) * size / waiting
        waiting -= size
        model = model_of(task, depot_id)
        if model is None or limits.is_over:
            continue
        start = model.encode(task, tours)
        found = _search(model, start, seed, limits.until(now + share_s), _tell(watch, depot_id))
        for vans in model.vans_of:
            for van in vans:
                best[van] = found.get(van, ())
    return tuple(best)


def _tell(watch: Watcher, depot_id: str) -> Callable[[int, int], None]:
    return lambda assigned, cost: watch(depot_id, assigned, cost)


def _search(
    model: DepotModel, start: pyvrp.Solution, seed: int, limits: Limits, watch: Callable[[int, int], None]
) -> dict[int, tuple[int, ...]]:
    params = SolveParams(ils=IteratedLocalSearchParams(callbacks=_OnBest(model, watch)))
    with warnings.catch_warnings():
        # Raised when the search dwells on solutions that break a rule; the best one is feasible either way,
        # since it began with one.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = pyvrp.solve(
            model.data,
            _stop_of(limits),
            seed=seed,
            collect_stats=False,
            params=params,
            initial_solution=start,
        )
    return model.decode(result.best)


class _OnBest(IteratedLocalSearchCallbacks):
    def __init__(self, model: DepotModel, watch: Callable[[int, int], None]) -> None:
        self._model = model
        self._watch = watch

    def on_best(self, best: pyvrp.Solution) -> None:
        self._watch(best.num_clients(), self._model.cost(best))


def _stop_of(limits: Limits) -> StoppingCriterion:
    left = limits.max_iterations

    def is_enough(best_cost: int) -> bool:  # noqa: ARG001  # PyVRP's protocol has it
        nonlocal left
        if left is not None:
            left -= 1
            if left < 0:
                return True
        return limits.is_over

    return is_enough

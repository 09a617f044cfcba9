"""The search: a start, then rounds of walks that cool down, in parts where the model is large.

A round is a number of steps and not of seconds, and what its walks find is put together in their order, so
that the same seed and number of iterations give the same solution however fast the threads are.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyvrp

from optimizer.routes.engine import Limits
from optimizer.routes.search.budget import Budget
from optimizer.routes.search.penalties import Penalties
from optimizer.routes.search.piecewise import PiecewiseSearch
from optimizer.routes.search.scale import scale_of
from optimizer.routes.search.walk import Pace, local_search
from optimizer.routes.search.whole import WholeSearch

IN_PARTS_FROM = 150
"""Planned stops from which a model is searched in parts."""

_PATIENCE, _LEAST_PATIENCE = 40, 500
"""Steps without anything better after which a search ends: for each pair of stops, and at least. Ten stops
are done in half a second, a hundred are searched as long as there is time."""

_FEWEST_ROUTES, _LARGE, _FEWEST_BELOW = 6, 300, 12
"""With fewer routes, parts would have too few to exchange stops between; twice as many where two parts are
all that there are."""


def improve_solution(
    data: pyvrp.ProblemData,
    start: pyvrp.Solution | None,
    *,
    seed: int,
    limits: Limits,
    on_best: Callable[[pyvrp.Solution], None],
    workers: int,
) -> pyvrp.Solution:
    """The best solution found until the limits end, or until nothing gets better; blocks until then.

    The same seed gives the same solution when the limit on iterations is what ends the search.

    Parameters
    ----------
    start
        None for one of PyVRP's. If it breaks a rule, so may what is returned.
    limits
        Iterations count the steps of all walks together.
    on_best
        Called on this thread, after each round that found something better.
    workers
        Threads, and walks through a model that is not split.
    """
    stops = data.num_clients + 2 * data.num_shipments
    if stops == 0 or data.num_vehicles == 0:
        return pyvrp.Solution(data, []) if start is None else start
    budget = Budget(limits, patience=max(_LEAST_PATIENCE, _PATIENCE * stops**2))
    if start is None or not start.routes():
        start = first_solution(data, seed)
    if not budget.is_spent:
        start = _searched(data, start, seed)
    search: WholeSearch | PiecewiseSearch
    if _is_large(start):
        search = PiecewiseSearch(data, start, seed=seed, budget=budget)
    else:
        search = WholeSearch(data, start, seed=seed, budget=budget, walks=workers)
    with ThreadPoolExecutor(workers, thread_name_prefix="walk") as threads:
        while not budget.is_spent:
            before = search.best
            search.round(threads)
            if search.best is not before and search.best != before:
                budget.found_better()
                on_best(search.best)
    return search.best


def first_solution(data: pyvrp.ProblemData, seed: int) -> pyvrp.Solution:
    """One that PyVRP's local search makes of nothing; 0.1 s for 1,000 stops."""
    nothing = pyvrp.Solution(data, [])
    evaluator = Penalties(scale_of(data, nothing).penalties(data)).evaluator
    return local_search(data, seed, Pace())(nothing, evaluator, exhaustive=True)


def _searched(data: pyvrp.ProblemData, start: pyvrp.Solution, seed: int) -> pyvrp.Solution:
    """The start with every move made that pays, rather than to come upon them one by one."""
    evaluator = Penalties(scale_of(data, start).penalties(data)).evaluator
    found = local_search(data, seed, Pace())(start, evaluator, exhaustive=True)
    return found if found.is_feasible() and evaluator.cost(found) < evaluator.cost(start) else start


def _is_large(start: pyvrp.Solution) -> bool:
    stops = start.num_clients() + 2 * start.num_shipments()
    fewest = _FEWEST_ROUTES if stops >= _LARGE else _FEWEST_BELOW
    return stops >= IN_PARTS_FROM and start.num_routes() >= fewest and start.is_feasible()

"""A short walk over a few routes: PyVRP's local search with small disturbances, cooling down to the end.

Two walks go through the same routes on two threads, since PyVRP's local search lets other threads run, and
now and then both go on from the better one's best. Little time goes into making ready: a model of 150 stops
takes as long as forty steps.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from time import monotonic

import numpy as np
import pyvrp
from pyvrp import Activity, ActivityType

from optimizer.routes.engine import Limits
from optimizer.routes.numbered.task import Task, Tour, Tours
from optimizer.routes.part_model.model import PartModel, model_of
from optimizer.routes.search.walk import Neighbours, Pace, Walk

_PACE = Pace(neighbours=15, most_disturbed=6)
"""Fewer neighbours and smaller disturbances than in a long search: there are some hundred steps."""

_HEAT = 0.1
"""How much worse the routes may become at first, in legs."""

_STEPS = 5
"""Between two looks at how warm it is; whether time is up is asked before each."""

_LEAST_STEPS = 20
"""Taken by either walk even if time is up: on a busy machine making ready can take all of it."""

_ROUNDS = 3
"""After each the walks go on from the better one's best."""

_WAITING = 0.2
"""How far apart a second of waiting puts two stops, in seconds of driving: PyVRP's own weight."""


def strolled(task: Task, tours: Tours, limits: Limits, seed: int, walks: int) -> Tours:
    """The best tours of all vans of a task that were met until the limits end; perhaps the same.

    Parameters
    ----------
    task
        Of few vans; every visit of it is on a tour.
    """
    model = model_of(task, tours, range(len(task.visits)), range(len(task.vans)))
    if model is None:
        return tours
    start, neighbours = _start(model, tours), _nearest(model.data)
    first = seed % (1 << 30)
    strolls = [
        Walk(model.data, start, seed=number, pace=_PACE, neighbours=neighbours)
        for number in range(first, first + walks)
    ]
    best = _best(strolls, limits)
    if not best.is_feasible():
        return tours
    better: list[Tour] = list(tours)
    for van, tour in model.decode(best, tours).items():
        better[van] = tour
    return tuple(better)


def _best(walks: list[Walk], limits: Limits) -> pyvrp.Solution:
    began_s = monotonic()
    whole_s = max(1e-9, limits.deadline_s - began_s)

    def heat() -> float:
        return _HEAT * max(0.0, limits.left_s) / whole_s

    leader = walks[0]
    with ThreadPoolExecutor(len(walks)) as threads:
        list(threads.map(Walk.go, walks, repeat(_LEAST_STEPS), repeat(_HEAT), repeat(lambda: False)))
        for number in range(1, _ROUNDS + 1):
            within = limits.until(began_s + whole_s * number / _ROUNDS)
            list(threads.map(_stroll, walks, repeat(heat), repeat(within)))
            leader = min(walks, key=lambda walk: walk.best_cost)
            for walk in walks:
                if walk.best_cost > leader.best_cost:
                    walk.move_to(leader.best)
    return leader.best


def _stroll(walk: Walk, heat: Callable[[], float], within: Limits) -> None:
    while not within.is_over:
        walk.go(_STEPS, heat(), lambda: within.is_over)


def _start(model: PartModel, tours: Tours) -> pyvrp.Solution:
    """The tours in the model; without putting times to them again where no visit has several windows."""
    clients = model.clients
    is_plain = not clients.groups and not clients.shipments
    if not is_plain or any(kind.prefix or kind.reloads for kind in model.fleet.kinds):
        return model.encode(tours)
    routes = [
        pyvrp.Route(
            model.data,
            [Activity(ActivityType.CLIENT, clients.clients_of[number][0]) for number in tours[van]],
            kind,
        )
        for kind, alike in enumerate(model.fleet.kinds)
        for van in alike.vans
        if tours[van] and all(clients.clients_of.get(number) for number in tours[van])
    ]
    start = pyvrp.Solution(model.data, routes)
    return start if start.is_feasible() else model.encode(tours)


def _nearest(data: pyvrp.ProblemData) -> Neighbours | None:
    """Of each stop those that are nearest by way and time; None where stops are more than single doors."""
    clients = data.clients()
    if data.num_groups or data.num_shipments or data.num_profiles > 1 or len(clients) <= _PACE.neighbours + 1:
        return None
    at = np.array([client.location for client in clients])
    opens, closes, takes = np.array(
        [(client.tw_early, client.tw_late, client.service_duration) for client in clients], np.float64
    ).T
    kind = data.vehicle_type(0)
    square = np.ix_(at, at)
    seconds = data.duration_matrix(0)[square].astype(np.float64)
    metres = data.distance_matrix(0)[square].astype(np.float64)
    per_second = max(1, kind.unit_duration_cost)
    leaves = takes[:, None] + seconds
    waits = np.maximum(opens[None, :] - leaves - closes[:, None], 0)
    is_late = opens[:, None] + leaves > closes[None, :]
    far = metres * kind.unit_distance_cost + (seconds + _WAITING * waits) * per_second
    far[is_late] = np.inf
    far = np.minimum(far, far.T)
    np.fill_diagonal(far, np.inf)
    near = np.argsort(far, axis=1)[:, : _PACE.neighbours]
    counts = np.isfinite(np.take_along_axis(far, near, axis=1)).sum(axis=1)
    names = [Activity(ActivityType.CLIENT, number) for number in range(len(clients))]
    return {
        names[row]: [names[other] for other in others[:count]]
        for row, (others, count) in enumerate(zip(near.tolist(), counts.tolist(), strict=True))
    }

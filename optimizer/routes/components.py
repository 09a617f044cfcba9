"""Parts of a day that share neither vans nor visits, each searched by itself with PyVRP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np
import pyvrp

from optimizer.routes.engine import Limits, Watcher
from optimizer.routes.mending.balance import most_stops
from optimizer.routes.numbered.task import Task, Tour, Tours, visits_in
from optimizer.routes.part_model.model import PartModel, model_of
from optimizer.routes.search import improve_solution
from optimizer.routes.timetable.schedule import Misfit, timetable

WORKERS = 2
"""Threads that a search may use."""


@dataclass(frozen=True, slots=True)
class Part:
    """Visits and vans that have nothing to do with the others'."""

    visits: tuple[int, ...]
    vans: tuple[int, ...]


def parts_of(task: Task) -> tuple[Part, ...]:
    """The independent parts with at least one visit that some van may make, the largest first."""
    leader = np.arange(len(task.vans))
    rows = np.unique(task.may, axis=0) if task.visits else np.zeros((0, len(task.vans)), np.bool_)
    for row in rows:
        vans = np.flatnonzero(row)
        if len(vans):
            joined = np.isin(leader, leader[vans])
            leader[joined] = leader[vans].min()
    owners = np.array([leader[row.argmax()] if row.any() else -1 for row in task.may], dtype=np.intp)
    parts = [
        Part(tuple(np.flatnonzero(owners == owner).tolist()), tuple(np.flatnonzero(leader == owner).tolist()))
        for owner in sorted({owner for owner in owners.tolist() if owner >= 0})
    ]
    return tuple(sorted(parts, key=lambda part: (-len(part.visits), part.visits)))


def improve(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    """Search each part from the tours given; a part gets its share of the time by its visits.

    The same seed gives the same tours when the limit on iterations is what ends the search. Tours may break
    rules that PyVRP does not know.
    """
    parts = parts_of(task)
    waiting, best = sum(len(part.visits) for part in parts), list(tours)
    caps = most_stops(task)
    for number, part in enumerate(parts):
        _tell_start(watch, task, tours, part, f"part {number}")
    for number, part in enumerate(parts):
        now = monotonic()
        share_s = (limits.deadline_s - now) * len(part.visits) / waiting
        waiting -= len(part.visits)
        if limits.is_over:
            break
        model = model_of(task, tours, part.visits, part.vans, caps)
        if model is not None:
            within = limits.until(now + share_s)
            for van, tour in _searched(
                model, tours, seed, within, _tell(watch, model, f"part {number}")
            ).items():
                best[van] = tour
    return tuple(best)


def _searched(
    model: PartModel, tours: Tours, seed: int, limits: Limits, on_best: Callable[[pyvrp.Solution], None]
) -> dict[int, Tour]:
    start = model.encode(tours)
    # PyVRP's seeds have 32 bits, and a search counts on from the one it is given.
    found = improve_solution(
        model.data, start, seed=seed % (1 << 31), limits=limits, on_best=on_best, workers=WORKERS
    )
    if not found.is_feasible():
        return {}
    on_best(found)
    return model.decode(found, tours)


def _tell_start(watch: Watcher, task: Task, tours: Tours, part: Part, name: str) -> None:
    timed = [(tours[van], timetable(task, van, tours[van])) for van in part.vans if tours[van]]
    driven = [(len(visits_in(tour)), times.cost) for tour, times in timed if not isinstance(times, Misfit)]
    watch(name, sum(visits for visits, _ in driven), sum(cost for _, cost in driven))


def _tell(watch: Watcher, model: PartModel, part: str) -> Callable[[pyvrp.Solution], None]:
    held = sum(len(kind.prefix) for kind in model.fleet.kinds)
    return lambda best: watch(part, held + best.num_clients() + 2 * best.num_shipments(), model.cost(best))

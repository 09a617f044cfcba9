"""What drivers were told, and which changes of it are worth telling them.

A change is a visit of the given plan that goes to another van, or to none. Vans that exchange visits among
each other change together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.task import Task, Tours, visits_in


def moved(task: Task, tours: Tours) -> int:
    """How many visits of the given plan are with another van, or with none."""
    held = {visit: van for van, tour in enumerate(tours) for visit in visits_in(tour)}
    return sum(held.get(visit) != van for van, tour in enumerate(task.given) for visit in visits_in(tour))


def keep_what_pays(objective: Objective, told: Tours, better: Tours) -> Tours:
    """Of every group of vans that exchange visits: the better tours where they save what changes cost.

    Parameters
    ----------
    told
        Feasible tours as close to the given plan as they can be, with what came since then put in.
    better
        Feasible tours of a search that perhaps did not know what drivers were told.
    """
    chosen = list(told)
    for vans in exchanging(told, better):
        candidate = list(chosen)
        for van in vans:
            candidate[van] = better[van]
        if _cost(objective, candidate) < _cost(objective, chosen):
            chosen = candidate
    return tuple(chosen)


def exchanging(told: Tours, better: Tours) -> Iterator[list[int]]:
    """Vans that differ, together with those that they exchange visits with."""
    leader = list(range(len(told)))

    def find(van: int) -> int:
        while leader[van] != van:
            leader[van] = leader[leader[van]]
            van = leader[van]
        return van

    before = _van_by_visit(told)
    for visit, van in _van_by_visit(better).items():
        leader[find(van)] = find(before.get(visit, van))
    groups: dict[int, list[int]] = {}
    for van in range(len(told)):
        if told[van] != better[van]:
            groups.setdefault(find(van), []).append(van)
    yield from groups.values()


def _cost(objective: Objective, tours: Sequence[tuple[int, ...]]) -> float:
    cost = objective.cost(tuple(tours))
    return float("inf") if cost is None else cost


def _van_by_visit(tours: Iterable[tuple[int, ...]]) -> dict[int, int]:
    return {visit: van for van, tour in enumerate(tours) for visit in visits_in(tour)}

"""The cheapest plan of a handful of visits, found by looking at all of them."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.task import Task, Tours


def cheapest_plan(task: Task) -> int:
    """Its cost in cost units; plans with reloads are not looked at."""
    objective = Objective(task)
    costs = (objective.cost(tours) for tours in _plans(len(task.visits), ((),) * len(task.vans)))
    return min(cost for cost in costs if cost is not None)


def _plans(visits: int, tours: Tours) -> Iterator[Tours]:
    """Each visit, from the last to the first, at every place or at none."""
    if visits == 0:
        yield tours
        return
    visit = visits - 1
    yield from _plans(visit, tours)
    for van, tour in enumerate(tours):
        for position in range(len(tour) + 1):
            longer = (*tour[:position], visit, *tour[position:])
            yield from _plans(visit, (*tours[:van], longer, *tours[van + 1 :]))

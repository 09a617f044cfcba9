"""A short search over a few routes: enough to mend what cheapest insertion left crooked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import monotonic

import numpy as np
import pyvrp
from pyvrp import SolveParams
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import NeighbourhoodParams

from doorstep.visit import PinnedPlace
from optimizer.routes.engine import Limits
from optimizer.routes.mending.neighbourhoods import Neighbourhood, anneal
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.task import Task, Tour, Tours, visits_in
from optimizer.routes.part_model.model import model_of

_NEIGHBOURS = 15
"""Of each visit: fewer than PyVRP takes by itself, since there are few milliseconds."""


def polished(task: Task, tours: Tours, vans: Sequence[int], *, budget_s: float, seed: int) -> Tours:
    """The tours, those of some vans made better together; the very same where nothing better is found.

    PyVRP searches, or, where a rule counts that it does not know, ruin and recreate. What was not left out
    before is not left out after it.
    """
    limits = Limits(monotonic() + budget_s)
    if _has_more_rules(task, tours, vans):
        objective = Objective(task)
        found = _with_every_rule(objective, tours, vans, limits, seed)
        return found if _is_better(objective, tours, found) else tours
    # Only what is searched is looked at: a day has a thousand visits, five routes have a hundred.
    visits = [number for van in vans for number in visits_in(tours[van])]
    small = part_of(task, visits, vans)
    begun = tuple(_renumbered(tours[van], {number: at for at, number in enumerate(visits)}) for van in vans)
    objective = Objective(small)
    found = _with_pyvrp(objective, begun, range(len(vans)), limits, seed)
    if not _is_better(objective, begun, found):
        return tours
    better = list(tours)
    for van, tour in zip(vans, found, strict=True):
        better[van] = _renumbered(tour, dict(enumerate(visits)))
    return tuple(better)


def part_of(task: Task, visits: Sequence[int], vans: Sequence[int]) -> Task:
    """The task of some vans and visits, on the same map; partners are among the visits."""
    chosen, numbers = np.ix_(visits, vans), {number: at for at, number in enumerate(visits)}
    doors = (task.visits[number] for number in visits)
    return replace(
        task,
        visits=tuple(
            door if door.partner is None else replace(door, partner=numbers[door.partner]) for door in doors
        ),
        vans=tuple(task.vans[van] for van in vans),
        may=task.may[chosen],
        is_outside=task.is_outside[chosen],
        skip_costs=tuple(task.skip_costs[number] for number in visits),
        given=tuple(tuple(numbers[n] for n in task.given[van] if n in numbers) for van in vans),
        frozen=tuple(sum(n in numbers for n in task.given[van][: task.frozen[van]]) for van in vans),
        van_numbers={},
        visit_numbers={},
    )


def _renumbered(tour: Tour, numbers: Mapping[int, int]) -> Tour:
    return tuple(number if number < 0 else numbers[number] for number in tour)


def _with_pyvrp(objective: Objective, tours: Tours, vans: Sequence[int], limits: Limits, seed: int) -> Tours:
    visits = [number for van in vans for number in visits_in(tours[van])]
    model = model_of(objective.task, tours, visits, vans)
    if model is None:
        return tours
    with warnings.catch_warnings():
        # Raised when the search dwells on solutions that break a rule; the best one is looked at either way.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = pyvrp.solve(
            model.data,
            lambda _: limits.is_over,
            seed=seed,
            collect_stats=False,
            display=False,
            params=SolveParams(neighbourhood=NeighbourhoodParams(num_neighbours=_NEIGHBOURS)),
            initial_solution=model.encode(tours),
        )
    if not result.best.is_feasible():
        return tours
    better: list[Tour] = list(tours)
    for van, tour in model.decode(result.best, tours).items():
        better[van] = tour
    return tuple(better)


def _with_every_rule(
    objective: Objective, tours: Tours, vans: Sequence[int], limits: Limits, seed: int
) -> Tours:
    if any(objective.of_van(van, tour) is None for van, tour in enumerate(tours)):
        return tours
    neighbourhood = Neighbourhood(objective, seed, frozenset(vans))
    return anneal(neighbourhood, neighbourhood.plan_of(tours), seed=seed, limits=limits).tours


def _has_more_rules(task: Task, tours: Tours, vans: Sequence[int]) -> bool:
    """Whether what PyVRP lacks counts on these routes."""
    has_own = any(task.vans[van].breaks or task.vans[van].is_lifo for van in vans)
    pinned = (PinnedPlace.FIRST, PinnedPlace.LAST)
    has_pins = any(
        task.visits[number].pinned_place in pinned for van in vans for number in visits_in(tours[van])
    )
    return bool(task.speeds or task.balance or has_own or has_pins)


def _is_better(objective: Objective, tours: Tours, found: Tours) -> bool:
    """Whether all rules are kept, nothing more is left out, and it costs less."""
    planned, now_planned = _planned(tours), _planned(found)
    if planned - now_planned:
        return False
    changed = [van for van, tour in enumerate(found) if tour != tours[van]]
    parts = [objective.of_van(van, found[van]) for van in changed]
    were = [objective.of_van(van, tours[van]) for van in changed]
    if not changed or any(part is None for part in parts):
        return False
    if any(part is None for part in were):
        return True
    if objective.task.balance is not None:
        return (objective.cost(found) or 0) < (objective.cost(tours) or 0)
    gained = sum(objective.left_out[number] for number in now_planned - planned)
    return sum(part.cost for part in parts if part) < sum(part.cost for part in were if part) + gained


def _planned(tours: Tours) -> set[int]:
    return {number for tour in tours for number in visits_in(tour)}

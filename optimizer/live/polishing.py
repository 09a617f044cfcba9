"""A short search over a few routes: enough to mend what cheapest insertion left crooked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from doorstep.visit import PinnedPlace
from optimizer.live.strolling import strolled
from optimizer.routes.engine import Limits
from optimizer.routes.mending.neighbourhoods import Neighbourhood, anneal
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.stability import keep_what_pays
from optimizer.routes.numbered.task import Task, Tour, Tours, visits_in

_WALKS = 2
"""As many as there are processors to count on."""

_FREELY = 0.5
"""Share of the time for a walk without the rules that PyVRP does not know."""

_TOURS_A_RUIN = 50
"""How many tours get times between two looks at the clock of ruin and recreate, about."""

POLISHED_VANS = 8
"""How many routes are polished together at most."""

POLISHED_STOPS = 200
"""How many stops they have together, about: with more of them 50 ms go into making ready for the search."""


def vans_around(
    task: Task,
    tours: Tours,
    number: int,
    *,
    most_vans: int = POLISHED_VANS,
    most_stops: int = POLISHED_STOPS,
) -> list[int]:
    """Vans whose routes come nearest to a visit, its own first: as many as are polished well together.

    Parameters
    ----------
    most_stops
        Of all these routes, but for the first of them.
    """
    van_of = {visit: van for van, tour in enumerate(tours) for visit in visits_in(tour)}
    here, doors = task.visits[number].place, np.array([door.place for door in task.visits])
    ways_m = task.metres_table[here, doors] + task.metres_table[doors, here]
    vans: list[int] = []
    stops = 0
    for other in (number, *np.argsort(ways_m, kind="stable").tolist()):
        van = van_of.get(other)
        if van is None or van in vans:
            continue
        stops += len(tours[van])
        if vans and (stops > most_stops or len(vans) == most_vans):
            break
        vans.append(van)
    return vans


def polished(task: Task, tours: Tours, vans: Sequence[int], *, budget_s: float, seed: int) -> Tours:
    """The tours, those of some vans made better together; the very same where nothing better is found.

    PyVRP searches, and, where a rule counts that it does not know, ruin and recreate after it. What was not
    left out before is not left out after it.
    """
    if not vans:
        return tours
    limits = Limits(monotonic() + budget_s)
    if task.balance is not None:
        # What is even depends on all vans.
        return _with_every_rule(task, tours, vans, limits, seed)
    part = Part.of(task, tours, vans)
    after = list(tours)
    for van, tour in zip(vans, searched(part, limits, seed), strict=True):
        after[van] = _renumbered(tour, dict(enumerate(part.visits)))
    return tuple(after)


@dataclass(frozen=True, slots=True)
class Part:
    """Some vans of a day as a task of their own: a day has a thousand visits, five routes have a hundred.

    Attributes
    ----------
    tours
        By van of the part; every visit of it is on one.
    visits
        Number in the day of each visit.
    """

    task: Task
    tours: Tours
    visits: tuple[int, ...]

    @classmethod
    def of(cls, task: Task, tours: Tours, vans: Sequence[int]) -> Part:
        """These vans with all visits that are on their tours."""
        visits = tuple(number for van in vans for number in visits_in(tours[van]))
        small = part_of(task, visits, vans)
        # What has a place keeps one, whatever leaving it out would cost.
        doors = tuple(
            replace(d, skip_cost_minor=None) if d.skip_cost_minor is not None else d for d in small.visits
        )
        numbers = {number: at for at, number in enumerate(visits)}
        begun = tuple(_renumbered(tours[van], numbers) for van in vans)
        return cls(replace(small, visits=doors), begun, visits)


def searched(part: Part, limits: Limits, seed: int) -> Tours:
    """The part's tours until the limits end: better, or the same. How evenly vans share is not looked at."""
    if _has_more_rules(part.task, part.tours, range(len(part.tours))):
        return _under_more_rules(part, limits, seed)
    return _walked(part, limits, seed)


def _walked(part: Part, limits: Limits, seed: int) -> Tours:
    """Its tours, better or the same.

    A walk does not know what a change costs of what drivers were told. Half of the time it goes where it
    likes, and what does not pay is left; then only those visits move that nobody was told of.
    """
    task, tours, objective = part.task, part.tours, Objective(part.task)
    is_told = bool(task.move_cost) and not task.keeps_all
    found = strolled(task, tours, limits.share(0.5) if is_told else limits, seed, _WALKS)
    both = [*enumerate(tours), *enumerate(found)]
    if is_told and all(objective.of_van(van, tour) is not None for van, tour in both):
        found = keep_what_pays(objective, tours, found)
    if is_better(objective, tours, found):
        tours = found
    if is_told:
        found = strolled(_as_told(task, tours), tours, limits, seed, _WALKS)
        tours = found if is_better(objective, tours, found) else tours
    return tours


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


def _as_told(task: Task, tours: Tours) -> Task:
    """The same, where what drivers were told of stays with its van: only the rest may move."""
    may, told = task.may.copy(), {number for tour in task.given for number in tour}
    for van, tour in enumerate(tours):
        others = np.arange(may.shape[1]) != van
        may[np.ix_([number for number in visits_in(tour) if number in told], others)] = False
    return replace(task, may=may)


def _renumbered(tour: Tour, numbers: Mapping[int, int]) -> Tour:
    return tuple(number if number < 0 else numbers[number] for number in tour)


def _under_more_rules(part: Part, limits: Limits, seed: int) -> Tours:
    """Its tours, better or the same, where rules count that PyVRP does not know.

    A tour with a break takes milliseconds to put times to: in so short a time ruin and recreate hardly
    begins. So a walk goes first as if those rules were not there; what keeps them of all it finds is kept.
    """
    objective, tours, began_s = Objective(part.task), part.tours, monotonic()
    if any(objective.of_van(van, tour) is None for van, tour in enumerate(tours)):
        return tours
    tour_s = (monotonic() - began_s) / max(1, len(tours))
    freely = replace(part.task, vans=tuple(replace(van, breaks=(), is_lifo=False) for van in part.task.vans))
    walked = strolled(freely, tours, limits.share(_FREELY), seed, _WALKS)
    if _planned(walked) == _planned(tours):
        tours = keep_what_pays(objective, tours, walked)
    if limits.left_s < _TOURS_A_RUIN * tour_s:
        return tours
    neighbourhood = Neighbourhood(objective, seed)
    found = anneal(neighbourhood, neighbourhood.plan_of(tours), seed=seed, limits=limits).tours
    return found if is_better(objective, tours, found) else tours


def _with_every_rule(task: Task, tours: Tours, vans: Sequence[int], limits: Limits, seed: int) -> Tours:
    """By ruin and recreate, better or the same; the same where a tour of the task breaks a rule."""
    objective = Objective(task)
    if any(objective.of_van(van, tour) is None for van, tour in enumerate(tours)):
        return tours
    neighbourhood = Neighbourhood(objective, seed, frozenset(vans))
    found = anneal(neighbourhood, neighbourhood.plan_of(tours), seed=seed, limits=limits).tours
    return found if is_better(objective, tours, found) else tours


def _has_more_rules(task: Task, tours: Tours, vans: Sequence[int]) -> bool:
    """Whether what PyVRP lacks counts on these routes."""
    has_own = any(task.vans[van].breaks or task.vans[van].is_lifo for van in vans)
    pinned = (PinnedPlace.FIRST, PinnedPlace.LAST)
    has_pins = any(
        task.visits[number].pinned_place in pinned for van in vans for number in visits_in(tours[van])
    )
    return bool(task.speeds or task.balance or has_own or has_pins)


def is_better(objective: Objective, tours: Tours, found: Tours) -> bool:
    """Whether all rules are kept, nothing more is left out, and it costs less."""
    planned, now_planned = _planned(tours), _planned(found)
    if planned - now_planned:
        return False
    changed = _changed(tours, found)
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


def _changed(tours: Tours, found: Tours) -> list[int]:
    return [van for van, tour in enumerate(found) if tour != tours[van]]


def _planned(tours: Tours) -> set[int]:
    return {number for tour in tours for number in visits_in(tour)}

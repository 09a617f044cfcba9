"""From tours of an engine that does not know every rule to tours that keep them, with the least left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.task import Task, Tour, Tours, is_reload, last_reloads_only, visits_in

Unit = tuple[int, ...]
"""What is put in or left out together: a visit, or a pick-up and its drop-off."""


def unit_of(task: Task, visit: int) -> Unit:
    """A visit with its partner, the pick-up first."""
    partner = task.visits[visit].partner
    if partner is None:
        return (visit,)
    return (visit, partner) if task.visits[visit].kind is VisitKind.PICKUP else (partner, visit)


def kept_to_rules(objective: Objective, tours: Tours) -> Tours:
    """The same tours without what they cannot hold: where a rule is broken, the cheapest to leave out goes.

    What drivers begin with comes first, and what is pinned to a place goes there.
    """
    held = [objective.held(van) for van in range(len(tours))]
    frozen = {visit for visits in held for visit in visits}
    repaired = []
    for van, tour in enumerate(tours):
        rest = [entry for entry in tour if is_reload(entry) or entry not in frozen]
        allowed = _allowed(objective.task, van, rest, held[van])
        arranged = _pinned(objective.task, (*held[van], *allowed))
        repaired.append(_drivable(objective, van, without_idle_reloads(objective.task, van, arranged)))
    return tuple(repaired)


def without_idle_reloads(task: Task, van: int, tour: Sequence[int]) -> Tour:
    """A tour without reloads that nothing follows, or that follow each other.

    Only a van that is under way reloads before its first visit: the others leave a depot.
    """
    kept = last_reloads_only(tour)
    starts_idle = bool(kept) and is_reload(kept[0]) and not task.vans[van].is_under_way
    return tuple(kept[1:] if starts_idle else kept)


def without_unit(task: Task, van: int, tour: Tour, unit: Iterable[int]) -> Tour:
    """A tour without some visits, and without reloads that are idle then."""
    gone = set(unit)
    return without_idle_reloads(task, van, [entry for entry in tour if entry not in gone])


def _allowed(task: Task, van: int, tour: Sequence[int], held: Sequence[int]) -> list[int]:
    """Without what the van may not make, and without halves of pairs; the other half may be held."""
    here = {entry for entry in (*visits_in(tour), *held) if task.may[entry, van]}
    whole = {visit for visit in here if here.issuperset(unit_of(task, visit))}
    return [entry for entry in tour if is_reload(entry) or entry in whole]


def _pinned(task: Task, tour: Sequence[int]) -> list[int]:
    order = {PinnedPlace.FIRST: -1, None: 0, PinnedPlace.LAST: 1}
    return sorted(tour, key=lambda entry: 0 if is_reload(entry) else order[task.visits[entry].pinned_place])


def _drivable(objective: Objective, van: int, tour: Tour) -> Tour:
    """Leave out one visit where that is enough, else put the tour together again as far as it goes."""
    if objective.of_van(van, tour) is not None:
        return tour
    units = _units(objective.task, tour)
    held = set(objective.held(van))
    best: tuple[int, Tour] | None = None
    for unit in units:
        shorter = without_unit(objective.task, van, tour, unit)
        part = objective.of_van(van, shorter)
        if part is not None and not held.intersection(unit):
            cost = part.cost + sum(objective.left_out[visit] for visit in unit)
            best = min(best, (cost, shorter)) if best is not None else (cost, shorter)
    return best[1] if best is not None else _together_again(objective, van, tour, units)


def _together_again(objective: Objective, van: int, tour: Tour, units: Sequence[Unit]) -> Tour:
    """What is held first, then the dearest to leave out first; each stays where it still can be driven."""
    task, held = objective.task, objective.held(van)
    kept: set[int] = set()
    best: Tour = ()
    rank = {visit: place for place, visit in enumerate(held)}

    def weight(unit: Unit) -> tuple[int, int]:
        return (
            rank.get(unit[0], len(held)),
            -sum(objective.left_out[visit] for visit in unit),
        )

    for unit in sorted(units, key=weight):
        wanted = kept.union(unit)
        longer = without_idle_reloads(
            task, van, [entry for entry in tour if is_reload(entry) or entry in wanted]
        )
        if objective.of_van(van, longer) is not None:
            kept, best = wanted, longer
    return best


def _units(task: Task, tour: Tour) -> list[Unit]:
    """Each once, in the order of their first visits."""
    return list(dict.fromkeys(unit_of(task, visit) for visit in visits_in(tour)))

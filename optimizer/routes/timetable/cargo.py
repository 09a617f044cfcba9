"""What is on board along a tour, and whether its visits may be made by this van in this order.

A tour is cut into trips where the van reloads. Goods from a depot are on board from the beginning of their
trip; collected ones until the van is at the depot that wants them; those of a pair from door to door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from doorstep.route_solution import ViolationKind
from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.numbered.task import RELOAD, Task, TaskVan, visits_in
from optimizer.routes.timetable.faults import Fault

Peaks = tuple[int, ...]
"""The most that is on board at once, by dimension."""


def peak_loads(task: Task, van: int, tour: Sequence[int]) -> Peaks:
    """The most that is on board at once, by dimension."""
    visits = task.visits
    if all(number >= 0 and visits[number].is_from_depot for number in tour):
        return tuple(map(sum, zip(*(visits[number].loads for number in tour), strict=True)))
    peaks = [0] * len(task.dimensions)
    for loads in _moments(task, van, tour):
        for dimension, load in enumerate(loads):
            peaks[dimension] = max(peaks[dimension], load)
    return tuple(peaks)


def overloads(van: TaskVan, peaks: Peaks) -> Iterator[Fault]:
    """Loads above what the van takes."""
    for dimension, (peak, limit) in enumerate(zip(peaks, van.capacity, strict=True)):
        if peak > limit:
            yield Fault(ViolationKind.OVER_CAPACITY, by=peak - limit, dimension=dimension)


def misplaced(task: Task, van: int, tour: Sequence[int]) -> Iterator[Fault]:
    """Visits that the van may not make, or not at their place of the tour."""
    limits = task.vans[van]
    may = task.may
    has_pairs = has_pins = has_other_depots = False
    stops = 0
    for position, number in enumerate(tour):
        if number < 0:
            continue
        stops += 1
        visit = task.visits[number]
        if not may[number, van]:
            yield Fault(ViolationKind.WRONG_VEHICLE, position)
        has_pairs |= visit.partner is not None
        has_pins |= visit.pinned_place is not None
        has_other_depots |= visit.depot_id not in ("", limits.depot_id)
    if stops > limits.max_stops:
        yield Fault(ViolationKind.TOO_MANY_STOPS, by=stops - limits.max_stops)
    if has_pairs:
        yield from _broken_pairs(task, limits, tour)
    if has_pins:
        yield from _broken_pins(task, tour)
    if len(tour) != stops or has_other_depots or limits.is_under_way:
        yield from _wrong_depots(task, van, tour)


def _moments(task: Task, van: int, tour: Sequence[int]) -> Iterator[list[int]]:
    """Loads on leaving the start, each door and each depot."""
    known = on_board(task, van)
    brought = _brought_by_trip(task, tour, known)
    loads = brought.pop(0)
    for number in tour:
        if number in known:
            loads = _plus(loads, task.visits[number].loads)
    yield loads
    collected: list[int] = []
    for number in tour:
        if number >= 0:
            visit = task.visits[number]
            sign = -1 if visit.kind is VisitKind.DELIVERY else 1
            loads = _plus(loads, visit.loads, sign)
            if visit.kind is VisitKind.COLLECTION:
                collected.append(number)
        else:
            depot_id = task.vans[van].reload_ids[RELOAD - number]
            handed_in = [one for one in collected if task.visits[one].depot_id in ("", depot_id)]
            collected = [one for one in collected if one not in handed_in]
            for one in handed_in:
                loads = _plus(loads, task.visits[one].loads, -1)
            loads = _plus(loads, brought.pop(0))
        yield loads


def on_board(task: Task, van: int) -> frozenset[int]:
    """Visits whose goods lie in a van that is under way since it left its depot."""
    if not task.vans[van].is_under_way or not task.given:
        return frozenset()
    return frozenset(number for number in task.given[van] if task.visits[number].is_from_depot)


def _brought_by_trip(task: Task, tour: Sequence[int], known: frozenset[int]) -> list[list[int]]:
    """What is loaded at the start and at each reload."""
    trips = [[0] * len(task.dimensions)]
    for number in tour:
        if number < 0:
            trips.append([0] * len(task.dimensions))
        elif task.visits[number].is_from_depot and number not in known:
            trips[-1] = _plus(trips[-1], task.visits[number].loads)
    return trips


def _plus(loads: Sequence[int], more: Sequence[int], sign: int = 1) -> list[int]:
    return [load + sign * other for load, other in zip(loads, more, strict=True)]


def _broken_pairs(task: Task, van: TaskVan, tour: Sequence[int]) -> Iterator[Fault]:
    """Drop-offs without or before their pick-up, and goods that lie behind others where that matters."""
    at = {number: position for position, number in enumerate(tour)}
    stack: list[int] = []
    for position, number in enumerate(tour):
        partner = task.visits[number].partner if number >= 0 else None
        if partner is None:
            continue
        if partner not in at:
            yield Fault(ViolationKind.BROKEN_ORDER, position)
        elif task.visits[number].kind is VisitKind.PICKUP:
            stack.append(number)
        elif partner not in stack:
            yield Fault(ViolationKind.BROKEN_ORDER, position)
        else:
            if van.is_lifo and stack[-1] != partner:
                yield Fault(ViolationKind.BROKEN_ORDER, position)
            stack.remove(partner)


def _broken_pins(task: Task, tour: Sequence[int]) -> Iterator[Fault]:
    visits = visits_in(tour)
    ends = {PinnedPlace.FIRST: visits[0], PinnedPlace.LAST: visits[-1]}
    for position, number in enumerate(tour):
        place = task.visits[number].pinned_place if number >= 0 else None
        if place is not None and ends[place] != number:
            yield Fault(ViolationKind.LOCKED, position)


def _wrong_depots(task: Task, van: int, tour: Sequence[int]) -> Iterator[Fault]:
    """Reloads that are not allowed, and goods that do not lie where their trip begins or go where it ends."""
    limits = task.vans[van]
    reloads = [position for position, number in enumerate(tour) if number < 0]
    if len(reloads) > limits.most_reloads:
        yield Fault(ViolationKind.OTHER, reloads[limits.most_reloads], len(reloads) - limits.most_reloads)
    ids = [limits.reload_ids[RELOAD - tour[position]] for position in reloads]
    known = on_board(task, van)
    trip = 0
    for position, number in enumerate(tour):
        if number < 0:
            trip += 1
            continue
        visit = task.visits[number]
        if visit.is_from_depot and number not in known:
            if trip == 0 and limits.is_under_way:
                yield Fault(ViolationKind.NOT_READY, position)
            elif visit.depot_id not in ("", ids[trip - 1] if trip else limits.depot_id):
                yield Fault(ViolationKind.WRONG_DEPOT, position)
        elif visit.kind is VisitKind.COLLECTION and visit.depot_id not in ("", limits.depot_id, *ids[trip:]):
            yield Fault(ViolationKind.WRONG_DEPOT, position)

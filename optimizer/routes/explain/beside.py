"""What the nearest vans lack beside the stops they have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import UnassignedReason, ViolationKind
from doorstep.visit import PinnedPlace
from optimizer.routes.explain.alone import tours_alone
from optimizer.routes.explain.lacks import Lack, lack_of
from optimizer.routes.explain.permission import of_whom, unit_of
from optimizer.routes.explain.wording import distance, load, span, taken
from optimizer.routes.numbered.task import NOWHERE, RELOAD, Task, Tour, Tours

NEAREST_VANS = 3
"""How many vans a dispatcher is told about when a visit competes with others."""

_NEAREST_GAPS = 8
"""How many gaps of each tour are tried, those with the smallest detour."""


def reasons_beside(
    problem: RouteProblem, task: Task, tours: Tours, number: int, vans: Sequence[int]
) -> tuple[UnassignedReason, ...]:
    """Of the nearest of the vans that could make it on an empty day."""
    nearest = sorted(vans, key=lambda van: (_way_to(task, van, tours[van], number), van))[:NEAREST_VANS]
    return tuple(_reason(problem, task, van, tours[van], number) for van in nearest)


def _reason(problem: RouteProblem, task: Task, van: int, tour: Tour, number: int) -> UnassignedReason:
    lacks = [lack for longer in _tries(task, van, tour, number) if (lack := lack_of(task, van, longer))]
    van_id = problem.vans[van].id
    lack = min(lacks, key=lambda one: one.rank, default=Lack(ViolationKind.LOCKED, 0))
    return UnassignedReason(lack.code, _text(task, van, number, lack), van_id, lack.short_by_s)


def _way_to(task: Task, van: int, tour: Tour, number: int) -> int:
    """Seconds from the nearest place that the van comes by."""
    here = task.visits[number].place
    places = [place for place in _places(task, van, tour) if place != NOWHERE]
    return min((task.seconds[place][here] for place in places), default=0)


def _places(task: Task, van: int, tour: Tour) -> list[int]:
    limits = task.vans[van]
    inner = [
        limits.reload_places[RELOAD - entry] if entry < 0 else task.visits[entry].place for entry in tour
    ]
    return [limits.start, *inner, limits.end]


def _tries(task: Task, van: int, tour: Tour, number: int) -> Iterator[Tour]:
    """The visit in the gaps with the smallest detours; on a trip of its own where one is needed."""
    unit = unit_of(task, number)
    places, here = _places(task, van, tour), task.visits[number].place
    held = task.frozen[van] if task.frozen else 0
    first = sum(1 for entry in tour if entry in task.given[van][:held]) if held else 0

    def detour(gap: int) -> int:
        a, b = places[gap], places[gap + 1]
        to_s = 0 if a == NOWHERE else task.seconds[a][here]
        from_s = 0 if b == NOWHERE else task.seconds[here][b]
        return to_s + from_s - (0 if NOWHERE in (a, b) else task.seconds[a][b])

    gaps = sorted(range(first, len(tour) + 1), key=lambda gap: (detour(gap), gap))[:_NEAREST_GAPS]
    match task.visits[number].pinned_place:
        case PinnedPlace.FIRST:
            gaps = [0]
        case PinnedPlace.LAST:
            gaps = [len(tour)]
    for gap in gaps:
        yield (*tour[:gap], *unit, *tour[gap:])
    yield from ((*tour, *alone) for alone in tours_alone(task, van, number) if alone != unit)


def _text(task: Task, van: int, number: int, lack: Lack) -> str:
    limits = task.vans[van]
    match lack.kind:
        case ViolationKind.OVER_CAPACITY:
            text = f"The van is full: {_left(task, number, lack)}"
        case ViolationKind.TOO_MANY_STOPS:
            text = f"The van is full: it may make {limits.max_stops} stops."
        case ViolationKind.OVER_SHIFT:
            hours = "overtime" if limits.overtime_s else "shift"
            text = f"With it, the van would be home {span(lack.by)} after its {hours} ends."
        case ViolationKind.TOO_LONG if lack.is_way:
            text = f"With it, the van would drive {distance(lack.by)} more than it may."
        case ViolationKind.TOO_LONG:
            text = f"With it, the van would be out {span(lack.by)} longer than it may."
        case ViolationKind.NO_ROAD:
            text = "No road joins it and the other stops of the van."
        case ViolationKind.LATE if lack.number in unit_of(task, number):
            late = f"{span(lack.by)} after the window{of_whom(task, lack.number, number)} closes"
            text = f"Beside its other stops, the van could be there {late}."
        case ViolationKind.LATE:
            text = f"With it, the van would come {span(lack.by)} too late to another stop."
        case ViolationKind.WRONG_DEPOT | ViolationKind.NOT_READY:
            text = "The van comes by no depot for it in time."
        case ViolationKind.MISSED_BREAK:
            text = "With it, the driver would find no time for the break."
        case ViolationKind.LOCKED:
            text = "Its place of the tour is taken by a visit that is pinned or frozen there."
        case _:
            text = "It does not fit in beside the van's other stops."
    return text


def _left(task: Task, number: int, lack: Lack) -> str:
    dimension = lack.dimension or 0
    name, amount = task.dimensions[dimension], task.visits[number].loads[dimension]
    free = max(0, amount - lack.by)
    return f"{load(name, free)} are free, this {taken(name, amount)}."

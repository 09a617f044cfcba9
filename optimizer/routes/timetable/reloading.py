"""Where a van reloads on a tour of which only the visits are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.routes.numbered.task import RELOAD, Task, Tour
from optimizer.routes.timetable.cargo import misplaced, overloads, peak_loads
from optimizer.routes.timetable.schedule import Misfit, timetable


def with_reloads(task: Task, van: int, visits: Sequence[int]) -> Tour:
    """The tour with the reloads that its goods need, where they cost least.

    One reload after the other, each as late as possible but the last; a tour that no reload mends comes back
    as it is.
    """
    tour = tuple(visits)
    limits = task.vans[van]
    if not tour or not limits.reload_places or _holds(task, van, tour):
        return tour
    first = 0
    for _ in range(limits.most_reloads):
        tries = list(_tries(task, van, tour, first))
        whole = [tried for tried in tries if _holds(task, van, tried)]
        if whole:
            return min(whole, key=lambda tried: _cost(task, van, tried))
        begun = [
            position
            for position in range(first, len(tour))
            if any(_holds(task, van, tried[: position + 1]) for tried in tries if tried[position] < 0)
        ]
        if not begun:
            return tuple(visits)
        at = begun[-1]
        tour = next(tried for tried in tries if tried[at] < 0 and _holds(task, van, tried[: at + 1]))
        first = at + 1
    return tuple(visits)


def _tries(task: Task, van: int, tour: Tour, first: int) -> Iterator[Tour]:
    for position in range(first, len(tour)):
        for place in range(len(task.vans[van].reload_places)):
            yield (*tour[:position], RELOAD - place, *tour[position:])


def _holds(task: Task, van: int, tour: Tour) -> bool:
    """Whether its goods are on board when they are needed, and are not too many."""
    is_too_much = next(overloads(task.vans[van], peak_loads(task, van, tour)), None) is not None
    return not is_too_much and next(misplaced(task, van, tour), None) is None


def _cost(task: Task, van: int, tour: Tour) -> tuple[bool, int]:
    times = timetable(task, van, tour)
    return (True, len(tour)) if isinstance(times, Misfit) else (False, times.cost)

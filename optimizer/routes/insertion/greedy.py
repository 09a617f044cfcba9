"""The first plan, and the floor under every other engine: joined tours, then cheapest insertion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import replace

from optimizer.routes.insertion.savings import rows_by_saving
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.task import NOWHERE, Task, TaskVan, Tour, Tours, visits_in
from optimizer.routes.timetable.schedule import Misfit, timetable

_MIXED = 0.05
"""Share of visits with little time, or with much, from which on the two are told apart."""

_SHORT_SHARE = 0.6
"""Rows with less than this share of the average visits are taken apart again."""


def empty_tours(task: Task) -> Tours:
    """Nobody drives anywhere."""
    return ((),) * len(task.vans)


def insert(
    task: Task,
    tours: Tours,
    visits: Iterable[int],
    is_over: Callable[[], bool] = lambda: False,
) -> Tours:
    """Put each visit, in the order given, where it costs least; one that fits nowhere is left out.

    So is one that costs more than leaving it out. Visits that are in the tours are passed over. Where nobody
    drives yet, vans that are alike get rows of visits first, joined by what that saves; short ones are taken
    apart again. What rows do not know (pairs, pinned places, visits that may be skipped) is put in after
    them, and so are visits with much time, where others have little: they fit into the gaps.

    Parameters
    ----------
    tours
        Feasible ones to begin with; what is in them stays in its order.
    is_over
        Asked before each visit; the rest is left out once it says yes.
    """
    order = list(visits)
    if any(tours):
        return _filled(task, tours, order, is_over)
    found = _filled(task, _in_rows(task, set(order), is_over), order, is_over)
    if _is_outranked(task, found, order) and not is_over():
        return _filled(task, tours, order, is_over)
    return found


def _filled(task: Task, tours: Tours, order: Iterable[int], is_over: Callable[[], bool]) -> Tours:
    slack = Slack(task, tours)
    for visit in order:
        if is_over():
            break
        if slack.van_of(visit) is not None:
            continue
        place = slack.cheapest(visit)
        if place is not None and place.cost < _skip_cost(task, visit):
            slack.put(place)
    return slack.tours


def _is_outranked(task: Task, tours: Tours, wanted: Iterable[int]) -> bool:
    """Whether something is left out that has a higher priority than something that is not."""
    planned = {number for tour in tours for number in visits_in(tour)}
    lowest = min((task.visits[number].priority for number in planned), default=0)
    return any(task.visits[number].priority > lowest for number in wanted if number not in planned)


def hardest_first(task: Task) -> list[int]:
    """Visits in the order in which greedy insertion takes them.

    The higher priorities first; then far before near, and the earlier closing windows: they leave the least
    choice.
    """
    starts = {van.depot_id: van.start for van in reversed(task.vans) if van.start != NOWHERE}

    def hardness(number: int) -> tuple[int, int, int, int]:
        visit = task.visits[number]
        start = starts.get(visit.depot_id)
        drive_s = 0 if start is None else task.seconds[start][visit.place]
        return (-visit.priority, -drive_s, visit.windows[-1][1], number)

    return sorted(range(len(task.visits)), key=hardness)


def _skip_cost(task: Task, visit: int) -> int:
    partner = task.visits[visit].partner
    return task.skip_costs[visit] + (0 if partner is None else task.skip_costs[partner])


def _in_rows(task: Task, wanted: Set[int], is_over: Callable[[], bool]) -> Tours:
    """Tours of vans that are empty, each a row."""
    tours = list(empty_tours(task))
    for vans, visits in _shares(task, wanted):
        limits = task.vans[vans[0]]
        rests_s = sum(rest.duration_s for rest in limits.breaks)
        limits = replace(limits, shift_end_s=limits.shift_end_s - rests_s)
        rows = rows_by_saving(task, limits, _with_little_time(task, limits, visits), is_over)
        for van, row in _assigned(task, vans, rows):
            tours[van] = row
    return tuple(tours)


def _shares(task: Task, wanted: Set[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Vans that are alike, and the visits that they can have; the larger vans first, no visit twice."""
    kinds: dict[TaskVan, list[int]] = defaultdict(list)
    for number, van in enumerate(task.vans):
        if NOWHERE not in (van.start, van.end) and not van.is_under_way:
            kinds[van].append(number)
    taken: set[int] = set()
    for van, vans in sorted(kinds.items(), key=lambda kind: (-len(kind[1]), kind[1])):
        may = task.may[:, vans].all(axis=1) & ~task.is_outside[:, vans].any(axis=1)
        visits = [
            number
            for number in may.nonzero()[0].tolist()
            if number in wanted and number not in taken and _goes_in_a_row(task, van, number)
        ]
        taken.update(visits)
        yield vans, visits


def _goes_in_a_row(task: Task, van: TaskVan, number: int) -> bool:
    visit = task.visits[number]
    is_plain = visit.partner is None and visit.pinned_place is None and visit.skip_cost_minor is None
    return is_plain and visit.depot_id in ("", van.depot_id)


def _with_little_time(task: Task, van: TaskVan, visits: Sequence[int]) -> list[int]:
    """Those with windows of less than half the shift; all where nearly all or nearly none are like that."""
    begins_s, ends_s = van.shift_start_s, van.shift_end_s

    def open_s(number: int) -> int:
        windows = task.visits[number].windows
        return max(min(last, ends_s) - max(first, begins_s) for first, last in windows)

    few = [number for number in visits if 2 * open_s(number) < ends_s - begins_s]
    return few if _MIXED <= len(few) / max(1, len(visits)) <= 1 - _MIXED else list(visits)


def _assigned(task: Task, vans: Sequence[int], rows: Sequence[Tour]) -> Iterator[tuple[int, Tour]]:
    """A row for each van, the most urgent and longest first; no short ones, and none that breaks a rule."""
    if not rows:
        return
    left, least = list(vans), _SHORT_SHARE * sum(map(len, rows)) / len(rows)

    def rank(row: Tour) -> tuple[int, int, Tour]:
        return (-max(task.visits[number].priority for number in row), -len(row), row)

    for row in sorted((row for row in rows if len(row) >= least), key=rank):
        if left and not isinstance(timetable(task, left[0], row), Misfit):
            yield left.pop(0), row

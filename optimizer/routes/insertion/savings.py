"""Tours for empty vans by joining the ends of shorter ones, the best saving first.

After Clarke and Wright (1964), "Scheduling of Vehicles from a Central Depot to a Number of Delivery Points",
with stretches for the windows: whether two tours can be joined takes the same time however long they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.routes.insertion.stretches import Stretch, joined
from optimizer.routes.numbered.task import UNBOUNDED, Task, TaskVan, Tour

_NEAREST = 60
"""Of how many followers each visit is tried with."""

_WAIT_SHARE = 0.15
"""What a second of waiting between two visits costs at least, as a share of what a second of driving does.

A van that waits does nothing else: without it, tours get short and many.
"""

_CHECKED_EVERY = 1000


@dataclass(frozen=True, slots=True)
class _Row:
    """Visits one after the other.

    Attributes
    ----------
    stretch
        From being ready to serve the first one to leaving the last one.
    ready_s
        When all its goods are at the depot.
    waits_s
        How long a van waits at least where its two parts meet.
    """

    visits: Tour
    stretch: Stretch
    loads: tuple[int, ...]
    ready_s: int
    waits_s: int = 0


def rows_by_saving(
    task: Task, van: TaskVan, visits: Sequence[int], is_over: Callable[[], bool] = lambda: False
) -> list[Tour]:
    """The visits in rows, each of which such a van can drive; those that it cannot make alone are left out.

    A visit is made in the widest of its windows, without lateness; deliveries and collections share the room.
    The visits belong to no pair and have no place of their own in a tour; the van has a start and an end.
    """
    rows = {number: row for number in visits if _fits(task, van, row := _alone(task, number))}
    begins_with, ends_with = dict(rows), dict(rows)
    per_wait = _per_wait(task, van)
    for tried, (tail, head, saving) in enumerate(_links(task, van, list(rows), per_wait)):
        if tried % _CHECKED_EVERY == 0 and is_over():
            break
        before, after = ends_with.get(tail), begins_with.get(head)
        if before is None or after is None or before is after:
            continue
        both = _in_a_row(task, van, before, after)
        if both is None or both.waits_s * per_wait >= saving:
            continue
        del ends_with[tail], begins_with[head]
        begins_with[both.visits[0]] = ends_with[both.visits[-1]] = both
    return [row.visits for row in begins_with.values()]


def _alone(task: Task, number: int) -> _Row:
    visit = task.visits[number]
    first, last = max(visit.windows, key=_width)
    return _Row((number,), (visit.service_s, first, last), visit.loads, visit.ready_s)


def _in_a_row(task: Task, van: TaskVan, before: _Row, after: _Row) -> _Row | None:
    loads = tuple(map(sum, zip(before.loads, after.loads, strict=True)))
    if any(load > limit for load, limit in zip(loads, van.capacity, strict=True)):
        return None
    drive_s = _drive_s(task, before.visits[-1], after.visits[0])
    stretch = joined(before.stretch, drive_s, after.stretch)
    if stretch is None:
        return None
    waits_s = stretch[0] - before.stretch[0] - after.stretch[0] - drive_s
    ready_s = max(before.ready_s, after.ready_s)
    both = _Row(before.visits + after.visits, stretch, loads, ready_s, waits_s)
    return both if _fits(task, van, both) else None


def _fits(task: Task, van: TaskVan, row: _Row) -> bool:
    """Whether a van can drive it from its start to its end, within its shift and stops."""
    first, last = task.visits[row.visits[0]].place, task.visits[row.visits[-1]].place
    starts = (0, max(van.shift_start_s, row.ready_s), UNBOUNDED)
    out = joined(starts, task.seconds[van.start][first] + task.setup_s[first], row.stretch)
    whole = out and joined(out, task.seconds[last][van.end], (0, 0, van.shift_end_s))
    return whole is not None and whole[0] <= van.max_seconds and len(row.visits) <= van.max_stops


def _drive_s(task: Task, tail: int, head: int) -> int:
    origin, destination = task.visits[tail].place, task.visits[head].place
    set_up_s = task.setup_s[destination] if task.sites[origin] != task.sites[destination] else 0
    return task.seconds[origin][destination] + set_up_s


def _links(
    task: Task, van: TaskVan, visits: Sequence[int], per_wait: float
) -> Iterator[tuple[int, int, float]]:
    """(visit, the one after it, what that saves without the waiting), the greatest saving first."""
    numbers = np.array(visits, dtype=np.intp)
    places = np.array([task.visits[number].place for number in visits], dtype=np.intp)
    spans = [max(task.visits[number].windows, key=_width) for number in visits]
    firsts, lasts = np.array(spans, dtype=np.int64).reshape(-1, 2).T
    service_s = np.array([task.visits[number].service_s for number in visits], dtype=np.int64)
    seconds, metres = task.seconds_table, task.metres_table
    drives_s = seconds[np.ix_(places, places)]
    soonest_s = np.maximum(firsts, van.shift_start_s + seconds[van.start, places]) + service_s
    waits_s = np.maximum(firsts[None, :] - (lasts + service_s)[:, None] - drives_s, 0)
    per_second = float(van.cost_per_second)
    cost = drives_s * per_second + waits_s * per_wait
    cost += metres[np.ix_(places, places)] * float(van.cost_per_metre)
    cost[soonest_s[:, None] + drives_s > lasts[None, :]] = np.inf
    np.fill_diagonal(cost, np.inf)
    few = min(_NEAREST, len(visits))
    heads = np.argpartition(cost, few - 1, axis=1)[:, :few].ravel()
    tails = np.repeat(np.arange(len(visits)), few)
    home = metres[places, van.end] * float(van.cost_per_metre) + seconds[places, van.end] * per_second
    out = metres[van.start, places] * float(van.cost_per_metre) + seconds[van.start, places] * per_second
    saving = home[tails] + out[heads] + van.fixed_cost - cost[tails, heads]
    order = np.argsort(-saving, kind="stable")
    order = order[saving[order] > 0]
    tails, heads, saving = tails[order], heads[order], saving[order]
    saving = saving + waits_s[tails, heads] * per_wait
    yield from zip(numbers[tails].tolist(), numbers[heads].tolist(), saving.tolist(), strict=True)


def _per_wait(task: Task, van: TaskVan) -> float:
    """Cost units of a second of waiting."""
    return max(van.cost_per_second, _WAIT_SHARE * van.cost_per_metre * _speed_mps(task))


def _speed_mps(task: Task) -> float:
    """Of the average drive."""
    drives = (task.seconds_table > 0) & (task.seconds_table < UNBOUNDED)
    seconds = task.seconds_table.sum(where=drives)
    return float(task.metres_table.sum(where=drives)) / max(1, int(seconds))


def _width(span: tuple[int, int]) -> int:
    return span[1] - span[0]

"""The gaps of one tour, walked from both ends: columns of `Legs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from doorstep.route_solution import StopKind
from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.insertion.legs import FIELDS
from optimizer.routes.insertion.stretches import Stop, behind, joined
from optimizer.routes.insertion.walk import Driving, Walk
from optimizer.routes.numbered.task import RELOAD, Task, TaskVan, TaskVisit
from optimizer.routes.timetable.cargo import on_board
from optimizer.routes.timetable.schedule import Misfit, timetable

_FIRST_OF_GAP = FIELDS.index("position")


class TourGaps:
    """Looks for the gaps of a task's tours."""

    def __init__(self, task: Task) -> None:
        self._doors: list[Stop] = []
        self._visits: tuple[TaskVisit, ...] = ()
        ids = [depot for van in task.vans for depot in (van.depot_id, *van.reload_ids)]
        self._depots = {depot: number for number, depot in enumerate(dict.fromkeys(ids))}
        self._rows = len(FIELDS) + 3 * len(task.dimensions)
        self.use(task)

    def use(self, task: Task) -> None:
        """Go on with a task of the same vans, and of the same visits but for the last ones."""
        self._task = task
        self._driving = Driving(task, self._depots, any(task.setup_s))
        known = len(self._doors)
        while known and (known > len(task.visits) or task.visits[known - 1] is not self._visits[known - 1]):
            known -= 1
        self._doors[known:] = [
            Stop(visit.place, visit.service_s, visit.windows, visit.late_at_most_s)
            for visit in task.visits[known:]
        ]
        self._visits = task.visits

    def depot_number(self, depot_id: str) -> int:
        """As in `Legs.loads_at`; `NO_DEPOT` for one that no van is ever at."""
        return self._driving.depot_number(depot_id)

    def no_gaps(self) -> NDArray[np.int64]:
        """Columns of a tour into which nothing can be put."""
        return np.empty((self._rows, 0), np.int64)

    def gaps(self, van: int, tour: Sequence[int]) -> NDArray[np.int64]:
        """Columns of the open gaps of a tour; none where it cannot be driven as it is."""
        limits = self._task.vans[van]
        stops = self._stops(van, tour)
        walk = self._walk(van, tour, self._with_rests(van, tour, stops))
        if walk is None and limits.breaks:
            # A rest at the next door, before its service, is none that stops in a row can tell.
            walk = self._walk(van, tour, stops)
        if walk is None:
            return self.no_gaps()
        # A van without visits goes nowhere, not even home.
        home_m = self._driving.metres(walk.place, limits.end) if tour else 0
        walk.open_gap(limits.end, leg_m=home_m)
        home_s = walk.drive_s(limits.end)
        total = joined(walk.stretch, home_s, (0, 0, limits.shift_end_s + limits.overtime_s))
        if total is None:
            return self.no_gaps()
        after = behind(limits, walk.met, home_s)
        rows = [(*a, *b, *c) for a, b, c in zip(walk.ahead, after, self._free_loads(van, tour), strict=True)]
        first, end = self._open(van, tour, len(rows))
        rows = rows[first:end]
        if end > len(tour):
            rows += [
                (*gap, *after[-1], *limits.capacity * 3) for gap in self._reload_gaps(walk, limits, tour)
            ]
        if not rows:
            return self.no_gaps()
        cells = np.empty((self._rows, len(rows)), np.int64)
        cells[_FIRST_OF_GAP:] = np.array(rows, np.int64).T
        overtime_s = max(0, total[0] + total[1] - limits.shift_end_s)
        cells[:_FIRST_OF_GAP, :] = [
            [van],
            [limits.max_metres - walk.metres - home_m],
            [total[0] * limits.cost_per_second + overtime_s * limits.overtime_cost if tour else 0],
            [0 if tour else limits.fixed_cost],
        ]
        return cells

    def _walk(self, van: int, tour: Sequence[int], stops: Sequence[Stop]) -> Walk | None:
        limits = self._task.vans[van]
        walk = Walk(self._driving, limits, max(limits.shift_start_s, self._ready_s(van, tour)))
        return walk if all(walk.meet(stop) for stop in stops) else None

    def _stops(self, van: int, tour: Sequence[int]) -> list[Stop]:
        limits = self._task.vans[van]
        stops = []
        for position, number in enumerate(tour):
            if number < 0:
                place = limits.reload_places[RELOAD - number]
                ready_s = self._ready_s(van, tour[position + 1 :])
                stops.append(Stop(place, limits.reload_s, leaves_s=ready_s, reload=RELOAD - number))
            else:
                stops.append(self._doors[number])
        return stops

    def _with_rests(self, van: int, tour: Sequence[int], stops: Sequence[Stop]) -> Sequence[Stop]:
        """The stops with rests between them where the timetable takes them."""
        limits = self._task.vans[van]
        times = timetable(self._task, van, tour) if limits.breaks and tour else None
        if times is None or isinstance(times, Misfit):
            return stops
        left, place, rested = iter(stops), limits.start, []
        for entry in times.entries:
            if entry.kind is StopKind.BREAK:
                rest = limits.breaks[entry.number]
                rested.append(Stop(place, rest.duration_s, ((rest.first_s, rest.last_s),), is_rest=True))
            else:
                stop = next(left)
                rested.append(stop)
                place = stop.place
        return rested

    def _ready_s(self, van: int, trip: Sequence[int]) -> int:
        """When all goods of a trip are ready at its depot; the trip ends with the next reload."""
        known = on_board(self._task, van) if self._task.vans[van].is_under_way else ()
        latest_s = 0
        for number in trip:
            if number < 0:
                break
            if number not in known:
                latest_s = max(latest_s, self._task.visits[number].ready_s)
        return latest_s

    def _open(self, van: int, tour: Sequence[int], gaps: int) -> tuple[int, int]:
        """Which gaps may be used: behind what is frozen, and not before the first or behind the last."""
        visits, first, end = self._task.visits, 0, gaps
        if self._task.frozen:
            first = frozen_entries(tour, self._task.frozen[van])
        if tour and tour[0] >= 0 and visits[tour[0]].pinned_place is PinnedPlace.FIRST:
            first = max(first, 1)
        if tour and tour[-1] >= 0 and visits[tour[-1]].pinned_place is PinnedPlace.LAST:
            end -= 1
        return first, end

    def _reload_gaps(self, walk: Walk, limits: TaskVan, tour: Sequence[int]) -> Iterator[tuple[int, ...]]:
        """The gap behind one more reload at the end, for each place where the van can reload."""
        used = sum(1 for number in tour if number < 0)
        if used >= limits.most_reloads or not (tour or limits.is_under_way):
            return
        home_m = self._driving.metres(walk.place, limits.end) if tour else 0
        for choice, place in enumerate(limits.reload_places):
            trial = walk.copy()
            if trial.meet(Stop(place, limits.reload_s, reload=choice)):
                trial.ahead.clear()
                trial.open_gap(limits.end, choice, home_m - self._driving.metres(walk.place, place))
                yield trial.ahead[0]

    def _free_loads(self, van: int, tour: Sequence[int]) -> list[tuple[int, ...]]:
        """What each gap could still take: for loading before, for collecting behind, and on its own leg."""
        capacity, visits = self._task.vans[van].capacity, self._task.visits
        if all(number >= 0 and visits[number].is_from_depot for number in tour):
            return _free_on_one_trip(capacity, [visits[number].loads for number in tour])
        columns = []
        for load, limit in enumerate(capacity):
            free: list[list[int]] = [[], [], []]
            for trip in _trips(tour):
                deltas = [visits[number].loads[load] for number in trip]
                kinds = [visits[number] for number in trip]
                start = sum(delta for delta, visit in zip(deltas, kinds, strict=True) if visit.is_from_depot)
                steps = [
                    -d if v.kind is VisitKind.DELIVERY else d for d, v in zip(deltas, kinds, strict=True)
                ]
                on_board = list(accumulate(steps, initial=start))
                from_end = list(accumulate(reversed(on_board), max))
                free[0] += [limit - most for most in accumulate(on_board, max)]
                free[1] += [limit - most for most in reversed(from_end)]
                free[2] += [limit - now for now in on_board]
            columns.append(free)
        ordered = [columns[load][kind] for kind in range(3) for load in range(len(capacity))]
        return list(zip(*ordered, strict=True))


def _free_on_one_trip(capacity: Sequence[int], loads: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """`TourGaps._free_loads` of a tour that loads everything at its start: what is on board only falls."""
    before, after = [], []
    for load, limit in enumerate(capacity):
        free = [limit - sum(brought[load] for brought in loads)]
        for brought in loads:
            free.append(free[-1] + brought[load])
        before.append(free[:1] * len(free))
        after.append(free)
    return list(zip(*before, *after, *after, strict=True))


def frozen_entries(tour: Sequence[int], frozen: int) -> int:
    """How many entries of a tour lie before the end of its first `frozen` visits."""
    if not frozen:
        return 0
    left = frozen
    for position, number in enumerate(tour):
        left -= number >= 0
        if not left:
            return position + 1
    return len(tour)


def _trips(tour: Sequence[int]) -> list[list[int]]:
    """The visits of a tour from one loading to the next."""
    trips: list[list[int]] = [[]]
    for number in tour:
        if number < 0:
            trips.append([])
        else:
            trips[-1].append(number)
    return trips

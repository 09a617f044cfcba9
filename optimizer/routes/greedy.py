"""Cheapest feasible insertion, one visit after the other: the floor under every other engine.

Each tour keeps, per place in it, the earliest second at which the van can leave and the latest at which it
may arrive, so that trying one place costs the same however long the tour is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from optimizer.routes.schedule import latest_service_start, service_start
from optimizer.routes.task import Task, Tours

Place = tuple[int, int, int]
"""(cost of inserting in cost units, van, position in its tour)."""


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

    Parameters
    ----------
    tours
        Feasible ones to begin with; what is in them stays in its order.
    is_over
        Asked before each visit; the rest is left out once it says yes.
    """
    running = [RunningTour(task, van, tour) for van, tour in enumerate(tours)]
    for visit in visits:
        if is_over():
            break
        places = (place for tour in running if (place := tour.cheapest(visit)) is not None)
        if (best := min(places, default=None)) is not None:
            running[best[1]].take(visit, best[2])
    return tuple(tuple(tour.visits) for tour in running)


def hardest_first(task: Task) -> list[int]:
    """Visits in the order in which greedy insertion takes them.

    The earliest closing windows first, and far before near: they leave the least choice.
    """
    reach: dict[str, int] = {van.depot_id: van.start for van in reversed(task.vans)}

    def hardness(number: int) -> tuple[int, int, int]:
        visit = task.visits[number]
        start = reach.get(visit.depot_id)
        drive = 0 if start is None else task.seconds[start][visit.place]
        return (visit.windows[-1][1], -drive, number)

    return sorted(range(len(task.visits)), key=hardness)


class RunningTour:
    """A feasible tour that visits are put into. Positions count the visits, 0 is right after the start."""

    def __init__(self, task: Task, van: int, visits: Sequence[int] = ()) -> None:
        self._task = task
        self._number = van
        self._van = task.vans[van]
        self.visits = list(visits)
        self._refresh()

    def cheapest(self, number: int) -> Place | None:
        """Where a visit fits at the least cost; None where it fits nowhere."""
        visit = self._task.visits[number]
        if visit.depot_id != self._van.depot_id or not self._carries(number):
            return None
        leaves = self._leaves if visit.ready_s <= self._start_s else self._walk(visit.ready_s)
        fixed = 0 if self.visits else self._van.fixed_cost_minor
        seconds, metres = self._task.seconds, self._task.metres
        best: Place | None = None
        for position, left in enumerate(leaves):
            here, there = self._places[position], self._places[position + 1]
            begins = service_start(visit, left + seconds[here][visit.place])
            if begins is None:
                continue
            back = begins + visit.service_s + seconds[visit.place][there]
            if back > self._due[position]:
                continue
            cost = self._task.cost(
                metres[here][visit.place] + metres[visit.place][there] - metres[here][there],
                seconds[here][visit.place] + seconds[visit.place][there] - seconds[here][there],
                fixed,
            )
            if best is None or cost < best[0]:
                best = (cost, self._number, position)
        return best

    def take(self, number: int, position: int) -> None:
        """Put a visit in."""
        self.visits.insert(position, number)
        self._refresh()

    def _carries(self, number: int) -> bool:
        visit = self._task.visits[number]
        return (
            self._weight_g + visit.weight_g <= self._van.capacity_g
            and self._volume_ml + visit.volume_ml <= self._van.capacity_ml
            and len(self.visits) < self._van.max_stops
        )

    def _refresh(self) -> None:
        on_board = [self._task.visits[number] for number in self.visits]
        self._weight_g = sum(visit.weight_g for visit in on_board)
        self._volume_ml = sum(visit.volume_ml for visit in on_board)
        self._places = [self._van.start, *(visit.place for visit in on_board), self._van.end]
        self._start_s = max([self._van.shift_start_s, *(visit.ready_s for visit in on_board)])
        self._leaves = self._walk(self._start_s)
        self._due = self._latest_arrivals()

    def _walk(self, start_s: int) -> list[int]:
        """Earliest second of leaving the start and each visit, up to the first that comes too late."""
        leaves = [start_s]
        for position, number in enumerate(self.visits):
            visit = self._task.visits[number]
            drive = self._task.seconds[self._places[position]][visit.place]
            begins = service_start(visit, leaves[-1] + drive)
            if begins is None:
                break
            leaves.append(begins + visit.service_s)
        return leaves

    def _latest_arrivals(self) -> list[int]:
        """Latest second of arriving at each visit and at the end, so that all after it still works."""
        due = [self._van.shift_end_s]
        for position in range(len(self.visits) - 1, -1, -1):
            visit = self._task.visits[self.visits[position]]
            drive = self._task.seconds[visit.place][self._places[position + 2]]
            latest = latest_service_start(visit, due[-1] - drive - visit.service_s)
            # A tour that is feasible has a second left everywhere; -1 lets nothing in.
            due.append(-1 if latest is None else latest)
        return due[::-1]

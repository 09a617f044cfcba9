"""A tour as calls: each visit and reload with the drive to it."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.route_solution import StopKind, ViolationKind
from doorstep.visit import VisitKind
from optimizer.routes.numbered.task import NOWHERE, RELOAD, UNBOUNDED, Task, TaskVan
from optimizer.routes.timetable.cargo import on_board
from optimizer.routes.timetable.faults import Fault
from optimizer.routes.timetable.timing import Call

_STOP_KINDS = {
    VisitKind.DELIVERY: StopKind.DROPOFF,
    VisitKind.COLLECTION: StopKind.RETURN,
    VisitKind.PICKUP: StopKind.PICKUP,
}


def calls_of(task: Task, van: int, tour: Sequence[int]) -> list[Call]:
    """The tour's visits and reloads, in its order."""
    limits, here = task.vans[van], task.vans[van].start
    seconds, metres, sites = task.seconds, task.metres, task.sites
    calls = []
    for position, number in enumerate(tour):
        if number < 0:
            kind, place, setup_s, service_s = (
                StopKind.RELOAD,
                _reload_place(limits, number),
                0,
                limits.reload_s,
            )
            trip_ready_s = _ready_for_trip(task, van, tour, position)
            windows: tuple[tuple[int, int], ...] = ((trip_ready_s - service_s, UNBOUNDED),)
            grace_s = late_cost = 0
        else:
            visit = task.visits[number]
            kind, place, service_s, windows = (
                _STOP_KINDS[visit.kind],
                visit.place,
                visit.service_s,
                visit.windows,
            )
            grace_s, late_cost = visit.late_at_most_s, visit.late_cost or 0
            setup_s = 0 if here != NOWHERE and sites[here] == sites[place] else task.setup_s[place]
        drive_s, way_m = (0, 0) if here == NOWHERE else (seconds[here][place], metres[here][place])
        calls.append(
            Call(
                kind,
                number,
                place,
                here,
                drive_s,
                way_m,
                setup_s,
                service_s,
                windows,
                grace_s,
                late_cost,
                position,
            )
        )
        here = place
    return calls


def _reload_place(van: TaskVan, number: int) -> int:
    return van.reload_places[RELOAD - number]


def ready_s(task: Task, van: int, tour: Sequence[int]) -> int:
    """When the van may leave: it is on duty and what its first trip brings is there."""
    return max(task.vans[van].shift_start_s, _ready_for_trip(task, van, tour, -1))


def _ready_for_trip(task: Task, van: int, tour: Sequence[int], position: int) -> int:
    """When all goods are there that are loaded at an entry of the tour, or at its start for -1."""
    known = on_board(task, van) if task.vans[van].is_under_way else ()
    ready_s = 0
    for number in tour[position + 1 :]:
        if number < 0:
            break
        if number not in known:
            ready_s = max(ready_s, task.visits[number].ready_s)
    return ready_s


def metres_of(task: Task, van: TaskVan, calls: Sequence[Call]) -> int:
    metres = sum(call.metres for call in calls)
    return metres + (0 if van.end == NOWHERE or not calls else task.metres[calls[-1].place][van.end])


def missing_road(calls: Sequence[Call]) -> Fault:
    cut_off = next((call.position for call in calls if call.metres >= UNBOUNDED), None)
    return Fault(ViolationKind.NO_ROAD, cut_off)

"""What no van could do even with an empty day."""

from __future__ import annotations

from collections.abc import Iterable

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import UnassignedReason, ViolationKind
from doorstep.visit import VisitKind
from optimizer.routes.explain.lacks import Lack, lack_of
from optimizer.routes.explain.permission import of_whom, unit_of
from optimizer.routes.explain.wording import distance, span
from optimizer.routes.numbered.task import RELOAD, UNBOUNDED, Task, TaskVan, Tour


def off_the_map(task: Task, number: int) -> bool:
    """Whether no road leads to a visit from anywhere else."""
    place = task.visits[number].place
    roads = task.seconds_table[:, place] < UNBOUNDED
    elsewhere = [site != task.sites[place] for site in task.sites]
    return any(elsewhere) and not roads[elsewhere].any()


def lacks_alone(task: Task, vans: Iterable[int], number: int) -> dict[int, Lack | None]:
    """By van: what keeps it from the visit with an empty day, None where nothing does.

    Vans that are alike are tried once.
    """
    found: dict[tuple[TaskVan, Tour], Lack | None] = {}
    lacks = {}
    for van in vans:
        best: Lack | None = None
        for tour in tours_alone(task, van, number):
            key = (task.vans[van], tour)
            if key not in found:
                found[key] = lack_of(task, van, tour)
            lack = found[key]
            if lack is None or best is None or lack.rank < best.rank:
                best = lack
            if lack is None:
                break
        lacks[van] = best
    return lacks


def tours_alone(task: Task, van: int, number: int) -> list[Tour]:
    """Ways to make a visit, and its partner, and nothing else; by a depot on the way where that is needed."""
    unit = unit_of(task, number)
    visit, limits = task.visits[number], task.vans[van]
    reloads = [
        RELOAD - choice
        for choice, depot_id in enumerate(limits.reload_ids)
        if visit.depot_id in ("", depot_id)
    ]
    is_elsewhere = visit.depot_id not in ("", limits.depot_id)
    if visit.is_from_depot and not (task.given and number in task.given[van] and limits.is_under_way):
        if (is_elsewhere or limits.is_under_way) and reloads:
            return [(reload, *unit) for reload in reloads]
    elif visit.kind is VisitKind.COLLECTION and is_elsewhere and reloads:
        return [(*unit, reload) for reload in reloads]
    return [unit]


def reasons_alone(
    problem: RouteProblem, task: Task, number: int, lacks: dict[int, Lack | None]
) -> tuple[UnassignedReason, ...]:
    """The van that comes nearest stands for all that fail in the same way; the least failure first."""
    failed = [(lack, van) for van, lack in lacks.items() if lack is not None]
    ranked = sorted(failed, key=lambda pair: (pair[0].short_by_s is None, pair[0].rank, pair[1]))
    best: dict[object, UnassignedReason] = {}
    for lack, van in ranked:
        if lack.code not in best:
            text = _text(task, van, number, lack)
            best[lack.code] = UnassignedReason(lack.code, text, problem.vans[van].id, lack.short_by_s)
    return tuple(best.values())


def _text(task: Task, van: int, number: int, lack: Lack) -> str:
    limits = task.vans[van]
    match lack.kind:
        case ViolationKind.LATE:
            text = _late(task, limits, number, lack)
        case ViolationKind.OVER_SHIFT:
            hours = "overtime" if limits.overtime_s else "shift"
            text = f"Going there and back ends {span(lack.by)} after the last van's {hours}."
        case ViolationKind.TOO_LONG if lack.is_way:
            text = f"Going there and back is {distance(lack.by)} more than the van may drive."
        case ViolationKind.TOO_LONG:
            text = f"Going there and back takes {span(lack.by)} more than the van may be out."
        case ViolationKind.NO_ROAD:
            text = "No road joins this address and the depot, there and back."
        case ViolationKind.OVER_CAPACITY:
            text = "The van is too small for it."
        case ViolationKind.TOO_MANY_STOPS:
            text = f"Fetching and bringing are two stops, the van may make {limits.max_stops}."
        case ViolationKind.WRONG_DEPOT | ViolationKind.NOT_READY:
            text = "The van has left, and comes by no depot that has the goods."
        case ViolationKind.MISSED_BREAK:
            text = "On the way there and back the driver would find no time for the break."
        case _:
            text = "No van can make it, even with an empty day."
    return text


def _late(task: Task, limits: TaskVan, number: int, lack: Lack) -> str:
    visit = task.visits[number]
    if visit.is_from_depot and visit.ready_s > limits.shift_start_s:
        return (
            f"Ready too late: a van that waits for the goods comes {span(lack.by)} after the window closes."
        )
    whose = of_whom(task, lack.number, number)
    return f"The window{whose} closes {span(lack.by)} before the earliest van can be there."

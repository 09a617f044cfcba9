"""Why a visit has no place, in sentences for a dispatcher.

First what no van could do even with an empty day; then, for visits that compete, what the nearest vans lack
beside the stops they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from doorstep.route import RouteProblem, UnassignedCode, UnassignedReason
from optimizer.routes.schedule import Misfit, overload, timetable
from optimizer.routes.task import UNBOUNDED, Task, TaskVan, TaskVisit, Tours

_NO_ROAD = UnassignedCode.UNREACHABLE_ROAD

NEAREST_VANS = 3
"""How many vans a dispatcher is told about when a visit competes with others."""


def reasons_of(problem: RouteProblem, task: Task, tours: Tours, number: int) -> tuple[UnassignedReason, ...]:
    """At least one reason why an unassigned visit is on none of the tours, the most telling first."""
    visit = task.visits[number]
    vans = [van for van, limits in enumerate(task.vans) if limits.depot_id == visit.depot_id]
    hopeless = _no_van(task, vans) or _off_the_map(task, visit) or _too_large(task, visit, vans)
    if hopeless is not None:
        return (hopeless,)
    alone = {van: _alone(task, van, number) for van in vans}
    if all(misfit is not None for misfit in alone.values()):
        misfits = [(van, misfit) for van, misfit in alone.items() if misfit is not None]
        return _best_of_each_code(
            _alone_reason(problem, task, van, number, misfit) for van, misfit in misfits
        )
    able = [van for van, misfit in alone.items() if misfit is None]
    nearest = sorted(able, key=lambda van: (_drive_to(task, van, tours[van], visit), van))[:NEAREST_VANS]
    return tuple(_beside_reason(problem, task, van, tours[van], number) for van in nearest)


def _no_van(task: Task, vans: Sequence[int]) -> UnassignedReason | None:
    if not vans:
        return UnassignedReason(UnassignedCode.NO_VEHICLE, "No van works from this depot that day.")
    if all(task.vans[van].shift_end_s <= task.vans[van].shift_start_s for van in vans):
        return UnassignedReason(UnassignedCode.NO_VEHICLE, "Every van's shift at this depot is over.")
    return None


def _off_the_map(task: Task, visit: TaskVisit) -> UnassignedReason | None:
    others = [place for place in range(len(task.seconds)) if place != visit.place]
    if not others or any(task.seconds[other][visit.place] < UNBOUNDED for other in others):
        return None
    return UnassignedReason(
        UnassignedCode.UNREACHABLE_ROAD,
        "No road leads to this address: it is off the map or its pin is wrong.",
    )


def _too_large(task: Task, visit: TaskVisit, vans: Sequence[int]) -> UnassignedReason | None:
    widest_g = max(task.vans[van].capacity_g for van in vans)
    widest_ml = max(task.vans[van].capacity_ml for van in vans)
    if visit.weight_g > widest_g:
        text = f"Weighs {_kg(visit.weight_g)}; the largest van of this depot takes {_kg(widest_g)}."
    elif visit.volume_ml > widest_ml:
        text = f"Fills {_litres(visit.volume_ml)}; the largest van of this depot takes {_litres(widest_ml)}."
    else:
        return None
    return UnassignedReason(UnassignedCode.NO_CAPACITY, text)


def _alone(task: Task, van: int, number: int) -> Misfit | None:
    """Why a van with an empty day could not make the visit; None where it could."""
    misfit = overload(task, van, (number,))
    if misfit is not None:
        return misfit
    times = timetable(task, van, (number,))
    return times if isinstance(times, Misfit) else None


def _alone_reason(
    problem: RouteProblem, task: Task, van: int, number: int, misfit: Misfit
) -> UnassignedReason:
    visit, limits = task.visits[number], task.vans[van]
    span = _span(misfit.short_by)
    short_by_s: int | None = misfit.short_by
    if misfit.code is UnassignedCode.WINDOW_UNREACHABLE:
        text = f"The window closes {span} before the earliest van can be there."
        if visit.ready_s > limits.shift_start_s:
            text = f"Ready too late: a van that waits for the goods comes {span} after the window closes."
    elif misfit.code is UnassignedCode.SHIFT_ENDS:
        text = f"Going there and back ends {span} after the last van's shift."
    elif misfit.code is UnassignedCode.UNREACHABLE_ROAD:
        text, short_by_s = "No road joins this address and the depot, there and back.", None
    else:
        text, short_by_s = _full(limits, visit, ()), None
    return UnassignedReason(misfit.code, text, problem.vans[van].id, short_by_s)


def _best_of_each_code(reasons: Iterable[UnassignedReason]) -> tuple[UnassignedReason, ...]:
    """The van that comes nearest stands for all that fail in the same way; the least failure first."""
    ranked = sorted(reasons, key=lambda reason: (reason.short_by_s is None, reason.short_by_s or 0))
    best: dict[UnassignedCode, UnassignedReason] = {}
    for reason in ranked:
        best.setdefault(reason.code, reason)
    return tuple(best.values())


def _drive_to(task: Task, van: int, tour: Sequence[int], visit: TaskVisit) -> int:
    """Seconds from the nearest place that the van comes by."""
    places = [task.vans[van].start, *(task.visits[stop].place for stop in tour)]
    return min(task.seconds[place][visit.place] for place in places)


def _beside_reason(
    problem: RouteProblem, task: Task, van: int, tour: tuple[int, ...], number: int
) -> UnassignedReason:
    """What a van lacks that could make the visit on an empty day."""
    name = problem.vans[van].id
    if overload(task, van, (*tour, number)) is not None:
        lack = _full(task.vans[van], task.visits[number], [task.visits[stop] for stop in tour])
        return UnassignedReason(UnassignedCode.NO_CAPACITY, f"The van is full: {lack}", name)
    tries = [(*tour[:at], number, *tour[at:]) for at in range(len(tour) + 1)]
    failed = [
        (misfit, at)
        for at, stops in enumerate(tries)
        if isinstance(misfit := timetable(task, van, stops), Misfit)
    ]
    if len(failed) < len(tries):
        text = "The van has room for it, but the time for planning ran out. Plan again with a longer limit."
        return UnassignedReason(UnassignedCode.OTHER, text, name)
    misfit, at = min(failed, key=lambda failure: (failure[0].code is _NO_ROAD, failure[0].short_by))
    span = _span(misfit.short_by)
    if misfit.code is UnassignedCode.SHIFT_ENDS:
        text = f"With it, the van would be home {span} after its shift ends."
    elif misfit.code is UnassignedCode.UNREACHABLE_ROAD:
        text = "No road joins it and the other stops of the van."
        return UnassignedReason(misfit.code, text, name)
    elif misfit.position == at:
        text = f"Beside its other stops, the van could be there {span} after the window closes."
    else:
        text = f"With it, the van would come {span} too late to another stop."
    return UnassignedReason(misfit.code, text, name, misfit.short_by)


def _full(van: TaskVan, visit: TaskVisit, on_board: Sequence[TaskVisit]) -> str:
    """Which limit of a van's load a visit breaks."""
    free_g = van.capacity_g - sum(other.weight_g for other in on_board)
    free_ml = van.capacity_ml - sum(other.volume_ml for other in on_board)
    if visit.weight_g > free_g:
        return f"{_kg(free_g)} are free, this weighs {_kg(visit.weight_g)}."
    if visit.volume_ml > free_ml:
        return f"{_litres(free_ml)} are free, this fills {_litres(visit.volume_ml)}."
    return f"it may make {van.max_stops} stops."


def _kg(grams: int) -> str:
    return f"{grams / 1000:.10g} kg"


def _litres(millilitres: int) -> str:
    return f"{millilitres / 1000:.10g} l"


def _span(seconds: int) -> str:
    """Rounded up to minutes: "1 min", "2 h 05 min"."""
    minutes = -(-seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

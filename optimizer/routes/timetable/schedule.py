"""When a van arrives, waits, serves, rests and leaves, given the order of its visits; and what that costs.

Every rule of a van and its visits is known here, but for what is between vans and what drivers were told.
The van leaves as late as it can without costing more: waiting is done at the depot, not at doors. Service
begins as soon as the van is there, set up, and a window is open. Where breaks or soft windows leave a
choice, those are tried that bring the van home first; the cheapest of them is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from doorstep.route_solution import StopKind, ViolationKind
from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Task, TaskVan
from optimizer.routes.timetable.calls import calls_of, metres_of, missing_road, ready_s
from optimizer.routes.timetable.cargo import Peaks, misplaced, overloads, peak_loads
from optimizer.routes.timetable.faults import Fault, Misfit, misfit_of
from optimizer.routes.timetable.settling import Found, Settler
from optimizer.routes.timetable.timing import Call

__all__ = ["Entry", "Fault", "Misfit", "Timetable", "cost_of", "faults", "overload", "timetable"]

_NEVER_LATE = UNBOUNDED
"""What each second of lateness costs where windows are hard, when a tour is timed that breaks them."""


class Entry(NamedTuple):
    """One stop of a timetable.

    Attributes
    ----------
    number
        The visit; for a RELOAD the entry of the tour, for a BREAK which of the van's.
    late_s
        After the last second of the window that it should have begun in.
    """

    kind: StopKind
    number: int
    arrives_s: int
    begins_s: int
    leaves_s: int
    late_s: int = 0


@dataclass(frozen=True, slots=True)
class Timetable:
    """Seconds of one tour.

    Attributes
    ----------
    entries
        Visits, reloads and breaks in their order.
    starts_s, ends_s
        Leaving the start and being at the end.
    metres, driving_s
        Of all drives, with the one home.
    peaks
        The most that is on board at once, by dimension.
    cost
        In cost units: everything of `PlannedRoute.cost_minor`.
    """

    entries: tuple[Entry, ...]
    starts_s: int
    ends_s: int
    metres: int
    driving_s: int
    overtime_s: int
    peaks: Peaks
    cost: int


def timetable(task: Task, van: int, tour: Sequence[int]) -> Timetable | Misfit:
    """Put times to a tour of at least one visit, or say which rule it breaks."""
    limits = task.vans[van]
    fault = next(misplaced(task, van, tour), None)
    if fault is not None:
        return misfit_of(fault)
    peaks = peak_loads(task, van, tour)
    if (fault := next(overloads(limits, peaks), None)) is not None:
        return misfit_of(fault)
    calls = calls_of(task, van, tour)
    metres = metres_of(task, limits, calls)
    if metres >= UNBOUNDED:
        return misfit_of(missing_road(calls))
    if metres > limits.max_metres:
        return misfit_of(Fault(ViolationKind.TOO_LONG, by=metres - limits.max_metres))
    drive = Settler(task, limits, limits.shift_end_s + limits.overtime_s, limits.max_seconds)
    found = drive.cheapest(calls, ready_s(task, van, tour))
    if isinstance(found, Fault):
        return misfit_of(found)
    return _timed(task, van, tour, found, peaks, metres)


def faults(task: Task, van: int, tour: Sequence[int]) -> tuple[Timetable, tuple[Fault, ...]]:
    """Put times to any tour of at least one visit, however bad, and tell what is wrong with it.

    Where no road leads the van is there at once; a visit whose windows are over is made late, so that there
    is time for every break. Positions are those of the tour.
    """
    times = timetable(task, van, tour)
    if isinstance(times, Timetable):
        return times, tuple(_seen_in(task, van, tour, times))
    told = [*misplaced(task, van, tour)]
    peaks = peak_loads(task, van, tour)
    told += overloads(task.vans[van], peaks)
    limits, calls, cut_off = _passable(task, van, tour)
    told += cut_off
    found = Settler(task, limits, UNBOUNDED * 2, UNBOUNDED * 2).cheapest(calls, ready_s(task, van, tour))
    assert isinstance(found, Found), "whoever may be late everywhere is always in time"  # noqa: S101  # narrows
    times = _timed(task, van, tour, found, peaks, metres_of(task, limits, calls))
    return times, (*told, *_seen_in(task, van, tour, times))


def overload(task: Task, van: int, tour: Sequence[int]) -> Misfit | None:
    """The first load that is too much for the van, None where all fits."""
    if not tour:
        return None
    fault = next(overloads(task.vans[van], peak_loads(task, van, tour)), None)
    return None if fault is None else misfit_of(fault)


def cost_of(task: Task, van: int, times: Timetable) -> int:  # noqa: ARG001  # one of several ways to ask
    """What a tour costs, in cost units."""
    return times.cost


def _timed(task: Task, van: int, tour: Sequence[int], found: Found, peaks: Peaks, metres: int) -> Timetable:
    limits, times = task.vans[van], found.walk
    overtime_s = max(0, times.ends_s - limits.shift_end_s)
    entries = tuple(_entries(limits, found))
    late_cost = sum(
        entry.late_s * (task.visits[entry.number].late_cost or 0) for entry in entries if entry.late_s
    )
    outside = (
        sum(1 for number in tour if number >= 0 and task.is_outside[number, van])
        if limits.outside_cost
        else 0
    )
    return Timetable(
        entries=entries,
        starts_s=times.starts_s,
        ends_s=times.ends_s,
        metres=metres,
        driving_s=times.driving_s,
        overtime_s=overtime_s,
        peaks=peaks,
        cost=metres * limits.cost_per_metre
        + (times.ends_s - times.starts_s) * limits.cost_per_second
        + overtime_s * limits.overtime_cost
        + outside * limits.outside_cost
        + limits.fixed_cost
        + late_cost,
    )


def _entries(van: TaskVan, found: Found) -> Iterator[Entry]:
    times = found.walk
    for number, begins_s in found.plan.rested:
        rest = van.breaks[number]
        # Who leaves after the window, or is home before it is over, has rested without our saying when.
        if times.starts_s <= rest.last_s < times.ends_s:
            yield Entry(StopKind.BREAK, number, begins_s, begins_s, begins_s + rest.duration_s)
    came_s = times.starts_s
    for call, moment in zip(found.plan.calls, times.moments, strict=True):
        if not call.has_come:
            came_s = moment.arrives_s
        late_s = max(0, moment.begins_s - moment.last)
        yield Entry(call.kind, call.number, came_s, moment.begins_s, moment.leaves_s, late_s)


def _passable(task: Task, van: int, tour: Sequence[int]) -> tuple[TaskVan, list[Call], list[Fault]]:
    """The van and its calls where windows may be missed and missing roads take no time, and those roads."""
    limits, calls, told = task.vans[van], [], []
    for call in calls_of(task, van, tour):
        has_road = call.drive_s < UNBOUNDED
        if not has_road:
            told.append(Fault(ViolationKind.NO_ROAD, call.position))
        is_soft = bool(call.late_cost) or call.grace_s > 0
        calls.append(
            call._replace(
                drive_s=call.drive_s if has_road else 0,
                metres=call.metres if has_road else 0,
                grace_s=UNBOUNDED,
                late_cost=call.late_cost if is_soft else _NEVER_LATE,
            )
        )
    if limits.end != NOWHERE and task.seconds[calls[-1].place][limits.end] >= UNBOUNDED:
        told.append(Fault(ViolationKind.NO_ROAD))
        limits = replace(limits, end=NOWHERE)
    return limits, calls, told


def _seen_in(task: Task, van: int, tour: Sequence[int], times: Timetable) -> Iterator[Fault]:
    """Rules that its times break, by choice or not, and visits outside of the van's territories."""
    yield from _beyond_limits(task.vans[van], times)
    yield from _late(task, tour, times)
    for position, number in enumerate(tour):
        if number >= 0 and task.may[number, van] and task.is_outside[number, van]:
            yield Fault(ViolationKind.OUTSIDE_TERRITORY, position, is_hard=False)


def _beyond_limits(van: TaskVan, times: Timetable) -> Iterator[Fault]:
    if times.overtime_s:
        yield Fault(ViolationKind.OVER_SHIFT, by=times.overtime_s, is_hard=times.overtime_s > van.overtime_s)
    if times.metres > van.max_metres:
        yield Fault(ViolationKind.TOO_LONG, by=times.metres - van.max_metres, is_way=True)
    if times.ends_s - times.starts_s > van.max_seconds:
        yield Fault(ViolationKind.TOO_LONG, by=times.ends_s - times.starts_s - van.max_seconds)


def _late(task: Task, tour: Sequence[int], times: Timetable) -> Iterator[Fault]:
    at = {number: position for position, number in enumerate(tour)}
    for entry in times.entries:
        if entry.late_s and entry.kind is not StopKind.BREAK:
            visit = task.visits[entry.number]
            is_hard = visit.late_cost is None or entry.late_s > visit.late_at_most_s
            yield Fault(ViolationKind.LATE, at[entry.number], entry.late_s, is_hard)

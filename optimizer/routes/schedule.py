"""When a van arrives, waits, serves and leaves, given the order of its visits.

The van leaves as late as it can without coming home later: waiting is done at the depot, not at doors.
Service begins as soon as the van is there and a window is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from doorstep.route import UnassignedCode
from optimizer.routes.task import UNBOUNDED, Task, TaskVan, TaskVisit


@dataclass(frozen=True, slots=True)
class Timetable:
    """Seconds of one tour; the three tuples have one entry per visit.

    Attributes
    ----------
    metres, driving_s
        Of all drives, with the one home.
    """

    starts_s: int
    arrivals_s: tuple[int, ...]
    service_starts_s: tuple[int, ...]
    departures_s: tuple[int, ...]
    ends_s: int
    metres: int
    driving_s: int


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a van cannot make a tour.

    Attributes
    ----------
    position
        Of the visit at which it breaks, None for the whole tour or the way home.
    short_by
        How much is missing: seconds, grams, millilitres or stops.
    """

    code: UnassignedCode
    position: int | None = None
    short_by: int = 0


def overload(task: Task, van: int, tour: Sequence[int]) -> Misfit | None:
    """The first limit of the van's load that a tour breaks, None where it fits."""
    limits = task.vans[van]
    visits = [task.visits[visit] for visit in tour]
    loads = (
        (sum(visit.weight_g for visit in visits), limits.capacity_g),
        (sum(visit.volume_ml for visit in visits), limits.capacity_ml),
        (len(visits), limits.max_stops),
    )
    surplus = next((load - limit for load, limit in loads if load > limit), 0)
    return Misfit(UnassignedCode.NO_CAPACITY, short_by=surplus) if surplus else None


def timetable(task: Task, van: int, tour: Sequence[int]) -> Timetable | Misfit:
    """Put times to a tour of at least one visit, or say where it breaks. Loads are not looked at."""
    limits = task.vans[van]
    visits = [task.visits[visit] for visit in tour]
    drives = _drives(task, limits, visits)
    if UNBOUNDED in drives:
        at = drives.index(UNBOUNDED)
        return Misfit(UnassignedCode.UNREACHABLE_ROAD, at if at < len(visits) else None)
    earliest = _walk(visits, drives, max([limits.shift_start_s, *(visit.ready_s for visit in visits)]))
    if isinstance(earliest, Misfit):
        return earliest
    home = earliest[-1][2] + drives[-1]
    if home > limits.shift_end_s:
        return Misfit(UnassignedCode.SHIFT_ENDS, short_by=home - limits.shift_end_s)
    starts = _latest_start(visits, drives, earliest[-1][1])
    times = _walk(visits, drives, starts)
    # By construction: leaving later reaches the last visit at the same second.
    assert not isinstance(times, Misfit), "the latest start must stay feasible"  # noqa: S101  # narrows
    arrivals, services, departures = zip(*times, strict=True)
    places = [limits.start, *(visit.place for visit in visits), limits.end]
    return Timetable(
        starts_s=starts,
        arrivals_s=arrivals,
        service_starts_s=services,
        departures_s=departures,
        ends_s=departures[-1] + drives[-1],
        metres=sum(task.metres[a][b] for a, b in pairwise(places)),
        driving_s=sum(drives),
    )


def service_start(visit: TaskVisit, arrival_s: int) -> int | None:
    """The first second from `arrival_s` on at which a window is open; None after the last one."""
    for first, last in visit.windows:
        start = max(arrival_s, first)
        if start <= last:
            return start
    return None


def latest_service_start(visit: TaskVisit, limit_s: int) -> int | None:
    """The last second up to `limit_s` at which a window is open; None before the first one."""
    for first, last in reversed(visit.windows):
        if first <= min(last, limit_s):
            return min(last, limit_s)
    return None


def cost_of(task: Task, van: int, times: Timetable) -> int:
    """What a tour costs, in cost units: its way, its whole time and the van's fixed cost."""
    return task.cost(times.metres, times.ends_s - times.starts_s, task.vans[van].fixed_cost_minor)


def _drives(task: Task, van: TaskVan, visits: Sequence[TaskVisit]) -> list[int]:
    places = [van.start, *(visit.place for visit in visits), van.end]
    return [task.seconds[a][b] for a, b in pairwise(places)]


def _walk(
    visits: Sequence[TaskVisit], drives: Sequence[int], starts_s: int
) -> list[tuple[int, int, int]] | Misfit:
    """(arrival, start of service, departure) of each visit when the van leaves at `starts_s`."""
    now, times = starts_s, []
    for position, (visit, drive) in enumerate(zip(visits, drives, strict=False)):
        arrival = now + drive
        begins = service_start(visit, arrival)
        if begins is None:
            closed_for = arrival - visit.windows[-1][1]
            return Misfit(UnassignedCode.WINDOW_UNREACHABLE, position, max(1, closed_for))
        now = begins + visit.service_s
        times.append((arrival, begins, now))
    return times


def _latest_start(visits: Sequence[TaskVisit], drives: Sequence[int], last_service_s: int) -> int:
    """When to leave at the latest so that the last visit still begins at `last_service_s`."""
    begins = last_service_s
    for visit, drive in zip(reversed(visits[:-1]), reversed(drives[1:-1]), strict=True):
        latest = latest_service_start(visit, begins - drive - visit.service_s)
        assert latest is not None, "an earlier walk was feasible"  # noqa: S101  # narrows
        begins = latest
    return begins - drives[0]

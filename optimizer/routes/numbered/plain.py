"""A task like another in which arrays know every rule, for a first plan within a fraction of a second.

Whether a visit fits into a tour is an addition where it has one hard window, its driver takes no break and
traffic is the same all day; elsewhere it takes a timetable for each gap that is tried. What is planned by
the plain task is nearly always drivable in the true one: times are cut where the true rules take some.
"""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Speeds, Task, TaskVan, TaskVisit

SLOW, QUICK = 0.25, 0.75
"""Shares of the hours on duty with slower traffic than is reckoned with: what is planned by the first nearly
always holds, by the second often."""


Each = NDArray[np.int64] | int
"""A number for each visit, or the same one for all."""


def plain_task(task: Task, share: float = SLOW) -> Task:
    """The task without breaks, soft or several windows and traffic by the hour; itself where it has none.

    Parameters
    ----------
    share
        Of the hours on duty, those that have slower traffic than the one speed of the plain task.
    """
    rests_s = max((sum(rest.duration_s for rest in van.breaks) for van in task.vans), default=0)
    first_s = min((rest.first_s for van in task.vans for rest in van.breaks), default=UNBOUNDED)
    visits = tuple(_plain_visit(visit, first_s, rests_s) for visit in task.visits)
    vans = tuple(_plain_van(van) for van in task.vans)
    if visits == task.visits and vans == task.vans and task.speeds is None:
        return task
    plain = replace(task, visits=visits, vans=vans)
    return plain if task.speeds is None else _at_one_speed(plain, task.speeds, share)


def _plain_visit(visit: TaskVisit, first_s: int, rests_s: int) -> TaskVisit:
    """Its longest window; one that is open when breaks begin closes sooner by what they take."""
    first, last = max(visit.windows, key=lambda window: (min(window[1], UNBOUNDED) - window[0], -window[0]))
    is_open_then = rests_s > 0 and first_s <= last < UNBOUNDED
    if len(visit.windows) == 1 and visit.late_cost is None and not is_open_then:
        return visit
    if is_open_then:
        last = max(first, last - rests_s)
    return replace(visit, windows=((first, last),), late_cost=None, late_at_most_s=0)


def _plain_van(van: TaskVan) -> TaskVan:
    rests_s = sum(rest.duration_s for rest in van.breaks)
    return replace(van, breaks=(), shift_end_s=max(van.shift_start_s, van.shift_end_s - rests_s))


def _at_one_speed(task: Task, speeds: Speeds, share: float) -> Task:
    """With drives as long as they are where such a share of the hours on duty has slower traffic.

    Where that puts a visit out of reach, the ways to it and back take what they do for a van that goes
    there first: by the time that everything else has its van, nobody could be there in time.
    """
    begins_s = min((van.shift_start_s for van in task.vans), default=0)
    ends_s = max((van.shift_end_s for van in task.vans), default=0)
    hours = np.arange(begins_s, max(ends_s, begins_s + 1), 900)
    at = np.searchsorted(np.array(speeds.starts_s), hours, side="right") - 1
    pace = float(np.quantile(np.array(speeds.factors)[np.maximum(at, 0)], share))
    table = task.seconds_table
    slower = np.where(table < UNBOUNDED, np.ceil(table / pace).astype(np.int64), table)
    _reach(task, max(speeds.factors), slower)
    rows = [array("q", row.tobytes()) for row in slower]
    return replace(task, speeds=None, seconds=rows, seconds_table=slower)


def _reach(task: Task, quickest: float, seconds: NDArray[np.int64]) -> None:
    """Shorten drives of `seconds` from and to vans' ends where a visit alone would come too late by them.

    Parameters
    ----------
    quickest
        Factor of the fastest hour.
    seconds
        Of shape (places, places); changed in place.
    """
    places, firsts, lasts, ready_s, service_s = (
        np.array([(one.place, *one.windows[0], one.ready_s, one.service_s) for one in task.visits], np.int64)
        .reshape(-1, 5)
        .T
    )
    setup_s = np.array(task.setup_s, np.int64)[places]
    turns = {(van.start, van.end, van.shift_start_s, van.shift_end_s) for van in task.vans}

    def shorten(origins: Each, destinations: Each, leaves_s: NDArray[np.int64], due_s: Each) -> None:
        is_late = leaves_s + seconds[origins, destinations] > due_s
        is_late &= leaves_s + task.seconds_table[origins, destinations] / quickest <= due_s
        at = np.flatnonzero(is_late)
        ways = (np.broadcast_to(part, is_late.shape)[at] for part in (origins, destinations, leaves_s, due_s))
        for origin, destination, leaves, due in zip(*(way.tolist() for way in ways), strict=True):
            drive_s = task.drive_s(origin, destination, leaves)
            if leaves + drive_s <= due:
                seconds[origin, destination] = min(seconds[origin, destination], drive_s)

    for start, end, begins_s, ends_s in sorted(turns):
        leaves_s = np.maximum(ready_s, begins_s)
        if start != NOWHERE:
            shorten(start, places, leaves_s, lasts - setup_s)
            leaves_s = leaves_s + seconds[start, places]
        if end != NOWHERE:
            shorten(places, end, np.maximum(leaves_s + setup_s, firsts) + service_s, ends_s)

"""A task like another in which arrays know every rule, for a first plan within a fraction of a second.

Whether a visit fits into a tour is an addition where it has one hard window, its driver takes no break and
traffic is the same all day; elsewhere it takes a timetable for each gap that is tried. What is planned by
the plain task is nearly always drivable in the true one: times are cut where the true rules take some.
"""

from __future__ import annotations

from array import array
from dataclasses import replace

import numpy as np

from optimizer.routes.numbered.task import UNBOUNDED, Speeds, Task, TaskVan, TaskVisit


def plain_task(task: Task) -> Task:
    """The task without breaks, soft or several windows and traffic by the hour; itself where it has none."""
    rests_s = max((sum(rest.duration_s for rest in van.breaks) for van in task.vans), default=0)
    first_s = min((rest.first_s for van in task.vans for rest in van.breaks), default=UNBOUNDED)
    visits = tuple(_plain_visit(visit, first_s, rests_s) for visit in task.visits)
    vans = tuple(_plain_van(van) for van in task.vans)
    if visits == task.visits and vans == task.vans and task.speeds is None:
        return task
    plain = replace(task, visits=visits, vans=vans)
    return plain if task.speeds is None else _at_one_speed(plain, task.speeds)


def _plain_visit(visit: TaskVisit, first_s: int, rests_s: int) -> TaskVisit:
    """Its longest window; one that is open when breaks begin closes sooner by what they take."""
    first, last = max(visit.windows, key=lambda window: (min(window[1], UNBOUNDED) - window[0], -window[0]))
    if last >= first_s and last < UNBOUNDED:
        last = max(first, last - rests_s)
    return replace(visit, windows=((first, last),), late_cost=None, late_at_most_s=0)


def _plain_van(van: TaskVan) -> TaskVan:
    rests_s = sum(rest.duration_s for rest in van.breaks)
    return replace(van, breaks=(), shift_end_s=max(van.shift_start_s, van.shift_end_s - rests_s))


def _at_one_speed(task: Task, speeds: Speeds) -> Task:
    """With drives as long as they are where three quarters of the hours on duty have faster traffic."""
    begins_s = min((van.shift_start_s for van in task.vans), default=0)
    ends_s = max((van.shift_end_s for van in task.vans), default=0)
    hours = np.arange(begins_s, max(ends_s, begins_s + 1), 900)
    at = np.searchsorted(np.array(speeds.starts_s), hours, side="right") - 1
    pace = float(np.quantile(np.array(speeds.factors)[np.maximum(at, 0)], 0.25))
    table = task.seconds_table
    slower = np.where(table < UNBOUNDED, np.ceil(table / pace).astype(np.int64), table)
    rows = [array("q", row.tobytes()) for row in slower]
    return replace(task, speeds=None, seconds=rows, seconds_table=slower)

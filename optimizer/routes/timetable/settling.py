"""The cheapest times for a tour in its order: when it starts, and where its breaks are taken."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.route_solution import StopKind, ViolationKind
from optimizer.routes.numbered.task import Task, TaskVan
from optimizer.routes.timetable.faults import Fault
from optimizer.routes.timetable.resting import RestPlan, rest_plans
from optimizer.routes.timetable.timing import Call, Walk, next_start, put_off, walk

_MOST_STARTS = 8
"""How many starts are tried where visits have several windows."""

_STEPS_S = (900, 300, 60, 15, 4, 1)
"""By how much a start is put off where traffic changes with the hour."""


@dataclass(frozen=True, slots=True)
class Found:
    """A walk with the calls that it was made of."""

    plan: RestPlan
    walk: Walk


class Settler:
    """The cheapest times for a van's calls, within a second by which it is home and a longest duration."""

    def __init__(self, task: Task, van: TaskVan, home_by_s: int, longest_s: int) -> None:
        self._task = task
        self._van = van
        self._home_by_s = home_by_s
        self._longest_s = longest_s

    def cheapest(self, calls: Sequence[Call], starts_s: int) -> Found | Fault:
        """The cheapest of the ways to take the breaks that are due."""
        plain = RestPlan(starts_s, tuple(calls))
        found = self._settled(plain)
        if not self._van.breaks or not self._wants_rests(found):
            return found
        best: Found | None = None
        failed = found if isinstance(found, Fault) else None
        for plan in rest_plans(self._task, self._van, calls, starts_s):
            tried = self._settled(plan)
            if isinstance(tried, Fault):
                failed = failed or tried
            elif not self._misses(tried) and (best is None or self._cost(tried.walk) < self._cost(best.walk)):
                best = tried
        return best or failed or Fault(ViolationKind.MISSED_BREAK)

    def _settled(self, plan: RestPlan) -> Found | Fault:
        """The cheapest start of a tour whose breaks have their places."""
        best = found = self._from(plan, plan.starts_s)
        for _ in range(_MOST_STARTS):
            if isinstance(found, Fault) or self._task.speeds is not None:
                break
            start = next_start(plan.calls, found)
            if start is None:
                break
            found = self._from(plan, start)
            if not isinstance(found, Fault) and (
                isinstance(best, Fault) or self._cost(found) < self._cost(best)
            ):
                best = found
        return best if isinstance(best, Fault) else Found(plan, best)

    def _from(self, plan: RestPlan, starts_s: int) -> Walk | Fault:
        """The best of the starts from `starts_s` on for which all visits keep their windows."""
        per_second = self._van.cost_per_second
        found = walk(self._task, plan.calls, self._van.end, starts_s, per_second=per_second)
        if isinstance(found, Fault):
            position = None if found.position is None else plan.calls[found.position].position
            return Fault(found.kind, position, found.by)
        if found.ends_s > self._home_by_s:
            return Fault(ViolationKind.OVER_SHIFT, by=found.ends_s - self._home_by_s)
        if self._task.speeds is None:
            return put_off(plan.calls, found, per_second=per_second, longest_s=self._longest_s)
        return self._put_off_by_trial(plan, found)

    def _put_off_by_trial(self, plan: RestPlan, found: Walk) -> Walk | Fault:
        """The best of starts at whole hours of traffic, then put off in ever smaller steps."""
        hours = self._task.speeds.starts_s if self._task.speeds is not None else ()
        for hour_s in hours[bisect_right(hours, found.starts_s) :]:
            later = self._walked(plan, math.ceil(hour_s))
            if later is None:
                break
            if self._is_better(later, found):
                found = later
        for step_s in _STEPS_S:
            later = self._walked(plan, found.starts_s + step_s)
            while later is not None and self._is_better(later, found):
                found = later
                later = self._walked(plan, found.starts_s + step_s)
        if not self._is_short(found):
            return Fault(ViolationKind.TOO_LONG, by=found.ends_s - found.starts_s - self._longest_s)
        return found

    def _walked(self, plan: RestPlan, starts_s: int) -> Walk | None:
        """A walk that keeps every window, the shift and the breaks; None where there is none."""
        found = walk(self._task, plan.calls, self._van.end, starts_s, per_second=self._van.cost_per_second)
        if isinstance(found, Fault) or found.ends_s > self._home_by_s or self._misses(Found(plan, found)):
            return None
        return found

    def _is_better(self, later: Walk, found: Walk) -> bool:
        """Whether a later start pays, or costs nothing and brings the van home as soon."""
        if not self._is_short(found):
            return later.ends_s - later.starts_s < found.ends_s - found.starts_s
        saved = self._cost(found) - self._cost(later)
        return self._is_short(later) and (saved > 0 or (saved == 0 and later.ends_s <= found.ends_s))

    def _is_short(self, found: Walk) -> bool:
        return found.ends_s - found.starts_s <= self._longest_s

    def _wants_rests(self, found: Found | Fault) -> bool:
        """Whether a tour is to be tried with its breaks.

        One that takes too long, too: who leaves after a break has less to wait for on the way.
        """
        if isinstance(found, Fault):
            return found.kind is ViolationKind.TOO_LONG
        return self._misses(found)

    def _misses(self, found: Found) -> bool:
        """Whether a break is due that is not taken."""
        taken = {call.number for call in found.plan.calls if call.kind is StopKind.BREAK}
        taken |= {number for number, _ in found.plan.rested}
        return any(
            number not in taken and found.walk.starts_s <= rest.last_s < found.walk.ends_s
            for number, rest in enumerate(self._van.breaks)
        )

    def _cost(self, found: Walk) -> int:
        overtime_s = max(0, found.ends_s - self._van.shift_end_s)
        return (
            (found.ends_s - found.starts_s) * self._van.cost_per_second
            + overtime_s * self._van.overtime_cost
            + found.late_cost
        )

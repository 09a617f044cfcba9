"""One walk along a tour: when the van arrives, begins and leaves, and how late it can start at no cost.

Everything that a tour does at one place is a call: a visit, a reload, or a break. A walk serves each call as
soon as it can. Where drives take the same time all day, the start can then be put off by arithmetic alone:
a delay of the start reaches a call once it has eaten the waiting before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from doorstep.route_solution import StopKind, ViolationKind
from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Task
from optimizer.routes.timetable.faults import Fault


class Call(NamedTuple):
    """What the van does at one place.

    Attributes
    ----------
    number
        The visit; for a reload the entry of the tour, for a break which of the van's.
    drive_s, metres
        From the call before, at the table's speed.
    windows
        Closed spans in which it begins.
    grace_s, late_cost
        How long after a window it may begin, and what each second of that costs.
    position
        Of its entry in the tour; None for a break.
    has_come
        It is at the door already, for a break before the service.
    """

    kind: StopKind
    number: int
    place: int
    origin: int
    drive_s: int
    metres: int
    setup_s: int
    service_s: int
    windows: tuple[tuple[int, int], ...]
    grace_s: int = 0
    late_cost: int = 0
    position: int | None = None
    has_come: bool = False


class Moment(NamedTuple):
    """When a call is made: between `first` and `last` it would cost nothing, until `limit` it is allowed."""

    arrives_s: int
    begins_s: int
    leaves_s: int
    last: int
    limit: int
    can_be_later: bool


@dataclass(slots=True)
class Walk:
    """A tour from leaving its start to its end."""

    starts_s: int
    moments: list[Moment]
    ends_s: int
    driving_s: int
    late_cost: int


def walk(task: Task, calls: Sequence[Call], end: int, starts_s: int, *, per_second: int) -> Walk | Fault:
    """Serve each call as soon as it can be.

    Parameters
    ----------
    end
        The place where the tour ends; `NOWHERE` for the last door.
    per_second
        What waiting costs: where a window has just closed, the van is late or waits for the next one,
        whichever costs less here.
    """
    is_steady = task.speeds is None
    now, driving_s, late_cost = starts_s, 0, 0
    moments: list[Moment] = []
    for at, (_, _, place, origin, table_s, _, setup_s, service_s, windows, grace_s, cost, _, _) in enumerate(
        calls
    ):
        if table_s >= UNBOUNDED:
            return Fault(ViolationKind.NO_ROAD, at)
        drive_s = table_s if is_steady or not table_s else task.drive_s(origin, place, now)
        driving_s += drive_s
        arrives = now + drive_s
        begins = arrives + setup_s
        if len(windows) == 1:
            first, last = windows[0]
            limit, can_be_later = last + grace_s, False
            begins = max(begins, first)
            if begins > last:
                if begins > limit:
                    return Fault(ViolationKind.LATE, at, begins - limit)
                late_cost += (begins - last) * cost
        else:
            chosen = _choose(windows, begins, grace_s, cost, per_second)
            if chosen is None:
                return Fault(ViolationKind.LATE, at, max(1, begins - windows[-1][1] - grace_s))
            begins, last, limit, can_be_later = chosen
            late_cost += max(0, begins - last) * cost
        now = begins + service_s
        moments.append(Moment(arrives, begins, now, last, limit, can_be_later))
    if end != NOWHERE and calls:
        home_s = task.drive_s(calls[-1].place, end, now)
        if home_s >= UNBOUNDED:
            return Fault(ViolationKind.NO_ROAD)
        now, driving_s = now + home_s, driving_s + home_s
    return Walk(starts_s, moments, now, driving_s, late_cost)


def opening(call: Call, ready_s: int, *, per_second: int) -> int | None:
    """When a call begins for which the van is ready at `ready_s`; None where it may not any more."""
    chosen = _choose(call.windows, ready_s, call.grace_s, call.late_cost, per_second)
    return None if chosen is None else chosen[0]


def _choose(
    windows: Sequence[tuple[int, int]], ready_s: int, grace_s: int, late_cost: int, per_second: int
) -> tuple[int, int, int, bool] | None:
    """(begins, the window's last second, the last second allowed, whether other windows follow)."""
    closed: int | None = None
    for position, (first, last) in enumerate(windows):
        if ready_s > last:
            closed = last
            continue
        follows = position + 1 < len(windows)
        if closed is not None and ready_s < first and ready_s - closed <= grace_s:
            is_cheaper = (ready_s - closed) * late_cost <= (first - ready_s) * per_second
            if is_cheaper:
                return ready_s, closed, min(closed + grace_s, first - 1), True
        following = windows[position + 1][0] - 1 if follows else UNBOUNDED
        return max(ready_s, first), last, min(last + grace_s, following), follows
    if closed is None or ready_s - closed > grace_s:
        return None
    return ready_s, closed, closed + grace_s, False


def put_off(calls: Sequence[Call], found: Walk, *, per_second: int, longest_s: int) -> Walk | Fault:
    """Start as late as is possible without costing more, where drives take the same time all day.

    Parameters
    ----------
    longest_s
        From leaving to coming home; a tour that waits too long for it starts later than is cheapest.
    """
    waited, waits, before = 0, [], found.starts_s
    most = UNBOUNDED
    turns: list[tuple[int, int]] = []
    for call, moment in zip(calls, found.moments, strict=True):
        waits.append(waited)
        drive_s = moment.arrives_s - before
        waited += moment.begins_s - before - drive_s - call.setup_s
        most = min(most, waited + moment.limit - moment.begins_s)
        if call.late_cost:
            turns.append((waited + max(0, moment.last - moment.begins_s), call.late_cost))
        before = moment.leaves_s
    most = min(most, waited)
    delay = most
    slope = 0
    for turn, cost in sorted(turns):
        slope += cost
        if slope > per_second:
            delay = min(most, turn)
            break
    if (over := found.ends_s - found.starts_s - delay - longest_s) > 0:
        delay += over
        if delay > most:
            return Fault(ViolationKind.TOO_LONG, by=delay - most)
    return _delayed(calls, found, waits, delay) if delay else found


def _delayed(calls: Sequence[Call], found: Walk, waits: Sequence[int], delay: int) -> Walk:
    moments, late_cost = [], 0
    for call, moment, waited in zip(calls, found.moments, waits, strict=True):
        arrives = moment.arrives_s + max(0, delay - waited)
        begins = max(moment.begins_s, arrives + call.setup_s)
        if begins > moment.last:
            late_cost += (begins - moment.last) * call.late_cost
        moments.append(Moment(arrives, begins, begins + call.service_s, *moment[3:]))
    return Walk(found.starts_s + delay, moments, found.ends_s, found.driving_s, late_cost)


def next_start(calls: Sequence[Call], found: Walk) -> int | None:
    """The first later start that makes some call begin in another window; None where waiting has an end."""
    waited, before, soonest = 0, found.starts_s, UNBOUNDED
    for call, moment in zip(calls, found.moments, strict=True):
        drive_s = moment.arrives_s - before
        waited += moment.begins_s - before - drive_s - call.setup_s
        if moment.can_be_later:
            soonest = min(soonest, waited + moment.limit - moment.begins_s + 1)
        before = moment.leaves_s
    return found.starts_s + soonest if waited > 0 and soonest < UNBOUNDED else None

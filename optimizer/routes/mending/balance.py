"""How evenly vans share the work, what it costs where they do not, and limits for engines that know none.

A van has work above its share where it has more than the average of all vans on duty, and the
tolerance on top. Balance gives way to visits: the price of unevenness stays below what leaving one out costs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from doorstep.route_problem import Balance, BalanceMeasure
from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Task, Tour, visits_in
from optimizer.routes.timetable.schedule import Timetable

_TIMES_THE_HOUR = 10
"""A second above the share costs as much as so many seconds of driving: a detour that is worth making, and a
change of what drivers were told as well."""


def vans_on_duty(task: Task) -> tuple[int, ...]:
    """Those that share the work: each whose shift is not over."""
    return tuple(
        number for number, van in enumerate(task.vans) if van.shift_end_s + van.overtime_s > van.shift_start_s
    )


def work_of(balance: Balance, tour: Tour, times: Timetable) -> int:
    """What a tour counts: its visits, or its seconds from leaving to coming home."""
    if balance.measure is BalanceMeasure.STOPS:
        return len(visits_in(tour))
    return times.ends_s - times.starts_s


def share_of(balance: Balance, total: int, vans: int) -> int:
    """How much work one of so many vans may have at most.

    Whole stops cannot be shared more evenly than by one, so that nobody is blamed for a remainder.
    """
    share = math.floor((1 + balance.tolerance) * total / max(vans, 1) + 1e-9)
    if balance.measure is BalanceMeasure.STOPS:
        return max(share, -(-total // max(vans, 1)))
    return share


def above_share(balance: Balance, works: Sequence[int]) -> tuple[int, ...]:
    """By van: stops or seconds above what each may have; `works` has one for each on duty."""
    share = share_of(balance, sum(works), len(works))
    return tuple(max(0, work - share) for work in works)


def price_of(task: Task) -> int:
    """Cost units of each stop or second above the share.

    Of a stop: the dearest way from a depot to a visit and back, so that evenness is worth any detour. What
    one visit takes costs less than to leave out one that is made if it can be.
    """
    if task.balance is None or not task.visits:
        return 0
    wanted = [
        skip_cost
        for visit, skip_cost in zip(task.visits, task.skip_costs, strict=True)
        if visit.skip_cost_minor is None
    ]
    if task.balance.measure is BalanceMeasure.STOPS:
        return max(1, min(_dearest_way(task), min(wanted, default=UNBOUNDED**2) // 2))
    per_second = max(max(van.cost_per_second, 10 * van.cost_per_metre) for van in task.vans)
    most = min(wanted, default=UNBOUNDED**2) // (2 * _longest_visit_s(task))
    return max(1, min(_TIMES_THE_HOUR * per_second, most))


def most_stops(task: Task) -> tuple[int, ...] | None:
    """By van, for an engine that knows no balance: as many as each may have if all visits are made.

    None where it is not stops that are to be even: how long a tour takes shows only once there is one.
    """
    if task.balance is None or task.balance.measure is not BalanceMeasure.STOPS:
        return None
    return (share_of(task.balance, len(task.visits), len(vans_on_duty(task))),) * len(task.vans)


def _longest_visit_s(task: Task) -> int:
    """The most seconds that a visit adds to a tour by being made: there, back, and at the door.

    Waiting for its window is not counted: a visit that others wait for may be left out for evenness, and is
    put back where it fits once that is settled.
    """
    places = np.array([visit.place for visit in task.visits])
    ends = {van.start for van in task.vans} | {van.end for van in task.vans}
    drives = [task.seconds_table[end][places] for end in ends if end != NOWHERE]
    farthest_s = max((int(row[row < UNBOUNDED].max(initial=0)) for row in drives), default=0)
    return max(1, 2 * farthest_s + max(visit.service_s + task.setup_s[visit.place] for visit in task.visits))


def _dearest_way(task: Task) -> int:
    places = np.array([visit.place for visit in task.visits])
    dearest = 1
    for van in task.vans:
        start = van.start if van.start != NOWHERE else van.end
        if start == NOWHERE:
            continue
        metres, seconds = task.metres_table[start][places], task.seconds_table[start][places]
        costs = (metres * van.cost_per_metre + seconds * van.cost_per_second)[seconds < UNBOUNDED]
        dearest = max(dearest, 2 * int(costs.max(initial=0)))
    return dearest

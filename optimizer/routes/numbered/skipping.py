"""What leaving a visit out costs: the last resort, and the later the higher the priority."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.routes.numbered.task import COST_UNITS, UNBOUNDED, TaskVan, TaskVisit

_MOST_LATE_STOPS = 50
"""How many stops of one tour are taken to be as late as they may be, in the dearest tour there is."""

_MOST_IN_ALL = 1 << 60
"""What all visits left out may cost together: search engines count in 64 bits."""


def skip_costs(
    visits: Sequence[TaskVisit],
    vans: Sequence[TaskVan],
    seconds: NDArray[np.int64],
    metres: NDArray[np.int64],
) -> tuple[int, ...]:
    """By visit, in cost units, whole minor ones: every engine can tell those apart. See `Task.skip_costs`."""
    priced = _priced(visits)
    must = Counter(visit.priority for visit in visits if visit.skip_cost_minor is None)
    dearest = max(dearest_tour(visits, vans, seconds, metres), max(priced.values(), default=0) + 1)
    by_priority = _by_priority(-(-dearest // COST_UNITS) * COST_UNITS, must)
    return tuple(
        priced[number] if number in priced else by_priority[visit.priority]
        for number, visit in enumerate(visits)
    )


def _priced(visits: Sequence[TaskVisit]) -> dict[int, int]:
    """Visit -> its price of leaving it out, a minor unit more for each priority that is below its own.

    So of two that save as much the lower one is left out, and money still decides whether.
    """
    prices = {
        number: visit.skip_cost_minor
        for number, visit in enumerate(visits)
        if visit.skip_cost_minor is not None
    }
    ranks = {priority: rank for rank, priority in enumerate(sorted({visits[n].priority for n in prices}))}
    most = _MOST_IN_ALL // (4 * max(1, len(visits)))
    return {
        number: min(price + ranks[visits[number].priority], most // COST_UNITS) * COST_UNITS
        for number, price in prices.items()
    }


def dearest_tour(
    visits: Sequence[TaskVisit],
    vans: Sequence[TaskVan],
    seconds: NDArray[np.int64],
    metres: NDArray[np.int64],
) -> int:
    """More cost units than the tour of any van can come to."""
    drives = (seconds > 0) & (seconds < UNBOUNDED)
    speeds_mps = np.divide(metres, seconds, out=np.zeros(metres.shape), where=drives)
    top_speed_mps = float(speeds_mps.max(initial=0.0))
    late = sorted(
        (visit.late_at_most_s * visit.late_cost for visit in visits if visit.late_cost), reverse=True
    )
    dearest = 0
    for van in vans:
        longest_s = max(0, van.shift_end_s + van.overtime_s - van.shift_start_s)
        second = van.cost_per_second + math.ceil(van.cost_per_metre * top_speed_mps)
        stops = min(van.max_stops, len(visits), _MOST_LATE_STOPS)
        extra = van.overtime_s * van.overtime_cost + stops * van.outside_cost + sum(late[:stops])
        dearest = max(dearest, van.fixed_cost + longest_s * second + extra)
    return 1 + dearest


def _by_priority(base: int, must: Mapping[int, int]) -> dict[int, int]:
    """Costs by priority: one visit outweighs all those of lower priorities, as far as 64 bits allow.

    Where they do not, a higher priority still costs more.
    """
    levels = sorted(must)
    room = _MOST_IN_ALL / max(1, base * sum(must.values()))
    most_each = max(1.0, room ** (1 / max(1, len(levels) - 1)))
    costs: dict[int, int] = {}
    cost, lower = base, 0
    for level in levels:
        if lower:
            cost += max(1, int(cost * min(lower, most_each - 1)) // COST_UNITS) * COST_UNITS
        costs[level] = cost
        lower += must[level]
    return costs

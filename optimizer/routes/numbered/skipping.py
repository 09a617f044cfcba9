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
    """By visit, in cost units; see `Task.skip_costs`."""
    must = Counter(visit.priority for visit in visits if visit.skip_cost_minor is None)
    by_priority = _by_priority(dearest_tour(visits, vans, seconds, metres), must)
    return tuple(
        by_priority[visit.priority] if visit.skip_cost_minor is None else visit.skip_cost_minor * COST_UNITS
        for visit in visits
    )


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
    """Costs by priority: one visit outweighs all those of lower priorities, as far as 64 bits allow."""
    levels = sorted(must)
    total = sum(must.values())
    room = max(2.0, _MOST_IN_ALL / max(1, base * total))
    most_each = max(2, int(room ** (1 / max(1, len(levels) - 1))))
    costs: dict[int, int] = {}
    cost, lower = base, 0
    for level in levels:
        if lower:
            cost *= min(1 + lower, most_each)
        costs[level] = cost
        lower += must[level]
    return costs

"""What leaving a visit out costs: the last resort, and the later the higher the priority."""

from __future__ import annotations

import math
from bisect import bisect_left
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
    by_priority = _by_priority(_whole_minor(dearest), must)
    return tuple(
        priced[number] if number in priced else by_priority[visit.priority]
        for number, visit in enumerate(visits)
    )


class LateSkips:
    """What leaving out a visit costs that comes to a task after its `skip_costs` were counted.

    The costs of the others stay: one that is made if it can be costs as much as those of the highest priority
    up to its own, and a price gets its place among the priorities that had one.
    """

    def __init__(
        self,
        visits: Sequence[TaskVisit],
        vans: Sequence[TaskVan],
        seconds: NDArray[np.int64],
        metres: NDArray[np.int64],
        costs: Sequence[int],
    ) -> None:
        self._must: dict[int, int] = {}
        priced = [0]
        for visit, cost in zip(visits, costs, strict=True):
            if visit.skip_cost_minor is None:
                self._must[visit.priority] = cost
            else:
                priced.append(cost)
        self._least = _whole_minor(max(dearest_tour(visits, vans, seconds, metres), max(priced) + 1))
        self._priorities = sorted({visit.priority for visit in visits if visit.skip_cost_minor is not None})
        self._visits = len(visits)

    def cost(self, visit: TaskVisit) -> int:
        """In cost units, whole minor ones."""
        if visit.skip_cost_minor is not None:
            rank = bisect_left(self._priorities, visit.priority)
            return _price(visit.skip_cost_minor + rank, self._visits + 1)
        below = (cost for priority, cost in self._must.items() if priority <= visit.priority)
        return max(below, default=self._least)


def _whole_minor(cost: int) -> int:
    return -(-cost // COST_UNITS) * COST_UNITS


def _price(minor: int, visits: int) -> int:
    most = _MOST_IN_ALL // (4 * max(1, visits))
    return min(minor, most // COST_UNITS) * COST_UNITS


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
    return {
        number: _price(price + ranks[visits[number].priority], len(visits))
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

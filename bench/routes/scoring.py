"""What routes of customers cost by an instance, told without the planner's parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.routes.instance import Instance


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody made of an instance.

    Attributes
    ----------
    cost
        In the file's units, with the prizes that were not collected; None where a rule is broken, or somebody
        is left out who must not be.
    seconds
        Of wall time.
    """

    cost: float | None
    seconds: float

    def gap(self, instance: Instance) -> float | None:
        """Per cent above the best known; None where there is nothing to compare."""
        if self.cost is None or not instance.best_known:
            return None
        return round(100 * (self.cost / instance.best_known - 1), 3)


def cost_of(instance: Instance, routes: Sequence[Sequence[int]]) -> float | None:
    """The cost of routes of customers, numbered from 1; None where they break a rule."""
    visited = [customer for route in routes for customer in route]
    left_out = set(range(1, len(instance.rows))) - set(visited)
    if len(visited) != len(set(visited)) or any(instance.rows[row].prize is None for row in left_out):
        return None
    if instance.vans is not None and sum(map(bool, routes)) > instance.vans:
        return None
    lengths, durations = instance.lengths().tolist(), instance.durations().tolist()
    total = sum(instance.prize(row) or 0 for row in left_out)
    for route in filter(None, routes):
        length = _driven(instance, lengths, durations, route)
        if length is None:
            return None
        total += length
    return total / instance.scale


def _driven(
    instance: Instance, lengths: list[list[int]], durations: list[list[int]], route: Sequence[int]
) -> int | None:
    """How long a route is; None where it is too full, too long or too late."""
    if sum(instance.rows[row].demand for row in route) > instance.capacity:
        return None
    at, length, now = 0, 0, instance.opens(0)
    for there in (*route, 0):
        length += lengths[at][there]
        now += durations[at][there]
        if there:
            now = max(now, instance.opens(there))
        closes = instance.closes(there)
        if closes is not None and now > closes:
            return None
        now += instance.takes(there)
        at = there
    return None if instance.longest is not None and length > instance.longest else length

"""Where a visit, or a pair, may fit in a tour: bounds say what to try, the timetable decides."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from itertools import pairwise
from typing import NamedTuple

from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.outline import Outline, Outlines, earliest_start
from optimizer.routes.mending.repair import Unit
from optimizer.routes.numbered.task import RELOAD, TaskVisit, Tour, is_reload

_OFFERED = 6
"""How many places of a tour are offered: what bounds call cheapest mostly is."""

_PAIRS_OFFERED = 10
_MOST_REMEMBERED = 100_000

_Candidate = tuple[int, Tour]
"""What way and time seem to cost, and the longer tour."""


class Offer(NamedTuple):
    """A tour with a visit, or a pair, more; whether it can be driven is not known.

    Attributes
    ----------
    cost
        What it seems to cost: way and time, and all that does not depend on the hour.
    """

    cost: int
    van: int
    tour: Tour


class Places:
    """Finds places in a task's tours, and remembers them by tour."""

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._task = objective.task
        self._outlines = Outlines(
            objective.task, [objective.held(van) for van in range(len(objective.task.vans))]
        )
        self._remembered: dict[tuple[Unit, int, Tour], tuple[Offer, ...]] = {}

    def offers(self, unit: Unit, van: int, tour: Tour) -> tuple[Offer, ...]:
        """The places that seem cheapest, in their order; with a reload only where it does not fit without."""
        key = (unit, van, tour)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = self._search(unit, van, tour)
        return found

    def _search(self, unit: Unit, van: int, tour: Tour) -> tuple[Offer, ...]:
        if not all(self._task.may[visit, van] for visit in unit):
            return ()
        if len(unit) == 2:
            cheapest = nsmallest(_PAIRS_OFFERED, self._pairs(unit, van, tour))
        else:
            cheapest = nsmallest(_OFFERED, self._singles(unit[0], van, tour))
            cheapest = cheapest or nsmallest(_OFFERED, self._with_reload(unit[0], van, tour))
        fixed = self._fixed_cost(unit, van, tour)
        return tuple(Offer(cost + fixed, van, longer) for cost, longer in cheapest)

    def _fixed_cost(self, unit: Unit, van: int, tour: Tour) -> int:
        """What does not depend on the place: of a van that does not drive yet, of service and of rules."""
        limits = self._task.vans[van]
        cost = 0 if tour else limits.fixed_cost
        for visit in unit:
            cost += self._task.visits[visit].service_s * limits.cost_per_second
            cost += limits.outside_cost if self._task.is_outside[visit, van] else 0
            cost += self._objective.move_cost(visit, van)
        return cost

    def _singles(self, number: int, van: int, tour: Tour) -> Iterator[_Candidate]:
        outline, visit = self._outlines.of(van, tour), self._task.visits[number]
        for position in self._open(number, van, tour, outline):
            if self._is_too_much(visit, van, outline, position):
                continue
            added = self._detour(visit, van, outline, position)
            if added is not None:
                yield added, (*tour[:position], number, *tour[position:])

    def _open(self, number: int, van: int, tour: Tour, outline: Outline) -> range:
        """Positions that pins and what is held leave to a visit."""
        held, pinned = self._objective.held(van), self._task.visits[number].pinned_place
        if number in held:
            earlier = held[: held.index(number)]
            place = sum(1 for entry in tour[: outline.first] if entry in earlier)
            return range(place, place + 1)
        if pinned is PinnedPlace.FIRST:
            return range(1 if outline.first == 0 else 0)
        if pinned is PinnedPlace.LAST:
            return range(len(tour), len(tour) + (outline.last == len(tour)))
        return range(outline.first, outline.last + 1)

    def _is_too_much(self, visit: TaskVisit, van: int, outline: Outline, position: int) -> bool:
        """Whether the trip's goods from the depot, or those to it, are more than the van holds."""
        if visit.partner is not None:
            return False
        sums = outline.taken if visit.kind is VisitKind.COLLECTION else outline.brought
        on_trip, limits = sums[outline.trips[position]], self._task.vans[van].capacity
        return any(
            load > 0 and load + sum_ > limit
            for load, sum_, limit in zip(visit.loads, on_trip, limits, strict=True)
        )

    def _detour(self, visit: TaskVisit, van: int, outline: Outline, position: int) -> int | None:
        """What the way over a visit seems to cost; None where it comes too late, or what follows does."""
        seconds, metres, place = self._outlines.seconds, self._outlines.metres, visit.place
        here, there = outline.places[position], outline.places[position + 1]
        to_s, back_s = seconds[here][place], seconds[place][there]
        begins = earliest_start(visit, outline.leaves_s[position] + to_s)
        if begins is None or begins + visit.service_s + back_s > outline.due_s[position]:
            return None
        limits = self._task.vans[van]
        added_m = metres[here][place] + metres[place][there] - metres[here][there]
        return (
            added_m * limits.cost_per_metre + (to_s + back_s - seconds[here][there]) * limits.cost_per_second
        )

    def _with_reload(self, number: int, van: int, tour: Tour) -> Iterator[_Candidate]:
        """The visit right after one more reload, or right before it; what follows is on the new trip."""
        limits, visit = self._task.vans[van], self._task.visits[number]
        if not tour or sum(map(is_reload, tour)) >= limits.most_reloads or visit.pinned_place is not None:
            return
        outline, seconds = self._outlines.of(van, tour), self._outlines.seconds
        for position in range(max(outline.first, 0 if limits.is_under_way else 1), outline.last + 1):
            for choice, depot in enumerate(limits.reload_places):
                for entries, stops in (
                    ((RELOAD - choice, number), (depot, visit.place)),
                    ((number, RELOAD - choice), (visit.place, depot)),
                ):
                    places = (outline.places[position], *stops, outline.places[position + 1])
                    back_s = outline.leaves_s[position] + sum(seconds[a][b] for a, b in pairwise(places))
                    if back_s + visit.service_s + limits.reload_s > outline.due_s[position]:
                        continue
                    if position < len(tour) or not is_reload(entries[1]):
                        cost = self._way(van, outline, position, *stops)
                        yield cost, (*tour[:position], *entries, *tour[position:])

    def _pairs(self, unit: Unit, van: int, tour: Tour) -> Iterator[_Candidate]:
        """Pick-up and drop-off: next to each other, or with a stretch of the tour between them."""
        pickup, drop = (self._task.visits[number] for number in unit)
        outline = self._outlines.of(van, tour)
        drops = {
            position: self._detour(drop, van, outline, position)
            for position in self._open(unit[1], van, tour, outline)
        }
        for first in self._open(unit[0], van, tour, outline):
            added = self._detour(pickup, van, outline, first)
            if added is None:
                continue
            if first in drops:
                together = self._way(van, outline, first, pickup.place, drop.place)
                yield together, (*tour[:first], *unit, *tour[first:])
            for last in self._ends(van, tour, first):
                onwards = drops.get(last)
                if onwards is not None:
                    longer = (*tour[:first], unit[0], *tour[first:last], unit[1], *tour[last:])
                    yield added + onwards, longer

    def _ends(self, van: int, tour: Tour, first: int) -> Iterator[int]:
        """Where what is picked up at a position can be got at again, later in the tour."""
        if not self._task.vans[van].is_lifo:
            yield from range(first + 1, len(tour) + 1)
            return
        above = 0
        for position in range(first, len(tour)):
            entry = tour[position]
            if not is_reload(entry) and self._task.visits[entry].partner is not None:
                above += 1 if self._task.visits[entry].kind is VisitKind.PICKUP else -1
            if above < 0:
                return
            if above == 0:
                yield position + 1

    def _way(self, van: int, outline: Outline, position: int, *stops: int) -> int:
        """What a way over some places costs more than the one that leads past them."""
        limits, seconds, metres = self._task.vans[van], self._outlines.seconds, self._outlines.metres

        def cost(a: int, b: int) -> int:
            return metres[a][b] * limits.cost_per_metre + seconds[a][b] * limits.cost_per_second

        here, there = outline.places[position], outline.places[position + 1]
        return sum(cost(a, b) for a, b in pairwise((here, *stops, there))) - cost(here, there)

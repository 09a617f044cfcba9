"""The best set of places that together have all: exact as long as there are few, else greedy and improved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from doorstep.sourcing import SourcingStrategy
from optimizer.sourcing.standing import Candidate, place_key

MOST_SETS = 20_000
"""So many sets of places are looked at one by one: all of 8 places, or up to three of 49."""

Places = tuple[Candidate, ...]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Aim:
    """What the sets of places are compared by.

    Attributes
    ----------
    penalty
        For each part after the first, minor units.
    current_id
        The store's choice, which of two equals is taken.
    """

    wanted: Mapping[str, int]
    strategy: SourcingStrategy
    most: int
    penalty: int = 0
    current_id: str = ""

    def covers(self, places: Sequence[Candidate]) -> bool:
        """Whether these have all of it."""
        return all(
            sum(one.has[article] for one in places) >= pieces for article, pieces in self.wanted.items()
        )

    def key(self, places: Sequence[Candidate]) -> Key:
        """Smaller is better."""
        parts = len(places)
        cost = sum(one.cost for one in places)
        far_m = sum(one.distance_m for one in places)
        priority = sum(one.priority for one in places)
        changes = all(one.id != self.current_id for one in places)
        ids = tuple(sorted(one.id for one in places))
        match self.strategy:
            case SourcingStrategy.CHEAPEST:
                first: tuple[int, ...] = (cost + self.penalty * (parts - 1), parts, far_m, priority)
            case SourcingStrategy.NEAREST:
                first = (parts, far_m, cost, priority)
            case SourcingStrategy.PRIORITY:
                first = (parts, priority, cost, far_m)
            case _:
                first = (parts, cost, far_m, priority)
        return (*first, changes, ids)


def best_two(able: Sequence[Candidate], aim: Aim) -> Sequence[Places]:
    """The best set and the next best, best first; () where none has all."""
    most = min(aim.most, len(able))
    if not aim.covers(able) or not most:
        return ()
    if sum(comb(len(able), parts) for parts in range(1, most + 1)) <= MOST_SETS:
        return sorted(_all_covers(able, aim, most), key=aim.key)[:2]
    return _greedy(able, aim)


def _all_covers(able: Sequence[Candidate], aim: Aim, most: int) -> Iterator[Places]:
    """Every set that has all, without those of which a place could stay out."""
    for parts in range(1, most + 1):
        for places in combinations(able, parts):
            if aim.covers(places) and not any(aim.covers(_without(places, one)) for one in places):
                yield places


def _greedy(able: Sequence[Candidate], aim: Aim) -> Sequence[Places]:
    """Whoever adds most is taken until all is there; then places are exchanged as long as that is better."""
    taken = _gathered(able, aim, by_cost=True) or _gathered(able, aim, by_cost=False)
    if not taken:
        return ()
    seen: dict[Key, Places] = {aim.key(taken): taken}
    while True:
        better = {aim.key(one): one for one in _neighbours(able, taken, aim)}
        seen |= better
        best = min(better, default=None)
        if best is None or best >= aim.key(taken):
            return [seen[key] for key in sorted(seen)[:2]]
        taken = better[best]


def _gathered(able: Sequence[Candidate], aim: Aim, *, by_cost: bool) -> Places:
    """A set that has all, the most worthy place first; () where that way leads to none."""
    taken: Places = ()
    while not aim.covers(taken):
        if len(taken) == aim.most:
            return ()
        rest = [one for one in able if one not in taken]
        worth = {one.id: _worth(taken, one, aim, by_cost=by_cost) for one in rest}
        taken = (*taken, min(rest, key=lambda one: (*worth[one.id], *place_key(aim.strategy, one))))
    return _thinned(taken, aim)


def _worth(taken: Places, one: Candidate, aim: Aim, *, by_cost: bool) -> tuple[int, ...]:
    """Smaller is better: what a further piece costs (in thousandths), else how many there are."""
    added = sum(
        min(one.has[article], max(0, pieces - sum(other.has[article] for other in taken)))
        for article, pieces in aim.wanted.items()
    )
    if by_cost and aim.strategy is SourcingStrategy.CHEAPEST and added:
        return (0, (one.cost + aim.penalty) * 1000 // added)
    return (1, -added)


def _thinned(places: Places, aim: Aim) -> Places:
    """Without those that are not needed, the worst first."""
    for one in sorted(places, key=lambda place: place_key(aim.strategy, place), reverse=True):
        if aim.covers(_without(places, one)):
            places = _without(places, one)
    return places


def _neighbours(able: Sequence[Candidate], places: Places, aim: Aim) -> Iterator[Places]:
    """Sets in which one place is another, or is one place instead of two."""
    for other in able:
        if other in places:
            continue
        if aim.covers((other,)):
            yield (other,)
        for gone in (*combinations(places, 1), *combinations(places, 2)):
            changed = (*(one for one in places if one not in gone), other)
            if aim.covers(changed):
                yield _thinned(changed, aim)


def _without(places: Places, gone: Candidate) -> Places:
    return tuple(one for one in places if one is not gone)

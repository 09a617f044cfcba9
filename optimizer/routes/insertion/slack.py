"""Where a visit fits best into running tours: arrays over all gaps of all tours.

The arrays say at once what each gap would cost. For plain tours that is exact; where a rule bends time
(rests, speeds by the hour, several windows, lateness) or order (last in, first out), they are a good guess,
and the timetable is asked for the best of them in turn. So a `Place` can always be driven, and costs what it
says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.insertion.gaps import TourGaps
from optimizer.routes.insertion.legs import NO_DEPOT, NO_RELOAD, Legs
from optimizer.routes.insertion.pairs import pair_detours, pair_prices
from optimizer.routes.insertion.place import Place, is_plain_van, is_plain_visit, without_idle_reloads
from optimizer.routes.insertion.pricing import Cells, Pricer
from optimizer.routes.numbered.task import RELOAD, Task, Tour, Tours, visits_in
from optimizer.routes.timetable.schedule import Misfit, timetable

MOST_TRIES = 24
"""Gaps that are tried with a timetable before a visit counts as fitting nowhere."""

_ROOM = 64
"""Columns more than are needed, where the array grows."""

LEAST_TRIES = 8
"""Gaps that are tried where the arrays only guess, before their order is believed."""


class Slack:
    """Tours with the slack of all their gaps; a change looks again at the tours that it touches only.

    Parameters
    ----------
    tours
        One for each van. Into one that cannot be driven as it is, nothing is put.
    """

    def __init__(self, task: Task, tours: Sequence[Tour]) -> None:
        self._tours = list(tours)
        self._van_of = {number: van for van, tour in enumerate(tours) for number in visits_in(tour)}
        self._home = {number: van for van, tour in enumerate(task.given) for number in visits_in(tour)}
        self._read(task)

    def use(self, task: Task) -> None:
        """Go on with a task that has the same vans, and the visits that are on the tours.

        So a task can get more visits, or lose the last ones again, without another look at the tours.
        """
        self._task = task
        self._gaps.use(task)
        self._pricer.use(task)

    def tell(self, task: Task) -> None:
        """Go on with a task in which drivers were told the tours as they are."""
        self._home = dict(self._van_of)
        self.use(task)

    def _read(self, task: Task) -> None:
        self._task = task
        self._gaps = TourGaps(task)
        self._pricer = Pricer(task)
        self._plain = [is_plain_van(task, van) for van in range(len(task.vans))]
        self._stops_left = np.zeros(len(task.vans), np.int64)
        self._costs: dict[int, int] = {}
        self._is_exact = np.zeros(len(task.vans), np.bool_)
        blocks = [self._block(van) for van in range(len(task.vans))]
        self._ends = np.cumsum([block.shape[1] for block in blocks], dtype=np.int64)
        self._cells = np.concatenate(blocks, axis=1) if blocks else self._gaps.no_gaps()
        self._legs = Legs(self._cells)

    @property
    def task(self) -> Task:
        """Whose tours these are."""
        return self._task

    @property
    def tours(self) -> Tours:
        """As they are."""
        return tuple(self._tours)

    def van_of(self, visit: int) -> int | None:
        """Who makes a visit; None for nobody."""
        return self._van_of.get(visit)

    def cheapest(
        self, visit: int, vans: Iterable[int] | None = None, *, tries: int | None = None
    ) -> Place | None:
        """Where a visit costs least; None where it fits nowhere.

        Parameters
        ----------
        vans
            Only these; None for all.
        tries
            At most so many gaps are tried, and the best of them is answered; None for as many as it takes.
        """
        return next(iter(self.places(visit, 1, vans, tries=tries)), None)

    def places(
        self, visit: int, most: int, vans: Iterable[int] | None = None, *, tries: int | None = None
    ) -> tuple[Place, ...]:
        """The best place of each of the best vans, the cheapest first; a pair is put in together."""
        found: dict[int, Place] = {}
        tried = 0
        for guess, van, tour in self._candidates(visit, vans):
            is_sure = bool(self._is_exact[van]) or tried >= LEAST_TRIES
            if is_sure and len(found) >= most and guess >= max(place.cost for place in found.values()):
                break
            if is_sure and van in found and found[van].cost <= guess:
                continue
            if tried == tries:
                break
            tried += 1
            cost = self._true_cost(visit, van, tour, guess)
            if cost is not None and (van not in found or cost < found[van].cost):
                found[van] = Place(cost, visit, van, tour)
        return tuple(sorted(found.values(), key=lambda place: (place.cost, place.van)))[:most]

    def put(self, place: Place) -> None:
        """Make a place true."""
        self.change(place.van, place.tour)

    def take_out(self, visit: int) -> None:
        """Leave a visit out, and its partner; a reload that nothing needs any more goes as well."""
        van = self._van_of[visit]
        gone = {visit, self._task.visits[visit].partner}
        left = tuple(number for number in self._tours[van] if number not in gone)
        self.change(van, without_idle_reloads(self._task, van, left))

    def change(self, van: int, tour: Tour) -> None:
        """Give a van another tour."""
        for number in visits_in(self._tours[van]):
            # Tours change one after the other: another van may have taken it over already.
            if self._van_of.get(number) == van:
                del self._van_of[number]
        self._tours[van] = tour
        for number in visits_in(tour):
            self._van_of[number] = van
        self._replace(van, self._block(van))

    def _replace(self, van: int, block: Cells) -> None:
        """Write a van's columns over those that it has; what lies behind them moves within the array."""
        end, last = int(self._ends[van]), int(self._ends[-1])
        start = int(self._ends[van - 1]) if van else 0
        more = block.shape[1] - (end - start)
        if last + more > self._cells.shape[1]:
            roomy: Cells = np.empty((len(self._cells), last + more + max(_ROOM, last // 8)), np.int64)
            roomy[:, :last] = self._cells[:, :last]
            self._cells = roomy
        if more:
            self._cells[:, end + more : last + more] = self._cells[:, end:last]
        self._cells[:, start : end + more] = block
        self._ends[van:] += more
        self._legs = Legs(self._cells[:, : last + more])

    def _block(self, van: int) -> Cells:
        tour, task = self._tours[van], self._task
        count = sum(1 for number in tour if number >= 0)
        self._stops_left[van] = task.vans[van].max_stops - count
        self._costs.pop(van, None)
        self._is_exact[van] = self._plain[van] and all(
            number >= 0 and is_plain_visit(task, number) for number in tour
        )
        return self._gaps.gaps(van, tour)

    def _candidates(self, visit: int, vans: Iterable[int] | None) -> Iterator[tuple[int, int, Tour]]:
        """(guessed cost, van, tour with the visit), the cheapest first."""
        stop = self._task.visits[visit]
        may = self._task.may[visit] & (self._stops_left >= (1 if stop.partner is None else 2))
        if vans is not None:
            chosen = np.zeros(len(may), np.bool_)
            chosen[list(vans)] = True
            may = may & chosen
        if stop.partner is not None:
            yield from self._pairs(visit, stop.partner, may)
            return
        legs = self._legs
        is_open = may[legs.van] & self._has_room(visit)
        rows, prices = self._pricer.prices(legs, is_open, stop)
        prices = prices + self._by_van(visit)[legs.van[rows]]
        for at in _ascending(prices):
            yield int(prices[at]), *self._with(visit, int(rows[at]))
        is_open[rows] = False
        is_open &= ~self._is_exact[legs.van]
        if not is_open.any():
            return
        # What the arrays refuse may be possible where a rest is taken at another door, or traffic is quick.
        rows = np.flatnonzero(is_open)
        detours = self._pricer.detours(legs, rows, stop)
        for at in _ascending(detours):
            yield int(detours[at]), *self._with(visit, int(rows[at]))

    def _with(self, visit: int, row: int) -> tuple[int, Tour]:
        """The van of a gap, and its tour with a visit there."""
        legs = self._legs
        van, position, reload = int(legs.van[row]), int(legs.position[row]), int(legs.reload[row])
        tour = self._tours[van]
        if reload != NO_RELOAD:
            tour, position = (*tour, RELOAD - reload), len(tour) + 1
        return van, (*tour[:position], visit, *tour[position:])

    def _pairs(self, visit: int, partner: int, may: NDArray[np.bool_]) -> Iterator[tuple[int, int, Tour]]:
        is_pickup = self._task.visits[visit].kind is VisitKind.PICKUP
        pickup, drop = (visit, partner) if is_pickup else (partner, visit)
        legs = self._legs
        by_van = self._by_van(pickup) + self._by_van(drop)
        firsts, seconds, prices = pair_prices(self._pricer, legs, may[legs.van], pickup, drop)
        prices = prices + by_van[legs.van[firsts]]
        for at in _ascending(prices):
            yield int(prices[at]), *self._with_pair(pickup, drop, firsts[at], seconds[at])
        is_open = (may & ~self._is_exact)[legs.van]
        if not is_open.any():
            return
        # What the arrays refuse may be possible: see `_candidates`.
        priced = set(zip(firsts.tolist(), seconds.tolist(), strict=True))
        firsts, seconds, detours = pair_detours(self._pricer, legs, is_open, pickup, drop)
        for at in _ascending(detours):
            if (int(firsts[at]), int(seconds[at])) not in priced:
                yield int(detours[at]), *self._with_pair(pickup, drop, firsts[at], seconds[at])

    def _with_pair(self, pickup: int, drop: int, first: int, second: int) -> tuple[int, Tour]:
        """The van of two gaps, and its tour with a pick-up and its drop-off there."""
        van = int(self._legs.van[first])
        tour, i, j = self._tours[van], int(self._legs.position[first]), int(self._legs.position[second])
        return van, (*tour[:i], pickup, *tour[i:j], drop, *tour[j:])

    def _has_room(self, visit: int) -> NDArray[np.bool_]:
        """By gap: whether the load fits, and the pin."""
        stop, legs = self._task.visits[visit], self._legs
        is_open = np.ones(len(legs), np.bool_)
        if stop.is_from_depot:
            depot = self._gaps.depot_number(stop.depot_id)
            is_open &= (legs.loads_at == depot) if stop.depot_id else (legs.loads_at != NO_DEPOT)
            home = self._home.get(visit)
            if home is not None and self._task.vans[home].is_under_way:
                # What was given to a van under way is on board.
                is_open |= legs.van == home
        free = legs.free_before if stop.is_from_depot else legs.free_after
        for load, amount in zip(free, stop.loads, strict=True):
            if amount:
                is_open &= load >= amount
        if stop.pinned_place is PinnedPlace.FIRST:
            is_open &= legs.position == 0
        elif stop.pinned_place is PinnedPlace.LAST:
            lengths = np.array([len(tour) for tour in self._tours], np.int64)
            is_open &= legs.position >= lengths[legs.van]
        return is_open

    def _by_van(self, visit: int) -> Cells:
        """What a visit costs with each van, wherever it is put."""
        task = self._task
        extra: Cells = np.zeros(len(task.vans), np.int64)
        if task.is_outside[visit].any():
            extra += np.where(task.is_outside[visit], [van.outside_cost for van in task.vans], 0)
        if task.move_cost and (home := self._home.get(visit)) is not None:
            extra += task.move_cost
            extra[home] -= task.move_cost
        return extra

    def _true_cost(self, visit: int, van: int, tour: Tour, guess: int) -> int | None:
        """What a tour costs more than the one there is; None where it cannot be driven."""
        stop = self._task.visits[visit]
        # A van may make another depot's visit as well if it reloads there, which the arrays know nothing of.
        is_from_home = stop.depot_id in ("", self._task.vans[van].depot_id)
        if self._is_exact[van] and is_from_home and is_plain_visit(self._task, visit) and tour[-1] >= 0:
            return guess
        times = timetable(self._task, van, tour)
        if isinstance(times, Misfit):
            return None
        partner = () if stop.partner is None else (stop.partner,)
        moves = sum(
            self._task.move_cost for number in (visit, *partner) if self._home.get(number, van) != van
        )
        return times.cost - self._cost(van) + moves

    def _cost(self, van: int) -> int:
        if van not in self._costs:
            tour = self._tours[van]
            times = timetable(self._task, van, tour) if tour else None
            self._costs[van] = 0 if times is None or isinstance(times, Misfit) else times.cost
        return self._costs[van]


def _ascending(prices: Cells) -> NDArray[np.intp]:
    """Which are the cheapest, as many as are tried."""
    if len(prices) > MOST_TRIES:
        few = np.argpartition(prices, MOST_TRIES)[:MOST_TRIES]
        return few[np.lexsort((few, prices[few]))]
    return np.argsort(prices, kind="stable")

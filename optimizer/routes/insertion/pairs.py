"""What it would cost to put a pick-up and its drop-off into pairs of gaps, step by step along all tours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from optimizer.routes.insertion.legs import NO_RELOAD, Legs
from optimizer.routes.insertion.pricing import Cells, Pricer, Stretches, windows_at
from optimizer.routes.numbered.task import UNBOUNDED, TaskVisit

Rows = NDArray[np.intp]


def pair_prices(
    pricer: Pricer, legs: Legs, is_open: NDArray[np.bool_], pickup: int, drop: int
) -> tuple[Rows, Rows, Cells]:
    """Gaps of the pick-up, gaps of the drop-off, and what both cost there, in cost units.

    A drop-off comes before the next reload: what was fetched does not go through a depot.
    """
    task = pricer.task
    fetch, bring = task.visits[pickup], task.visits[drop]
    rows, there, metres = _fetched(pricer, legs, is_open, fetch)
    ahead, places = rows, np.full(len(rows), fetch.place, np.int64)
    found = []
    while True:
        now = Legs(legs.cells[:, ahead])
        fits, prices = _brought(pricer, now, there, metres, places, bring)
        found.append((rows[fits], ahead[fits], prices))
        drive_s = pricer.drives.seconds(places, now.destination, now.pace)
        there = there.then(drive_s, now.door_s, now.door_first, now.door_last)
        metres = metres + pricer.drives.metres(places, now.destination) - now.leg_m
        goes_on = np.flatnonzero(_passes(legs, ahead, fetch) & (there.first <= there.last))
        if not len(goes_on):
            break
        rows, ahead, places = rows[goes_on], ahead[goes_on] + 1, now.destination[goes_on]
        there, metres = there.at(goes_on), metres[goes_on]
    firsts, seconds, costs = zip(*found, strict=True)
    return np.concatenate(firsts), np.concatenate(seconds), np.concatenate(costs)


def pair_detours(
    pricer: Pricer, legs: Legs, is_open: NDArray[np.bool_], pickup: int, drop: int
) -> tuple[Rows, Rows, Cells]:
    """All pairs of open gaps of one tour, and the least that both visits can cost there: their way."""
    fetch, bring = pricer.task.visits[pickup], pricer.task.visits[drop]
    rows = np.flatnonzero(is_open & (legs.reload == NO_RELOAD) & _has_room(legs, fetch))
    of_van = (rows[legs.van[rows] == van] for van in np.unique(legs.van[rows]))
    pairs = [one[np.stack(np.triu_indices(len(one)))] for one in of_van]
    firsts, seconds = np.concatenate(pairs, axis=1) if pairs else (rows, rows)
    costs = pricer.detours(legs, firsts, fetch) + pricer.detours(legs, seconds, bring)
    one = np.flatnonzero(firsts == seconds)
    costs[one] = pricer.detours(legs, firsts[one], fetch, bring)
    return firsts, seconds, costs


def _fetched(
    pricer: Pricer, legs: Legs, is_open: NDArray[np.bool_], fetch: TaskVisit
) -> tuple[Rows, Stretches, Cells]:
    """Gaps in which goods can be fetched in time, the stretch that ends there, and the metres to it."""
    leaves_s = legs.before_s + legs.before_first
    drive_s = pricer.drives.seconds(legs.origin, fetch.place, legs.pace)
    first, last = windows_at(fetch, leaves_s + drive_s)
    before = Stretches(legs.before_s, legs.before_first, legs.before_last)
    there = before.then(drive_s, fetch.service_s, first, last)
    fits = is_open & _has_room(legs, fetch) & (legs.reload == NO_RELOAD) & (there.first <= there.last)
    rows = np.flatnonzero(fits)
    return rows, there.at(rows), pricer.drives.metres(legs.origin[rows], fetch.place)


def _brought(
    pricer: Pricer, now: Legs, there: Stretches, metres: Cells, places: Cells, bring: TaskVisit
) -> tuple[Rows, Cells]:
    """Which of them can bring the goods in this gap, and what the two visits cost then."""
    drives = pricer.drives
    drive_s = drives.seconds(places, bring.place, now.pace)
    ready_s = there.first + there.takes_s + drive_s
    first, last = windows_at(bring, ready_s)
    begins_s = np.maximum(ready_s, first)
    on_s = drives.seconds(bring.place, now.destination, now.pace)
    fits = np.flatnonzero((begins_s <= last) & (begins_s + bring.service_s + on_s <= now.due))
    brought = there.then(drive_s, bring.service_s, first, last).at(fits)
    few = Legs(now.cells[:, fits])
    whole = brought.then(on_s[fits], few.after_s, few.after_first, few.after_last)
    way_m = drives.metres(places[fits], bring.place) + drives.metres(bring.place, few.destination)
    within, prices = pricer.price(few, whole, metres[fits] + way_m - few.leg_m)
    return (fits, prices) if within is None else (fits[within], prices[within])


def _passes(legs: Legs, ahead: Rows, fetch: TaskVisit) -> NDArray[np.bool_]:
    """Whether goods on board can go on from each gap to the next one of the tour."""
    behind = np.minimum(ahead + 1, len(legs) - 1)
    follows = (legs.van[behind] == legs.van[ahead]) & (legs.position[behind] == legs.position[ahead] + 1)
    is_visit = (legs.door_s[ahead] < UNBOUNDED) & (legs.reload[behind] == NO_RELOAD)
    passes: NDArray[np.bool_] = follows & is_visit & _has_room(legs, fetch)[behind]
    return passes


def _has_room(legs: Legs, fetch: TaskVisit) -> NDArray[np.bool_]:
    fits = np.ones(len(legs), np.bool_)
    for free, amount in zip(legs.free_here, fetch.loads, strict=True):
        if amount:
            fits &= free >= amount
    return fits

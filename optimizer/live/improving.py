"""Improving: the routes of a day get better, region by region, while nobody asks for anything.

A region is searched as it stood when it was chosen, on whatever thread has time for it. What has happened
meanwhile counts: of what was found, that is taken over which is still possible and still better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from optimizer.live.polishing import Part, is_better, searched, vans_around
from optimizer.live.standing import Standing
from optimizer.routes.engine import Limits
from optimizer.routes.insertion.greedy import hardest_first, insert
from optimizer.routes.insertion.place import without_idle_reloads
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.stability import exchanging
from optimizer.routes.numbered.task import Tour, Tours, visits_in

REGION_VANS, REGION_STOPS = 12, 350
"""Of a region, at most: of more of them a search sees too little in the seconds that it has."""

Found = Mapping[str, tuple[str | int, ...]]
"""Van -> the ids of its visits in their order; a number is a way back, as in a tour."""


@dataclass(frozen=True, slots=True)
class Region:
    """Routes that lie near each other, as they stand.

    Attributes
    ----------
    van_ids, visit_ids
        By the numbers of the part.
    """

    part: Part
    van_ids: tuple[str, ...]
    visit_ids: tuple[str, ...]

    def searched(self, limits: Limits, seed: int) -> Found:
        """Its routes, better or the same, when the limits end; blocks until then.

        What is frozen or pinned stays, no visit is left out, and a visit goes to another van than its driver
        was told of only where that saves more than `RouteProblem.stability` asks.
        """
        tours = searched(self.part, limits, seed)
        return {
            van_id: tuple(self.visit_ids[number] if number >= 0 else number for number in tour)
            for van_id, tour in zip(self.van_ids, tours, strict=True)
        }


def region_around(now: Standing, seed: int) -> Region | None:
    """Routes around a visit that the seed chooses, without those on which something is forced."""
    tours = tuple(() if now.forced_on(van) else tour for van, tour in enumerate(now.slack.tours))
    open_visits = [number for tour in tours for number in visits_in(tour)]
    if not open_visits:
        return None
    centre = Random(seed).choice(open_visits)  # noqa: S311  # chooses a place, guards nothing
    vans = vans_around(now.task, tours, centre, most_vans=REGION_VANS, most_stops=REGION_STOPS)
    part = Part.of(now.task, tours, vans)
    return Region(
        part,
        tuple(now.rules.vans[van].id for van in vans),
        tuple(now.visits[number].id for number in part.visits),
    )


def taken_over(now: Standing, found: Found) -> Tours:
    """The tours of a day with what is still better of what was found in a region of it.

    What has come to the region since goes where it costs least among what was found, and what has left it is
    left out. Vans that exchange visits change together or not at all.
    """
    tours, objective = now.slack.tours, Objective(now.task)
    wanted = _wanted(now, found)
    for vans in exchanging(tours, wanted):
        after = list(tours)
        for van in vans:
            after[van] = wanted[van]
        if _have_same_visits(tours, after, vans) and is_better(objective, tours, tuple(after)):
            tours = tuple(after)
    return tours


def _wanted(now: Standing, found: Found) -> Tours:
    """The tours of a day with those that were found, and what has come since among them."""
    numbers = now.task.van_numbers
    known = {numbers[van_id]: names for van_id, names in found.items() if van_id in numbers}
    vans = [van for van in known if not now.forced_on(van)]
    part = Part.of(now.task, now.slack.tours, vans)
    own = {now.visits[number].id: at for at, number in enumerate(part.visits)}
    begun = tuple(
        without_idle_reloads(part.task, at, _renumbered(known[van], own)) for at, van in enumerate(vans)
    )
    held = {number for tour in begun for number in visits_in(tour)}
    missing = [number for number in hardest_first(part.task) if number not in held]
    tours = list(now.slack.tours)
    for van, tour in zip(vans, insert(part.task, begun, missing) if missing else begun, strict=True):
        tours[van] = tuple(number if number < 0 else part.visits[number] for number in tour)
    return tuple(tours)


def _renumbered(names: tuple[str | int, ...], numbers: Mapping[str, int]) -> Tour:
    """A tour without visits that have no number."""
    entries = (numbers.get(name) if isinstance(name, str) else name for name in names)
    return tuple(entry for entry in entries if entry is not None)


def _have_same_visits(tours: Tours, after: Sequence[Tour], vans: Sequence[int]) -> bool:
    were, are = (sorted(n for van in vans for n in visits_in(some[van])) for some in (tours, after))
    return were == are

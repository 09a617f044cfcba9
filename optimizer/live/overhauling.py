"""Overhauling: all routes of a day are made better, region by region, and what pays is told.

For days that nobody asks anything about just now. The regions are those of `optimizer.live.improving`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from time import monotonic

from doorstep.route_problem import GivenRoute, RouteProblem
from optimizer.live.improving import REGION_VANS, region_around, taken_over
from optimizer.live.standing import Standing
from optimizer.routes.engine import Limits
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.stability import exchanging
from optimizer.routes.numbered.task import Tours, in_minor
from optimizer.routes.travel import Travel

TELLING_S = 120
"""Seconds of a driver's time that it takes to be told other doors: to stop, to read, to find the parcels."""

_REGION_S, _LEAST_REGION_S, _REGION_S_PER_STOP = 1.0, 0.1, 0.004
"""How long a region is searched, by its stops, and at most."""

_PATIENCE = 2
"""So often the whole city is gone through without anything better before it is left as it is."""


@dataclass(frozen=True, slots=True)
class Overhaul:
    """Routes that are told together or not at all.

    Attributes
    ----------
    given
        Of each of their vans; without visits for one that has none any more.
    saves_minor
        What they cost less than what drivers were told, after what stability asks for visits that move.
    """

    given: tuple[GivenRoute, ...]
    saves_minor: int


def overhauled(problem: RouteProblem, travel: Travel, limits: Limits, *, seed: int) -> tuple[Overhaul, ...]:
    """What is better than the given routes by more than it takes to tell it; blocks until the limits end.

    Ends sooner where nothing gets better any more. Visits that are on no given route stay where they are, and
    so does what is frozen or pinned; `RouteProblem.stability` counts.
    """
    now = Standing.of(problem, travel)
    told = now.slack.tours
    for turn in _turns(now, limits, seed):
        region = region_around(now, turn)
        if region is None:
            break
        stops = len(region.visit_ids)
        most_s = min(_REGION_S, max(_LEAST_REGION_S, _REGION_S_PER_STOP * stops))
        _change(now, taken_over(now, region.searched(limits.until(monotonic() + most_s), turn)))
    return tuple(_paying(now, told))


def _turns(now: Standing, limits: Limits, seed: int) -> Iterator[int]:
    """Seeds of regions, for as long as it is worth going on."""
    around = _PATIENCE * ceil(len(now.slack.tours) / REGION_VANS)
    tours, since = now.slack.tours, 0
    while not limits.is_over and since < around:
        yield seed
        seed += 1
        since = 0 if now.slack.tours != tours else since + 1
        tours = now.slack.tours


def _change(now: Standing, tours: Tours) -> None:
    for van in now.differing(tours):
        now.slack.change(van, tours[van])


def _paying(now: Standing, told: Tours) -> Iterator[Overhaul]:
    objective, named = Objective(now.task), now.told({})
    routes = {route.van_id: route for route in named}
    for vans in exchanging(told, now.slack.tours):
        were, are = ([objective.of_van(van, tours[van]) for van in vans] for tours in (told, now.slack.tours))
        after = sum(part.cost for part in are if part)
        before = sum(part.cost for part in were if part)
        least = sum(TELLING_S * now.task.vans[van].cost_per_second for van in vans)
        # What breaks a rule as it was told is somebody else's business: see `planningRules.mends`.
        if None in were or before - after < least:
            continue
        ids = [now.rules.vans[van].id for van in vans]
        given = tuple(routes.get(van_id) or GivenRoute(van_id, ()) for van_id in ids)
        yield Overhaul(given, in_minor(before - after))

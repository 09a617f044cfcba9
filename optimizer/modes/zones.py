"""Zones: a wave that is too large for one problem is planned in sectors around its depots.

A table of drives grows with the square of its stops: 10,000 of them would take 800 MB, and no search gets
round such a problem in its time. Each zone has vans of its own, so that the tours of all make one plan.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from doorstep.geo import LatLng
from doorstep.ports.planning import RoadEngine, RoutePlanner
from doorstep.route import PlanProgress
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import RouteSolution, UnassignedCode, UnassignedReason, UnassignedVisit
from doorstep.van import Van
from doorstep.visit import Visit

MOST_VISITS = 1000
"""In one zone: what the planner gets round in seconds."""

_NOT_LOOKED_AT = UnassignedReason(
    UnassignedCode.OTHER,
    "There are more orders than the vans could ever take, and others are worth more by van.",
)


class ZonedPlanner:
    """A planner that takes a large problem in zones, one after the other (`RoutePlanner`).

    Parameters
    ----------
    planner
        Of each zone.
    most
        Visits in a zone; a problem with no more of them is handed on as it is.
    """

    def __init__(self, planner: RoutePlanner, most: int = MOST_VISITS) -> None:
        self._planner, self._most = planner, most

    async def plan(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        *,
        budget_s: float,
        seed: int,
        on_progress: Callable[[PlanProgress], None],
    ) -> RouteSolution:
        """See `RoutePlanner.plan`; each zone gets its share of the time."""
        if len(problem.visits) <= self._most or not problem.vans:
            return await self._planner.plan(
                problem, roads, budget_s=budget_s, seed=seed, on_progress=on_progress
            )
        zones = zones_of(problem, self._most)
        planned = sum(len(zone.visits) for zone in zones)
        solutions = [
            await self._planner.plan(
                zone,
                roads,
                budget_s=budget_s * len(zone.visits) / planned,
                seed=seed,
                on_progress=on_progress,
            )
            for zone in zones
        ]
        looked_at = {visit.id for zone in zones for visit in zone.visits}
        left_out = [visit.id for visit in problem.visits if visit.id not in looked_at]
        return _together(solutions, left_out, moved=_told(problem.given) - sum(_told(z.given) for z in zones))


def zones_of(problem: RouteProblem, most: int) -> tuple[RouteProblem, ...]:
    """Problems of at most `most` visits each, as far as what has to be driven allows it.

    Visits that belong together, and those that a van was told of, are with that van; what no van of a zone
    may take is in one whose vans may. Where a zone has too many, those that are worth least are left out.
    """
    count = min(math.ceil(len(problem.visits) / most), len(problem.vans))
    tied = _tied(problem)
    zone_of = _sectors(problem, count)
    vans = _vans_by_zone(problem, count, zone_of, tied)
    of_van = {van.id: zone for zone, members in enumerate(vans) for van in members}
    for visit in problem.visits:
        zone_of[visit.id] = _home(visit, zone_of[visit.id], vans, of_van, tied)
    for visit in problem.visits:
        if visit.from_visit:
            zone_of[visit.from_visit] = zone_of[visit.id]
    return tuple(_zone(problem, zone, vans[zone], zone_of, most) for zone in range(count) if vans[zone])


def _tied(problem: RouteProblem) -> Mapping[str, str]:
    """The van that a visit is for, by its id."""
    tied = {id_: given.van_id for given in problem.given for id_ in given.visit_ids}
    return tied | {visit.id: visit.pinned_van for visit in problem.visits if visit.pinned_van}


def _sectors(problem: RouteProblem, count: int) -> dict[str, int]:
    """The zone of each visit: as many in each, by the direction in which they lie from the depot."""
    depots = {depot.id: depot.location for depot in problem.depots}
    middle = depots.get(problem.vans[0].depot_id) or problem.visits[0].location

    def direction(visit: Visit) -> tuple[str, float, str]:
        return visit.depot_id, _angle(depots.get(visit.depot_id, middle), visit.location), visit.id

    fetched = {visit.from_visit for visit in problem.visits}
    zones, passed = {}, 0
    for visit in sorted((one for one in problem.visits if one.id not in fetched), key=direction):
        zones[visit.id] = passed * count // len(problem.visits)
        passed += 2 if visit.from_visit else 1
        # What is fetched for it counts where it is brought.
        zones |= {visit.from_visit: zones[visit.id]} if visit.from_visit else {}
    return zones


def _angle(here: LatLng, there: LatLng) -> float:
    east = (there.lng - here.lng) * math.cos(math.radians(here.lat))
    return math.atan2(there.lat - here.lat, east)


def _vans_by_zone(
    problem: RouteProblem, count: int, zone_of: Mapping[str, int], tied: Mapping[str, str]
) -> list[list[Van]]:
    """Every zone has a van; who was told of visits has the zone that most of them are in."""
    told: dict[str, Counter[int]] = {}
    for visit_id, van_id in tied.items():
        if visit_id in zone_of:
            told.setdefault(van_id, Counter())[zone_of[visit_id]] += 1
    wanted = [_depots_in(problem, zone_of, zone) for zone in range(count)]
    vans: list[list[Van]] = [[] for _ in range(count)]
    free = []
    for van in problem.vans:
        if van.id in told:
            vans[told[van.id].most_common(1)[0][0]].append(van)
        else:
            free.append(van)
    for van in free:
        # The zone that has most visits of its depot for each van that it has got.
        zone = max(range(count), key=lambda one: wanted[one][van.depot_id] / (1 + len(vans[one])))
        vans[zone].append(van)
    return vans


def _depots_in(problem: RouteProblem, zone_of: Mapping[str, int], zone: int) -> Counter[str]:
    return Counter(visit.depot_id for visit in problem.visits if zone_of[visit.id] == zone)


def _home(
    visit: Visit,
    zone: int,
    vans: Sequence[Sequence[Van]],
    of_van: Mapping[str, int],
    tied: Mapping[str, str],
) -> int:
    """The zone of the visit's van; else the nearest in number where some van may take it."""
    if tied.get(visit.id) in of_van:
        return of_van[tied[visit.id]]
    near = sorted(range(len(vans)), key=lambda other: (abs(other - zone), other))
    # What nobody may take is some zone's all the same, whose planner says why.
    able = (other for other in near if any(_may(van, visit) for van in vans[other]))
    return next(able, next(other for other in near if vans[other]))


def _may(van: Van, visit: Visit) -> bool:
    depots = {van.depot_id, *(van.reloads.depot_ids if van.reloads else ())}
    is_in = not visit.territory or not van.territories or visit.territory in van.territories
    is_kind = not visit.vehicle_kinds or van.kind in visit.vehicle_kinds
    is_able = visit.skills <= van.skills and is_kind
    return visit.depot_id in depots and is_able and (is_in or van.outside_cost_minor is not None)


def _zone(
    problem: RouteProblem, number: int, vans: Sequence[Van], zone_of: Mapping[str, int], most: int
) -> RouteProblem:
    inside = [visit for visit in problem.visits if zone_of[visit.id] == number]
    kept = _kept(inside, problem, most)
    ids = {van.id for van in vans}
    return replace(
        problem,
        visits=tuple(visit for visit in inside if visit.id in kept),
        vans=tuple(vans),
        given=tuple(_only(given, kept) for given in problem.given if given.van_id in ids),
    )


def _only(given: GivenRoute, kept: frozenset[str]) -> GivenRoute:
    """A told route without what is in other zones: pinned to a van there, or with the other of its pair."""
    ids = tuple(id_ for id_ in given.visit_ids if id_ in kept)
    frozen = sum(id_ in kept for id_ in given.visit_ids[: given.frozen])
    return replace(given, visit_ids=ids, frozen=frozen)


def _kept(inside: Sequence[Visit], problem: RouteProblem, most: int) -> frozenset[str]:
    """What has to be driven or was told, and the dearest to leave out as far as there is room."""
    tied = _tied(problem)
    pairs = {visit.from_visit: visit.id for visit in inside if visit.from_visit}

    def worth(visit: Visit) -> float:
        is_fixed = visit.skip_cost_minor is None or visit.id in tied
        return math.inf if is_fixed else float(visit.skip_cost_minor or 0)

    alone = sorted((visit for visit in inside if visit.id not in pairs), key=lambda visit: -worth(visit))
    kept: set[str] = set()
    for visit in alone:
        if len(kept) >= most and worth(visit) < math.inf:
            break
        kept |= {visit.id, visit.from_visit} - {""}
    return frozenset(kept)


def _told(given: Sequence[GivenRoute]) -> int:
    return sum(len(route.visit_ids) for route in given)


def _together(solutions: Sequence[RouteSolution], left_out: Sequence[str], *, moved: int) -> RouteSolution:
    """One plan of what the zones found, and what moved between them; costs are rounded tour by tour."""
    methods = list(dict.fromkeys(solution.method for solution in solutions))
    return RouteSolution(
        routes=tuple(route for one in solutions for route in one.routes),
        unassigned=(
            *(visit for one in solutions for visit in one.unassigned),
            *(UnassignedVisit(id_, (_NOT_LOOKED_AT,)) for id_ in left_out),
        ),
        method=f"{len(solutions)} zones: {'; '.join(methods)}",
        cost_minor=sum(route.cost_minor for one in solutions for route in one.routes),
        soft=tuple(violation for one in solutions for violation in one.soft),
        moved=moved + sum(one.moved for one in solutions),
        steps=tuple(step for one in solutions for step in one.steps),
    )

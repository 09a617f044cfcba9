"""A part of a task as a PyVRP 0.14 model, and PyVRP's answer as tours.

What PyVRP can say is said: a visit with several windows is a group of clients of which one is visited; being
late is a later client with a smaller prize; who may make what are loads that some vans cannot take; pick-ups
are shipments; a tour that is under way starts where its frozen beginning ends. A client that may be left out
has what that costs as its prize.

What PyVRP lacks is left out, or made smaller: breaks shorten the shift, a speed profile is one mean speed, a
shipment has one span at each end. Whoever takes its tours looks at them again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyvrp import Activity, ActivityType, Depot, Location, ProblemData, Solution
from pyvrp import Route as PyvrpRoute

from doorstep.route_solution import StopKind
from doorstep.visit import VisitKind
from optimizer.routes.numbered.task import RELOAD, Task, Tour, Tours, visits_in
from optimizer.routes.part_model.ground import Ground
from optimizer.routes.part_model.vans import Fleet, VanKind, fleet_of, vehicle_type
from optimizer.routes.part_model.visits import Clients, clients_of
from optimizer.routes.timetable.schedule import Misfit, timetable


@dataclass(frozen=True, slots=True)
class PartModel:
    """What PyVRP is asked, and how to read its answer.

    Attributes
    ----------
    cost_divisor
        Cost units per unit of PyVRP's cost.
    """

    task: Task
    data: ProblemData
    clients: Clients
    fleet: Fleet
    cost_divisor: int

    @property
    def vans(self) -> tuple[int, ...]:
        """Those whose tours it plans."""
        return tuple(van for kind in self.fleet.kinds for van in kind.vans)

    def cost(self, solution: Solution) -> int:
        """What a solution costs without the prizes, in cost units."""
        money = solution.distance_cost() + solution.duration_cost() + solution.fixed_vehicle_cost()
        return int(money) * self.cost_divisor

    def encode(self, tours: Tours) -> Solution:
        """Tours as a PyVRP solution; one that it cannot say is left out."""
        routes = []
        for number, kind in enumerate(self.fleet.kinds):
            for van in kind.vans:
                stops = list(self._activities(kind, van, tours[van]))
                if not all(stop.is_depot() for stop in stops):
                    routes += _route(self.data, stops, number)
        return Solution(self.data, routes)

    def decode(self, solution: Solution, before: Tours) -> dict[int, Tour]:
        """Van -> its tour, for all vans of the model.

        Among vans that are alike, each gets the tour that has most in common with the one it had.
        """
        routes: dict[int, list[Tour]] = defaultdict(list)
        for route in solution.routes():
            kind = self.fleet.kinds[route.vehicle_type()]
            routes[route.vehicle_type()].append(tuple(self._numbers(kind, route)))
        tours: dict[int, Tour] = {}
        for number, kind in enumerate(self.fleet.kinds):
            tours.update(_matched(kind, routes[number], before))
        return tours

    def _activities(self, kind: VanKind, van: int, tour: Tour) -> Iterator[Activity]:
        is_sayable = all(number >= 0 or RELOAD - number in kind.reloads for number in tour)
        times = timetable(self.task, van, tour) if is_sayable and len(tour) > len(kind.prefix) else None
        if times is None or isinstance(times, Misfit):
            return
        known = set(kind.prefix)
        for entry in times.entries:
            if entry.kind is StopKind.BREAK or entry.number in known:
                continue
            if entry.kind is StopKind.RELOAD:
                yield Activity(ActivityType.DEPOT, kind.reloads[RELOAD - entry.number])
            elif (shipment := self.clients.shipment_of.get(entry.number)) is not None:
                is_pickup = self.task.visits[entry.number].kind is VisitKind.PICKUP
                yield Activity(ActivityType.PICKUP if is_pickup else ActivityType.DELIVERY, shipment)
            else:
                client = self.clients.at(entry.number, entry.begins_s)
                if client is not None:
                    yield Activity(ActivityType.CLIENT, client)

    def _numbers(self, kind: VanKind, route: PyvrpRoute) -> Iterator[int]:
        """The visits and reloads of a route, without reloads that bring nothing."""
        yield from kind.prefix
        reload: int | None = None
        for stop in list(route)[1:-1]:
            if stop.is_depot():
                reload = RELOAD - next(k for k, depot in kind.reloads.items() if depot == stop.idx)
                continue
            if reload is not None:
                yield reload
                reload = None
            if stop.is_client():
                yield self.clients.visit_of[stop.idx]
            else:
                pickup, drop = self.clients.pair_of[stop.idx]
                yield pickup if stop.is_pickup() else drop


def model_of(
    task: Task, tours: Tours, visits: Sequence[int], vans: Sequence[int], caps: Sequence[int] | None = None
) -> PartModel | None:
    """Build the model of some visits and vans; None where nothing could be made at all.

    Parameters
    ----------
    tours
        Of the whole task, to begin with. Where they make every visit that is made if it can be, so will
        every tour that is found.
    caps
        By van of the task, the most stops that balance allows.
    """
    fleet = fleet_of(task, tours, vans, caps)
    held = {number for kind in fleet.kinds for number in kind.prefix}
    open_visits = [number for number in visits if number not in held]
    if not fleet.kinds or not open_visits:
        return None
    if _is_complete(task, tours, open_visits):
        model = _build(task, fleet, open_visits, must=True)
        if model is None or model.encode(tours).is_feasible():
            return model
    return _build(task, fleet, open_visits, must=False)


def _is_complete(task: Task, tours: Tours, visits: Sequence[int]) -> bool:
    made = {number for tour in tours for number in visits_in(tour)}
    return all(number in made or task.visits[number].skip_cost_minor is not None for number in visits)


def _build(task: Task, fleet: Fleet, visits: Sequence[int], *, must: bool) -> PartModel | None:
    ground = Ground(task, fleet, visits)
    clients = clients_of(task, fleet, ground, visits, must=must)
    if not clients.clients and not clients.shipments:
        return None
    data = ProblemData(
        [Location(x, y) for x, y in ground.spots],
        clients.clients,
        [Depot(ground.end(place), service_duration=service_s) for place, service_s in fleet.depots],
        [vehicle_type(task, fleet, ground, kind) for kind in fleet.kinds],
        ground.metres,
        ground.seconds,
        clients.groups,
        clients.shipments,
    )
    return PartModel(task, data, clients, fleet, fleet.divisor)


def _route(data: ProblemData, stops: list[Activity], kind: int) -> list[PyvrpRoute]:
    try:
        return [PyvrpRoute(data, stops, kind)]
    except ValueError:
        # A pair across a reload, which PyVRP does not know.
        return []


def _matched(kind: VanKind, routes: list[Tour], before: Tours) -> dict[int, Tour]:
    tours: dict[int, Tour] = dict.fromkeys(kind.vans, kind.prefix)
    sets = [set(visits_in(route)) for route in routes]
    shared = [
        (-len(visits & set(before[van])), number, at)
        for number, visits in enumerate(sets)
        for at, van in enumerate(kind.vans)
    ]
    free, waiting = set(range(len(kind.vans))), set(range(len(routes)))
    for _, number, at in sorted(shared):
        if number in waiting and at in free:
            tours[kind.vans[at]] = routes[number]
            waiting.discard(number)
            free.discard(at)
    return tours

"""A depot's part of a task as a PyVRP 0.14 model, and PyVRP's answer as tours.

One model per depot: depots share neither vans nor visits, so that their problems are independent, and small
models are solved better than one large one. (One model with a road profile per depot would keep a visit off
the other depots' vans by making their roads endless; the search would still try them.)

A visit with several windows becomes a group of clients of which at most one is visited, one client per
window: a PyVRP client has one window. Every client is optional; leaving a visit out costs more than the
dearest route any van can drive, so that it is the last resort.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyvrp import (
    Activity,
    ActivityType,
    Client,
    ClientGroup,
    Depot,
    Location,
    ProblemData,
    Solution,
    VehicleType,
)
from pyvrp import Route as PyvrpRoute

from optimizer.routes.schedule import Misfit, timetable
from optimizer.routes.task import UNBOUNDED, Task, TaskVan, TaskVisit, Tours


@dataclass(frozen=True, slots=True)
class DepotModel:
    """What PyVRP is asked, and how to read its answer.

    Attributes
    ----------
    visit_of
        Client number -> visit of the task.
    vans_of
        Vehicle type number -> the vans that are alike.
    cost_divisor
        Cost units per unit of PyVRP's cost.
    """

    data: ProblemData
    visit_of: tuple[int, ...]
    vans_of: tuple[tuple[int, ...], ...]
    cost_divisor: int

    def cost(self, solution: Solution) -> int:
        """What a solution costs without the prizes, in cost units."""
        money = solution.distance_cost() + solution.duration_cost() + solution.fixed_vehicle_cost()
        return int(money) * self.cost_divisor

    def encode(self, task: Task, tours: Tours) -> Solution:
        """Tours as a PyVRP solution; those of vans that are not in the model are left out."""
        routes = []
        for kind, vans in enumerate(self.vans_of):
            for van in vans:
                clients = self._clients_of(task, van, tours[van])
                if clients:
                    stops = [Activity(ActivityType.CLIENT, client) for client in clients]
                    routes.append(PyvrpRoute(self.data, stops, kind))
        return Solution(self.data, routes)

    def decode(self, solution: Solution) -> dict[int, tuple[int, ...]]:
        """Van -> its visits in order, for the vans that drive."""
        free = [list(vans) for vans in self.vans_of]
        tours = {}
        for route in solution.routes():
            clients = [stop.idx for stop in route if stop.is_client()]
            tours[free[route.vehicle_type()].pop(0)] = tuple(self.visit_of[client] for client in clients)
        return tours

    def _clients_of(self, task: Task, van: int, tour: tuple[int, ...]) -> list[int]:
        """The client of the window that each visit of a feasible tour begins in."""
        if not tour:
            return []
        times = timetable(task, van, tour)
        if isinstance(times, Misfit):
            return []
        clients = defaultdict(list)
        for client, visit in enumerate(self.visit_of):
            clients[visit].append(client)
        return [
            next(c for c in clients[visit] if self.data.client(c).tw_late >= begins)
            for visit, begins in zip(tour, times.service_starts_s, strict=True)
        ]


def model_of(task: Task, depot_id: str) -> DepotModel | None:
    """Build the model of one depot; None where it has no van or no visit that could be made at all."""
    vans_of = _alike(task, depot_id)
    visits = [number for number, visit in enumerate(task.visits) if visit.depot_id == depot_id]
    if not vans_of or not visits:
        return None
    part = _Part(task, vans_of, visits)
    clients, groups, visit_of = _clients(part)
    if not clients:
        return None
    data = ProblemData(
        [Location(0, 0) for _ in part.places],
        clients,
        [Depot(part.places[place]) for place in part.ends],
        [_vehicle_type(part, vans) for vans in vans_of],
        [part.metres],
        [part.seconds],
        groups,
    )
    return DepotModel(data, tuple(visit_of), vans_of, part.divisor)


class _Part:
    """One depot's share of a task, with costs as the smallest whole numbers that need no rounding.

    Attributes
    ----------
    places
        Place of the task -> location of the model.
    ends
        Places where vans start or end; their positions are PyVRP's depots.
    prize
        What leaving a visit out costs: more than the dearest route that any van can drive.
    """

    def __init__(self, task: Task, vans_of: tuple[tuple[int, ...], ...], visits: list[int]) -> None:
        self.task = task
        self.visits = visits
        self.kinds = [task.vans[vans[0]] for vans in vans_of]
        self.horizon_s = max(van.shift_end_s for van in self.kinds)
        self.ends = list(dict.fromkeys(place for van in self.kinds for place in (van.start, van.end)))
        doors = [task.visits[number].place for number in visits]
        self.places = {place: number for number, place in enumerate(dict.fromkeys([*self.ends, *doors]))}
        chosen = np.ix_(list(self.places), list(self.places))
        seconds, metres = task.seconds_table[chosen], task.metres_table[chosen]
        has_road = seconds < UNBOUNDED
        # A pair of places without a road takes longer than any shift, and yet no number so large that it
        # drowns the others. PyVRP types its matrices as arrays of one unknown kind.
        self.seconds: Any = np.where(has_road, seconds, 2 * self.horizon_s + 1)
        self.metres: Any = np.where(has_road, metres, metres[has_road].max())
        drives = has_road & (seconds > 0)
        self._weigh_costs(float((metres[drives] / seconds[drives]).max(initial=0.0)))

    def loads(self, weight_g: int, volume_ml: int, stops: int) -> list[int]:
        """The loads that some van limits; the others are no dimension of the model."""
        kept = [weight_g]
        if any(van.capacity_ml < UNBOUNDED for van in self.kinds):
            kept.append(volume_ml)
        if any(van.max_stops < UNBOUNDED for van in self.kinds):
            kept.append(stops)
        return kept

    def _weigh_costs(self, top_speed_mps: float) -> None:
        fixed = [self.task.cost(0, 0, van.fixed_cost_minor) for van in self.kinds]
        per_metre, per_second = self.task.cost(1, 0), self.task.cost(0, 1)
        self.divisor = math.gcd(per_metre, per_second, *fixed) or 1
        self.per_metre, self.per_second = per_metre // self.divisor, per_second // self.divisor
        longest_s = max(van.shift_end_s - van.shift_start_s for van in self.kinds)
        dearest_second = self.per_second + math.ceil(self.per_metre * top_speed_mps)
        self.prize = 1 + max(fixed) // self.divisor + longest_s * dearest_second


def _alike(task: Task, depot_id: str) -> tuple[tuple[int, ...], ...]:
    """The depot's vans that have a shift left, those that are equal together: PyVRP tries one of each."""
    kinds: dict[TaskVan, list[int]] = defaultdict(list)
    for number, van in enumerate(task.vans):
        if van.depot_id == depot_id and van.shift_end_s > van.shift_start_s:
            kinds[van].append(number)
    return tuple(tuple(numbers) for numbers in kinds.values())


def _clients(part: _Part) -> tuple[list[Client], list[ClientGroup], list[int]]:
    """A client per window that is still open some time, and which visit each is."""
    clients: list[Client] = []
    groups: list[ClientGroup] = []
    visit_of: list[int] = []
    for number in part.visits:
        visit = part.task.visits[number]
        spans = [(max(0, first), min(last, part.horizon_s)) for first, last in visit.windows]
        spans = [(first, last) for first, last in spans if first <= last and visit.ready_s <= last]
        group = len(groups) if len(spans) > 1 else None
        if group is not None:
            members = list(range(len(clients), len(clients) + len(spans)))
            groups.append(ClientGroup(members, required=False))
        for first, last in spans:
            clients.append(_client(part, visit, first, last, group))
            visit_of.append(number)
    return clients, groups, visit_of


def _client(part: _Part, visit: TaskVisit, first: int, last: int, group: int | None) -> Client:
    return Client(
        location=part.places[visit.place],
        delivery=part.loads(visit.weight_g, visit.volume_ml, 1),
        service_duration=visit.service_s,
        tw_early=first,
        tw_late=last,
        release_time=visit.ready_s,
        prize=part.prize,
        required=False,
        group=group,
    )


def _vehicle_type(part: _Part, vans: tuple[int, ...]) -> VehicleType:
    van = part.task.vans[vans[0]]
    return VehicleType(
        num_available=len(vans),
        capacity=part.loads(van.capacity_g, van.capacity_ml, van.max_stops),
        start_depot=part.ends.index(van.start),
        end_depot=part.ends.index(van.end),
        fixed_cost=part.task.cost(0, 0, van.fixed_cost_minor) // part.divisor,
        tw_early=van.shift_start_s,
        tw_late=van.shift_end_s,
        unit_distance_cost=part.per_metre,
        unit_duration_cost=part.per_second,
    )

"""A planned route with what its ids stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import PlannedRoute, PlannedStop, RouteSolution, StopKind
from doorstep.van import Break, Depot, Van
from doorstep.visit import Visit, VisitKind


@dataclass(frozen=True, slots=True)
class Call:
    """A stop and what it is for; `what` is None where nobody knows the id.

    Attributes
    ----------
    trip
        How often the van has reloaded before it, this time included.
    """

    stop: PlannedStop
    what: Visit | Depot | Break | None
    trip: int

    @property
    def place(self) -> LatLng | None:
        """Where it is; None for a break, which is wherever the van stands."""
        return self.what.location if isinstance(self.what, Visit | Depot) else None


@dataclass(frozen=True, slots=True)
class Drive:
    """A route, its van, and its stops.

    Attributes
    ----------
    on_board
        Ids of the visits whose goods lie in the van before it begins, since it is under way.
    """

    route: PlannedRoute
    van: Van
    calls: tuple[Call, ...]
    on_board: frozenset[str]

    @property
    def visits(self) -> list[Visit]:
        """In their order."""
        return [call.what for call in self.calls if isinstance(call.what, Visit)]

    @property
    def visit_calls(self) -> Iterator[tuple[Call, Visit]]:
        """The stops at doors."""
        return ((call, call.what) for call in self.calls if isinstance(call.what, Visit))

    @property
    def reloads(self) -> list[tuple[Call, Depot]]:
        """The stops at depots."""
        return [(call, call.what) for call in self.calls if isinstance(call.what, Depot)]

    def is_loaded(self, visit: Visit) -> bool:
        """Whether its goods come on board at the depot at which its trip begins."""
        return is_from_depot(visit) and visit.id not in self.on_board


def is_from_depot(visit: Visit) -> bool:
    """Whether its goods lie at a depot, and not at another door."""
    return visit.kind is VisitKind.DELIVERY and not visit.from_visit


def on_board_of(problem: RouteProblem, van: Van) -> frozenset[str]:
    """Visits whose goods a van that is under way has loaded."""
    if not van.is_under_way:
        return frozenset()
    told = {visit_id for given in problem.given if given.van_id == van.id for visit_id in given.visit_ids}
    return frozenset(visit.id for visit in problem.visits if visit.id in told and is_from_depot(visit))


def drives_of(problem: RouteProblem, solution: RouteSolution) -> list[Drive]:
    """Every route whose van somebody has, with its ids looked up."""
    vans = {van.id: van for van in problem.vans}
    visits = {visit.id: visit for visit in problem.visits}
    depots = {depot.id: depot for depot in problem.depots}
    return [
        Drive(route, van, _calls(route, van, visits, depots), on_board_of(problem, van))
        for route in solution.routes
        if (van := vans.get(route.van_id)) is not None
    ]


def _calls(
    route: PlannedRoute, van: Van, visits: dict[str, Visit], depots: dict[str, Depot]
) -> tuple[Call, ...]:
    rests = {rest.id: rest for rest in van.breaks}
    calls: list[Call] = []
    trip = 0
    for stop in route.stops:
        what: Visit | Depot | Break | None
        if stop.kind is StopKind.RELOAD:
            trip += 1
            what = depots.get(stop.visit_id)
        elif stop.kind is StopKind.BREAK:
            what = rests.get(stop.visit_id)
        else:
            what = visits.get(stop.visit_id)
        calls.append(Call(stop, what, trip))
    return tuple(calls)

"""The best choice among all routes that were met: set partitioning, by CP-SAT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyvrp
from pyvrp import ProblemData

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

MOST_ROUTES = 1500
"""In a pool; from several thousand on CP-SAT finds nothing in the time there is."""

_PRECISION = 10**6
"""Steps that the dearest route is rounded to: CP-SAT is faster with small numbers."""

Stop = tuple[bool, int]
"""Whether it is a shipment, and the number of it or of the client."""

Key = tuple[int, frozenset[Stop]]
"""A vehicle type and what its route visits."""


class Pool:
    """Routes that keep every rule, the cheapest one of those with the same stops; the latest are kept."""

    def __init__(self, data: ProblemData) -> None:
        self._data = data
        self._routes: dict[Key, pyvrp.Route] = {}

    def add(self, solution: pyvrp.Solution) -> None:
        """Remember the routes of a solution, those aside that break a rule."""
        for route in solution.routes():
            if route.is_feasible():
                key = _key(route)
                self._routes[key] = min(self._routes.pop(key, route), route, key=_cost)
        for key in list(self._routes)[:-MOST_ROUTES]:
            del self._routes[key]

    def recombined(self, best: pyvrp.Solution, *, effort: float) -> pyvrp.Solution:
        """The cheapest solution of routes in the pool; `best` where CP-SAT finds no cheaper one.

        Parameters
        ----------
        effort
            CP-SAT's deterministic seconds, so that the answer does not depend on the machine.
        """
        # Loads pandas as well, which most processes never need.
        from ortools.sat.python import cp_model

        self.add(best)
        hint = {_key(route) for route in best.routes()}
        routes = list(self._routes.values())
        if not routes:
            return best
        model, drives = _model(self._data, routes, best)
        for route, drive in zip(routes, drives, strict=True):
            model.add_hint(drive, _key(route) in hint)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = effort
        # The linear relaxation of such a choice is nearly whole: with all of it the best one is proven.
        solver.parameters.linearization_level = 2
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return best
        chosen = [route for route, drive in zip(routes, drives, strict=True) if solver.boolean_value(drive)]
        solution = pyvrp.Solution(self._data, chosen)
        return solution if price_of(solution) < price_of(best) and solution.is_feasible() else best


def price_of(solution: pyvrp.Solution) -> int:
    """What a solution costs, with the prizes that it does not collect."""
    money = solution.distance_cost() + solution.duration_cost() + solution.fixed_vehicle_cost()
    return int(money + solution.uncollected_prizes())


def _model(
    data: ProblemData, routes: Sequence[pyvrp.Route], best: pyvrp.Solution
) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """Every stop on one route, or on none where it may be left out; the prizes of a route are its gain."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    drives = [model.new_bool_var("") for _ in routes]
    to_stop: defaultdict[Stop, list[cp_model.IntVar]] = defaultdict(list)
    of_kind: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
    for route, drive in zip(routes, drives, strict=True):
        of_kind[route.vehicle_type()].append(drive)
        for stop in _stops(route):
            to_stop[stop].append(drive)
    for kind, ways in of_kind.items():
        model.add(sum(ways) <= data.vehicle_type(kind).num_available)
    dearest = max(map(_cost, routes))
    kept = _too_dear_to_leave_out(data, best, dearest)
    for alternatives, is_required in _choices(data):
        ways = [drive for stop in alternatives for drive in to_stop[stop]]
        if is_required or kept.keys() >= set(alternatives):
            model.add_exactly_one(ways)
        else:
            model.add_at_most_one(ways)
    step = max(1, dearest // _PRECISION)
    gains = [route.prizes() - sum(kept.get(stop, 0) for stop in _stops(route)) for route in routes]
    model.minimize(
        sum(
            (_cost(route) - gain) // step * drive
            for route, gain, drive in zip(routes, gains, drives, strict=True)
        )
    )
    return model, drives


def _too_dear_to_leave_out(data: ProblemData, best: pyvrp.Solution, dearest: int) -> dict[Stop, int]:
    """Prizes of stops that the best solution makes, where they are no less than the dearest route costs.

    A choice that has to make them, and is told of their prizes no more, is proven several times sooner.
    """
    prizes = {stop: _prize_alone(data, stop) for route in best.routes() for stop in _stops(route)}
    return {stop: prize for stop, prize in prizes.items() if prize is not None and prize >= dearest}


def _prize_alone(data: ProblemData, stop: Stop) -> int | None:
    """What it costs to leave a stop out; None where another may be made in its place."""
    is_shipment, number = stop
    if is_shipment:
        return int(data.shipment(number).prize)
    client = data.client(number)
    return int(client.prize) if client.group is None else None


def _choices(data: ProblemData) -> list[tuple[list[Stop], bool]]:
    """Stops of which one is made, and whether one has to be."""
    alone = [
        ([(False, number)], client.required)
        for number, client in enumerate(data.clients())
        if client.group is None
    ]
    groups = [([(False, client) for client in group], group.required) for group in data.groups()]
    shipments = [([(True, number)], shipment.required) for number, shipment in enumerate(data.shipments())]
    return [*alone, *groups, *shipments]


def _key(route: pyvrp.Route) -> Key:
    return route.vehicle_type(), frozenset(_stops(route))


def _stops(route: pyvrp.Route) -> list[Stop]:
    return [
        (stop.is_pickup(), stop.idx) for stop in list(route)[1:-1] if stop.is_client() or stop.is_pickup()
    ]


def _cost(route: pyvrp.Route) -> int:
    return int(route.distance_cost() + route.duration_cost() + route.fixed_vehicle_cost())

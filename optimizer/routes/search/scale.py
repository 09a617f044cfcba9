"""How much a leg of a model costs and takes, so that no setting of the search depends on units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyvrp

_STRICTNESS = 1e5
"""Legs that a unit of excess costs at first: a search that begins with what keeps the rules gets further in
little time. Penalties fall from there to where they let a third of the solutions break a rule."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Means over the legs of a solution.

    Attributes
    ----------
    leg_cost
        In the model's units of cost.
    leg_s, leg_m
        Duration and distance of a leg.
    """

    leg_cost: float
    leg_s: float
    leg_m: float

    def penalties(self, data: pyvrp.ProblemData) -> list[float]:
        """To begin with: one for each dimension of the load, then of time, then of distance."""
        dear = _STRICTNESS * self.leg_cost
        return [
            *(dear / _mean_load(data, dimension) for dimension in range(data.num_load_dimensions)),
            dear / self.leg_s,
            dear / self.leg_m,
        ]


def scale_of(data: pyvrp.ProblemData, solution: pyvrp.Solution) -> Scale:
    """The scale of a solution; of the whole table where nothing is planned."""
    kinds, routes = data.vehicle_types(), solution.routes()
    legs = sum(len(route) - 1 for route in routes)
    if not legs:
        kind = kinds[0]
        metres = float(np.asarray(data.distance_matrix(kind.profile)).mean())
        seconds = float(np.asarray(data.duration_matrix(kind.profile)).mean())
        return _positive(
            kind.unit_distance_cost * metres + kind.unit_duration_cost * seconds, seconds, metres
        )
    cost = sum(
        route.distance_cost() + kinds[route.vehicle_type()].unit_duration_cost * route.travel_duration()
        for route in routes
    )
    seconds = sum(route.travel_duration() for route in routes) / legs
    return _positive(cost / legs, seconds, sum(route.distance() for route in routes) / legs)


def _positive(leg_cost: float, leg_s: float, leg_m: float) -> Scale:
    return Scale(max(1.0, leg_cost), max(1.0, leg_s), max(1.0, leg_m))


def _mean_load(data: pyvrp.ProblemData, dimension: int) -> float:
    loads = [client.delivery[dimension] + client.pickup[dimension] for client in data.clients()]
    loads += [shipment.amount[dimension] for shipment in data.shipments()]
    carried = [load for load in loads if load]
    return sum(carried) / len(carried) if carried else 1.0

"""A solution split into parts that are searched by themselves, and put together again.

Parts share no stop and no vehicle, so that whatever each of them becomes, together they make a solution.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp import ProblemData

from optimizer.routes.search.closeness import groups_of, location_of, stops_of
from optimizer.routes.search.sub_model import Inner, Share

_MOST_IDLE = 2
"""Vehicles of a type that a part has beside those that it drives, at most."""


def shares_of(data: ProblemData, solution: pyvrp.Solution, *, size: int, rng: random.Random) -> list[Share]:
    """Shares of about `size` planned stops each, of routes that lie near each other.

    What is not planned goes where the nearest planned stop is, the clients of a group together; vehicles
    that nobody drives are dealt out in turn, a few to each part: all of them would slow down every step.
    """
    routes = solution.routes()
    stops = [stops_of(data, route) for route in routes]
    kind = data.vehicle_type(routes[0].vehicle_type())
    metres = np.asarray(data.distance_matrix(kind.profile))
    groups = groups_of(stops, metres, size, rng)
    group_of = {route: number for number, members in enumerate(groups) for route in members}
    owners = _Owners(data, routes, [group_of[route] for route in range(len(routes))], len(groups))
    owners.take_unplanned(solution, metres)
    vehicles = _dealt(data, [[routes[route] for route in members] for members in groups], rng)
    return [
        Share(
            [routes[route] for route in members],
            owners.clients[number],
            owners.shipments[number],
            vehicles[number],
        )
        for number, members in enumerate(groups)
    ]


def together(data: ProblemData, routes: Iterable[Inner]) -> pyvrp.Solution:
    """The solution that the routes of all parts make."""
    return pyvrp.Solution(data, [pyvrp.Route(data, stops, kind) for stops, kind in routes])


class _Owners:
    """Which part has which clients and shipments."""

    def __init__(
        self, data: ProblemData, routes: Sequence[pyvrp.Route], part_of: Sequence[int], parts: int
    ) -> None:
        self._data = data
        self.clients: list[list[int]] = [[] for _ in range(parts)]
        self.shipments: list[list[int]] = [[] for _ in range(parts)]
        self._part_at: dict[int, int] = {}
        self._part_of_group: dict[int, int] = {}
        for route, part in zip(routes, part_of, strict=True):
            for stop in route:
                if stop.is_depot():
                    continue
                self._part_at[location_of(data, stop)] = part
                if stop.is_client():
                    self._take_client(stop.idx, part)
                elif stop.is_pickup():
                    self.shipments[part].append(stop.idx)

    def take_unplanned(self, solution: pyvrp.Solution, metres: NDArray[np.int64]) -> None:
        """Give every client and shipment that is on no route to a part."""
        places = np.array(list(self._part_at))
        for activity in solution.unplanned():
            here = location_of(self._data, activity)
            part = self._part_at.get(here)
            if part is None:
                part = self._part_at[int(places[metres[here, places].argmin()])]
            if activity.is_client():
                self._take_client(activity.idx, part)
            elif activity.is_pickup():
                self.shipments[part].append(activity.idx)

    def _take_client(self, client: int, part: int) -> None:
        group = self._data.client(client).group
        if group is not None:
            part = self._part_of_group.setdefault(group, part)
        self.clients[part].append(client)


def _dealt(data: ProblemData, parts: Sequence[Sequence[pyvrp.Route]], rng: random.Random) -> list[list[int]]:
    """By part and vehicle type: how many vehicles it may use."""
    counts = [[0] * data.num_vehicle_types for _ in parts]
    for count, routes in zip(counts, parts, strict=True):
        for route in routes:
            count[route.vehicle_type()] += 1
    turn = _turns(len(parts), rng)
    for kind, vehicle_type in enumerate(data.vehicle_types()):
        idle = vehicle_type.num_available - sum(count[kind] for count in counts)
        for _ in range(min(idle, _MOST_IDLE * len(parts))):
            counts[next(turn)][kind] += 1
    return counts


def _turns(parts: int, rng: random.Random) -> Iterator[int]:
    turn = rng.randrange(parts)
    while True:
        yield turn
        turn = (turn + 1) % parts

"""A town on a plane: 10 m/s everywhere, a metre is 0.00001 degrees, north of 1 degree there is no map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from doorstep.geo import LatLng
from doorstep.road import RoadRoute, RoadTable
from doorstep.route_problem import RouteProblem
from optimizer.routes.travel import Travel, places_of

EPOCH = datetime(2026, 3, 2, 8, tzinfo=UTC)
OFF_THE_MAP = LatLng(2, 2)
OFF_THE_MAP_DEG = 1.0


class FlatRoads:
    """Straight roads through an empty town."""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        return _table(origins, destinations)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        pass


def place(x_m: float, y_m: float) -> LatLng:
    """Metres east and north of the depot -> a place."""
    return LatLng(y_m / 100_000, x_m / 100_000)


def travel_for(problem: RouteProblem) -> Travel:
    """The town's table of a problem."""
    places = places_of(problem)
    return Travel({spot: row for row, spot in enumerate(places)}, _table(places, places))


def _table(origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
    metres = tuple(tuple(_metres(a, b) for b in destinations) for a in origins)
    seconds = tuple(tuple(None if m is None else math.ceil(m / 10) for m in row) for row in metres)
    return RoadTable(seconds, metres)


def _metres(a: LatLng, b: LatLng) -> int | None:
    if a != b and max(a.lat, b.lat) > OFF_THE_MAP_DEG:
        return None
    return round(math.hypot(a.lat - b.lat, a.lng - b.lng) * 100_000)

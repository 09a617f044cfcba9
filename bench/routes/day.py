"""An instance as a day of deliveries in which only the way costs, and its plane as a road engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bench.routes.instance import Instance
from doorstep.geo import LatLng
from doorstep.road import RoadMatrix, RoadRoute, RoadTable
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

_UNITS_PER_DEGREE = 1000
_WIDEST_DEGREES = 80
"""How far from the middle of the map a place may lie."""

_LONG_S = 30 * 86_400
"""The least shift where time does not matter."""


class PlaneRoads:
    """The lengths of an instance by its convention; a unit takes a second."""

    def __init__(self, instance: Instance) -> None:
        self._rows = {place: number for number, place in enumerate(_places(instance))}
        self._lengths, self._durations = instance.lengths(), instance.durations()

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Lengths, as seconds and as metres."""
        cells = np.ix_(
            [self._rows[place] for place in origins], [self._rows[place] for place in destinations]
        )
        return RoadTable(_matrix(self._durations[cells]), _matrix(self._lengths[cells]))

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """Straight lines."""
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        """Nothing to let go of."""


def day_of(instance: Instance) -> RouteProblem:
    """The instance with a minor unit per unit of length."""
    places = _places(instance)
    closes_s = instance.closes(0)
    shift = Window(_at(instance.opens(0)), _at(_long_s(instance) if closes_s is None else closes_s))
    return RouteProblem(
        epoch=EPOCH,
        visits=tuple(_visit(instance, number, places[number]) for number in range(1, len(places))),
        vans=tuple(
            Van(
                str(number),
                "depot",
                places[0],
                places[0],
                shift,
                instance.capacity,
                max_distance_m=instance.longest,
            )
            for number in range(instance.fleet)
        ),
        cost_per_km_minor=1000,
        cost_per_hour_minor=0,
    )


def _visit(instance: Instance, number: int, place: LatLng) -> Visit:
    # A due date is the last moment to begin; a window ends before its end.
    closes_s = instance.closes(number)
    windows = () if closes_s is None else (Window(_at(instance.opens(number)), _at(closes_s + 1)),)
    return Visit(
        id=str(number),
        depot_id="depot",
        location=place,
        service_s=instance.takes(number),
        weight_g=instance.rows[number].demand,
        windows=windows,
        skip_cost_minor=instance.prize(number),
    )


def _places(instance: Instance) -> list[LatLng]:
    """Where the rows lie on the map; each at a place of its own where lengths are not those of a plane."""
    if instance.weights is not None:
        return [LatLng(number // 1000 / 1000, number % 1000 / 1000) for number in range(len(instance.rows))]
    widest = max(max(abs(row.x), abs(row.y)) for row in instance.rows)
    per_degree = max(_UNITS_PER_DEGREE, widest / _WIDEST_DEGREES)
    return [LatLng(row.y / per_degree, row.x / per_degree) for row in instance.rows]


def _matrix(cells: NDArray[np.int64]) -> RoadMatrix:
    rows, columns = cells.shape
    return RoadMatrix(rows, columns, cells.astype(np.int32).tobytes())


def _long_s(instance: Instance) -> int:
    """Enough for one van to make all visits by the longest ways."""
    services_s = sum(instance.takes(number) for number in range(len(instance.rows)))
    return max(_LONG_S, int(instance.durations().max(axis=1).sum()) + services_s)


def _at(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)

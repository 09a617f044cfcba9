"""A made-up city: districts of different density around a depot at its edge, streets as straight lines.

Figures are those of a parcel and grocery service in a city of half a million: a thousand stops within 12 km,
about 4 minutes at a door, half of them in windows of two hours; 28 km/h in the streets with half a minute for
starting, and ways 1.4 times the straight line.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from doorstep.geo import LatLng
from doorstep.road import RoadMatrix, RoadRoute, RoadTable
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window

EPOCH = datetime(2026, 3, 2, 7, tzinfo=UTC)

_METRES_PER_DEGREE = 100_000
_DETOUR = 1.4
_METRES_PER_SECOND = 7.8
_START_S = 30
_DISTRICTS = 30
_RADIUS_M = 12_000
_HOURS_OF_WINDOWS = range(1, 10)


class CityRoads:
    """Straight lines with a detour; a degree is 100 km both ways."""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Metres and seconds from each to each."""
        here, there = _points(origins), _points(destinations)
        metres = np.hypot(*(here[:, None, :] - there[None, :, :]).transpose(2, 0, 1)) * _DETOUR
        seconds = np.where(metres > 0, metres / _METRES_PER_SECOND + _START_S, 0)
        return RoadTable(_matrix(seconds), _matrix(metres))

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """Straight lines."""
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        """Nothing to let go of."""


def city_day(stops: int, seed: int) -> RouteProblem:
    """A day of the city, the same for the same seed; its visits are in no order."""
    draw = random.Random(seed)
    depot = _place(-9_000, -3_000)
    centres = [(draw.gauss(0, _RADIUS_M / 2.5), draw.gauss(0, _RADIUS_M / 2.5)) for _ in range(_DISTRICTS)]
    weights = [draw.expovariate(1) + 0.1 for _ in centres]
    shift = Window(EPOCH, EPOCH + timedelta(hours=11))
    vans = max(2, -(-stops // 22))
    return RouteProblem(
        epoch=EPOCH,
        visits=tuple(
            Visit(
                id=f"order-{number}",
                depot_id="depot",
                location=_near(draw, draw.choices(centres, weights)[0]),
                service_s=draw.choice([120, 180, 240, 360]),
                weight_g=draw.choice([1_000, 3_000, 8_000, 15_000, 30_000]),
                windows=_windows(draw),
            )
            for number in range(stops)
        ),
        vans=tuple(
            Van(f"van-{number}", "depot", depot, depot, shift, 450_000, None, 1_500) for number in range(vans)
        ),
    )


def _windows(draw: random.Random) -> tuple[Window, ...]:
    if draw.random() < 0.5:
        return ()
    opens = EPOCH + timedelta(hours=draw.choice(_HOURS_OF_WINDOWS))
    return (Window(opens, opens + timedelta(hours=2)),)


def _near(draw: random.Random, centre: tuple[float, float]) -> LatLng:
    x, y = centre
    return _place(draw.gauss(x, 900), draw.gauss(y, 900))


def _place(x_m: float, y_m: float) -> LatLng:
    return LatLng(y_m / _METRES_PER_DEGREE, x_m / _METRES_PER_DEGREE)


def _points(places: Sequence[LatLng]) -> NDArray[np.float64]:
    return np.array([(place.lng, place.lat) for place in places]).reshape(-1, 2) * _METRES_PER_DEGREE


def _matrix(cells: NDArray[np.float64]) -> RoadMatrix:
    whole = np.rint(cells).astype(np.int32)
    return RoadMatrix(whole.shape[0], whole.shape[1], whole.tobytes())

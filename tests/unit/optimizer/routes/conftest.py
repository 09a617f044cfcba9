"""A town on a plane: 10 m/s everywhere, a metre is 0.00001 degrees, north of 1 degree there is no map."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.geo import LatLng
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import RouteProblem, Van, Visit
from doorstep.window import Window
from optimizer.routes.travel import Travel, places_of

EPOCH = datetime(2026, 3, 2, 8, tzinfo=UTC)
OFF_THE_MAP_DEG = 1.0


class FlatRoads:
    """Straight roads through an empty town."""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        metres = tuple(tuple(_metres(a, b) for b in destinations) for a in origins)
        seconds = tuple(tuple(None if m is None else math.ceil(m / 10) for m in row) for row in metres)
        return RoadTable(seconds, metres)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        pass


def _metres(a: LatLng, b: LatLng) -> int | None:
    if a != b and max(a.lat, b.lat) > OFF_THE_MAP_DEG:
        return None
    return round(math.hypot(a.lat - b.lat, a.lng - b.lng) * 100_000)


def _place(x_m: float, y_m: float) -> LatLng:
    return LatLng(y_m / 100_000, x_m / 100_000)


@pytest.fixture(scope="session")
def roads() -> FlatRoads:
    return FlatRoads()


@pytest.fixture(scope="session")
def place() -> Callable[[float, float], LatLng]:
    """Metres east and north of the depot -> a place."""
    return _place


@pytest.fixture(scope="session")
def minute() -> Callable[[float], datetime]:
    """Minutes since the epoch -> the instant."""
    return lambda minutes: EPOCH + timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def travel_for() -> Callable[[RouteProblem], Travel]:
    """The flat town's table of a problem."""

    def travel(problem: RouteProblem) -> Travel:
        places = places_of(problem)
        metres = tuple(tuple(_metres(a, b) for b in places) for a in places)
        seconds = tuple(tuple(None if m is None else math.ceil(m / 10) for m in row) for row in metres)
        return Travel({spot: row for row, spot in enumerate(places)}, RoadTable(seconds, metres))

    return travel


@pytest.fixture(scope="session")
def random_day() -> Callable[..., RouteProblem]:
    """A day drawn from a seed: one to two depots, mixed vans, windows, late goods, some hopeless visits."""
    return _random_day


def _random_day(seed: int, *, visits: int = 16, vans: int = 3) -> RouteProblem:
    draw = random.Random(seed)
    depots = {name: _spot(draw) for name in ("north", "south")[: draw.choice([1, 2])]}
    return RouteProblem(
        epoch=EPOCH,
        visits=tuple(_visit(draw, number, depots) for number in range(visits)),
        vans=tuple(_van(draw, number, depots) for number in range(vans)),
        cost_per_km_minor=draw.choice([0, 60, 61]),
        cost_per_hour_minor=draw.choice([0, 2399, 2400]),
    )


def _spot(draw: random.Random) -> LatLng:
    return _place(draw.randrange(20_000), draw.randrange(20_000))


def _visit(draw: random.Random, number: int, depots: dict[str, LatLng]) -> Visit:
    is_odd = draw.random() < 0.1
    return Visit(
        id=f"v{number}",
        depot_id=draw.choice(["nowhere", *depots] if is_odd else [*depots]),
        location=LatLng(2, 2) if is_odd and draw.random() < 0.5 else _spot(draw),
        service_s=draw.choice([0, 60, 300]),
        weight_g=draw.choice([0, 500, 4_000, 8_000, 90_000 if is_odd else 1_000]),
        volume_ml=draw.choice([0, 3_000, 30_000]),
        windows=tuple(_window(draw) for _ in range(draw.choice([0, 1, 1, 1, 2, 3]))),
        ready_at=EPOCH + timedelta(minutes=draw.randrange(-30, 200)) if draw.random() < 0.2 else None,
    )


def _window(draw: random.Random) -> Window:
    start = EPOCH + timedelta(minutes=draw.randrange(-30, 300), microseconds=draw.choice([0, 500_000]))
    return Window(
        start, start + timedelta(minutes=draw.choice([30, 60, 120, 240, 0 if draw.random() < 0.1 else 90]))
    )


def _van(draw: random.Random, number: int, depots: dict[str, LatLng]) -> Van:
    depot_id = draw.choice([*depots])
    start = EPOCH + timedelta(minutes=draw.randrange(-120, 90))
    return Van(
        id=f"van{number}",
        depot_id=depot_id,
        start=_spot(draw) if draw.random() < 0.2 else depots[depot_id],
        end=depots[depot_id],
        shift=Window(start, start + timedelta(minutes=draw.choice([30, 360, 480, 600]))),
        capacity_g=draw.choice([20_000, 60_000]),
        capacity_ml=draw.choice([None, 100_000]),
        fixed_cost_minor=draw.choice([0, 0, 1500]),
        max_stops=draw.choice([None, None, 5]),
    )

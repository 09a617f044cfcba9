"""An instance of Solomon's or of Gehring and Homberger's as a day: only the way costs.

Lengths and times are ten times those of the file and whole (DIMACS: truncated to one decimal). The format is
described at https://www.sintef.no/projectweb/top/vrptw/documentation/.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from doorstep.geo import LatLng
from doorstep.road import RoadMatrix, RoadRoute, RoadTable
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

_SCALE = 1000
"""Units of the plane per degree."""


class PlaneRoads:
    """Straight lines on the plane of an instance, ten times as long."""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Truncated tenths, as seconds and as metres."""
        cells = RoadMatrix.of([[_tenths(a, b) for b in destinations] for a in origins])
        return RoadTable(cells, cells)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """Straight lines."""
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        """Nothing to let go of."""


def instance_day(path: Path) -> RouteProblem:
    """The file's vans and customers."""
    lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    numbers = [[int(float(word)) for word in line] for line in lines if line and line[0].isdigit()]
    (vans, capacity), depot, *customers = numbers
    _, x, y, _, opens, closes, _ = depot
    shift = Window(_at(opens), _at(closes))
    home = LatLng(y / _SCALE, x / _SCALE)
    return RouteProblem(
        epoch=EPOCH,
        visits=tuple(
            Visit(
                id=str(number),
                depot_id="depot",
                location=LatLng(y / _SCALE, x / _SCALE),
                service_s=10 * service,
                weight_g=demand,
                # The due date is the last moment to begin; a window ends before its end.
                windows=(Window(_at(ready), _at(due) + timedelta(seconds=1)),),
            )
            for number, x, y, demand, ready, due, service in customers
        ),
        vans=tuple(Van(f"van-{number}", "depot", home, home, shift, capacity) for number in range(vans)),
        cost_per_km_minor=1000,
        cost_per_hour_minor=0,
    )


def _at(time: int) -> datetime:
    return EPOCH + timedelta(seconds=10 * time)


def _tenths(a: LatLng, b: LatLng) -> int:
    dx, dy = round((a.lng - b.lng) * _SCALE), round((a.lat - b.lat) * _SCALE)
    return math.isqrt(100 * (dx * dx + dy * dy))

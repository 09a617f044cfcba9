"""An instance as a day of deliveries in which only the way costs, and its plane as a road engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from bench.routes.instances import Customer, Instance
from doorstep.geo import LatLng
from doorstep.road import RoadMatrix, RoadRoute, RoadTable
from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from doorstep.window import Window

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

_UNITS_PER_DEGREE = 1000

_LONG_S = 30 * 86_400
"""A shift where time does not matter."""


class PlaneRoads:
    """Straight lines by the convention of an instance; a unit takes a second."""

    def __init__(self, instance: Instance) -> None:
        self._rows = {_place(row): number for number, row in enumerate(instance.rows)}
        self._lengths = instance.lengths()

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Lengths, as seconds and as metres."""
        rows = [self._rows[place] for place in origins]
        columns = [self._rows[place] for place in destinations]
        lengths = self._lengths[np.ix_(rows, columns)].astype(np.int32)
        cells = RoadMatrix(len(rows), len(columns), lengths.tobytes())
        return RoadTable(cells, cells)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """Straight lines."""
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        """Nothing to let go of."""


def day_of(instance: Instance) -> RouteProblem:
    """The instance with a minor unit per unit of length.

    Where vans are not counted there are a fifth and ten more than the goods need.
    """
    depot, *customers = instance.rows
    scale = instance.scale
    home = _place(depot)
    closes_s = _LONG_S if depot.due is None else depot.due * scale
    shift = Window(_at(depot.ready * scale), _at(closes_s))
    needed = -(-sum(customer.demand for customer in customers) // instance.capacity)
    vans = instance.vans or min(len(customers), needed + needed // 5 + 10)
    return RouteProblem(
        epoch=EPOCH,
        visits=tuple(_visit(number, customer, scale) for number, customer in enumerate(customers, 1)),
        vans=tuple(Van(str(number), "depot", home, home, shift, instance.capacity) for number in range(vans)),
        cost_per_km_minor=1000,
        cost_per_hour_minor=0,
    )


def _visit(number: int, customer: Customer, scale: int) -> Visit:
    # A due date is the last moment to begin; a window ends before its end.
    windows = (
        ()
        if customer.due is None
        else (Window(_at(customer.ready * scale), _at(customer.due * scale) + timedelta(seconds=1)),)
    )
    return Visit(
        id=str(number),
        depot_id="depot",
        location=_place(customer),
        service_s=customer.service * scale,
        weight_g=customer.demand,
        windows=windows,
        skip_cost_minor=None if customer.prize is None else customer.prize * scale,
    )


def _place(row: Customer) -> LatLng:
    return LatLng(row.y / _UNITS_PER_DEGREE, row.x / _UNITS_PER_DEGREE)


def _at(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)

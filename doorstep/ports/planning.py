"""The seams for road engines and route planners."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from doorstep.geo import LatLng
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import PlanProgress, RouteProblem, RouteSolution


class RoadEngine(Protocol):
    """Travel times and ways along the roads."""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Seconds and metres from each origin (row) to each destination (column)."""
        ...

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """The way through all stops in their order."""
        ...

    async def close(self) -> None:
        """Let go of processes."""
        ...


class RoutePlanner(Protocol):
    """Turns a problem into checked routes."""

    async def plan(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        *,
        budget_s: float,
        seed: int,
        on_progress: Callable[[PlanProgress], None],
    ) -> RouteSolution:
        """Solve within `budget_s`; every visit is on a route or unassigned with a reason."""
        ...

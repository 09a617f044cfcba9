"""The seams for arithmetic: roads, routes, packing, promises and sourcing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.calendar import PromiseTerms
from doorstep.geo import LatLng
from doorstep.packing import Box, Packing, Piece
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import PlanProgress, RouteProblem, RouteSolution
from doorstep.sourcing import SourcingPlan, SourcingTask
from doorstep.window import Promise


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


class Packer(Protocol):
    """What packs."""

    def pack(
        self, pieces: Sequence[Piece], boxes: Sequence[Box], *, dimensional_divisor: int | None = None
    ) -> Packing:
        """Few parcels with little billed weight; the same input always packs alike.

        Parameters
        ----------
        dimensional_divisor
            Cubic centimetres that are billed as a kilogram; None where weight alone counts.
        """
        ...


class PromiseMaker(Protocol):
    """What works out when something arrives that nobody carries at once."""

    def promise(self, ordered_at: datetime, terms: PromiseTerms) -> Promise:
        """The window of days in which it arrives; its basis is CALENDAR.

        Raises
        ------
        ValueError
            If a calendar has no working day within two years.
        """
        ...


class Sourcer(Protocol):
    """What decides from which place an order ships."""

    def source(self, task: SourcingTask) -> SourcingPlan:
        """Which place ships what, and why no other does; the same task always gives the same plan."""
        ...

"""The seams for arithmetic: roads, routes, packing, promises and sourcing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.calendar import PromiseTerms
from doorstep.geo import LatLng
from doorstep.packing import Box, Packing, Piece
from doorstep.road import RoadRoute, RoadTable
from doorstep.route import PlanProgress
from doorstep.route_change import Placement, ToldRoutes
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import Assignment, RouteSolution
from doorstep.sourcing import SourcingPlan, SourcingTask
from doorstep.visit import Visit
from doorstep.wave import Wave
from doorstep.wave_plan import WavePlan
from doorstep.window import Promise, Window


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


class RouteDesk(Protocol):
    """Changes tours that drivers were told: `RouteProblem.given`, visit by visit, without planning anew.

    Every method takes times from the roads and raises what the road engine raises.
    """

    async def look(self, problem: RouteProblem, roads: RoadEngine) -> ToldRoutes:
        """The given routes exactly as they are."""
        ...

    async def move(self, problem: RouteProblem, roads: RoadEngine, to: Placement) -> ToldRoutes:
        """The given routes with one visit taken out and put where it is said, whatever that breaks."""
        ...

    async def insert(
        self, problem: RouteProblem, roads: RoadEngine, visit_id: str, *, day: str = ""
    ) -> ToldRoutes | None:
        """Those of the given routes that change where a visit that is on none is put where it costs least.

        None where no van can take it without breaking a rule that the routes keep without it.

        Parameters
        ----------
        day
            Names the routes, so that what is worked out of them may be kept for the next question about the
            same; it changes no answer. "" keeps nothing.
        """
        ...

    async def improve(
        self, problem: RouteProblem, roads: RoadEngine, *, budget_s: float
    ) -> Sequence[ToldRoutes]:
        """Changes of the given routes, each of which saves more than it takes to tell its drivers.

        Each is of other vans, and to be told whole. Searches for `budget_s` seconds at most, and no longer
        once somebody wants a visit put in: what was found by then is answered.
        """
        ...

    async def assignments(
        self, problem: RouteProblem, roads: RoadEngine, visit_ids: Collection[str]
    ) -> Mapping[str, Assignment]:
        """Why the vans make these visits that have them in the given routes, by the visit.

        What no given route has, and what is not worked out within a few seconds, is left out.
        """
        ...

    async def window_costs(
        self,
        problem: RouteProblem,
        roads: RoadEngine,
        visit: Visit,
        windows: Sequence[Window],
        *,
        day: str = "",
    ) -> Sequence[int | None]:
        """What a visit that is not in the problem would cost in each window, in minor units; `day` as above.

        None where no van can take it then.
        """
        ...


class ModeChooser(Protocol):
    """What decides between own vans, couriers and parcel carriers."""

    async def choose(self, wave: Wave, roads: RoadEngine, *, budget_s: float, seed: int) -> WavePlan:
        """Who takes each order, and why, within `budget_s` seconds; every order has a choice.

        Raises
        ------
        DoorstepError
            What the road engine raises.
        """
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

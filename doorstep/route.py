"""Plans and routes as they are kept: what drivers are told, and how far each stop is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.geo import LatLng
from doorstep.route_solution import Assignment, RouteViolation, StopKind, UnassignedVisit
from doorstep.visit import PinnedPlace
from doorstep.window import Window


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """How far a planner is; the best plan so far counts."""

    fraction: float
    elapsed_s: float
    assigned: int
    unassigned: int
    best_cost_minor: int | None = None


class RoutePlanStatus(StrEnum):
    """Life of a plan."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    READY = "READY"
    PUBLISHED = "PUBLISHED"
    SUPERSEDED = "SUPERSEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class RouteStatus(StrEnum):
    """Life of a route."""

    PLANNED = "PLANNED"
    PUBLISHED = "PUBLISHED"
    STARTED = "STARTED"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"


class StopStatus(StrEnum):
    """Life of a stop."""

    PLANNED = "PLANNED"
    EN_ROUTE = "EN_ROUTE"
    ARRIVED = "ARRIVED"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of a kept route.

    Attributes
    ----------
    delivery_id
        "" where nothing is handed over: at a reload, and on a break.
    planned_arrival
        When service begins.
    windows
        In one of which it has to begin; () at any time.
    is_locked
        A dispatcher wants it with this driver: no plan gives it to another.
    pinned_place
        Where in the tour a dispatcher wants it; None for anywhere. Only of what is locked.
    late_s
        Planned to begin so long after its window.
    why
        Why this driver; None where nobody worked it out.
    """

    id: str
    delivery_id: str
    sequence: int
    status: StopStatus
    location: LatLng
    planned_arrival: datetime
    service_s: int
    arrived_at: datetime | None = None
    departed_at: datetime | None = None
    kind: StopKind = StopKind.DROPOFF
    windows: tuple[Window, ...] = ()
    is_locked: bool = False
    pinned_place: PinnedPlace | None = None
    late_s: int = 0
    why: Assignment | None = None

    @property
    def is_over(self) -> bool:
        """Whether the van is done with it."""
        return self.status in (StopStatus.DONE, StopStatus.FAILED, StopStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Load:
    """The most that a van has on board on a tour, and what it can take; None where nobody counts it."""

    weight_g: int = 0
    volume_ml: int = 0
    capacity_g: int | None = None
    capacity_ml: int | None = None

    @property
    def fraction(self) -> float | None:
        """How full the van is where it is fullest, 1 for full; None where nobody knows what it can take."""
        pairs = ((self.weight_g, self.capacity_g), (self.volume_ml, self.capacity_ml))
        shares = [load / room for load, room in pairs if room]
        return max(shares) if shares else None


@dataclass(frozen=True, slots=True)
class Route:
    """One driver's tour, as kept and told.

    Attributes
    ----------
    cost_minor
        Way, time and what else the tour costs, in minor units of `currency`; None where nobody counted.
    violations
        Rules that it breaks, by whoever wanted it so.
    ends_anywhere
        It is over at its last door.
    distance_m, driving_s, polyline
        Of a tour that was changed on the road: of what was left then.
    continues_id
        While it is PLANNED: the tour on the road that would go on so.
    changed_at
        When its stops were last changed one by one; None where they are as a plan made them.
    is_by_hand
        A person has put stops of it where they are: no machine makes it better.
    """

    id: str
    merchant_id: str
    plan_id: str
    driver_id: str
    date: str
    status: RouteStatus
    starts_at: datetime
    ends_at: datetime
    stops: tuple[Stop, ...]
    polyline: str
    distance_m: int
    driving_s: int
    origin: LatLng
    is_approximate: bool = False
    version: int = 1
    cost_minor: int | None = None
    currency: str = "USD"
    load: Load = Load()
    overtime_s: int = 0
    violations: tuple[RouteViolation, ...] = ()
    ends_anywhere: bool = False
    continues_id: str = ""
    changed_at: datetime | None = None
    is_by_hand: bool = False

    @property
    def ahead(self) -> tuple[Stop, ...]:
        """Stops that are not over, in their order."""
        return tuple(stop for stop in self.stops if not stop.is_over)

    @property
    def next_stop(self) -> Stop | None:
        """The first stop that is not over."""
        open_stops = (StopStatus.PLANNED, StopStatus.EN_ROUTE, StopStatus.ARRIVED)
        return next((stop for stop in self.stops if stop.status in open_stops), None)


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """A plan in numbers.

    Attributes
    ----------
    cost_minor
        Of all tours, in minor units of the plan's currency.
    moved
        Deliveries that had been told another driver.
    co2e_g
        Of all tours, well to wheel; None where nobody knows what one of the vehicles emits.
    soft
        Rules that are broken as far as they may be.
    """

    cost_minor: int
    distance_m: int
    driving_s: int
    late_stops: int
    vans: int
    stops: int
    moved: int = 0
    soft: tuple[RouteViolation, ...] = ()
    co2e_g: int | None = None

    @property
    def on_time_rate(self) -> float | None:
        """Share of the stops that are planned to begin within their windows, 0 to 1; None without any."""
        return 1 - self.late_stops / self.stops if self.stops else None


class PlanScope(StrEnum):
    """Which tours a plan may change."""

    WAITING = "WAITING"
    """Those that have not left; vans on the road drive another one afterwards."""
    RUNNING = "RUNNING"
    """Those as well that are on the road, behind the door that the van is on its way to."""


@dataclass(frozen=True, slots=True)
class SeenRoute:
    """A tour as it stood when a plan was made that changes it."""

    route_id: str
    version: int


@dataclass(frozen=True, slots=True)
class TourOutline:
    """A tour as a plan first had it: who brings what, whatever becomes of it afterwards."""

    driver_id: str
    depot_id: str
    delivery_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """One run of the planner over a day or a wave.

    Attributes
    ----------
    delivery_ids, driver_ids
        What was asked for; () means all that wait, and all on duty.
    tries
        How often a search for it began.
    problem
        Why it failed.
    is_published_at_once
        Drivers see it as soon as it is solved; else a person publishes it.
    stability
        How far it keeps what drivers were told, 0 to 1.
    based_on_id
        The plan whose tours it starts from and is compared with; "" for the tours that drivers were told.
    changes
        Tours of which it says something else.
    outlines
        Its tours as they were solved; tours themselves go on to other plans and are changed by hand.
    """

    id: str
    merchant_id: str
    date: str
    status: RoutePlanStatus
    created_at: datetime
    time_limit_s: float
    progress: PlanProgress
    method: str = ""
    problem: str = ""
    cost_minor: int | None = None
    currency: str = "USD"
    delivery_ids: tuple[str, ...] = ()
    driver_ids: tuple[str, ...] = ()
    unassigned: tuple[UnassignedVisit, ...] = ()
    published_at: datetime | None = None
    version: int = 1
    is_published_at_once: bool = True
    stability: float = 0.0
    based_on_id: str = ""
    scope: PlanScope = PlanScope.WAITING
    changes: tuple[SeenRoute, ...] = ()
    summary: PlanSummary | None = None
    outlines: tuple[TourOutline, ...] = ()
    tries: int = 0

    @property
    def is_under_way(self) -> bool:
        """Whether the planner has it before it, or works on it."""
        return self.status in (RoutePlanStatus.QUEUED, RoutePlanStatus.RUNNING)

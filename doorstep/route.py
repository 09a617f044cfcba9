"""The routing problem of a day and its solution, independent of any engine.

Seconds are counted from `RouteProblem.epoch`, so that engines work on small integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.geo import LatLng
from doorstep.window import Window


class UnassignedCode(StrEnum):
    """Why nothing can take a stop."""

    WINDOW_UNREACHABLE = "WINDOW_UNREACHABLE"
    NO_CAPACITY = "NO_CAPACITY"
    NO_SKILL = "NO_SKILL"
    NO_VEHICLE = "NO_VEHICLE"
    SHIFT_ENDS = "SHIFT_ENDS"
    TOO_FAR = "TOO_FAR"
    TOO_COSTLY = "TOO_COSTLY"
    TERRITORY = "TERRITORY"
    UNREACHABLE_ROAD = "UNREACHABLE_ROAD"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Visit:
    """A drop-off to be made from its depot.

    Attributes
    ----------
    id
        The caller's (a delivery's id).
    windows
        Any of them will do; empty means the whole day.
    service_s
        Seconds spent at the door.
    """

    id: str
    depot_id: str
    location: LatLng
    service_s: int
    weight_g: int
    volume_ml: int = 0
    windows: tuple[Window, ...] = ()
    ready_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("service_s", "weight_g", "volume_ml"):
            if getattr(self, name) < 0:
                raise ValueError(f"visit {self.id}: {name} must not be negative, got {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle with its driver on one shift.

    Attributes
    ----------
    start
        Where the van is when `shift` begins, or now.
    end
        Where it must be at the end; the depot.
    """

    id: str
    depot_id: str
    start: LatLng
    end: LatLng
    shift: Window
    capacity_g: int
    capacity_ml: int | None = None
    fixed_cost_minor: int = 0
    max_stops: int | None = None

    def __post_init__(self) -> None:
        if self.capacity_g <= 0:
            raise ValueError(f"van {self.id}: capacity_g must be positive, got {self.capacity_g}")
        if self.max_stops is not None and self.max_stops <= 0:
            raise ValueError(f"van {self.id}: max_stops must be positive, got {self.max_stops}")


@dataclass(frozen=True, slots=True)
class RouteProblem:
    """Everything that a planner needs to know.

    Attributes
    ----------
    epoch
        Nothing happens before; the clock of the plan.
    cost_per_km_minor, cost_per_hour_minor
        What driving costs, in minor units of one currency.

    Raises
    ------
    ValueError
        If ids repeat, or a visit names a depot that no van serves is *not* an error: it stays unassigned.
    """

    epoch: datetime
    visits: tuple[Visit, ...]
    vans: tuple[Van, ...]
    cost_per_km_minor: int = 60
    cost_per_hour_minor: int = 2400

    def __post_init__(self) -> None:
        for name, ids in (("visits", [v.id for v in self.visits]), ("vans", [v.id for v in self.vans])):
            if len(set(ids)) != len(ids):
                raise ValueError(f"{name}: ids must be unique")


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A visit in its place: when the van arrives, begins and leaves."""

    visit_id: str
    arrival: datetime
    service_start: datetime
    departure: datetime


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """One van's tour.

    Attributes
    ----------
    starts_at, ends_at
        Leaving the depot and being back.
    path
        Along the roads, for the map and for the driver.
    """

    van_id: str
    stops: tuple[PlannedStop, ...]
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    driving_s: int
    path: tuple[LatLng, ...] = ()
    is_approximate: bool = False


@dataclass(frozen=True, slots=True)
class UnassignedReason:
    """One reason why nothing can take it, as a sentence for a dispatcher."""

    code: UnassignedCode
    text: str
    van_id: str | None = None
    short_by_s: int | None = None


@dataclass(frozen=True, slots=True)
class UnassignedVisit:
    """A visit without a place."""

    visit_id: str
    reasons: tuple[UnassignedReason, ...]


@dataclass(frozen=True, slots=True)
class RouteSolution:
    """The answer of a planner, checked.

    Attributes
    ----------
    method
        Which engine and why.
    cost_minor
        Driving, time and fixed costs in minor units.
    """

    routes: tuple[PlannedRoute, ...]
    unassigned: tuple[UnassignedVisit, ...]
    method: str
    cost_minor: int


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
    """One visit of a kept route."""

    id: str
    delivery_id: str
    sequence: int
    status: StopStatus
    location: LatLng
    planned_arrival: datetime
    service_s: int
    arrived_at: datetime | None = None
    departed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One driver's tour, as kept and told."""

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

    @property
    def next_stop(self) -> Stop | None:
        """The first stop that is not over."""
        open_stops = (StopStatus.PLANNED, StopStatus.EN_ROUTE, StopStatus.ARRIVED)
        return next((stop for stop in self.stops if stop.status in open_stops), None)


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """One run of the planner over a day or a wave.

    Attributes
    ----------
    delivery_ids, driver_ids
        What was asked for; () means all that wait, and all on duty.
    problem
        Why it failed.
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


class DriverStatus(StrEnum):
    """What a driver is doing."""

    OFF_DUTY = "OFF_DUTY"
    AVAILABLE = "AVAILABLE"
    DRIVING = "DRIVING"
    AT_STOP = "AT_STOP"
    ON_BREAK = "ON_BREAK"
    SILENT = "SILENT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Driver:
    """A person who drives one of the merchant's vans.

    Attributes
    ----------
    device_id
        What the phone's tracking app calls itself; unguessable, since it authorises fixes.
    shift_start, shift_end
        Wall clock "HH:MM" in the depot's time zone.
    """

    id: str
    merchant_id: str
    name: str
    depot_id: str
    device_id: str
    shift_start: str
    shift_end: str
    capacity_g: int
    capacity_ml: int | None = None
    vehicle_name: str = ""
    weekdays: Sequence[int] = (1, 2, 3, 4, 5, 6, 7)
    enabled: bool = True

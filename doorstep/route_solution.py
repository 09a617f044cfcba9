"""A planner's answer: tours with their times, what is left out and why, and what is broken by choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from doorstep.geo import LatLng


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


class StopKind(StrEnum):
    """What a van stops for."""

    PICKUP = "PICKUP"
    DROPOFF = "DROPOFF"
    RETURN = "RETURN"
    DEPOT = "DEPOT"
    RELOAD = "RELOAD"
    BREAK = "BREAK"
    OTHER = "OTHER"


class ViolationKind(StrEnum):
    """Which rule a tour breaks."""

    LATE = "LATE"
    EARLY = "EARLY"
    OVER_CAPACITY = "OVER_CAPACITY"
    OVER_SHIFT = "OVER_SHIFT"
    TOO_LONG = "TOO_LONG"
    TOO_MANY_STOPS = "TOO_MANY_STOPS"
    MISSING_SKILL = "MISSING_SKILL"
    WRONG_VEHICLE = "WRONG_VEHICLE"
    WRONG_DEPOT = "WRONG_DEPOT"
    OUTSIDE_TERRITORY = "OUTSIDE_TERRITORY"
    BROKEN_ORDER = "BROKEN_ORDER"
    MISSED_BREAK = "MISSED_BREAK"
    NOT_READY = "NOT_READY"
    NO_ROAD = "NO_ROAD"
    UNBALANCED = "UNBALANCED"
    LOCKED = "LOCKED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class RouteViolation:
    """A rule that a tour breaks, as a sentence for a dispatcher.

    Attributes
    ----------
    is_hard
        Nobody may drive it so; False for what the rules allow at a cost.
    by_s
        Of how many seconds it is, where it is about time.
    """

    kind: ViolationKind
    is_hard: bool
    text: str
    van_id: str
    visit_id: str = ""
    by_s: int | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Why this van: what the visit costs here, against the next best.

    Attributes
    ----------
    cost_here_minor
        What the tour would save without it.
    next_van_id, next_cost_minor
        Who would do it for the least otherwise; "" and None where nobody could.
    """

    text: str
    cost_here_minor: int
    next_van_id: str = ""
    next_cost_minor: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A stop in its place: when the van arrives, begins and leaves.

    Attributes
    ----------
    visit_id
        The visit; for a RELOAD the depot, for a BREAK the break.
    late_s
        After the window that it should have begun in.
    """

    visit_id: str
    arrival: datetime
    service_start: datetime
    departure: datetime
    kind: StopKind = StopKind.DROPOFF
    late_s: int = 0
    why: Assignment | None = None


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """One van's tour.

    Attributes
    ----------
    starts_at, ends_at
        Leaving its start and being at its end; the first arrival and the last departure where the tour may
        begin or end anywhere.
    path
        Along the roads, for the map and for the driver.
    overtime_s
        After the shift.
    cost_minor
        Way, time, overtime, lateness, visits outside of territories, and the van's fixed cost.
    peak_weight_g, peak_volume_ml
        The most that is on board at once.
    """

    van_id: str
    stops: tuple[PlannedStop, ...]
    starts_at: datetime
    ends_at: datetime
    distance_m: int
    driving_s: int
    path: tuple[LatLng, ...] = ()
    is_approximate: bool = False
    overtime_s: int = 0
    cost_minor: int = 0
    peak_weight_g: int = 0
    peak_volume_ml: int = 0

    @property
    def visit_ids(self) -> tuple[str, ...]:
        """Its visits in their order, without reloads and breaks."""
        return tuple(
            stop.visit_id for stop in self.stops if stop.kind not in (StopKind.RELOAD, StopKind.BREAK)
        )


@dataclass(frozen=True, slots=True)
class UnassignedReason:
    """One reason why nothing can take it, as a sentence for a dispatcher."""

    code: UnassignedCode
    text: str
    van_id: str | None = None
    short_by_s: int | None = None


@dataclass(frozen=True, slots=True)
class UnassignedRemedy:
    """One concession that would give it a place, tried out; as a sentence for a dispatcher.

    Attributes
    ----------
    van_id
        Who could take it then; of one more van, the busy one that it would be like.
    cost_minor
        What the routes would cost more.
    """

    text: str
    van_id: str
    cost_minor: int
    is_one_more: bool = False


@dataclass(frozen=True, slots=True)
class UnassignedVisit:
    """A visit without a place.

    Attributes
    ----------
    remedies
        The cheapest first; () where no single concession helps, or none was tried.
    """

    visit_id: str
    reasons: tuple[UnassignedReason, ...]
    remedies: tuple[UnassignedRemedy, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineStep:
    """One thing that was tried: by which engine and why, for how long, and what the plan cost after it.

    Equal where all but the seconds are.
    """

    engine: str
    why: str
    seconds: float = field(compare=False)
    cost_minor: int


@dataclass(frozen=True, slots=True)
class RouteSolution:
    """The answer of a planner, checked.

    Attributes
    ----------
    method
        Which engine and why, in a sentence.
    cost_minor
        Of all routes; what leaving visits out costs is not in it.
    soft
        Rules that are broken as far as they may be.
    moved
        Visits of the given plan that are with another van, or with none.
    steps
        What was tried, in its order.
    """

    routes: tuple[PlannedRoute, ...]
    unassigned: tuple[UnassignedVisit, ...]
    method: str
    cost_minor: int
    soft: tuple[RouteViolation, ...] = ()
    moved: int = 0
    steps: tuple[EngineStep, ...] = ()

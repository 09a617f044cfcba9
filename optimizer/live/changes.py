"""What a change of a running day answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from doorstep.route_solution import RouteViolation, UnassignedReason, UnassignedVisit
from optimizer.routes.numbered.task import Tour


class LatePreview(Exception):
    """The routes are not those of the preview any more; ask for another one."""


class ForbiddenMove(ValueError):
    """A move breaks a hard rule.

    Attributes
    ----------
    violations
        Of the preview, soft ones included.
    """

    def __init__(self, violations: tuple[RouteViolation, ...]) -> None:
        super().__init__(" ".join(violation.text for violation in violations if violation.is_hard))
        self.violations = violations


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a visit goes, or why nowhere.

    Attributes
    ----------
    van_id
        "" where no van can take it: then nothing has changed, and `reasons` says why.
    position
        Among the visits of its route.
    cost_minor
        What the routes cost more with it.
    """

    visit_id: str
    van_id: str = ""
    position: int = 0
    arrival: datetime | None = None
    service_start: datetime | None = None
    cost_minor: int = 0
    reasons: tuple[UnassignedReason, ...] = ()

    @property
    def is_placed(self) -> bool:
        """Whether a van makes it."""
        return bool(self.van_id)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a visit would cost that is not put in.

    Attributes
    ----------
    fullness
        Of the van with it: the fullest of its loads on the fullest leg, 1 for full.
    """

    visit_id: str
    van_id: str
    cost_minor: int
    fullness: float


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the routes.

    Attributes
    ----------
    vans
        Whose routes are not what they were.
    moved
        Visits that are with another van than before, or were with none.
    unassigned
        Visits that were on a route and are on none any more, with the reasons.
    cost_minor
        What the routes cost more than before.
    """

    vans: tuple[str, ...]
    moved: tuple[str, ...] = ()
    unassigned: tuple[UnassignedVisit, ...] = ()
    cost_minor: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What moving a visit by hand would do; nothing has changed yet.

    Attributes
    ----------
    violations
        What the routes that it touches would break, hard and soft.
    cost_minor, metres, late_stops
        More than as things are; negative for less.
    arrivals
        Visits that the van would be at at another time, and when.
    tours, version
        What `RunningDay.apply` makes true, and of which routes it is a preview.
    """

    visit_id: str
    van_id: str
    violations: tuple[RouteViolation, ...]
    cost_minor: int
    metres: int
    late_stops: int
    arrivals: tuple[tuple[str, datetime], ...]
    tours: tuple[tuple[int, Tour], ...]
    version: int

    @property
    def is_allowed(self) -> bool:
        """Whether the routes that it touches would break no hard rule."""
        return not any(violation.is_hard for violation in self.violations)

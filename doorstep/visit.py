"""A visit: a stop to be made at a door, with everything that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from doorstep.geo import LatLng
from doorstep.problem_checks import InvalidProblem, in_utc, named, named_loads, not_negative
from doorstep.window import Window

NO_LOADS: Mapping[str, int] = MappingProxyType({})
"""Nothing beside weight and volume."""


class VisitKind(StrEnum):
    """What happens at the door.

    DELIVERY brings goods from a depot, or from the visit that `Visit.from_visit` names. COLLECTION takes
    goods along to the depot. PICKUP fetches goods for another visit of the same tour.
    """

    DELIVERY = "DELIVERY"
    COLLECTION = "COLLECTION"
    PICKUP = "PICKUP"


class PinnedPlace(StrEnum):
    """Where in its tour a visit has to be."""

    FIRST = "FIRST"
    LAST = "LAST"


@dataclass(frozen=True, slots=True)
class Lateness:
    """What makes windows soft: service may begin after they close.

    Attributes
    ----------
    cost_per_hour_minor
        Of being late.
    at_most_s
        Later than this it may not be.
    """

    cost_per_hour_minor: int
    at_most_s: int = 4 * 3600

    def __post_init__(self) -> None:
        not_negative("late", self, "cost_per_hour_minor", "at_most_s")


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop to be made at a door.

    Attributes
    ----------
    id
        The caller's (a delivery's id).
    depot_id
        Where the goods lie or go; "" where every depot has them.
    setup_s, service_s
        Seconds to park and walk when the van comes from another place, and to hand over. Setting up may be
        done before a window opens.
    weight_g, volume_ml, more_loads
        What is carried; `more_loads` by names of the merchant's own ("crates").
    windows
        Service begins in one of them; () means at any time.
    late
        Makes them soft; None where they are hard. Service never begins before the first window.
    ready_at
        The goods are at the depot from then on.
    skills
        All of which the van or its driver must have.
    vehicle_kinds
        One of which the van must be; empty where any will do.
    territory
        Whose area it is in; "" for nobody's.
    priority
        Of visits that compete the higher is made, whatever it costs; of those that have a price of leaving
        them out, where that is the same.
    skip_cost_minor
        What it costs to leave it out; None where it is made if it can be.
    pinned_van, pinned_place
        Only this van may make it, and at this place of its tour.
    from_visit
        The PICKUP whose goods this brings; both are made on one tour, or neither.
    """

    id: str
    depot_id: str
    location: LatLng
    service_s: int
    weight_g: int
    volume_ml: int = 0
    windows: tuple[Window, ...] = ()
    ready_at: datetime | None = None
    kind: VisitKind = VisitKind.DELIVERY
    more_loads: Mapping[str, int] = NO_LOADS
    setup_s: int = 0
    late: Lateness | None = None
    skills: frozenset[str] = frozenset()
    vehicle_kinds: frozenset[str] = frozenset()
    territory: str = ""
    priority: int = 0
    skip_cost_minor: int | None = None
    pinned_van: str = ""
    pinned_place: PinnedPlace | None = None
    from_visit: str = ""

    def __post_init__(self) -> None:
        named("visits", self.id)
        where = f"visits[{self.id}]"
        not_negative(where, self, "service_s", "setup_s", "weight_g", "volume_ml", "priority")
        not_negative(where, self, "skip_cost_minor")
        named_loads(f"{where}.more_loads", self.more_loads)
        if self.ready_at is not None:
            object.__setattr__(self, "ready_at", in_utc(f"{where}.ready_at", self.ready_at))
        if self.late is not None and not self.windows:
            raise InvalidProblem(f"{where}.late: there are no windows to be late for")
        if self.from_visit and self.kind is not VisitKind.DELIVERY:
            raise InvalidProblem(f"{where}.from_visit: only a DELIVERY brings what another visit fetched")
        if self.pinned_place is PinnedPlace.LAST and self.kind is VisitKind.PICKUP:
            raise InvalidProblem(f"{where}.pinned_place: what is picked up is brought later on its tour")
        if self.pinned_place is PinnedPlace.FIRST and self.from_visit:
            raise InvalidProblem(f"{where}.pinned_place: what is brought was picked up before on its tour")

"""A van with its driver on one shift: what it can carry, where it may go, when its driver rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.geo import LatLng
from doorstep.problem_checks import InvalidProblem, named, named_loads, not_negative, positive
from doorstep.visit import NO_LOADS
from doorstep.window import Window


@dataclass(frozen=True, slots=True)
class Break:
    """A rest of a driver.

    It begins in `window`, while the van stands: before it leaves, or at a door before or after the service.
    A tour that is over before the window ends, or begins after it, needs none: the driver rests at home.
    """

    id: str
    window: Window
    duration_s: int

    def __post_init__(self) -> None:
        named("breaks", self.id)
        positive(f"breaks[{self.id}]", self, "duration_s")


@dataclass(frozen=True, slots=True)
class Reloads:
    """A van may come back for more.

    Attributes
    ----------
    depot_ids
        Where: of `RouteProblem.depots`.
    most
        How often.
    service_s
        Seconds that it takes each time.
    """

    depot_ids: tuple[str, ...]
    most: int = 1
    service_s: int = 600

    def __post_init__(self) -> None:
        not_negative("reloads", self, "service_s", "most")
        if self.most < 1 or not self.depot_ids:
            raise InvalidProblem("reloads: at least one depot and one time; None where a van never reloads")


@dataclass(frozen=True, slots=True)
class Van:
    """A vehicle with its driver on one shift.

    Attributes
    ----------
    start, end
        Where it is when `shift` begins, or now, and where it has to be at the end. None where its tour may
        begin or end at any door.
    max_stops, max_distance_m, max_duration_s
        Of a tour; None where only the shift counts. The duration is from leaving to coming home.
    overtime_s, overtime_cost_per_hour_minor
        How long after `shift` it may come home, and what that costs on top.
    cost_per_km_minor, cost_per_hour_minor
        None for those of the problem.
    territories
        Areas that it serves; empty where all are its own.
    outside_cost_minor
        Of each visit outside of them; None where it may make none.
    is_lifo
        Only what was picked up last can be got at.
    is_under_way
        It has left: what lies on its given route from a depot is on board, and more goods from a depot
        need a reload.
    """

    id: str
    depot_id: str
    start: LatLng | None
    end: LatLng | None
    shift: Window
    capacity_g: int
    capacity_ml: int | None = None
    fixed_cost_minor: int = 0
    max_stops: int | None = None
    more_capacity: Mapping[str, int] = NO_LOADS
    max_distance_m: int | None = None
    max_duration_s: int | None = None
    overtime_s: int = 0
    overtime_cost_per_hour_minor: int = 0
    cost_per_km_minor: int | None = None
    cost_per_hour_minor: int | None = None
    breaks: tuple[Break, ...] = ()
    skills: frozenset[str] = frozenset()
    kind: str = ""
    territories: frozenset[str] = frozenset()
    outside_cost_minor: int | None = None
    reloads: Reloads | None = None
    is_lifo: bool = False
    is_under_way: bool = False

    def __post_init__(self) -> None:
        named("vans", self.id)
        where = f"vans[{self.id}]"
        positive(where, self, "capacity_g", "max_stops", "max_distance_m", "max_duration_s")
        not_negative(where, self, "capacity_ml", "fixed_cost_minor", "overtime_s", "outside_cost_minor")
        not_negative(where, self, "overtime_cost_per_hour_minor", "cost_per_km_minor", "cost_per_hour_minor")
        named_loads(f"{where}.more_capacity", self.more_capacity)
        if len({rest.id for rest in self.breaks}) != len(self.breaks):
            raise InvalidProblem(f"{where}.breaks: ids must be unique")


@dataclass(frozen=True, slots=True)
class Depot:
    """A place where goods lie and vans reload."""

    id: str
    location: LatLng

    def __post_init__(self) -> None:
        named("depots", self.id)

"""The routing problem of a day: what is to be visited, who can drive, and what counts as good.

Engine-neutral and frozen. Everything is checked where it is made: a `RouteProblem` that exists makes sense,
though perhaps not every visit of it can be made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from doorstep.money import UnknownCurrency, exponent_of
from doorstep.problem_checks import InvalidProblem, in_utc, not_negative
from doorstep.van import Depot, Van
from doorstep.visit import Visit, VisitKind


@dataclass(frozen=True, slots=True)
class GivenRoute:
    """What a driver has been told so far.

    Attributes
    ----------
    visit_ids
        In their order.
    frozen
        How many of them, from the first on, stay where they are: the driver is on the way.
    """

    van_id: str
    visit_ids: tuple[str, ...]
    frozen: int = 0


class BalanceMeasure(StrEnum):
    """What drivers share evenly."""

    STOPS = "STOPS"
    TIME = "TIME"


@dataclass(frozen=True, slots=True)
class Balance:
    """No driver has much more to do than the others.

    Attributes
    ----------
    tolerance
        0.2 lets a tour be a fifth above the average of all vans that may drive, and always up to the next
        whole stop. What cannot be kept without leaving visits out is kept as nearly as possible, and said.
    """

    measure: BalanceMeasure
    tolerance: float = 0.2

    def __post_init__(self) -> None:
        not_negative("balance", self, "tolerance")


@dataclass(frozen=True, slots=True)
class SpeedProfile:
    """How fast traffic is by the hour, against the road table.

    Attributes
    ----------
    factors
        24 of them, from midnight on: 0.5 makes a drive take twice as long.
    time_zone
        Whose hours they are.
    """

    factors: tuple[float, ...]
    time_zone: str

    def __post_init__(self) -> None:
        if len(self.factors) != 24 or any(not 0.05 <= factor <= 20 for factor in self.factors):
            raise InvalidProblem("speeds.factors: 24 numbers from 0.05 to 20, one for each hour")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            # What is no key at all, or the name of a folder, is not merely not found.
            message = f"speeds.time_zone: no IANA zone {self.time_zone!r}; write it as 'Europe/Berlin'"
            raise InvalidProblem(message) from error

    def arrival(self, leaves: datetime, table_s: int) -> datetime:
        """When a drive of `table_s` at the table's speed ends: whole seconds after it began, rounded up.

        Whoever leaves later never arrives earlier: the speed changes under way, hour by hour.
        """
        zone, now, left = ZoneInfo(self.time_zone), leaves, float(table_s)
        while True:
            wall = now.astimezone(zone)
            factor = self.factors[wall.hour]
            till_hour_s = 3600.0 - (wall.minute * 60 + wall.second + wall.microsecond / 1e6)
            if left <= till_hour_s * factor + 1e-9:
                driven_s = (now - leaves).total_seconds() + left / factor
                return leaves + timedelta(seconds=ceil(driven_s - 1e-6))
            left -= till_hour_s * factor
            now += timedelta(seconds=till_hour_s)


@dataclass(frozen=True, slots=True)
class RouteProblem:
    """Everything that a planner needs to know.

    Attributes
    ----------
    epoch
        Nothing happens before; the clock of the plan.
    cost_per_km_minor, cost_per_hour_minor
        What driving costs, in minor units of one currency; hours count from leaving to coming home.
    depots
        Where vans can reload.
    given
        The plan so far: a start for the search, and what `stability` compares with.
    stability
        0 plans afresh, 1 leaves every visit of `given` with its van; between them a change has to save
        the more, the closer it is to 1.
    balance, speeds
        None where nothing is balanced, and where the table's times hold all day.
    currency
        ISO 4217, of all sums; sentences name it.

    Raises
    ------
    InvalidProblem
        If something contradicts itself. A visit that names a depot that no van serves is no error: it
        stays unassigned.
    """

    epoch: datetime
    visits: tuple[Visit, ...]
    vans: tuple[Van, ...]
    cost_per_km_minor: int = 60
    cost_per_hour_minor: int = 2400
    depots: tuple[Depot, ...] = ()
    given: tuple[GivenRoute, ...] = ()
    stability: float = 0.0
    balance: Balance | None = None
    speeds: SpeedProfile | None = field(default=None)
    currency: str = "USD"

    def __post_init__(self) -> None:
        object.__setattr__(self, "epoch", in_utc("epoch", self.epoch))
        not_negative("problem", self, "cost_per_km_minor", "cost_per_hour_minor")
        if not 0 <= self.stability <= 1:
            raise InvalidProblem(f"stability: must lie in [0, 1], got {self.stability}")
        try:
            exponent_of(self.currency)
        except UnknownCurrency as error:
            raise InvalidProblem(f"currency: {error}") from None
        for message in _contradictions(self):
            raise InvalidProblem(message)


def _contradictions(problem: RouteProblem) -> Iterator[str]:
    named = {
        "visits": [visit.id for visit in problem.visits],
        "vans": [van.id for van in problem.vans],
        "depots": [depot.id for depot in problem.depots],
    }
    for name, ids in named.items():
        for twice in _repeated(ids):
            yield f"{name}: ids must be unique, {twice!r} is there twice"
    depots = set(named["depots"])
    for van in problem.vans:
        for depot_id in van.reloads.depot_ids if van.reloads else ():
            if depot_id not in depots:
                yield f"vans[{van.id}].reloads.depot_ids: no depot {depot_id!r}"
    yield from _wrong_pairs(problem)
    yield from _wrong_pins(problem, set(named["vans"]))
    yield from _wrong_given(problem, set(named["vans"]))


def _wrong_pairs(problem: RouteProblem) -> Iterator[str]:
    pickups = {visit.id: visit for visit in problem.visits if visit.kind is VisitKind.PICKUP}
    drops = Counter(visit.from_visit for visit in problem.visits if visit.from_visit)
    for visit in problem.visits:
        if visit.from_visit and visit.from_visit not in pickups:
            yield f"visits[{visit.id}].from_visit: no PICKUP {visit.from_visit!r}"
        elif visit.from_visit and len({visit.pinned_van, pickups[visit.from_visit].pinned_van} - {""}) > 1:
            yield f"visits[{visit.id}].pinned_van: its pick-up is pinned to another van"
        elif visit.from_visit:
            yield from _wrong_loads(visit, pickups[visit.from_visit])
    for pickup in sorted(pickups):
        if drops[pickup] != 1:
            yield f"visits[{pickup}]: a PICKUP belongs to one DELIVERY, found {drops[pickup]}"


def _wrong_loads(drop: Visit, pickup: Visit) -> Iterator[str]:
    brought = {"weight_g": drop.weight_g, "volume_ml": drop.volume_ml, **drop.more_loads}
    fetched = {"weight_g": pickup.weight_g, "volume_ml": pickup.volume_ml, **pickup.more_loads}
    for name in sorted({*brought, *fetched}):
        amount, source = brought.get(name, 0), fetched.get(name, 0)
        if amount != source:
            field = name if name in ("weight_g", "volume_ml") else f"more_loads[{name}]"
            told = (
                f"brings {amount} where its pick-up {pickup.id!r} fetches {source}; both name the same loads"
            )
            yield f"visits[{drop.id}].{field}: {told}"


def _wrong_pins(problem: RouteProblem, vans: set[str]) -> Iterator[str]:
    for visit in problem.visits:
        if visit.pinned_van and visit.pinned_van not in vans:
            yield f"visits[{visit.id}].pinned_van: no van {visit.pinned_van!r}"
        if visit.pinned_place is not None and not visit.pinned_van:
            yield f"visits[{visit.id}].pinned_place: pin it to a van as well"
    places = [(visit.pinned_van, visit.pinned_place) for visit in problem.visits if visit.pinned_place]
    for van, place in _repeated(places):
        yield f"visits: two are pinned {place} on van {van!r}"


def _wrong_given(problem: RouteProblem, vans: set[str]) -> Iterator[str]:
    visits = {visit.id for visit in problem.visits}
    from_visits = {visit.id: visit.from_visit for visit in problem.visits}
    pins = {visit.id: visit.pinned_van for visit in problem.visits}
    for route in problem.given:
        if route.van_id not in vans:
            yield f"given: no van {route.van_id!r}"
        if unknown := [name for name in route.visit_ids if name not in visits]:
            yield f"given[{route.van_id}].visit_ids: no visit {unknown[0]!r}"
        if not 0 <= route.frozen <= len(route.visit_ids):
            yield f"given[{route.van_id}].frozen: must lie in [0, {len(route.visit_ids)}], got {route.frozen}"
        held = route.visit_ids[: route.frozen]
        for drop, pickup in enumerate(from_visits.get(name, "") for name in held):
            if pickup and pickup not in held[:drop]:
                yield f"given[{route.van_id}].frozen: {held[drop]!r} would come before its pick-up {pickup!r}"
        for name in held:
            if pins.get(name, "") not in ("", route.van_id):
                yield (
                    f"given[{route.van_id}].frozen: {name!r} is pinned to van {pins[name]!r}; "
                    "unpin it, or freeze less"
                )
    for twice in _repeated([route.van_id for route in problem.given]):
        yield f"given: van {twice!r} is there twice"
    for twice in _repeated([name for route in problem.given for name in route.visit_ids]):
        yield f"given: visit {twice!r} is there twice"


def _repeated[T](values: Sequence[T]) -> Iterator[T]:
    return (value for value, count in Counter(values).items() if count > 1)

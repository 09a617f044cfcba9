"""Fitting: which tours of a plan can be told as things stand now, and what that leaves of those before. Pure.

What a van has gone on with since the plan was made, or somebody has changed, stays as it is; and nobody has
two tours at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.route import Route, RoutePlan, RouteStatus, Stop
from gateway.flow.planning.parts.busy import meet
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.visits import waits_for_van

SAME_TIME = timedelta(seconds=60)
"""A stop that moves by no more is the same for its driver: nobody has to be told."""

FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """The tours that drivers know of, locked.

    Attributes
    ----------
    changing
        As the plan saw them, by id.
    kept
        All others: those that have gone on meanwhile among them.
    loaded
        Ids of those whose goods are on board.
    ends
        When each will be over as things stand, by id.
    lead
        From being told to leaving.
    away
        Until when drivers cannot leave, by their ids; `FOR_EVER` for who drives no more.
    """

    changing: Mapping[str, Route]
    kept: tuple[Route, ...]
    loaded: frozenset[str]
    ends: Mapping[str, datetime]
    lead: timedelta = timedelta(0)
    away: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Fitting:
    """Tours sorted by what is to become of them; `fit` fills it.

    Attributes
    ----------
    live
        Deliveries that a plan may say something of, by id.
    told
        As drivers are to have them.
    drafts
        Ids of tours that were only drawn up, and are no rows of their own any more.
    cut
        Old tours that go on without what others take.
    withdrawn
        Old tours that nobody drives.
    expected
        Deliveries that own vans are only going to be booked for.
    placed
        Deliveries that are on some tour.
    passed_over
        Deliveries whose tour cannot be told.
    """

    plan: RoutePlan
    standing: Standing
    live: Mapping[str, Delivery]
    now: datetime
    expected: Collection[str] = ()
    told: list[Route] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    cut: list[Route] = field(default_factory=list)
    withdrawn: list[Route] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    passed_over: set[str] = field(default_factory=set)
    _busy: list[Route] = field(default_factory=list)
    _ends: dict[str, datetime] = field(default_factory=dict)
    _settled: set[str] = field(default_factory=set)

    def fit(self, tours: Sequence[Route]) -> None:
        """Sort a plan's tours: first those of vans on the road, then those that leave first."""
        for route in self.standing.kept:
            self._stay(route)
        goes_on = {tour.continues_id for tour in tours}
        for old in self.standing.changing.values():
            if old.id not in goes_on and old.id in self.standing.loaded:
                self._stay(old)
        without: set[str] = set()
        for tour in sorted(tours, key=lambda tour: (not tour.continues_id, tour.starts_at)):
            if not self._tell(tour):
                without.add(tour.driver_id)
        for old in self.standing.changing.values():
            if old.id in self._settled:
                continue
            if old.driver_id in without and self._has_time_for(old) and self._rest_of(old):
                self._stay(old)
            else:
                self.withdrawn.append(old)
        self.passed_over &= set(self.live) - self.placed

    def _tell(self, tour: Route) -> bool:
        """Whether a tour can be told; one that would go on as a van does not leaves that van's as it was."""
        self.drafts.append(tour.id)
        told = self._as_told(tour)
        away = self.standing.away.get(tour.driver_id, self.now)
        # A search may end a moment later than it was to.
        soonest = max(self.now, self.now + self.standing.lead - SAME_TIME, away)
        is_too_early = not tour.continues_id and tour.starts_at < soonest
        if told is not None and not is_too_early and self._has_time_for(told):
            self.told.append(told)
            self._note(told)
            return True
        self.passed_over |= {stop.delivery_id for stop in doors_ahead(tour)}
        old = self.standing.changing.get(tour.continues_id)
        if old is not None:
            self._stay(old)
        return False

    def _as_told(self, tour: Route) -> Route | None:
        """A new tour as it is kept; None where there is nothing to drive for, or the van is elsewhere."""
        old = self.standing.changing.get(tour.continues_id)
        if tour.continues_id and old is None:
            return None
        stops = self._left(tour, old)
        if old is None and not any(stop.delivery_id for stop in stops):
            return None
        same = old or self._same_way(tour, stops)
        if same is None:
            return replace(tour, stops=stops, status=RouteStatus.PUBLISHED, continues_id="")
        # One on the road with nothing left to do drives home; one that has not left does not leave.
        is_off = same.status is RouteStatus.PUBLISHED and all(stop.is_over for stop in stops)
        told = replace(
            tour,
            id=same.id,
            plan_id=self.plan.id,
            stops=stops,
            status=RouteStatus.CANCELLED if is_off else same.status,
            version=same.version + 1,
            continues_id="",
        )
        return replace(same, plan_id=self.plan.id) if _is_as_it_was(same, told) else told

    def _left(self, tour: Route, old: Route | None) -> tuple[Stop, ...]:
        """Stops of which something is left, numbered anew; what is on board stays on a tour that goes on."""
        had = {stop.delivery_id for stop in old.stops} if old is not None else set()
        stops: list[Stop] = []
        for stop in tour.stops:
            one = self.live.get(stop.delivery_id)
            is_there = one is not None and (waits_for_van(one) or stop.delivery_id in had)
            is_there = is_there or stop.delivery_id in self.expected
            is_there = is_there and stop.delivery_id not in self.placed
            if stop.is_over or not stop.delivery_id or is_there:
                stops.append(replace(stop, sequence=len(stops) + 1))
        return tuple(stops)

    def _same_way(self, tour: Route, stops: Sequence[Stop]) -> Route | None:
        """The tour that its driver was told already, where only times are other."""
        doors = [stop.delivery_id for stop in stops]
        for old in self.standing.changing.values():
            is_same = old.driver_id == tour.driver_id and [stop.delivery_id for stop in old.ahead] == doors
            if is_same and old.status is RouteStatus.PUBLISHED and old.id not in self._settled:
                return old
        return None

    def _stay(self, old: Route) -> None:
        """A tour goes on as it was told, without what others have taken already."""
        rest = self._rest_of(old)
        if len(rest) < len(doors_ahead(old)):
            gone = {stop.id for stop in doors_ahead(old)} - {stop.id for stop in rest}
            stops = tuple(stop for stop in old.stops if stop.id not in gone)
            old = replace(old, stops=stops, version=old.version + 1)
            self.cut.append(old)
        self._ends[old.id] = self.standing.ends.get(old.id, old.ends_at)
        self._note(old)

    def _rest_of(self, old: Route) -> list[Stop]:
        return [stop for stop in doors_ahead(old) if stop.delivery_id not in self.placed]

    def _has_time_for(self, tour: Route) -> bool:
        if tour.status is RouteStatus.CANCELLED:
            return True
        return not any(meet(one, tour, self._ends) for one in self._busy)

    def _note(self, route: Route) -> None:
        self._settled.add(route.id)
        if route.status is not RouteStatus.CANCELLED:
            self._busy.append(route)
            self.placed |= {stop.delivery_id for stop in doors_ahead(route)}


def _is_as_it_was(old: Route, new: Route) -> bool:
    """Whether a driver would see no difference."""
    before, after = old.ahead, new.ahead
    if old.status is not new.status or [one.id for one in before] != [one.id for one in after]:
        return False
    times = [(old.starts_at, new.starts_at), (old.ends_at, new.ends_at)]
    times += [(one.planned_arrival, two.planned_arrival) for one, two in zip(before, after, strict=True)]
    return all(abs(one - two) <= SAME_TIME for one, two in times)

"""Told: tours that drivers know of, as vans and visits of a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.geo import LatLng
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from doorstep.route_problem import GivenRoute
from doorstep.route_solution import StopKind
from doorstep.van import Van
from doorstep.visit import PinnedPlace, Visit, VisitKind
from doorstep.window import Window
from gateway.flow.planning.parts.vans import (
    LOADING_S,
    OVERTIME_ANYWAY_S,
    Seat,
    breaks_taken,
    is_loaded,
    leaves_at_soonest,
    overtime_cost,
    reloads_taken,
    van_of,
)
from gateway.flow.planning.parts.visits import Terms, told_visit, visit_of
from gateway.flow.records import DriverState

STILL_KNOWN = timedelta(minutes=30)
"""A van that was heard so long ago is still about there; else it is where it stopped last."""

_NO_DOOR = (StopKind.RELOAD, StopKind.BREAK)


@dataclass(frozen=True, slots=True)
class ToldTour:
    """A tour that a driver was told.

    Attributes
    ----------
    given
        What is left of it.
    """

    route: Route
    van: Van
    visits: tuple[Visit, ...]
    given: GivenRoute

    @property
    def on_board(self) -> frozenset[str]:
        """Visits that nobody else can make, because of their goods or because a dispatcher says so."""
        return frozenset(visit.id for visit in self.visits if visit.pinned_van)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a tour.

    Attributes
    ----------
    seat
        Its driver on the day.
    state
        What the driver's device last said; None where it has said nothing.
    not_before, not_after
        When the driver's tour before it is over, and when the one after it begins; None without any.
    """

    seat: Seat
    state: DriverState | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


def doors_ahead(route: Route) -> tuple[Stop, ...]:
    """Stops to come at which something is handed over."""
    return tuple(stop for stop in route.ahead if stop.kind not in _NO_DOOR)


def told_tour(
    route: Route,
    around: Around,
    deliveries: Mapping[str, Delivery],
    terms: Terms,
    now: datetime,
    *,
    van_id: str,
    loaded: bool | None = None,
) -> ToldTour:
    """What is left of a tour; stops of deliveries that are not named are left out.

    A van whose goods are on board keeps them, begins where it is, and stays on its way to the next door.

    Parameters
    ----------
    loaded
        Whether its goods are on board; None where the tour's own times say it, as of a driver who has no
        other tour.
    """
    stops = [stop for stop in doors_ahead(route) if stop.delivery_id in deliveries]
    loaded = is_loaded(route, now) if loaded is None else loaded
    visits = []
    for stop in stops:
        visit = visit_of(deliveries[stop.delivery_id], terms)
        on_board = loaded and visit.kind is VisitKind.DELIVERY
        visit = told_visit(visit, stop, van_id, is_on_board=on_board)
        if route.status is RouteStatus.STARTED and visit.pinned_place is PinnedPlace.FIRST:
            visit = replace(visit, pinned_place=None)  # the door that the van is on its way to is first
        if stop.arrived_at is not None:
            visit = replace(visit, service_s=_service_left(stop.arrived_at, visit, now))
        visits.append(visit)
    if loaded:
        van = _loaded_van(route, around, terms, now, van_id)
    else:
        van = _waiting_van(route, around, terms, now, van_id)
    given = GivenRoute(van.id, tuple(visit.id for visit in visits), _frozen(route, stops))
    return ToldTour(route, van, tuple(visits), given)


def _service_left(arrived_at: datetime, visit: Visit, now: datetime) -> int:
    return max(0, visit.service_s - int((now - arrived_at).total_seconds()))


def _frozen(route: Route, stops: list[Stop]) -> int:
    """Where the van stands, else the door that it is on its way to; none before it has left."""
    if route.status is not RouteStatus.STARTED:
        return 0
    standing = sum(stop.status is StopStatus.ARRIVED for stop in stops)
    return standing or min(1, len(stops))


def _waiting_van(route: Route, around: Around, terms: Terms, now: datetime, van_id: str) -> Van:
    """One that has still to be loaded; what was told in time may leave as it was told."""
    shift = around.seat.shift
    leaves = leaves_at_soonest(now, terms.rules.lead_s)
    if route.status is RouteStatus.PUBLISHED:
        leaves = min(leaves, max(route.starts_at, leaves_at_soonest(now, LOADING_S)))
    earliest = max(shift.start, leaves, around.not_before or now)
    left = Window(earliest, max(earliest, min(shift.end, around.not_after or shift.end)))
    van = van_of(around.seat.driver, around.seat.home, left, terms, van_id=van_id)
    overtime_s = _overtime(around, left, van.overtime_s)
    return replace(van, breaks=around.seat.breaks(left), overtime_s=overtime_s)


def _overtime(around: Around, left: Window, most_s: int) -> int:
    """Seconds after what is left of the shift; no more than there are before the driver's next tour."""
    if around.not_after is None:
        return most_s
    return max(0, min(most_s, int((around.not_after - left.end).total_seconds())))


def _loaded_van(route: Route, around: Around, terms: Terms, now: datetime, van_id: str) -> Van:
    """One that brings what it has, even after its shift."""
    seat = around.seat
    begins = now
    if route.status is not RouteStatus.STARTED:
        begins = max(now, route.starts_at, around.not_before or now)
    begins = max(begins, seat.driver.held_until or begins)
    left = Window(begins, max(begins, min(seat.shift.end, around.not_after or seat.shift.end)))
    van = van_of(seat.driver, seat.home, left, terms, van_id=van_id)
    spent = reloads_taken(route)
    reloads = van.reloads
    if reloads is not None:
        reloads = replace(reloads, most=reloads.most - spent) if reloads.most > spent else None
    return replace(
        van,
        start=_place_of(route, around.state, now),
        max_stops=None if van.max_stops is None else max(van.max_stops, len(route.stops)),
        # What has been driven and worked already is counted nowhere.
        max_distance_m=None,
        max_duration_s=None,
        overtime_s=_overtime(around, left, max(van.overtime_s, OVERTIME_ANYWAY_S)),
        overtime_cost_per_hour_minor=overtime_cost(van),
        breaks=seat.breaks(left, breaks_taken(route)),
        reloads=reloads,
        is_under_way=True,
    )


def _place_of(route: Route, state: DriverState | None, now: datetime) -> LatLng:
    """Where a van is that is loaded."""
    if route.status is not RouteStatus.STARTED:
        return route.origin
    if state is not None and now - state.seen_at <= STILL_KNOWN:
        return state.position.location
    visited = [stop for stop in route.stops if stop.arrived_at is not None]
    return visited[-1].location if visited else route.origin

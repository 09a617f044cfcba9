"""Move: a dispatcher drags a stop, sees what that would do, and does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.route import Route, Stop, StopStatus
from doorstep.route_change import Placement, ToldRoutes
from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteViolation, StopKind
from gateway.flow.planning.changes.conflicts import conflict, require_version
from gateway.flow.planning.changes.wishes import against_wishes, is_in_place
from gateway.flow.planning.parts.faults import caused, require_allowed
from gateway.flow.planning.parts.road_times import roads_for
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.parts.wording import named
from gateway.flow.planning.standing.followers import in_turn, read_with_followers, retimed
from gateway.flow.planning.standing.running import Running
from gateway.flow.planning.standing.tell import changed, tell_changes
from gateway.flow.ports import Means, UnitOfWork


@dataclass(frozen=True, slots=True)
class StopMove:
    """Where a stop is to go.

    Attributes
    ----------
    sequence
        Among the stops of the route without it, 1 is first; None for the cheapest place.
    """

    stop_id: str
    route_id: str
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class ChangedStop:
    """A stop whose service begins at another time; None before where the stop is new to the route."""

    stop: Stop
    route: Route
    arrival_before: datetime | None
    arrival_after: datetime


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What a move would do.

    Attributes
    ----------
    violations
        That it causes; those that the tours had before are not among them.
    tours
        The tours that it touches as they stand, by id.
    """

    violations: tuple[RouteViolation, ...]
    cost_minor: int
    currency: str
    distance_m: int
    late_stops: int
    changed: tuple[ChangedStop, ...]
    tours: tuple[Route, ...]

    @property
    def is_feasible(self) -> bool:
        """Whether no hard rule is broken by it."""
        return not any(violation.is_hard for violation in self.violations)


@dataclass(frozen=True, slots=True)
class _Drag:
    """A move with all that was read for it, and what the desk says of it."""

    running: Running
    problem: RouteProblem
    stop: Stop
    source: Route
    target: Route
    after: ToldRoutes
    preview: MovePreview


async def preview_move(means: Means, merchant_id: str, move: StopMove) -> MovePreview:
    """What a move would do; nothing is changed.

    Raises
    ------
    NotFound
        If the stop or the route is on no tour that is told.
    StateConflict
        If the van has been there already or is on its way there, or nobody here can work it out.
    InvalidInput
        If the place lies before stops that are done.
    RemoteError
        If the roads cannot be asked.
    """
    return (await _dragged(means, merchant_id, move, ("placement",))).preview


async def move_stop(
    means: Means,
    merchant_id: str,
    move: StopMove,
    *,
    expected_version: int,
    accepts_soft: bool,
    locks: bool,
) -> Sequence[Route]:
    """Move a stop and tell the drivers; gives the tours that it touches, its new one first.

    Tours that a driver has behind one that gets longer leave later.

    Parameters
    ----------
    expected_version
        Of the tour that it goes to.
    accepts_soft
        Also where rules are broken that may be broken at a cost.
    locks
        No plan gives it to another driver afterwards.

    Raises
    ------
    PlanInfeasible
        If it breaks a hard rule, or a soft one that is not accepted.
    StateConflict
        If a tour has changed since it was seen, or while this was worked out.
    NotFound, InvalidInput, RemoteError
        As `preview_move`.
    """
    drag = await _dragged(means, merchant_id, move, ("input", "placement"), expected_version)
    require_allowed(drag.preview.violations, "The move", accepts_soft=accepts_soft)
    ids = list(dict.fromkeys((drag.target.id, drag.source.id)))
    ids += retimed(drag.running, drag.after, ids)
    changes = changed(drag.running, drag.after, ids, drag.problem.visits)
    changes = [replace(one, after=replace(one.after, is_by_hand=True)) for one in changes]
    if drag.source.id == drag.target.id and is_in_place(drag.stop, drag.target, drag.after):
        changes = [replace(one, after=_pinned_still(one.after, drag.stop)) for one in changes]
    if locks:
        changes = [replace(one, after=_locked(one.after, drag.stop.delivery_id)) for one in changes]
    async with means.begin(merchant_id) as work:
        return await tell_changes(work, changes, means.clock.now())


async def _dragged(
    means: Means, merchant_id: str, move: StopMove, at: tuple[str, ...], expected_version: int | None = None
) -> _Drag:
    if means.desk is None:
        raise StateConflict("This gateway has nothing to work out tours with.", current_id=move.route_id)
    async with means.begin(merchant_id) as work:
        unfinished = await work.routes.unfinished()
        source, target = await _tours(work, move, at, unfinished)
        if expected_version is not None:
            require_version(target, expected_version)
        stop = next(one for one in source.stops if one.id == move.stop_id)
        ids = (source,) if source.id == target.id else (source, target)
        running = await read_with_followers(work, ids, unfinished, means.clock.now())
    _require_movable(stop, source, running)
    place = _place(move, stop, target, running, at)
    problem = _unpinned(running.problem(), stop.delivery_id)
    desk, roads = means.desk, roads_for(means, problem)
    before = await in_turn(desk, roads, running, problem, await desk.look(problem, roads))
    to = Placement(stop.delivery_id, target.id, place)
    after = await in_turn(desk, roads, running, problem, await desk.move(problem, roads, to))
    by_hand = against_wishes(running, stop, source, target, after)
    preview = _preview(running, before, after, by_hand)
    return _Drag(running, problem, stop, source, target, after, preview)


async def _tours(
    work: UnitOfWork, move: StopMove, at: tuple[str, ...], unfinished: Sequence[Route]
) -> tuple[Route, Route]:
    source = await work.routes.with_stop(move.stop_id)
    if source is None:
        raise NotFound(move.stop_id, path=(*at, "stopId"))
    if source.id == move.route_id:
        return source, source
    told = {route.id: route for route in unfinished}
    if move.route_id not in told:
        raise NotFound(move.route_id, path=(*at, "routeId"))
    return source, told[move.route_id]


def _require_movable(stop: Stop, source: Route, running: Running) -> None:
    given = running.tours[source.id].given
    is_frozen = stop.delivery_id in given.visit_ids[: given.frozen]
    if stop.delivery_id not in given.visit_ids or is_frozen or stop.status is StopStatus.ARRIVED:
        raise conflict("This stop is done, or its van is on the way to it: it stays where it is.", source)


def _place(move: StopMove, stop: Stop, target: Route, running: Running, at: tuple[str, ...]) -> int | None:
    """The place among the doors ahead, of the number that a dispatcher counts with all stops."""
    if move.sequence is None:
        return None
    others = [one for one in target.stops if one.id != stop.id]
    ahead = {one.id for one in doors_ahead(target)}
    place = sum(one.id in ahead for one in others[: move.sequence - 1])
    over = sum(one.is_over for one in others)
    first = over + running.tours[target.id].given.frozen + 1
    if not first <= move.sequence <= len(others) + 1:
        text = f"sequence must be {first} to {len(others) + 1} here: what is done or under way stays first"
        raise InvalidInput(text, path=(*at, "sequence"))
    return place


def _unpinned(problem: RouteProblem, visit_id: str) -> RouteProblem:
    """The dispatcher may take it from whom it was meant for; what follows is said with the move."""
    visits = (
        replace(one, pinned_van="", pinned_place=None) if one.id == visit_id else one
        for one in problem.visits
    )
    return replace(problem, visits=tuple(visits))


def _preview(
    running: Running, before: ToldRoutes, after: ToldRoutes, more: Sequence[RouteViolation]
) -> MovePreview:
    tours = tuple(tour.route for tour in running.tours.values())
    return MovePreview(
        violations=named((*more, *caused(before.violations, after.violations)), running.deliveries),
        cost_minor=after.cost_minor - before.cost_minor,
        currency=running.merchant.currency,
        distance_m=_metres(after) - _metres(before),
        late_stops=_late(after) - _late(before),
        changed=_moved(tours, before, after),
        tours=tours,
    )


def _metres(told: ToldRoutes) -> int:
    return sum(route.distance_m for route in told.routes)


def _late(told: ToldRoutes) -> int:
    return sum(stop.late_s > 0 for route in told.routes for stop in route.stops)


def _moved(tours: Sequence[Route], before: ToldRoutes, after: ToldRoutes) -> tuple[ChangedStop, ...]:
    """Doors that are on another tour or served at another time."""
    stops = {stop.delivery_id: stop for tour in tours for stop in doors_ahead(tour)}
    by_id = {tour.id: tour for tour in tours}
    was = {
        (route.van_id, stop.visit_id): stop.service_start for route in before.routes for stop in route.stops
    }
    found = []
    for route in after.routes:
        for stop in route.stops:
            if stop.kind in (StopKind.RELOAD, StopKind.BREAK) or stop.visit_id not in stops:
                continue
            earlier = was.get((route.van_id, stop.visit_id))
            if earlier != stop.service_start:
                told = stops[stop.visit_id]
                found.append(ChangedStop(told, by_id[route.van_id], earlier, stop.service_start))
    return tuple(found)


def _pinned_still(route: Route, stop: Stop) -> Route:
    """With what a dispatcher wanted of a stop that is still where it was wanted."""
    wanted = (
        replace(one, pinned_place=stop.pinned_place) if one.id == stop.id else one for one in route.stops
    )
    return replace(route, stops=tuple(wanted))


def _locked(route: Route, delivery_id: str) -> Route:
    stops = (
        replace(stop, is_locked=True) if stop.delivery_id == delivery_id else stop for stop in route.stops
    )
    return replace(route, stops=tuple(stops))

"""Wishes: what a dispatcher wanted of a stop before it is moved, and what goods allow. Pure."""

from __future__ import annotations

from doorstep.route import Route, Stop
from doorstep.route_change import ToldRoutes
from doorstep.route_solution import RouteViolation, ViolationKind
from doorstep.visit import PinnedPlace, VisitKind
from gateway.flow.planning.parts.told import doors_ahead
from gateway.flow.planning.standing.running import Running


def against_wishes(
    running: Running, stop: Stop, source: Route, target: Route, after: ToldRoutes
) -> list[RouteViolation]:
    """What a move by hand breaks that is no rule of the planner's: it never does such a thing.

    Parameters
    ----------
    after
        The tours with the stop where it is to go.
    """
    if source.id == target.id:
        return _from_its_place(stop, target, after)
    return _to_another_van(running, stop, source, target)


def is_in_place(stop: Stop, target: Route, after: ToldRoutes) -> bool:
    """Whether a stop that was wanted first or last of a tour is there."""
    planned = after.of(target.id)
    if planned is None or stop.pinned_place is None:
        return False
    return planned.visit_ids[_at(stop.pinned_place)] == stop.delivery_id


def _from_its_place(stop: Stop, target: Route, after: ToldRoutes) -> list[RouteViolation]:
    place, ahead = stop.pinned_place, doors_ahead(target)
    if place is None or ahead[_at(place)].id != stop.id or is_in_place(stop, target, after):
        return []
    text = f"A dispatcher wanted this stop {place.lower()} on its tour."
    return [RouteViolation(ViolationKind.LOCKED, False, text, target.id, stop.delivery_id)]


def _to_another_van(running: Running, stop: Stop, source: Route, target: Route) -> list[RouteViolation]:
    """Goods have to be in the van that brings them."""
    kinds = {visit.id: visit.kind for visit in running.tours[source.id].visits}
    is_brought = kinds.get(stop.delivery_id) is VisitKind.DELIVERY
    leaves, joins = running.tours[source.id].van, running.tours[target.id].van
    found = []

    def fault(text: str, *, is_hard: bool) -> None:
        found.append(RouteViolation(ViolationKind.LOCKED, is_hard, text, target.id, stop.delivery_id))

    if is_brought and leaves.is_under_way:
        fault("The goods are on board of another van.", is_hard=True)
    elif is_brought and joins.is_under_way:
        fault("The van has been loaded without these goods.", is_hard=True)
    if stop.is_locked:
        fault("A dispatcher wanted this stop with its driver.", is_hard=False)
    return found


def _at(place: PinnedPlace) -> int:
    return 0 if place is PinnedPlace.FIRST else -1

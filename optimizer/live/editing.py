"""Problems as they are after something came in between; what becomes of the routes is not looked at."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from datetime import timedelta

from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import PinnedPlace
from doorstep.window import Window


def without_visits(problem: RouteProblem, gone: Set[str]) -> RouteProblem:
    """The problem without some visits, on the routes that were given as well."""
    given = tuple(
        replace(
            route,
            visit_ids=tuple(name for name in route.visit_ids if name not in gone),
            frozen=route.frozen - sum(name in gone for name in route.visit_ids[: route.frozen]),
        )
        for route in problem.given
    )
    visits = tuple(visit for visit in problem.visits if visit.id not in gone)
    return replace(problem, visits=visits, given=given)


def without_van(problem: RouteProblem, van_id: str) -> RouteProblem:
    """The problem without a van; visits pinned to it are pinned no more."""
    freed = tuple(
        replace(visit, pinned_van="", pinned_place=None) if visit.pinned_van == van_id else visit
        for visit in problem.visits
    )
    vans = tuple(van for van in problem.vans if van.id != van_id)
    given = tuple(route for route in problem.given if route.van_id != van_id)
    return replace(problem, visits=freed, vans=vans, given=given)


def with_delay(problem: RouteProblem, van_id: str, delay: timedelta) -> RouteProblem:
    """The problem with a van whose shift begins so much later."""

    def delayed(van: Van) -> Van:
        begins = van.shift.start + delay
        return replace(van, shift=Window(begins, max(begins, van.shift.end)))

    return replace(problem, vans=tuple(delayed(van) if van.id == van_id else van for van in problem.vans))


def with_pin(problem: RouteProblem, visit_id: str, van_id: str, place: PinnedPlace | None) -> RouteProblem:
    """The problem with a visit that only one van makes, at a place of its route."""
    pinned = tuple(
        replace(visit, pinned_van=van_id, pinned_place=place) if visit.id == visit_id else visit
        for visit in problem.visits
    )
    return replace(problem, visits=pinned)

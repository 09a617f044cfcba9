"""Whether a problem is of the day that is kept, or another day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import timedelta

from doorstep.route_problem import RouteProblem
from doorstep.van import Van
from doorstep.visit import Visit
from optimizer.live.standing import Standing
from optimizer.routes.travel import places_of

MOST_LEFT = 0.1
"""Share of a day's visits that may have come and gone, and of its places that nothing is at any more.

They take room and nothing else.
"""

ROOM_FOR_PLACES = 64
"""So many of them at least."""

LONGEST = timedelta(hours=12)
"""From its first epoch on a day goes on; then its hours are counted anew."""

_OF_ITS_OWN = ("epoch", "visits", "vans", "given")


def is_same_day(now: Standing, problem: RouteProblem, changed: Mapping[int, Visit]) -> bool:
    """Whether vans differ at most in their hours and in how far they are, and visits in what is left of them.

    Parameters
    ----------
    changed
        See `changed_visits`.
    """
    return (
        _has_same_rules(now.rules, problem)
        and _are_same_vans(now.rules, problem)
        and all(_as_begun(now.visits[number], visit) == visit for number, visit in changed.items())
        and _has_room(now, problem)
    )


def is_told(problem: RouteProblem) -> bool:
    """Whether drivers were told anything."""
    return any(route.visit_ids for route in problem.given)


def changed_visits(now: Standing, problem: RouteProblem) -> Iterator[tuple[int, Visit]]:
    """Visits that are not as they were, by their numbers."""
    numbers = now.task.visit_numbers
    for visit in problem.visits:
        number = numbers.get(visit.id)
        if number is not None and now.visits[number] is not visit and now.visits[number] != visit:
            yield number, visit


def _has_same_rules(rules: RouteProblem, problem: RouteProblem) -> bool:
    if 1 in (rules.stability, problem.stability):
        return False
    # What a change has to save hangs on how much was told at all.
    if problem.stability and not is_told(rules) and is_told(problem):
        return False
    names = [field.name for field in fields(RouteProblem) if field.name not in _OF_ITS_OWN]
    is_alike = all(getattr(rules, name) == getattr(problem, name) for name in names)
    return is_alike and timedelta(0) <= problem.epoch - rules.epoch <= LONGEST


def _are_same_vans(rules: RouteProblem, problem: RouteProblem) -> bool:
    return len(rules.vans) == len(problem.vans) and all(
        was == van or _as_far_as(was, van) == van for was, van in zip(rules.vans, problem.vans, strict=True)
    )


def _as_far_as(van: Van, other: Van) -> Van:
    """The van with the hours of another, where that one is, and with what that one has left of its limits."""
    return replace(
        van,
        shift=other.shift,
        breaks=other.breaks,
        overtime_s=other.overtime_s,
        overtime_cost_per_hour_minor=other.overtime_cost_per_hour_minor,
        start=other.start,
        is_under_way=other.is_under_way,
        max_stops=other.max_stops,
        max_distance_m=other.max_distance_m,
        max_duration_s=other.max_duration_s,
        reloads=other.reloads,
    )


def _as_begun(visit: Visit, other: Visit) -> Visit:
    """The visit with what is left of another's service, and with that one's van."""
    return replace(
        visit, service_s=other.service_s, pinned_van=other.pinned_van, pinned_place=other.pinned_place
    )


def _has_room(now: Standing, problem: RouteProblem) -> bool:
    new = sum(visit.id not in now.task.visit_numbers for visit in problem.visits)
    left = len(now.visits) + new - len(problem.visits)
    places = len(places_of(problem))
    is_roomy = len(now.ground.locations) <= places + max(ROOM_FOR_PLACES, MOST_LEFT * places)
    return is_roomy and left <= MOST_LEFT * len(problem.visits)

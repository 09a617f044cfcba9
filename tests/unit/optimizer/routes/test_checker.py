"""The checker accepts what every planner makes, and rejects every way of spoiling it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.geo import LatLng
from doorstep.route import (
    PlannedRoute,
    PlannedStop,
    RouteProblem,
    RouteSolution,
    UnassignedCode,
    UnassignedReason,
    UnassignedVisit,
    Van,
    Visit,
)
from doorstep.window import Window
from optimizer.routes.checker import ViolationKind, check
from optimizer.routes.greedy import empty_tours, hardest_first, insert
from optimizer.routes.solution import solution_of
from optimizer.routes.task import Task
from optimizer.routes.travel import Travel

Kind = ViolationKind
REASONS = (UnassignedReason(UnassignedCode.OTHER, "Because."),)


@pytest.fixture(scope="module")
def problem(place: Callable[..., LatLng], minute: Callable[[float], datetime]) -> RouteProblem:
    """Two vans; the first visits "near" and "far", the second "other"."""
    shift = Window(minute(0), minute(480))
    home = place(0, 0)
    return RouteProblem(
        epoch=minute(0),
        visits=(
            Visit("near", "depot", place(6_000, 0), 120, 4_000, 3_000, (Window(minute(15), minute(60)),)),
            Visit("far", "depot", place(12_000, 0), 120, 4_000, 3_000, (Window(minute(30), minute(90)),)),
            Visit("other", "depot", place(0, 6_000), 120, 4_000, ready_at=minute(10)),
        ),
        vans=(
            Van("one", "depot", home, home, shift, 10_000, 10_000, fixed_cost_minor=500, max_stops=2),
            Van("two", "depot", home, home, shift, 10_000),
        ),
    )


@pytest.fixture(scope="module")
def good(problem: RouteProblem, minute: Callable[[float], datetime]) -> RouteSolution:
    """The plan by hand, at 600 m a minute."""
    return RouteSolution(
        routes=(
            PlannedRoute(
                "one",
                (
                    # 6 km are 10 min; service lasts 2 min.
                    PlannedStop("near", minute(18), minute(18), minute(20)),
                    PlannedStop("far", minute(30), minute(30), minute(32)),
                ),
                starts_at=minute(8),
                ends_at=minute(52),
                distance_m=24_000,
                driving_s=40 * 60,
            ),
            PlannedRoute(
                "two",
                (PlannedStop("other", minute(20), minute(20), minute(22)),),
                starts_at=minute(10),
                ends_at=minute(32),
                distance_m=12_000,
                driving_s=20 * 60,
            ),
        ),
        unassigned=(),
        method="by hand",
        # 36 km at 60, 44 + 22 min at 2400 an hour, 500 for van one.
        cost_minor=2160 + 2640 + 500,
    )


def kinds_of(problem: RouteProblem, travel: Travel, solution: RouteSolution) -> set[ViolationKind]:
    return {violation.kind for violation in check(problem, travel, solution)}


def with_route(solution: RouteSolution, number: int, **changes: object) -> RouteSolution:
    routes = list(solution.routes)
    routes[number] = replace(routes[number], **changes)  # type: ignore[arg-type]  # names vary by case
    return replace(solution, routes=tuple(routes))


def with_stop(solution: RouteSolution, number: int, position: int, **changes: object) -> RouteSolution:
    stops = list(solution.routes[number].stops)
    stops[position] = replace(stops[position], **changes)  # type: ignore[arg-type]  # names vary by case
    return with_route(solution, number, stops=tuple(stops))


def moved(route: PlannedRoute, by: timedelta) -> PlannedRoute:
    stops = tuple(
        replace(
            stop,
            arrival=stop.arrival + by,
            service_start=stop.service_start + by,
            departure=stop.departure + by,
        )
        for stop in route.stops
    )
    return replace(route, stops=stops, starts_at=route.starts_at + by, ends_at=route.ends_at + by)


def test_a_plan_made_by_hand_is_accepted(
    problem: RouteProblem, good: RouteSolution, travel_for: Callable[[RouteProblem], Travel]
) -> None:
    assert check(problem, travel_for(problem), good) == ()


MINUTE = timedelta(minutes=1)

SPOILED: dict[str, tuple[Callable[[RouteSolution], RouteSolution], ViolationKind]] = {
    "a van that nobody has": (lambda s: with_route(s, 0, van_id="ghost"), Kind.UNKNOWN_VAN),
    "a visit that nobody wants": (lambda s: with_stop(s, 0, 0, visit_id="ghost"), Kind.UNKNOWN_VISIT),
    "one van on two routes": (lambda s: with_route(s, 1, van_id="one"), Kind.VAN_TWICE),
    "a visit made twice": (lambda s: with_stop(s, 0, 0, visit_id="far"), Kind.VISIT_TWICE),
    "a visit forgotten": (lambda s: replace(s, routes=s.routes[:1]), Kind.VISIT_MISSING),
    "a visit planned and unassigned": (
        lambda s: replace(s, unassigned=(UnassignedVisit("far", REASONS),)),
        Kind.VISIT_TWICE,
    ),
    "a visit unassigned without a reason": (
        lambda s: replace(s, routes=s.routes[:1], unassigned=(UnassignedVisit("other", ()),)),
        Kind.NO_REASON,
    ),
    "a route to nowhere": (lambda s: with_route(s, 1, stops=()), Kind.EMPTY_ROUTE),
    "leaving before the shift": (
        lambda s: replace(s, routes=(moved(s.routes[0], -9 * MINUTE), s.routes[1])),
        Kind.OUTSIDE_SHIFT,
    ),
    "home after the shift": (
        lambda s: replace(s, routes=(s.routes[0], moved(s.routes[1], 449 * MINUTE))),
        Kind.OUTSIDE_SHIFT,
    ),
    "leaving before the goods are ready": (
        lambda s: replace(s, routes=(s.routes[0], moved(s.routes[1], -MINUTE))),
        Kind.LEFT_BEFORE_READY,
    ),
    "arriving sooner than the road allows": (
        lambda s: with_stop(s, 1, 0, arrival=s.routes[1].stops[0].arrival - MINUTE),
        Kind.WRONG_ARRIVAL,
    ),
    "home sooner than the road allows": (
        lambda s: with_route(s, 1, ends_at=s.routes[1].ends_at - MINUTE),
        Kind.WRONG_ARRIVAL,
    ),
    "served before arrival": (
        lambda s: with_stop(s, 1, 0, service_start=s.routes[1].stops[0].arrival - MINUTE),
        Kind.SERVED_BEFORE_ARRIVAL,
    ),
    "served before the window opens": (
        lambda s: replace(s, routes=(moved(s.routes[0], -4 * MINUTE), s.routes[1])),
        Kind.OUTSIDE_WINDOW,
    ),
    "served at the second at which the window closes": (
        lambda s: replace(s, routes=(moved(s.routes[0], 42 * MINUTE), s.routes[1])),
        Kind.OUTSIDE_WINDOW,
    ),
    "too short at the door": (
        lambda s: with_stop(s, 1, 0, departure=s.routes[1].stops[0].departure - MINUTE),
        Kind.WRONG_SERVICE_TIME,
    ),
    "a distance that does not add up": (lambda s: with_route(s, 0, distance_m=23_999), Kind.WRONG_TOTAL),
    "a drive that does not add up": (lambda s: with_route(s, 0, driving_s=2_401), Kind.WRONG_TOTAL),
    "a cost that does not add up": (lambda s: replace(s, cost_minor=5_301), Kind.WRONG_TOTAL),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_plan_is_rejected(
    case: str,
    problem: RouteProblem,
    good: RouteSolution,
    travel_for: Callable[[RouteProblem], Travel],
) -> None:
    spoil, kind = SPOILED[case]
    assert kind in kinds_of(problem, travel_for(problem), spoil(good))


TIGHTENED: dict[str, tuple[dict[str, object], ViolationKind]] = {
    "too heavy by a gram": ({"capacity_g": 7_999}, Kind.OVERWEIGHT),
    "too large by a millilitre": ({"capacity_ml": 5_999}, Kind.OVER_VOLUME),
    "one stop too many": ({"max_stops": 1}, Kind.TOO_MANY_STOPS),
    "another depot's van": ({"depot_id": "elsewhere"}, Kind.WRONG_DEPOT),
}


@pytest.mark.parametrize("case", TIGHTENED)
def test_a_plan_that_a_smaller_van_cannot_drive_is_rejected(
    case: str,
    problem: RouteProblem,
    good: RouteSolution,
    travel_for: Callable[[RouteProblem], Travel],
) -> None:
    changes, kind = TIGHTENED[case]
    smaller = replace(problem.vans[0], **changes)  # type: ignore[arg-type]  # names vary by case
    tighter = replace(problem, vans=(smaller, problem.vans[1]))
    assert kinds_of(tighter, travel_for(tighter), good) == {kind}


def test_a_drive_without_a_road_is_rejected(
    problem: RouteProblem, good: RouteSolution, travel_for: Callable[[RouteProblem], Travel]
) -> None:
    moved_visit = replace(problem.visits[2], location=LatLng(2, 2))
    cut_off = replace(problem, visits=(*problem.visits[:2], moved_visit))
    assert Kind.NO_ROAD in kinds_of(cut_off, travel_for(cut_off), good)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_the_checker_accepts_greedy_insertion_and_rejects_swapped_or_delayed_stops(
    seed: int,
    random_day: Callable[..., RouteProblem],
    travel_for: Callable[[RouteProblem], Travel],
) -> None:
    problem = random_day(seed)
    travel = travel_for(problem)
    task = Task.of(problem, travel)
    tours = insert(task, empty_tours(task), hardest_first(task))
    solution = solution_of(problem, task, tours, is_approximate=False, method="greedy")

    assert check(problem, travel, solution) == ()
    for number, route in enumerate(solution.routes):
        late = with_stop(solution, number, 0, arrival=route.stops[0].arrival + timedelta(seconds=1))
        assert Kind.WRONG_ARRIVAL in kinds_of(problem, travel, late)
        if len(route.stops) > 1:
            first, second, *rest = route.stops
            swapped = with_route(
                solution,
                number,
                stops=(
                    replace(first, visit_id=second.visit_id),
                    replace(second, visit_id=first.visit_id),
                    *rest,
                ),
            )
            # Two visits to the same door with the same needs may be swapped; here no two doors are equal.
            assert kinds_of(problem, travel, swapped)

"""The checker accepts a plan that is right, whoever made it, and rejects it however it is spoiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution, StopKind, UnassignedVisit
from doorstep.route_solution import ViolationKind as SoftKind
from optimizer.routes.checker import ViolationKind, check
from optimizer.routes.solution import solution_of
from tests.unit.optimizer.routes.by_hand import REASONS, at, day, plan, route, soft, span, stop, van, visit
from tests.unit.optimizer.routes.insertion import inserted
from tests.unit.optimizer.routes.town import OFF_THE_MAP, travel_for

Kind = ViolationKind
MINUTE = timedelta(minutes=1)
UNPLANNED = UnassignedVisit("far", REASONS)


@pytest.fixture(scope="module")
def problem() -> RouteProblem:
    """Van one visits "near" and "far", van two "other"."""
    return day(
        [
            visit("near", 6, windows=(span(15, 60),)),
            visit("far", 12, windows=(span(30, 90),)),
            visit("other"),
        ],
        van("one"),
        van("two", fixed_cost_minor=500),
    )


@pytest.fixture(scope="module")
def good() -> RouteSolution:
    """Ten minutes to "near" and ten more to "far", two at each door; the same to "other" and back."""
    return plan(
        route(8, [stop("near", 18), stop("far", 30)], 52, 24, kg=2),
        route(10, [stop("other", 20)], 32, 12, van_id="two", extra=500),
    )


def test_a_plan_made_by_hand_is_accepted(problem: RouteProblem, good: RouteSolution) -> None:
    assert check(problem, travel_for(problem), good) == ()


def with_route(solution: RouteSolution, number: int, **changes: object) -> RouteSolution:
    routes = list(solution.routes)
    routes[number] = replace(routes[number], **changes)  # type: ignore[arg-type]  # names vary by case
    return replace(solution, routes=tuple(routes))


def with_stop(solution: RouteSolution, number: int, position: int, **changes: object) -> RouteSolution:
    stops = list(solution.routes[number].stops)
    stops[position] = replace(stops[position], **changes)  # type: ignore[arg-type]  # names vary by case
    return with_route(solution, number, stops=tuple(stops))


def driven_later(solution: RouteSolution, number: int, minutes: float) -> RouteSolution:
    driven, by = solution.routes[number], minutes * MINUTE
    stops = tuple(
        replace(
            stop,
            arrival=stop.arrival + by,
            service_start=stop.service_start + by,
            departure=stop.departure + by,
        )
        for stop in driven.stops
    )
    return with_route(
        solution, number, stops=stops, starts_at=driven.starts_at + by, ends_at=driven.ends_at + by
    )


SPOILED: dict[str, tuple[Callable[[RouteSolution], RouteSolution], set[ViolationKind]]] = {
    "a van that nobody has": (lambda s: with_route(s, 0, van_id="ghost"), {Kind.UNKNOWN_VAN}),
    "a visit that nobody wants": (
        lambda s: with_stop(s, 0, 0, visit_id="ghost"),
        {Kind.UNKNOWN_VISIT, Kind.VISIT_MISSING},
    ),
    "one van on two routes": (lambda s: with_route(s, 1, van_id="one"), {Kind.VAN_TWICE}),
    "a visit made twice": (
        lambda s: with_stop(s, 1, 0, visit_id="near"),
        {Kind.VISIT_TWICE, Kind.VISIT_MISSING},
    ),
    "a visit forgotten": (lambda s: replace(s, routes=s.routes[:1]), {Kind.VISIT_MISSING}),
    "a visit planned and unassigned": (lambda s: replace(s, unassigned=(UNPLANNED,)), {Kind.VISIT_TWICE}),
    "a visit unassigned without a reason": (
        lambda s: replace(s, routes=s.routes[:1], unassigned=(UnassignedVisit("other", ()),)),
        {Kind.NO_REASON},
    ),
    "a route to nowhere": (lambda s: with_route(s, 1, stops=()), {Kind.EMPTY_ROUTE, Kind.VISIT_MISSING}),
    "a drop-off told as a pick-up": (
        lambda s: with_stop(s, 1, 0, kind=StopKind.PICKUP),
        {Kind.WRONG_STOP_KIND},
    ),
    "leaving before the shift": (
        lambda s: driven_later(s, 1, -11),
        {Kind.OUTSIDE_SHIFT},
    ),
    "home after the shift": (lambda s: driven_later(s, 1, 209), {Kind.OUTSIDE_SHIFT, Kind.WRONG_TOTAL}),
    "arriving sooner than the road allows": (
        lambda s: with_stop(s, 1, 0, arrival=at(19)),
        {Kind.WRONG_ARRIVAL},
    ),
    "home sooner than the road allows": (lambda s: with_route(s, 1, ends_at=at(31)), {Kind.WRONG_ARRIVAL}),
    "served before arrival": (
        lambda s: with_stop(s, 1, 0, service_start=at(19)),
        {Kind.SERVED_BEFORE_ARRIVAL, Kind.WRONG_SERVICE_TIME},
    ),
    "served before the window opens": (lambda s: driven_later(s, 0, -4), {Kind.OUTSIDE_WINDOW}),
    "served at the second at which the window closes": (
        lambda s: driven_later(s, 0, 42),
        {Kind.OUTSIDE_WINDOW},
    ),
    "too short at the door": (
        lambda s: with_route(with_stop(s, 1, 0, departure=at(21)), 1, ends_at=at(31)),
        {Kind.WRONG_SERVICE_TIME},
    ),
    "late on paper": (lambda s: with_stop(s, 1, 0, late_s=1), {Kind.WRONG_LATENESS}),
    "a distance that does not add up": (lambda s: with_route(s, 0, distance_m=23_999), {Kind.WRONG_TOTAL}),
    "a drive that does not add up": (lambda s: with_route(s, 0, driving_s=2_401), {Kind.WRONG_TOTAL}),
    "overtime that nobody worked": (lambda s: with_route(s, 0, overtime_s=1), {Kind.WRONG_TOTAL}),
    "a load that nobody carries": (lambda s: with_route(s, 0, peak_volume_ml=1), {Kind.WRONG_TOTAL}),
    "a route's cost that does not add up": (
        lambda s: with_route(s, 0, cost_minor=s.routes[0].cost_minor + 1),
        {Kind.WRONG_TOTAL},
    ),
    "a cost that does not add up": (lambda s: replace(s, cost_minor=s.cost_minor - 1), {Kind.WRONG_TOTAL}),
    "a move that nobody made": (lambda s: replace(s, moved=1), {Kind.WRONG_TOTAL}),
    "a fault that nobody made": (
        lambda s: replace(s, soft=(soft(SoftKind.LATE, "far", 60),)),
        {Kind.SOFT_INVENTED},
    ),
}


@pytest.mark.parametrize("case", SPOILED)
def test_a_spoiled_plan_is_rejected_for_that(case: str, problem: RouteProblem, good: RouteSolution) -> None:
    spoil, kinds = SPOILED[case]
    found = check(problem, travel_for(problem), spoil(good))
    assert {violation.kind for violation in found} == kinds


def test_a_drive_without_a_road_is_rejected(problem: RouteProblem, good: RouteSolution) -> None:
    off_the_map = replace(problem.visits[2], location=OFF_THE_MAP)
    cut_off = replace(problem, visits=(*problem.visits[:2], off_the_map))
    # Nor is there one home.
    assert [v.kind for v in check(cut_off, travel_for(cut_off), good) if v.kind is Kind.NO_ROAD] == [
        Kind.NO_ROAD,
        Kind.NO_ROAD,
    ]


@given(seed=st.integers(0, 10**6), visits=st.integers(1, 14), vans=st.integers(1, 3))
@settings(deadline=None, max_examples=80)
def test_the_checker_accepts_insertion_and_rejects_every_way_of_spoiling_it(
    seed: int, visits: int, vans: int, random_day: Callable[..., RouteProblem]
) -> None:
    problem = random_day(seed, visits=visits, vans=vans)
    travel = travel_for(problem)
    slack = inserted(problem, travel)
    solution = solution_of(problem, slack.task, slack.tours, is_approximate=False, method="insertion")

    assert check(problem, travel, solution) == ()
    for spoiled in spoilings(solution):
        assert check(problem, travel, spoiled)


def spoilings(solution: RouteSolution) -> Iterator[RouteSolution]:
    """The plan with one thing wrong."""
    for number, driven in enumerate(solution.routes):
        yield replace(solution, routes=solution.routes[:number] + solution.routes[number + 1 :])
        yield with_route(solution, number, cost_minor=driven.cost_minor + 2)
        yield with_route(solution, number, distance_m=driven.distance_m + 1)
        yield with_route(solution, number, peak_weight_g=driven.peak_weight_g + 1)
        yield with_route(solution, number, ends_at=driven.ends_at - timedelta(seconds=1))
        for position in range(len(driven.stops)):
            yield from _spoiled_stops(solution, number, position)
    for number, told in enumerate(solution.soft):
        if told.kind is not SoftKind.UNBALANCED:
            yield replace(solution, soft=solution.soft[:number] + solution.soft[number + 1 :])
    yield replace(solution, moved=solution.moved + 1)


def _spoiled_stops(solution: RouteSolution, number: int, position: int) -> Iterator[RouteSolution]:
    told, second = solution.routes[number].stops[position], timedelta(seconds=1)
    yield with_stop(solution, number, position, departure=told.departure + second)
    yield with_stop(solution, number, position, service_start=told.service_start - second)
    yield with_stop(solution, number, position, visit_id="ghost")
    yield with_stop(solution, number, position, kind=StopKind.OTHER)
    if told.kind not in (StopKind.BREAK, StopKind.RELOAD):
        yield with_stop(solution, number, position, late_s=told.late_s + 1)

"""The checker on who may make a visit, what drivers were told, fairness, limits and money."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.route_problem import Balance, BalanceMeasure, GivenRoute, RouteProblem
from doorstep.route_solution import PlannedRoute, RouteSolution
from doorstep.route_solution import ViolationKind as SoftKind
from doorstep.visit import PinnedPlace
from optimizer.routes.checker import ViolationKind as Kind
from tests.unit.optimizer.routes.by_hand import day, plan, route, soft, stop, van, visit
from tests.unit.optimizer.routes.rules import (
    Broken,
    Rule,
    assert_broken,
    assert_kept,
    every_way,
    when_day,
    when_driven,
    when_told,
    when_van,
    when_visit,
)

A_OUT, AB_OUT = route(0, [stop("a", 10)], 22, 12), route(0, [stop("a", 10), stop("b", 12)], 24, 12, kg=2)
B_OUT = replace(A_OUT, stops=(stop("b", 10),), van_id="two")
OUTSIDE = soft(SoftKind.OUTSIDE_TERRITORY, "a")
UNEVEN = soft(SoftKind.UNBALANCED)


def alone(problem: RouteProblem, broken: dict[str, Broken]) -> Rule:
    """Van one visits "a" and nobody else."""
    return Rule(problem, plan(A_OUT), broken)


def both(problem: RouteProblem, broken: dict[str, Broken], **told: object) -> Rule:
    """Van one visits "a", then "b"."""
    return Rule(problem, replace(plan(AB_OUT), **told), broken)  # type: ignore[arg-type]  # names vary by case


def told(*visit_ids: str, frozen: int = 0, van_id: str = "one") -> tuple[GivenRoute, ...]:
    return (GivenRoute(van_id, visit_ids, frozen),)


RULES: dict[str, Rule] = {
    "skills": alone(
        day([visit("a", skills=frozenset({"cold"}))], van(skills=frozenset({"cold", "ramp"}))),
        {"one is missing": when_van(Kind.MISSING_SKILL, skills=frozenset({"ramp"}))},
    ),
    "vehicle kinds": alone(
        day([visit("a", vehicle_kinds=frozenset({"bike", "truck"}))], van(kind="bike")),
        {"another": when_van(Kind.WRONG_VEHICLE, kind="van"), "none": when_van(Kind.WRONG_VEHICLE, kind="")},
    ),
    "a territory": alone(
        day([visit("a", territory="west")], van(territories=frozenset({"west"}))),
        {"of others": when_van(Kind.OUTSIDE_TERRITORY, territories=frozenset({"east"}))},
    ),
    "a visit outside of a territory": Rule(
        day([visit("a", territory="west")], van(territories=frozenset({"east"}), outside_cost_minor=300)),
        plan(replace(A_OUT, cost_minor=A_OUT.cost_minor + 300), soft=(OUTSIDE,)),
        {
            "untold": when_told(Kind.SOFT_UNTOLD, soft=()),
            "told twice": when_told(Kind.SOFT_INVENTED, soft=(OUTSIDE, OUTSIDE)),
            "at another price": when_van(Kind.WRONG_TOTAL, outside_cost_minor=302),
            "inside": when_van(Kind.SOFT_INVENTED, Kind.WRONG_TOTAL, territories=frozenset()),
        },
    ),
    "a pinned van": alone(
        day([visit("a", pinned_van="one")], van(), van("two")),
        {"another": when_visit(Kind.WRONG_PIN, pinned_van="two")},
    ),
    "a pinned place": both(
        day([visit("a", pinned_van="one", pinned_place=PinnedPlace.FIRST), visit("b")]),
        {
            "the other end": when_visit(Kind.WRONG_PIN, pinned_place=PinnedPlace.LAST),
            "not first": when_driven(
                Kind.WRONG_PIN, by=route(0, [stop("b", 10), stop("a", 12)], 24, 12, kg=2)
            ),
        },
    ),
    "a frozen beginning": both(
        day([visit("a"), visit("b")], given=told("a", "b", frozen=1)),
        {
            "something comes before it": when_driven(
                Kind.FROZEN_CHANGED, by=route(0, [stop("b", 10), stop("a", 12)], 24, 12, kg=2)
            ),
            "it waits for another": when_day(Kind.FROZEN_CHANGED, given=told("b", "a", frozen=1)),
        },
    ),
    "a frozen visit that cannot be made": Rule(
        day([visit("a"), visit("b")], given=told("b", "a", frozen=2)),
        plan(A_OUT, out=["b"], moved=1),
        {"not counted as moved": when_told(Kind.WRONG_TOTAL, moved=0)},
    ),
    "a plan that is kept": both(
        day([visit("a"), visit("b")], van(), van("two"), given=told("a", "b"), stability=1.0),
        {
            "not kept": when_driven(Kind.NOT_KEPT, Kind.WRONG_TOTAL, by=replace(AB_OUT, van_id="two")),
            "counted as moved": when_told(Kind.WRONG_TOTAL, moved=1),
        },
    ),
    "a plan that cannot be kept": both(
        day(
            [visit("a", pinned_van="one"), visit("b")],
            van(),
            van("two"),
            given=told("a", van_id="two"),
            stability=1.0,
        ),
        {"though it could": when_visit(Kind.NOT_KEPT, pinned_van="")},
        moved=1,
    ),
    # Two of two stops are more than 1.9 times the average of one.
    "balanced stops": both(
        day([visit("a"), visit("b")], van(), van("two"), balance=Balance(BalanceMeasure.STOPS, 0.9)),
        {
            "untold": when_told(Kind.SOFT_UNTOLD, soft=()),
            "within the tolerance": when_day(Kind.SOFT_INVENTED, balance=Balance(BalanceMeasure.STOPS, 1.1)),
            "nobody else may drive": when_day(Kind.SOFT_INVENTED, vans=(van(),)),
            "not asked for": when_day(Kind.SOFT_INVENTED, balance=None),
        },
        soft=(UNEVEN,),
    ),
    # Three stops of two vans: two and one is as even as it gets.
    "stops that cannot be shared evenly": Rule(
        day(
            [visit("a"), visit("b"), visit("c")],
            van(),
            van("two"),
            balance=Balance(BalanceMeasure.STOPS, 0.0),
        ),
        plan(AB_OUT, replace(B_OUT, stops=(stop("c", 10),))),
        {"told": when_told(Kind.SOFT_INVENTED, soft=(replace(UNEVEN, van_id="two"),))},
    ),
    # 24 and 22 minutes: the average is 23, and 24 is more than four hundredths above it.
    "balanced time": Rule(
        day(
            [visit("a"), visit("b"), visit("c")],
            van(),
            van("two"),
            balance=Balance(BalanceMeasure.TIME, 0.04),
        ),
        plan(AB_OUT, replace(B_OUT, stops=(stop("c", 10),)), soft=(UNEVEN,)),
        {
            "within the tolerance": when_day(Kind.SOFT_INVENTED, balance=Balance(BalanceMeasure.TIME, 0.05)),
            "untold": when_told(Kind.SOFT_UNTOLD, soft=()),
        },
    ),
    "stops, metres and seconds": both(
        day(
            [visit("a"), visit("b")],
            van(max_stops=2, max_distance_m=12_000, max_duration_s=24 * 60),
        ),
        {
            "a stop more": when_van(Kind.TOO_MANY_STOPS, max_stops=1),
            "a metre more": when_van(Kind.TOO_FAR, max_distance_m=11_999),
            "a second more": when_van(Kind.TOO_LONG, max_duration_s=24 * 60 - 1),
        },
    ),
    # 12 km at 50, 22 min at 3000 an hour.
    "money": Rule(
        day([visit("a")], van(cost_per_km_minor=50, cost_per_hour_minor=3_000, fixed_cost_minor=7)),
        plan(replace(A_OUT, cost_minor=600 + 1_100 + 7)),
        {
            "per kilometre": when_van(Kind.WRONG_TOTAL, cost_per_km_minor=None),
            "per hour": when_van(Kind.WRONG_TOTAL, cost_per_hour_minor=None),
            "fixed": when_van(Kind.WRONG_TOTAL, fixed_cost_minor=8),
            "of the plan alone": when_told(Kind.WRONG_TOTAL, cost_minor=1_706),
            "of the route alone": Broken(
                lambda problem, good: (problem, with_route_cost(good, 1_706)), frozenset({Kind.WRONG_TOTAL})
            ),
        },
    ),
}


def with_route_cost(solution: RouteSolution, cost_minor: int) -> RouteSolution:
    first: PlannedRoute = solution.routes[0]
    return replace(solution, routes=(replace(first, cost_minor=cost_minor),))


@pytest.mark.parametrize("name", RULES)
def test_a_plan_that_keeps_the_rule_is_accepted(name: str) -> None:
    assert_kept(RULES[name])


@pytest.mark.parametrize(("name", "way"), every_way(RULES))
def test_a_plan_that_breaks_the_rule_is_rejected_for_that(name: str, way: str) -> None:
    assert_broken(RULES[name], way)

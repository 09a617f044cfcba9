"""A table of rules: for each a plan that keeps it, and ways in which the same plan breaks just that rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import PlannedRoute, RouteSolution
from optimizer.routes.checker import ViolationKind, check
from tests.unit.optimizer.routes.by_hand import plan, route
from tests.unit.optimizer.routes.town import travel_for

Case = tuple[RouteProblem, RouteSolution]


@dataclass(frozen=True)
class Broken:
    """A change of the day or of the plan, and everything that is found then."""

    change: Callable[[RouteProblem, RouteSolution], Case]
    kinds: frozenset[ViolationKind]


@dataclass(frozen=True)
class Rule:
    """A day, a plan that is right, and how it can be wrong."""

    problem: RouteProblem
    good: RouteSolution
    broken: Mapping[str, Broken] = field(default_factory=dict)


def driven(problem: RouteProblem, *args: Any, broken: Mapping[str, Broken], **more: Any) -> Rule:
    """A rule that one route shows; see `by_hand.route`."""
    return Rule(problem, plan(route(*args, **more)), broken)


def when_van(*kinds: ViolationKind, **changes: Any) -> Broken:
    """The plan stays; the first van's terms are others."""

    def change(problem: RouteProblem, good: RouteSolution) -> Case:
        first, *others = problem.vans
        return replace(problem, vans=(replace(first, **changes), *others)), good

    return Broken(change, frozenset(kinds))


def when_visit(*kinds: ViolationKind, number: int = 0, **changes: Any) -> Broken:
    """The plan stays; a visit asks for something else."""

    def change(problem: RouteProblem, good: RouteSolution) -> Case:
        visits = list(problem.visits)
        visits[number] = replace(visits[number], **changes)
        return replace(problem, visits=tuple(visits)), good

    return Broken(change, frozenset(kinds))


def when_day(*kinds: ViolationKind, **changes: Any) -> Broken:
    """The plan stays; the day is another."""
    return Broken(lambda problem, good: (replace(problem, **changes), good), frozenset(kinds))


def when_told(*kinds: ViolationKind, **changes: Any) -> Broken:
    """The day stays; the plan says something else."""
    return Broken(lambda problem, good: (problem, replace(good, **changes)), frozenset(kinds))


def when_driven(*kinds: ViolationKind, by: PlannedRoute, out: tuple[str, ...] = ()) -> Broken:
    """The day stays; the van drives otherwise."""

    def change(problem: RouteProblem, good: RouteSolution) -> Case:
        return problem, plan(by, out=out, soft=good.soft, moved=good.moved)

    return Broken(change, frozenset(kinds))


def every_way(rules: Mapping[str, Rule]) -> list[tuple[str, str]]:
    """(rule, way of breaking it), to parametrize a test."""
    return [(name, way) for name, rule in rules.items() for way in rule.broken]


def assert_kept(rule: Rule) -> None:
    """The plan that is right is accepted."""
    assert check(rule.problem, travel_for(rule.problem), rule.good) == ()


def assert_broken(rule: Rule, way: str) -> None:
    """What is found is just what was broken."""
    problem, solution = rule.broken[way].change(rule.problem, rule.good)
    found = {violation.kind for violation in check(problem, travel_for(problem), solution)}
    assert found == rule.broken[way].kinds

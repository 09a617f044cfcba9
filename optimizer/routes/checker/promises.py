"""What drivers have been told, and what belongs together."""

from __future__ import annotations

from collections.abc import Iterator

from doorstep.route_problem import RouteProblem
from doorstep.route_solution import RouteSolution
from optimizer.routes.checker.ability import is_able
from optimizer.routes.checker.drive import on_board_of
from optimizer.routes.checker.violation import Violation, ViolationKind


def promises(problem: RouteProblem, solution: RouteSolution) -> Iterator[Violation]:
    """Frozen beginnings, goods that are on the road, kept plans, pairs, and the count of what moved."""
    tours = {route.van_id: route.visit_ids for route in solution.routes}
    van_of = {visit_id: van_id for van_id, visit_ids in tours.items() for visit_id in visit_ids}
    yield from _pairs(problem, tours, van_of)
    yield from _frozen(problem, tours, {unassigned.visit_id for unassigned in solution.unassigned})
    yield from _on_the_road(problem, van_of)
    yield from _moved(problem, van_of, solution.moved)


def _pairs(
    problem: RouteProblem, tours: dict[str, tuple[str, ...]], van_of: dict[str, str]
) -> Iterator[Violation]:
    for drop in problem.visits:
        if not drop.from_visit:
            continue
        here, there = van_of.get(drop.id), van_of.get(drop.from_visit)
        if here != there:
            text = f"{drop.from_visit!r} is with {there!r}"
            yield Violation(ViolationKind.PAIR_APART, text, here, drop.id)
        elif here is not None and tours[here].index(drop.id) < tours[here].index(drop.from_visit):
            text = f"comes before {drop.from_visit!r}"
            yield Violation(ViolationKind.PAIR_APART, text, here, drop.id)


def _frozen(
    problem: RouteProblem, tours: dict[str, tuple[str, ...]], unassigned: set[str]
) -> Iterator[Violation]:
    """A frozen visit that cannot be made may be given up; what is left comes first, in its order."""
    for given in problem.given:
        kept = tuple(name for name in given.visit_ids[: given.frozen] if name not in unassigned)
        if tours.get(given.van_id, ())[: len(kept)] != kept:
            text = f"was told to begin with {list(kept)}"
            yield Violation(ViolationKind.FROZEN_CHANGED, text, given.van_id)


def _on_the_road(problem: RouteProblem, van_of: dict[str, str]) -> Iterator[Violation]:
    for van in problem.vans:
        for visit_id in sorted(on_board_of(problem, van)):
            if van_of.get(visit_id, van.id) != van.id:
                text = f"its goods are on {van.id!r}"
                yield Violation(ViolationKind.ON_ANOTHER_VAN, text, van_of[visit_id], visit_id)


def _moved(problem: RouteProblem, van_of: dict[str, str], told: int) -> Iterator[Violation]:
    moved = 0
    visits = {visit.id: visit for visit in problem.visits}
    vans = {van.id: van for van in problem.vans}
    for given in problem.given:
        for visit_id in given.visit_ids:
            van_id = van_of.get(visit_id)
            moved += van_id != given.van_id
            if problem.stability < 1 or van_id in (None, given.van_id):
                continue
            if is_able(problem, vans[given.van_id], visits[visit_id]):
                text = f"was to stay with {given.van_id!r}"
                yield Violation(ViolationKind.NOT_KEPT, text, van_id, visit_id)
    if told != moved:
        yield Violation(ViolationKind.WRONG_TOTAL, f"moved is {told}, {moved} have moved")

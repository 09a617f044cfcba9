"""Cheapest insertion: what the arrays say is what the timetable says, and nothing better is overlooked."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from doorstep.route_problem import GivenRoute
from doorstep.van import Break, Depot, Reloads
from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.insertion.gaps import frozen_entries
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import COST_UNITS, RELOAD, Task, Tour
from optimizer.routes.timetable.schedule import Misfit, timetable
from tests.unit.optimizer.routes.by_hand import HOME, day, span, van, visit
from tests.unit.optimizer.routes.days import FEATURES, random_day
from tests.unit.optimizer.routes.town import travel_for

MOST_OVERLOOKED = 0.02
"""Share of visits for which a cheaper place is overlooked, where the arrays only guess."""


def _tries(task: Task, van_number: int, tour: Tour, number: int) -> Iterator[Tour]:
    """Every way to put a visit, or a pair, into a tour."""
    limits, visits = task.vans[van_number], task.visits
    first = frozen_entries(tour, task.frozen[van_number]) if task.frozen else 0
    partner = visits[number].partner
    if partner is None:
        for at in range(first, len(tour) + 1):
            yield (*tour[:at], number, *tour[at:])
        if sum(entry < 0 for entry in tour) < limits.most_reloads and (tour or limits.is_under_way):
            yield from ((*tour, RELOAD - place, number) for place in range(len(limits.reload_places)))
        return
    pickup, drop = (number, partner) if visits[number].kind is VisitKind.PICKUP else (partner, number)
    for at in range(first, len(tour) + 1):
        for later in range(at, len(tour) + 1):
            yield (*tour[:at], pickup, *tour[at:later], drop, *tour[later:])


def _best(slack: Slack, number: int) -> tuple[int, int, Tour] | None:
    """(cost, van, tour) of the cheapest place, by asking the timetable for every one."""
    task = slack.task
    home = {told: van_number for van_number, tour in enumerate(task.given) for told in tour}
    partner = task.visits[number].partner
    unit = {number} if partner is None else {number, partner}
    best: tuple[int, int, Tour] | None = None
    for van_number, tour in enumerate(slack.tours):
        before = timetable(task, van_number, tour) if tour else None
        if isinstance(before, Misfit) or not task.may[number, van_number]:
            continue
        moves = sum(task.move_cost for one in unit if home.get(one, van_number) != van_number)
        for tried in _tries(task, van_number, tour, number):
            after = timetable(task, van_number, tried)
            if not isinstance(after, Misfit):
                cost = after.cost - (0 if before is None else before.cost) + moves
                best = min(best, (cost, van_number, tried)) if best else (cost, van_number, tried)
    return best


def _compared(features: tuple[str, ...] | None, seeds: range) -> tuple[int, int]:
    """Visits with a place, and those for which a cheaper one was overlooked."""
    placed = overlooked = 0
    for seed in seeds:
        problem = random_day(seed, visits=12, features=features)
        task = task_of(problem, travel_for(problem))
        slack = Slack(task, ((),) * len(task.vans))
        order = list(range(len(task.visits)))
        Random(seed).shuffle(order)
        for number in order:
            if slack.van_of(number) is not None:
                continue
            place, best = slack.cheapest(number), _best(slack, number)
            if best is None:
                assert place is None
                continue
            placed += 1
            overlooked += place is None or place.cost > best[0]
            assert place is None or place.cost >= best[0]
            slack.change(best[1], best[2])
            if placed % 5 == 0:
                slack.take_out(number)
    return placed, overlooked


@pytest.mark.parametrize("feature", [*FEATURES, None])
def test_a_place_costs_what_the_timetable_says_and_hardly_ever_is_a_cheaper_one_overlooked(
    feature: str | None,
) -> None:
    placed, overlooked = _compared((feature,) if feature else None, range(4))
    assert placed > 10
    assert overlooked <= max(1, MOST_OVERLOOKED * placed)


def test_places_are_the_best_of_each_van_the_cheapest_first() -> None:
    problem = day([visit("a", 6), visit("b", 12)], van("one"), van("two", cost_per_km_minor=90))
    task = task_of(problem, travel_for(problem))
    slack = Slack(task, ((0,), ()))

    first, second = slack.places(1, 5)

    # Beside "a": 12 km, 22 minutes more than before; alone with van two: 24 km for 90, 42 minutes.
    assert (first.van, first.cost) == (0, (12 * 60 + 22 * 40) * COST_UNITS)
    assert (second.van, second.tour, second.cost) == (1, (1,), (24 * 90 + 42 * 40) * COST_UNITS)


def test_nothing_is_put_before_what_is_frozen_first_or_behind_what_is_last() -> None:
    last = visit("last", 2, pinned_van="one", pinned_place=PinnedPlace.LAST)
    problem = day([visit("far", 12), last, visit("new", 4)], given=(GivenRoute("one", ("far", "last"), 1),))
    slack = Slack(task_of(problem, travel_for(problem)), ((0, 1),))

    place = slack.cheapest(2)

    assert place is not None
    assert place.tour == (0, 2, 1)


def test_a_van_that_has_left_takes_more_goods_only_after_a_reload() -> None:
    out = van(is_under_way=True, reloads=Reloads(("depot",)))
    problem = day(
        [visit("told", 6), visit("new", 3)],
        out,
        given=(GivenRoute("one", ("told",)),),
        depots=(Depot("depot", HOME),),
    )
    slack = Slack(task_of(problem, travel_for(problem)), ((0,),))

    place = slack.cheapest(1)

    assert place is not None
    assert place.tour == (0, RELOAD, 1)


def test_a_break_is_kept_by_whatever_is_put_in() -> None:
    rested = van(breaks=(Break("lunch", span(60, 70), 30 * 60),), shift=span(0, 100))
    problem = day([visit("a", 6, windows=(span(40, 60),)), visit("b", 6, windows=(span(70, 80),))], rested)
    task = task_of(problem, travel_for(problem))
    slack = Slack(task, ((0,),))

    # "b" needs the van between 70 and 80, when it still rests: whoever drives it has to have an end by 100.
    assert slack.cheapest(1) is None


def test_what_is_taken_out_leaves_no_reload_behind_that_nothing_needs() -> None:
    problem = random_day(3, visits=6, features=("reloads",))
    task = task_of(problem, travel_for(problem))
    can = next(number for number, limits in enumerate(task.vans) if limits.reload_places)
    mine = [number for number in range(6) if task.may[number, can]][:2]
    slack = Slack(task, tuple((mine[0], RELOAD, mine[1]) if n == can else () for n in range(len(task.vans))))

    slack.take_out(mine[1])

    assert slack.tours[can] == (mine[0],)
    assert slack.van_of(mine[1]) is None


def test_who_has_a_visit_is_known_in_whatever_order_tours_change() -> None:
    problem = day([visit("a", 6), visit("b", 9), visit("c", 12)], van(), van("two"))
    slack = Slack(task_of(problem, travel_for(problem)), ((0,), (1, 2)))

    # "b" goes from the second to the first, "a" the other way.
    slack.change(0, (1,))
    slack.change(1, (0, 2))

    assert [slack.van_of(number) for number in range(3)] == [1, 0, 1]

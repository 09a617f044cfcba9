"""A few routes made better together, in cost and in what drivers were told of them."""

from __future__ import annotations

from dataclasses import replace

from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.van import Break
from optimizer.live.polishing import POLISHED_STOPS, POLISHED_VANS, polished, vans_around
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Tours, visits_in
from optimizer.routes.timetable.schedule import faults
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.town import travel_for


def _polished(problem: RouteProblem, tours: Tours, *, budget_s: float = 0.05) -> Tours:
    task = task_of(problem, travel_for(problem))
    return polished(task, tours, range(len(tours)), budget_s=budget_s, seed=1)


def test_routes_get_better_even_where_making_ready_took_all_the_time() -> None:
    doors = [visit(name, km) for name, km in (("a", 6), ("c", 24), ("b", 12), ("d", 30))]
    problem = day(doors)
    (tour,) = _polished(problem, ((0, 1, 2, 3),), budget_s=0.0)
    # Out to the farthest and back; it was twelve kilometres back and forth on top.
    assert faults(task_of(problem, travel_for(problem)), 0, tour)[0].metres == 60_000


def test_what_has_a_place_keeps_one_though_leaving_it_out_would_cost_less() -> None:
    doors = [visit(name, km, skip_cost_minor=1) for name, km in (("a", 6), ("c", 24), ("b", 12), ("d", 30))]
    (tour,) = _polished(day(doors), ((0, 1, 2, 3),))
    assert sorted(tour) == [0, 1, 2, 3]
    assert tour != (0, 1, 2, 3)


def test_what_is_new_goes_where_it_is_best_while_drivers_keep_what_they_were_told() -> None:
    doors = [visit("a", 6), visit("b", -6), visit("told", 5), visit("new", -7)]
    given = (GivenRoute("one", ("a",)), GivenRoute("two", ("b", "told")))
    problem = day(doors, van("one"), van("two"), given=given, stability=0.95)

    after = _polished(problem, ((0, 3), (1, 2)))
    assert [set(visits_in(tour)) for tour in after] == [{0}, {1, 2, 3}]

    free = _polished(replace(problem, stability=0.0), ((0, 3), (1, 2)))
    assert {frozenset(tour) for tour in free if tour} in (
        {frozenset({0, 2}), frozenset({1, 3})},
        {frozenset(range(4))},
    )


def test_as_many_of_the_nearest_vans_are_polished_as_a_short_search_gets_through() -> None:
    doors = [visit(f"v{number}", 1 + number / 10) for number in range(100)]
    problem = day(doors, *(van(f"van{number}") for number in range(20)))
    task = task_of(problem, travel_for(problem))
    few = tuple(tuple(range(5 * number, 5 * number + 5)) for number in range(20))
    assert vans_around(task, few, 0) == list(range(POLISHED_VANS))
    long = (tuple(range(60)), tuple(range(60, 100)), *((),) * 18)
    assert len(vans_around(task, long, 0)) == 2
    assert POLISHED_STOPS >= 100


LUNCH = Break("lunch", span(60, 100), 20 * 60)


def test_routes_with_a_break_get_better_though_others_of_the_day_break_a_rule() -> None:
    doors = [visit(name, km) for name, km in (("a", 6), ("c", 24), ("b", 12), ("d", 30))]
    late = visit("late", 30, windows=(span(0, 5),))
    problem = day([*doors, late], van(breaks=(LUNCH,)), van("two", breaks=(LUNCH,)))
    task = task_of(problem, travel_for(problem))
    assert faults(task, 1, (4,))[1], "nobody is there in five minutes"

    tour, other = polished(task, ((0, 1, 2, 3), (4,)), [0], budget_s=0.05, seed=1)

    assert other == (4,)
    times, found = faults(task, 0, tour)
    assert (times.metres, found) == (60_000, ())


def test_what_a_break_leaves_no_time_for_is_not_kept_though_it_would_be_shorter() -> None:
    # Each is home after 22 and 25 minutes, one van with both after 27; and they rest for 20 minutes.
    rested = van(breaks=(Break("early", span(0, 20), 20 * 60),), shift=span(0, 46))
    problem = day([visit("a", 6), visit("b", 7)], rested, replace(rested, id="two"))
    told = ((0,), (1,))
    assert _polished(problem, told) == told
    # Ten minutes more, and one of them need not leave.
    longer = tuple(replace(one, shift=span(0, 56)) for one in problem.vans)
    assert sorted(map(len, _polished(replace(problem, vans=longer), told))) == [0, 2]

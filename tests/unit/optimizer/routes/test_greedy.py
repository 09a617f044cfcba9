"""The first plan: what fits is in it, and it costs less than visits put in one after the other."""

from __future__ import annotations

from dataclasses import replace

from bench.insert.city import city_day
from doorstep.route_problem import RouteProblem
from optimizer.routes.insertion.greedy import empty_tours, hardest_first, insert
from optimizer.routes.insertion.slack import Slack
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tours, visits_in
from optimizer.routes.timetable.schedule import Misfit, timetable
from tests.unit.optimizer.routes.by_hand import day, span, van, visit
from tests.unit.optimizer.routes.days import random_day
from tests.unit.optimizer.routes.town import travel_for


def _task(problem: RouteProblem) -> Task:
    return task_of(problem, travel_for(problem))


def _cost(task: Task, tours: Tours) -> int:
    times = [timetable(task, van_number, tour) for van_number, tour in enumerate(tours) if tour]
    return sum(timed.cost for timed in times if not isinstance(timed, Misfit))


def test_whatever_the_day_every_tour_keeps_all_rules_and_nobody_is_visited_twice() -> None:
    for seed in range(40):
        task = _task(random_day(seed))

        tours = insert(task, empty_tours(task), hardest_first(task))

        planned = [number for tour in tours for number in visits_in(tour)]
        assert len(planned) == len(set(planned))
        for van_number, tour in enumerate(tours):
            assert not tour or not isinstance(timetable(task, van_number, tour), Misfit)


def test_joined_tours_cost_less_than_visits_put_in_one_after_the_other() -> None:
    problem = city_day(150, seed=2)
    at_any_time = tuple(replace(one, windows=()) for one in problem.visits)
    task = _task(replace(problem, visits=at_any_time))
    one_by_one = Slack(task, empty_tours(task))
    for number in hardest_first(task):
        place = one_by_one.cheapest(number)
        assert place is not None
        one_by_one.put(place)

    tours = insert(task, empty_tours(task), hardest_first(task))

    assert sum(len(tour) for tour in tours) == 150
    assert _cost(task, tours) < 0.95 * _cost(task, one_by_one.tours)


def test_a_visit_that_costs_more_than_leaving_it_out_is_left_out() -> None:
    # 12 km there and back at 60, 22 minutes at 40: 1600.
    cheap, dear = visit("cheap", 6, skip_cost_minor=1_599), visit("dear", 6, skip_cost_minor=1_601)
    assert insert(_task(day([cheap])), ((),), [0]) == ((),)
    assert insert(_task(day([dear])), ((),), [0]) == ((0,),)


def test_of_visits_that_compete_the_higher_priority_is_made() -> None:
    only_one = van(max_stops=1)
    task = _task(day([visit("a", windows=(span(0, 60),)), visit("b", priority=1)], only_one))
    assert insert(task, empty_tours(task), hardest_first(task)) == ((1,),)


def test_once_time_is_over_nothing_more_is_put_in() -> None:
    task = _task(day([visit("a"), visit("b")]))
    assert insert(task, ((0,),), [1], lambda: True) == ((0,),)


def test_larger_vans_get_what_the_others_cannot_carry() -> None:
    small = van("small", capacity_g=1_000)
    visits = [visit("heavy", 6, weight_g=5_000), visit("light", 8)]
    task = _task(day(visits, small, replace(small, id="small too"), van("large")))
    tours = insert(task, empty_tours(task), hardest_first(task))
    assert 0 in tours[2]
    assert {number for tour in tours for number in tour} == {0, 1}

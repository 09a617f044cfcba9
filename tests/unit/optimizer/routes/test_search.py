"""Insertion finds what fits, and PyVRP's model means what the timetable means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.geo import LatLng
from doorstep.route import RouteProblem, Van, Visit
from doorstep.window import Window
from optimizer.routes.greedy import RunningTour, empty_tours, hardest_first, insert
from optimizer.routes.model import model_of
from optimizer.routes.schedule import Misfit, Timetable, cost_of, overload, timetable
from optimizer.routes.task import Task, Tours
from optimizer.routes.travel import Travel

SEEDS = st.integers(0, 10**6)
Day = Callable[..., RouteProblem]
TravelFor = Callable[[RouteProblem], Travel]


def task_of(problem: RouteProblem, travel_for: TravelFor) -> Task:
    return Task.of(problem, travel_for(problem))


def fits(task: Task, van: int, tour: tuple[int, ...]) -> bool:
    return overload(task, van, tour) is None and not isinstance(timetable(task, van, tour), Misfit)


def greedy(task: Task) -> Tours:
    return insert(task, empty_tours(task), hardest_first(task))


@given(seed=SEEDS)
@settings(deadline=None, max_examples=40)
def test_insertion_finds_a_place_exactly_where_a_timetable_exists(
    seed: int, random_day: Day, travel_for: TravelFor
) -> None:
    task = task_of(random_day(seed), travel_for)
    for van, tour in enumerate(greedy(task)):
        assert not tour or fits(task, van, tour)
        running = RunningTour(task, van, tour)
        for visit in set(range(len(task.visits))) - set(tour):
            longer = [(*tour[:at], visit, *tour[at:]) for at in range(len(tour) + 1)]
            possible = task.visits[visit].depot_id == task.vans[van].depot_id and any(
                fits(task, van, candidate) for candidate in longer
            )
            place = running.cheapest(visit)
            assert (place is not None) == possible
            if place is not None:
                assert fits(task, van, longer[place[2]])


def test_a_tour_may_end_in_the_last_second_of_the_shift(
    place: Callable[..., LatLng], minute: Callable[[float], datetime], travel_for: TravelFor
) -> None:
    # 6 km are 10 min there and 10 min back, with one minute at the door.
    home = place(0, 0)
    for minutes, tour in ((21, (0,)), (20.9, ())):
        problem = RouteProblem(
            epoch=minute(0),
            visits=(Visit("v", "depot", place(6_000, 0), 60, 1),),
            vans=(Van("van", "depot", home, home, Window(minute(0), minute(minutes)), 1),),
        )
        assert greedy(task_of(problem, travel_for)) == (tour,)


def test_insertion_stops_when_told_to(random_day: Day, travel_for: TravelFor) -> None:
    task = task_of(random_day(3), travel_for)
    allowed = iter([False, False, True])
    tours = insert(task, empty_tours(task), hardest_first(task), lambda: next(allowed))
    assert sum(map(len, tours)) <= 2


@given(seed=SEEDS)
@settings(deadline=None, max_examples=40)
def test_pyvrp_finds_feasible_what_greedy_made_and_counts_the_same_cost(
    seed: int, random_day: Day, travel_for: TravelFor
) -> None:
    task = task_of(random_day(seed), travel_for)
    tours = greedy(task)
    for depot_id in {visit.depot_id for visit in task.visits}:
        model = model_of(task, depot_id)
        if model is None:
            continue
        solution = model.encode(task, tours)
        assert solution.is_feasible()
        vans = [van for vans in model.vans_of for van in vans if tours[van]]
        assert model.cost(solution) == sum(
            cost_of(task, van, times_of(task, van, tours[van])) for van in vans
        )
        # Vans that are alike may trade places; what is driven stays the same.
        assert sorted(model.decode(solution).values()) == sorted(tours[van] for van in vans)


def times_of(task: Task, van: int, tour: tuple[int, ...]) -> Timetable:
    times = timetable(task, van, tour)
    assert isinstance(times, Timetable)
    return times


def test_a_depot_without_vans_or_visits_has_no_model(random_day: Day, travel_for: TravelFor) -> None:
    assert model_of(task_of(random_day(5, vans=0), travel_for), "north") is None
    assert model_of(task_of(random_day(5, visits=0), travel_for), "north") is None


def test_leaving_a_visit_out_costs_more_than_the_dearest_route(
    random_day: Day, travel_for: TravelFor
) -> None:
    for seed in range(30):
        task = task_of(random_day(seed), travel_for)
        tours = greedy(task)
        for depot_id in ("north", "south"):
            model = model_of(task, depot_id)
            for van in [van for vans in model.vans_of for van in vans if tours[van]] if model else ():
                assert model is not None
                prize = model.data.client(0).prize * model.cost_divisor
                assert prize > cost_of(task, van, times_of(task, van, tours[van]))

"""PyVRP's model means what the timetable means, as far as PyVRP knows the rules."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.route_problem import RouteProblem
from optimizer.routes.components import improve, parts_of
from optimizer.routes.engine import Limits
from optimizer.routes.insertion.greedy import empty_tours, hardest_first, insert
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.numbered.task import Task, Tour, Tours
from optimizer.routes.part_model.model import PartModel, model_of
from optimizer.routes.timetable.schedule import Timetable, timetable
from optimizer.routes.travel import Travel

SEEDS = st.integers(0, 10**6)
Day = Callable[..., RouteProblem]
TravelFor = Callable[[RouteProblem], Travel]

EXACT = frozenset(
    {"setting up", "crates", "collections", "pairs", "open ends", "skills", "own costs", "priorities"}
)
"""Features of a day of which PyVRP's model is no approximation."""


def unwatched(part: str, assigned: int, cost: int) -> None:
    pass


def greedy(task: Task) -> Tours:
    return insert(task, empty_tours(task), hardest_first(task))


def models_of(task: Task, tours: Tours) -> list[PartModel]:
    made = (model_of(task, tours, part.visits, part.vans) for part in parts_of(task))
    return [model for model in made if model is not None]


def times_of(task: Task, van: int, tour: Tour) -> Timetable:
    times = timetable(task, van, tour)
    assert isinstance(times, Timetable)
    return times


@given(seed=SEEDS)
@settings(deadline=None, max_examples=20)
def test_pyvrp_finds_feasible_what_greedy_made_and_counts_the_same_cost(
    seed: int, random_day: Day, travel_for: TravelFor
) -> None:
    problem = random_day(seed, features=EXACT)
    task = task_of(problem, travel_for(problem))
    tours = greedy(task)
    for model in models_of(task, tours):
        solution = model.encode(tours)
        assert solution.is_feasible()
        assert model.decode(solution, tours) == {van: tours[van] for van in model.vans}
        # Several windows of a pair are one to PyVRP, so that it need not wait for the second.
        if all(visit.partner is None or len(visit.windows) == 1 for visit in task.visits):
            cost = sum(times_of(task, van, tours[van]).cost for van in model.vans if tours[van])
            assert model.cost(solution) == cost


@given(seed=SEEDS)
@settings(deadline=None, max_examples=15)
def test_what_pyvrp_finds_can_be_driven(seed: int, random_day: Day, travel_for: TravelFor) -> None:
    problem = random_day(seed, features=(EXACT | {"overtime", "territories"}) - {"pairs"})
    task = task_of(problem, travel_for(problem))
    limits = Limits(float("inf"), max_iterations=40)
    found = improve(task, greedy(task), seed=1, limits=limits, watch=unwatched)
    for van, tour in enumerate(found):
        assert not tour or times_of(task, van, tour).entries


def test_a_part_without_vans_or_visits_has_no_model(random_day: Day, travel_for: TravelFor) -> None:
    for counts in ({"vans": 0}, {"visits": 0}):
        problem = random_day(5, **counts)
        task = task_of(problem, travel_for(problem))
        assert models_of(task, empty_tours(task)) == []


def test_leaving_a_visit_out_costs_more_than_the_dearest_route(
    random_day: Day, travel_for: TravelFor
) -> None:
    for seed in range(12):
        problem = random_day(seed, features=EXACT)
        task = task_of(problem, travel_for(problem))
        tours = greedy(task)
        dearest = max((times_of(task, van, tour).cost for van, tour in enumerate(tours) if tour), default=0)
        assert min(task.skip_costs) > dearest

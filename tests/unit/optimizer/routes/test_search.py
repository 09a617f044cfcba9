"""The search keeps all that a model has, however it is split, and answers the same to the same seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any

import numpy as np
import pytest
import pyvrp
from pyvrp import Activity, ActivityType

from optimizer.routes.engine import Limits
from optimizer.routes.search import improve_solution
from optimizer.routes.search.budget import Budget
from optimizer.routes.search.closeness import groups_of
from optimizer.routes.search.improving import IN_PARTS_FROM, first_solution
from optimizer.routes.search.parts import shares_of, together
from optimizer.routes.search.penalties import Penalties
from optimizer.routes.search.piecewise import PiecewiseSearch
from optimizer.routes.search.recombining import Pool
from optimizer.routes.search.sub_model import SubModel, sub_model
from tests.unit.optimizer.routes.search_models import price, rich_model, town


def parts_of(data: pyvrp.ProblemData, solution: pyvrp.Solution, size: int, seed: int) -> list[SubModel]:
    """The models that a solution is split into."""
    shares = shares_of(data, solution, size=size, rng=random.Random(seed))
    return [sub_model(data, share) for share in shares]


def steps(most: int) -> Limits:
    return Limits(monotonic() + 3600, most)


def improved(
    data: pyvrp.ProblemData, start: pyvrp.Solution | None, limits: Limits, seed: int = 1
) -> pyvrp.Solution:
    return improve_solution(data, start, seed=seed, limits=limits, on_best=lambda _: None, workers=2)


def kept(seed: int, after: int = 150) -> tuple[pyvrp.ProblemData, pyvrp.Solution]:
    """A rich model with a solution that keeps every rule, after so many steps."""
    data = rich_model(seed)
    solution = improved(data, None, steps(after))
    assert solution.is_feasible()
    return data, solution


@pytest.mark.parametrize("seed", range(4))
def test_parts_have_all_there_is_once_and_make_the_same_solution_again(seed: int) -> None:
    data, solution = kept(seed)
    parts = parts_of(data, solution, 12, seed)
    assert len(parts) > 1
    assert sorted(n for part in parts for n in part.clients) == list(range(data.num_clients))
    assert sorted(n for part in parts for n in part.shipments) == list(range(data.num_shipments))
    vans: Counter[int] = Counter()
    for part in parts:
        assert part.start.is_feasible()
        for own, kind in enumerate(part.kinds):
            vans[kind] += part.data.vehicle_type(own).num_available
    assert vans == {kind: vt.num_available for kind, vt in enumerate(data.vehicle_types())}
    assert sum(price(part.start) for part in parts) == price(solution)
    again = together(data, [route for part in parts for route in part.outside(part.start.routes())])
    assert again == solution


@pytest.mark.parametrize("seed", range(3))
def test_a_search_in_parts_keeps_the_rules_and_ends_no_dearer(seed: int) -> None:
    data, start = kept(seed, after=4)
    search = PiecewiseSearch(data, start, seed=seed, budget=Budget(steps(900)), stops=12)
    with ThreadPoolExecutor(2) as threads:
        for _ in range(3):
            before = price(search.best)
            search.round(threads)
            assert search.best.is_feasible()
            assert price(search.best) <= before
    assert price(search.best) < price(start)


def test_the_same_seed_and_steps_give_the_same_solution_whole_and_in_parts() -> None:
    for data in (rich_model(7, clients=24), town(7, clients=IN_PARTS_FROM + 20)):
        # Several rounds, so that routes are recombined beside them.
        first, second = (improved(data, None, steps(3_000), seed=3) for _ in range(2))
        assert first == second
        assert first.is_feasible()


def test_a_large_model_is_improved_and_every_better_solution_is_told() -> None:
    data = town(1, clients=IN_PARTS_FROM + 50)
    start = first_solution(data, seed=1)
    told: list[int] = []
    best = improve_solution(
        data,
        start,
        seed=1,
        limits=steps(1_200),
        on_best=lambda found: told.append(price(found)),
        workers=2,
    )
    assert told == sorted(told, reverse=True)
    assert told[-1] == price(best) < price(start)
    assert best.num_clients() == data.num_clients


def test_nothing_is_searched_when_time_is_up_or_nobody_waits() -> None:
    data, start = kept(5)
    late = Limits(monotonic() - 1)
    called_off = steps(10**9)
    called_off.called_off.set()
    for limits in (late, called_off, steps(0)):
        found = improved(data, start, limits)
        assert found == start


def test_a_small_search_ends_by_itself_when_nothing_gets_better() -> None:
    data = town(4, clients=4)
    hour = Limits(monotonic() + 3600)
    assert improved(data, None, hour).num_clients() == 4
    assert not hour.is_over


def test_patience_begins_anew_with_everything_better_and_heat_falls_as_it_goes() -> None:
    budget = Budget(steps(10_000), patience=100)
    budget.take(60)
    # 60 of 100 steps without anything better weigh more than 60 of 10,000.
    assert budget.progress == 0.6
    warm = budget.heat(0.5)
    budget.found_better()
    budget.take(99)
    assert not budget.is_spent
    assert budget.heat(0.5) < warm
    budget.take(1)
    assert budget.is_spent


def test_a_part_has_few_idle_vans() -> None:
    data = town(3, clients=60)
    parts = parts_of(data, first_solution(data, seed=1), 20, 1)
    assert len(parts) > 1
    for part in parts:
        assert part.data.num_vehicles == part.start.num_routes() + 2


class Listening(ThreadPoolExecutor):
    """Threads that remember what they were asked."""

    def __init__(self) -> None:
        super().__init__(2)
        self.asked: list[str] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        """Ask for it."""
        self.asked.append(getattr(fn, "__name__", "walk"))
        return super().submit(fn, *args, **options)


def test_a_search_in_parts_recombines_routes_from_its_half_on() -> None:
    data, start = kept(1, after=4)
    budget = Budget(steps(1_000))
    search = PiecewiseSearch(data, start, seed=1, budget=budget, stops=12)
    with Listening() as threads:
        search.round(threads)
        assert "recombined" not in threads.asked
        budget.take(500)
        search.round(threads)
        search.round(threads)
        assert threads.asked.count("recombined") >= 1


def test_a_model_without_stops_is_answered_with_no_routes() -> None:
    data = rich_model(1).replace(clients=[], shipments=[], groups=[])
    assert improved(data, None, steps(10)).num_routes() == 0


def test_recombining_takes_the_good_half_of_each_plan() -> None:
    # On a line from the depot at 0: 1, 2 to the one side, 3, 4 to the other. Both plans mix one pair up.
    spots = np.array([0, 10, 11, -10, -11, 20, 21, -20, -21])
    metres = np.abs(spots[:, None] - spots[None, :])
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in spots],
        [pyvrp.Client(n, delivery=[1], prize=500, required=False) for n in range(1, 9)],
        [pyvrp.Depot(0)],
        [pyvrp.VehicleType(4, capacity=[2])],
        [metres],
        [metres],
    )
    # Client n - 1 is at spot n.
    good = pyvrp.Solution(data, [[0, 1], [2, 3], [4, 6], [5, 7]])
    other = pyvrp.Solution(data, [[0, 2], [1, 3], [4, 5], [6, 7]])
    pool = Pool(data)
    pool.add(other)
    assert price(pool.recombined(good, effort=1.0)) == 2 * (11 + 11 + 21 + 21)


def test_recombining_proves_its_choice_among_many_routes() -> None:
    data = town(9, clients=100)
    plans = [improved(data, None, steps(20), seed=seed) for seed in range(20)]
    best, pool = min(plans, key=price), Pool(data)
    for plan in plans:
        pool.add(plan)
    # A prize is worth a hundred routes: told of them all, CP-SAT needs three times the effort.
    assert price(pool.recombined(best, effort=0.03)) == price(pool.recombined(best, effort=1.0)) < price(best)


def test_recombining_makes_one_of_a_group_and_drives_no_more_vans_than_there_are() -> None:
    for seed in range(3):
        data, best = kept(seed)
        pool = Pool(data)
        for other in range(6):
            pool.add(improved(data, None, steps(30), seed=other))
        found = pool.recombined(best, effort=1.0)
        assert found.is_feasible()
        assert price(found) <= price(best)


def test_groups_lie_near_each_other_and_have_every_route_once() -> None:
    # Ten routes of three stops each, ten metres apart on a line, in shuffled order.
    order = random.Random(4).sample(range(10), 10)
    stops = [[3 * at, 3 * at + 1, 3 * at + 2] for at in order]
    places = np.array([10 * (spot // 3) + spot % 3 for spot in range(30)])
    metres = np.abs(places[:, None] - places[None, :]).astype(np.int64)
    for seed in range(10):
        groups = groups_of(stops, metres, 15, random.Random(seed))
        assert sorted(route for group in groups for route in group) == list(range(10))
        assert [len(group) for group in groups] == [5, 5]


def test_penalties_rise_while_rules_are_broken_and_fall_while_they_are_kept() -> None:
    data = town(2, clients=20)
    crowded = pyvrp.Solution(data, [[Activity(ActivityType.CLIENT, n).idx for n in range(20)]])
    kept_to = pyvrp.Solution(data, [list(range(10)), list(range(10, 20))])
    penalties = Penalties([100.0, 100.0, 100.0])
    for _ in range(50):
        penalties.see(crowded)
    load, time, distance = penalties.values
    assert load > 100
    assert time < 100
    assert distance < 100
    for _ in range(50):
        penalties.see(kept_to)
    assert penalties.values[0] < load

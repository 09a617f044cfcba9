"""How soon there is a plan at all: a generated day, by the planner's own insertion."""

from __future__ import annotations

import asyncio
import random
from time import perf_counter

from bench.routes.day import PlaneRoads, day_of
from bench.routes.instances import Customer, Instance
from doorstep.route import PlanProgress
from optimizer.routes.checker import check
from optimizer.routes.insertion.greedy import empty_tours, hardest_first, insert
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.travel import travel_of

_DAY = 1000
"""When the depot of a generated instance closes, in units of length."""

FIRST_STOPS, LARGE_STOPS, LARGE_S = 1000, 2000, 30.0
"""The sizes measured, and how long the large one may take."""


def first_plans(seed: int) -> dict[str, object]:
    """Seconds to the first plan of 1,000 stops, and what 30 seconds make of 2,000."""
    return asyncio.run(_measured(seed))


async def _measured(seed: int) -> dict[str, object]:
    instance = generated(FIRST_STOPS, seed)
    problem = day_of(instance)
    travel = await travel_of(problem, PlaneRoads(instance))
    began = perf_counter()
    task = task_of(problem, travel)
    numbered = perf_counter()
    tours = insert(task, empty_tours(task), hardest_first(task))
    first_s = perf_counter() - began
    print(
        f"{FIRST_STOPS} stops: first plan after {first_s:.3f} s ({numbered - began:.3f} s of it reading), "
        f"{sum(map(len, tours))} planned"
    )
    large = generated(LARGE_STOPS, seed)
    problem, roads = day_of(large), PlaneRoads(large)
    began = perf_counter()
    solution = await PyvrpPlanner().plan(problem, roads, budget_s=LARGE_S, seed=seed, on_progress=_unseen)
    large_s = perf_counter() - began
    faults = check(problem, await travel_of(problem, roads), solution)
    print(f"{LARGE_STOPS} stops: {large_s:.1f} s, {len(solution.unassigned)} left out, {len(faults)} faults")
    return {
        "first_plan_s": round(first_s, 3),
        "large_plan_s": round(large_s, 2),
        "large_unassigned": len(solution.unassigned),
        "large_faults": len(faults),
    }


def _unseen(progress: PlanProgress) -> None:
    """Nobody watches."""


def generated(stops: int, seed: int) -> Instance:
    """A town of so many doors around a depot, some twenty to a van, half of them with a window."""
    rng = random.Random(seed)
    rows = [Customer(250, 250, due=_DAY)]
    for _ in range(stops):
        opens = rng.randrange(0, 700) if rng.random() < 0.5 else 0
        closes = opens + rng.randrange(60, 200) if opens else _DAY - 380
        rows.append(
            Customer(
                rng.randrange(500),
                rng.randrange(500),
                demand=rng.randrange(1, 20),
                ready=max(0, opens - 380),
                due=max(380, closes),
                service=5,
            )
        )
    return Instance(f"generated {stops}", tuple(rows), capacity=200, vans=None, best_known=None)

"""How soon there is a plan at all: a generated day, by the planner's own insertion."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from time import perf_counter

from bench.routes.day import PlaneRoads, day_of
from bench.routes.instance import Customer, Instance
from doorstep.route import PlanProgress
from doorstep.route_problem import RouteProblem, SpeedProfile
from doorstep.van import Break
from doorstep.visit import Lateness, Visit
from doorstep.window import Window
from optimizer.routes.checker import check
from optimizer.routes.first import first_plan
from optimizer.routes.mending.objective import Objective
from optimizer.routes.numbered.numbering import task_of
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.travel import Travel, travel_of

_DAY = 1000
"""When the depot of a generated instance closes, in units of length."""

FIRST_STOPS, LARGE_STOPS, LARGE_S = 1000, 2000, 30.0
"""The sizes measured, and how long the large one may take."""


def first_plans(seed: int) -> dict[str, object]:
    """Seconds to the first plan of 1,000 stops, and what 30 seconds make of 2,000."""
    return asyncio.run(_measured(seed))


async def _measured(seed: int) -> dict[str, object]:
    instance = generated(FIRST_STOPS, seed)
    problem, roads = day_of(instance), PlaneRoads(instance)
    travel = await travel_of(problem, roads)
    seconds = {name: _first(name, made, travel) for name, made in _days(problem)}
    large = generated(LARGE_STOPS, seed)
    problem, roads = day_of(large), PlaneRoads(large)
    began = perf_counter()
    solution = await PyvrpPlanner().plan(problem, roads, budget_s=LARGE_S, seed=seed, on_progress=_unseen)
    large_s = perf_counter() - began
    faults = check(problem, await travel_of(problem, roads), solution)
    print(f"{LARGE_STOPS} stops: {large_s:.1f} s, {len(solution.unassigned)} left out, {len(faults)} faults")
    return {
        "first_plan_s": seconds["plain"],
        "first_plan_s_by_rule": seconds,
        "large_plan_s": round(large_s, 2),
        "large_unassigned": len(solution.unassigned),
        "large_faults": len(faults),
    }


def _first(name: str, problem: RouteProblem, travel: Travel) -> float:
    """Seconds to the first plan, after the problem has been read."""
    began = perf_counter()
    task = task_of(problem, travel)
    read = perf_counter()
    tours = first_plan(Objective(task))
    first_s = perf_counter() - read
    print(
        f"{FIRST_STOPS} stops, {name}: first plan after {first_s:.3f} s ({read - began:.3f} s of reading "
        f"before), {sum(map(len, tours))} planned"
    )
    return round(first_s, 3)


def _days(problem: RouteProblem) -> Iterator[tuple[str, RouteProblem]]:
    """The day as it is, and with rules that arrays do not know, one at a time."""
    begins, day_s = problem.vans[0].shift.start, problem.vans[0].shift.seconds
    noon = Window.around(begins + timedelta(seconds=day_s / 2), before_s=day_s / 10, after_s=day_s / 10)
    lunch = Break("lunch", noon, round(day_s / 20))
    rush = SpeedProfile((0.8, *(1.0,) * 23), "UTC")
    yield "plain", problem
    yield "breaks", replace(problem, vans=tuple(replace(van, breaks=(lunch,)) for van in problem.vans))
    yield "traffic by the hour", replace(problem, speeds=rush)
    yield "several windows", replace(problem, visits=tuple(map(_twice, problem.visits)))
    soft = (replace(visit, late=Lateness(600)) for visit in problem.visits)
    yield "soft windows", replace(problem, visits=tuple(soft))


def _twice(visit: Visit) -> Visit:
    """With another window after a while, as long as the first."""
    last = visit.windows[-1]
    length = last.end - last.start
    return replace(visit, windows=(*visit.windows, Window(last.end + length, last.end + 2 * length)))


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
    return Instance(f"generated {stops}", tuple(rows), capacity=200, vans=None)

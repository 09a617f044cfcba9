"""How soon there is a plan at all: a generated day, by the planner's own insertion."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic, perf_counter

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
from optimizer.routes.numbered.task import visits_in
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.solution import solution_of
from optimizer.routes.timetable.schedule import Misfit, timetable
from optimizer.routes.travel import Travel, travel_of

_DAY = 1000
"""When the depot of a generated instance closes, in units of length."""

FIRST_STOPS, LARGE_STOPS, LARGE_S = 1000, 2000, 30.0
"""The sizes measured, and how long the large one may take."""


@dataclass(frozen=True, slots=True)
class First:
    """A first plan.

    Attributes
    ----------
    seconds
        From the problem with its roads to the plan; `read_s` of them until the problem was numbered.
    unassigned, out_of_reach
        Stops that it leaves out, and those of them that a van could not even make alone.
    faults
        What the checker has against it.
    """

    seconds: float
    read_s: float
    unassigned: int
    out_of_reach: int
    faults: int


def first_plans(
    seed: int, *, stops: int = FIRST_STOPS, large_stops: int = LARGE_STOPS, large_s: float = LARGE_S
) -> dict[str, object]:
    """Seconds to the first plan of 1,000 stops, and what 30 seconds make of 2,000."""
    return _first_figures(stops, seed) | asyncio.run(_large_figures(large_stops, large_s, seed))


def _first_figures(stops: int, seed: int) -> dict[str, object]:
    """`first_plan_s` is of the plain day; what is left out is told by rule, faults are those of all rules."""
    instance = generated(stops, seed)
    problem = day_of(instance)
    travel = asyncio.run(travel_of(problem, PlaneRoads(instance)))
    firsts = {name: _first(name, made, travel) for name, made in _days(problem)}
    return {
        "first_plan_s": firsts["plain"].seconds,
        "first_read_s": firsts["plain"].read_s,
        "first_plan_s_by_rule": {name: first.seconds for name, first in firsts.items()},
        "first_unassigned": {name: first.unassigned for name, first in firsts.items()},
        "first_out_of_reach": {name: first.out_of_reach for name, first in firsts.items()},
        "first_faults": sum(first.faults for first in firsts.values()),
    }


async def _large_figures(stops: int, budget_s: float, seed: int) -> dict[str, object]:
    large = generated(stops, seed)
    problem, roads = day_of(large), PlaneRoads(large)
    began = perf_counter()
    solution = await PyvrpPlanner().plan(problem, roads, budget_s=budget_s, seed=seed, on_progress=_unseen)
    large_s = perf_counter() - began
    faults = check(problem, await travel_of(problem, roads), solution)
    print(f"{stops} stops: {large_s:.1f} s, {len(solution.unassigned)} left out, {len(faults)} faults")
    return {
        "large_plan_s": round(large_s, 2),
        "large_unassigned": len(solution.unassigned),
        "large_faults": len(faults),
    }


def _first(name: str, problem: RouteProblem, travel: Travel) -> First:
    began = perf_counter()
    task = task_of(problem, travel)
    read_s = perf_counter() - began
    tours = first_plan(Objective(task))
    first_s = perf_counter() - began
    # Why something is left out is not asked: that would take longer than the plan.
    told = solution_of(
        problem, task, tours, is_approximate=False, method="first", reasons_until_s=monotonic()
    )
    faults = check(problem, travel, told)
    left_out = set(range(len(task.visits))).difference(*map(visits_in, tours))
    out_of_reach = sum(isinstance(timetable(task, 0, (number,)), Misfit) for number in left_out)
    first = First(round(first_s, 3), round(read_s, 3), len(left_out), out_of_reach, len(faults))
    print(
        f"{len(problem.visits)} stops, {name}: first plan after {first_s:.3f} s, {read_s:.3f} s of it "
        f"reading; {first.unassigned} left out, {first.out_of_reach} of them out of any van's reach, "
        f"{first.faults} faults"
    )
    return first


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

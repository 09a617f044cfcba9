"""The run of `python -m bench insert`."""

from __future__ import annotations

import argparse
import asyncio
import random
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, thread_time

from bench.figures import percentile
from bench.insert.city import CityRoads, city_day
from bench.routes.day import PlaneRoads, day_of
from bench.routes.instances import read_instance
from doorstep.ports import RoadEngine
from doorstep.route_problem import GivenRoute, RouteProblem
from doorstep.route_solution import RouteSolution
from doorstep.visit import Visit
from optimizer.live import RunningDay, ways_to
from optimizer.routes.checker import check
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.travel import travel_of

LATE_SHARE = 0.1
"""Of the orders arrive one by one."""

POLISH_S = 0.05

LEFT_OUT_MINOR = 10_000


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How long answers took, in milliseconds of the wall and of the processor, and how many had no place."""

    answered_ms: list[float]
    answered_cpu_ms: list[float]
    polished_ms: list[float]
    refused: int


def main(arguments: list[str]) -> dict[str, object]:
    """Let a tenth of the orders arrive one by one, and compare with a plan of all."""
    options = _options(arguments)
    if options.instance is None:
        return asyncio.run(_run(city_day(options.stops, options.seed), CityRoads(), options))
    instance = read_instance(options.instance)
    return asyncio.run(_run(day_of(instance), PlaneRoads(instance), options))


async def _run(whole: RouteProblem, roads: RoadEngine, options: argparse.Namespace) -> dict[str, object]:
    late = random.Random(options.seed).sample(whole.visits, round(len(whole.visits) * LATE_SHARE))
    names = {visit.id for visit in late}
    known = replace(whole, visits=tuple(visit for visit in whole.visits if visit.id not in names))
    first_s = options.seconds - POLISH_S * len(late)
    before = await _planned(known, roads, first_s, options.seed)
    day = RunningDay(_with_routes(known, before), await travel_of(known, roads))
    arrivals = await _arrive(day, late, roads)
    online = day.solution()
    full = await _planned(whole, roads, options.seconds, options.seed)
    faults = [
        *check(day.problem, await travel_of(day.problem, roads), online),
        *check(whole, await travel_of(whole, roads), full),
    ]
    points = 100 * (_cost(online) / _cost(full) - 1)
    return {
        "stops": len(whole.visits),
        "answer_p50_ms": percentile(arrivals.answered_ms, 0.5),
        "answer_p95_ms": percentile(arrivals.answered_ms, 0.95),
        "answer_cpu_p95_ms": percentile(arrivals.answered_cpu_ms, 0.95),
        "polished_p95_ms": percentile(arrivals.polished_ms, 0.95),
        "online_points": round(points, 2),
        "first_cost": _cost(before),
        "online_cost": _cost(online),
        "full_cost": _cost(full),
        "refused": arrivals.refused,
        "unassigned": [len(online.unassigned), len(full.unassigned)],
        "infeasible": len(faults),
        "seconds": options.seconds,
        "seed": options.seed,
    }


async def _planned(problem: RouteProblem, roads: RoadEngine, budget_s: float, seed: int) -> RouteSolution:
    return await PyvrpPlanner().plan(problem, roads, budget_s=budget_s, seed=seed, on_progress=lambda _: None)


def _with_routes(problem: RouteProblem, plan: RouteSolution) -> RouteProblem:
    return replace(problem, given=tuple(GivenRoute(route.van_id, route.visit_ids) for route in plan.routes))


async def _arrive(day: RunningDay, late: list[Visit], roads: RoadEngine) -> Arrivals:
    """Put each in, answer, polish. The road engine's time is not counted: `bench matrix` tells a map's."""
    answered, answered_cpu, polished, refused = [], [], [], 0
    for visit in late:
        ways = await ways_to([visit.location], day.places, roads)
        began, began_cpu = perf_counter(), thread_time()
        placement = day.insert(visit, ways)
        answered.append(1000 * (perf_counter() - began))
        answered_cpu.append(1000 * (thread_time() - began_cpu))
        if placement.is_placed:
            day.polish(day.near(visit.id), budget_s=POLISH_S)
        polished.append(1000 * (perf_counter() - began))
        refused += not placement.is_placed
    return Arrivals(answered, answered_cpu, polished, refused)


def _cost(plan: RouteSolution) -> int:
    """With what it costs to leave an order out: more than any order costs on a route."""
    return plan.cost_minor + LEFT_OUT_MINOR * len(plan.unassigned)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench insert", description=__doc__)
    parser.add_argument("--stops", type=int, default=1000, help="of the city, orders that arrive included")
    parser.add_argument(
        "--instance", type=Path, help="a file of Gehring and Homberger's, instead of the city"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="for each of the two ways, searching")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)

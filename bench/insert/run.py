"""The run of `python -m bench insert`."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, thread_time

from bench.figures import percentile
from bench.insert.city import CityRoads, city_day
from bench.insert.desk import run_desk
from bench.insert.idle import Background
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

EVERY_S = 3.0
"""A hundredth of what lies between two of a hundred orders that come in one working day."""

DESK_PLAN_S = 5.0
"""Enough for tours as a merchant has them: only the time of answers is looked at."""

LEFT_OUT_MINOR = 10_000


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How long answers took, in milliseconds of the wall and of the processor, and how many had no place.

    Those that had none are in `refused` only: nothing was put in or polished for them.

    Attributes
    ----------
    improve_s
        Seconds that routes were searched while nobody had asked for anything, in all.
    """

    answered_ms: list[float]
    answered_cpu_ms: list[float]
    polished_ms: list[float]
    refused: int
    improve_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DayEnd:
    """What a day with arrivals cost in the end, beside a plan of all its orders.

    Attributes
    ----------
    first_cost
        Of the plan before any order arrived.
    without_cost
        Where nothing was improved between orders.
    unassigned
        Orders on no route, online and in full.
    """

    seed: int
    stops: int
    arrivals: Arrivals
    first_cost: int
    online_cost: int
    without_cost: int
    full_cost: int
    unassigned: tuple[int, int]
    faults: int

    @property
    def points(self) -> float:
        """Hundredths by which the arrivals ended dearer than the plan of all; negative for cheaper."""
        return 100 * (self.online_cost / self.full_cost - 1)

    @property
    def points_without(self) -> float:
        """The same where nothing was improved between orders."""
        return 100 * (self.without_cost / self.full_cost - 1)


Desk = Callable[[int, float, float, int], Coroutine[object, object, dict[str, object]]]
"""Stops, share of those that arrive late, seconds for the plan, seed -> figures."""


def main(arguments: list[str], desk: Desk = run_desk) -> dict[str, object]:
    """Let a tenth of the orders arrive one by one, on several days, and compare each with a plan of all.

    Where the way of the product fails, `desk_problem` says so, and the other figures are there all the same.
    """
    options = _options(arguments)
    ends = []
    for seed in range(options.seed, options.seed + options.days):
        ends.append(asyncio.run(_run(*_day(options, seed), options.seconds, seed, options.every)))
        print(_sentence(ends[-1]), file=sys.stderr, flush=True)
    figures = _figures(ends, options.seconds)
    if options.instance is None and not options.no_desk:
        print("the same by the way of the product, over a database", file=sys.stderr, flush=True)
        plan_s = min(options.seconds, DESK_PLAN_S)
        try:
            figures |= asyncio.run(desk(options.stops, LATE_SHARE, plan_s, options.seed))
        except Exception as error:
            traceback.print_exc()
            figures["desk_problem"] = f"{type(error).__name__}: {error}"
    return figures


def _day(options: argparse.Namespace, seed: int) -> tuple[RouteProblem, RoadEngine]:
    if options.instance is None:
        return city_day(options.stops, seed), CityRoads()
    instance = read_instance(options.instance)
    return day_of(instance), PlaneRoads(instance)


async def _run(whole: RouteProblem, roads: RoadEngine, seconds: float, seed: int, every_s: float) -> DayEnd:
    """Both ways with the product's planner, the same rules and the same seconds while somebody waits.

    What is searched on top of that, while nobody does, is in `Arrivals.improve_s`.
    """
    late = random.Random(seed).sample(whole.visits, round(len(whole.visits) * LATE_SHARE))
    names = {visit.id for visit in late}
    known = replace(whole, visits=tuple(visit for visit in whole.visits if visit.id not in names))
    before = await _planned(known, roads, seconds - POLISH_S * len(late), seed)
    day, without = [RunningDay(_with_routes(known, before), await travel_of(known, roads)) for _ in range(2)]
    arrivals = await arrive(day, late, roads, every_s=every_s)
    online = day.solution()
    await arrive(without, late, roads)
    full = await _planned(whole, roads, seconds, seed)
    faults = [
        *check(day.problem, await travel_of(day.problem, roads), online),
        *check(whole, await travel_of(whole, roads), full),
    ]
    return DayEnd(
        seed,
        len(whole.visits),
        arrivals,
        _cost(before),
        _cost(online),
        _cost(without.solution()),
        _cost(full),
        (len(online.unassigned), len(full.unassigned)),
        len(faults),
    )


def _figures(ends: list[DayEnd], seconds: float) -> dict[str, object]:
    """`online_points` and `online_points_without` are means of the days; times are those of all arrivals."""
    points, without = [end.points for end in ends], [end.points_without for end in ends]
    answered = [ms for end in ends for ms in end.arrivals.answered_ms]
    answered_cpu = [ms for end in ends for ms in end.arrivals.answered_cpu_ms]
    polished = [ms for end in ends for ms in end.arrivals.polished_ms]
    return {
        "stops": ends[0].stops,
        "answer_p50_ms": percentile(answered, 0.5),
        "answer_p95_ms": percentile(answered, 0.95),
        "answer_cpu_p95_ms": percentile(answered_cpu, 0.95),
        "polished_p95_ms": percentile(polished, 0.95),
        "online_points": round(sum(points) / len(points), 2),
        "online_points_worst": round(max(points), 2),
        "online_points_without": round(sum(without) / len(without), 2),
        "improve_s": round(sum(end.arrivals.improve_s for end in ends) / len(ends), 1),
        "days": [
            {
                "seed": end.seed,
                "online_points": round(end.points, 2),
                "online_points_without": round(end.points_without, 2),
                "first_cost": end.first_cost,
                "online_cost": end.online_cost,
                "full_cost": end.full_cost,
                "unassigned": end.unassigned,
            }
            for end in ends
        ],
        "refused": sum(end.arrivals.refused for end in ends),
        "infeasible": sum(end.faults for end in ends),
        "seconds": seconds,
    }


def _sentence(end: DayEnd) -> str:
    return (
        f"seed {end.seed}: {end.points:+.2f} points, {end.points_without:+.2f} without improving; "
        f"{end.online_cost} beside {end.full_cost} for a plan"
    )


async def _planned(problem: RouteProblem, roads: RoadEngine, budget_s: float, seed: int) -> RouteSolution:
    return await PyvrpPlanner().plan(problem, roads, budget_s=budget_s, seed=seed, on_progress=lambda _: None)


def _with_routes(problem: RouteProblem, plan: RouteSolution) -> RouteProblem:
    return replace(problem, given=tuple(GivenRoute(route.van_id, route.visit_ids) for route in plan.routes))


async def arrive(day: RunningDay, late: list[Visit], roads: RoadEngine, *, every_s: float = 0.0) -> Arrivals:
    """Put each in, answer, polish. The road engine's time is not counted: `bench matrix` tells a map's.

    Parameters
    ----------
    every_s
        From one order to the next; until it comes the routes are improved on a thread of its own, which runs
        when the order comes and pauses for it. 0 for as soon as the one before is polished.
    """
    answered, answered_cpu, polished, refused = [], [], [], 0
    background, starts = Background(day), perf_counter()
    for number, visit in enumerate(late, 1):
        background.improve(until=starts + number * every_s)
        ways = await ways_to([visit.location], day.places, roads)
        began, began_cpu = perf_counter(), thread_time()
        with background.paused():
            placement = day.insert(visit, ways)
            answer_ms, answer_cpu_ms = 1000 * (perf_counter() - began), 1000 * (thread_time() - began_cpu)
            if not placement.is_placed:
                refused += 1
                continue
            day.polish(day.near(visit.id), budget_s=POLISH_S)
        answered.append(answer_ms)
        answered_cpu.append(answer_cpu_ms)
        polished.append(1000 * (perf_counter() - began))
    background.close()
    return Arrivals(answered, answered_cpu, polished, refused, background.searched_s)


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
    parser.add_argument(
        "--every", type=float, default=EVERY_S, help="seconds from one order to the next; 0 for no break"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the first day")
    parser.add_argument("--days", type=int, default=1, help="one seed after the other")
    parser.add_argument("--no-desk", action="store_true", help="leave out the way of the product")
    return parser.parse_args(arguments)

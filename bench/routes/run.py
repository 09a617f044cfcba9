"""The run of `python -m bench routes`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.routes.day import PlaneRoads, day_of
from bench.routes.first import first_plans
from bench.routes.instance import Instance
from bench.routes.instances import instances_in
from bench.routes.peers import PEERS, absence, knows
from bench.routes.report import figures, gaps, mean, summary
from bench.routes.scoring import Outcome, cost_of
from doorstep.route import PlanProgress
from optimizer.routes.checker import check
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.travel import travel_of

OURS = "doorstep"

PLAIN_WIDTH = 110
"""Of the bar where stderr is no terminal."""

Outcomes = Mapping[str, Mapping[str, Outcome]]
"""Planner -> instance -> what it made of it; instances that it was not asked about are missing."""


def main(arguments: list[str]) -> dict[str, object]:
    """Plan every instance and compare."""
    options = _options(arguments)
    result: dict[str, object] = {"seconds": options.seconds, "seed": options.seed}
    if options.first_plan:
        result |= first_plans(options.seed)
    if options.instances is None:
        return result
    asked = list(dict.fromkeys(options.peer))
    missing = {name: why for name in asked if (why := absence(name))}
    for name, why in missing.items():
        print(f"{name}: {why}, so it is not compared with")
    peers = [name for name in asked if name not in missing]
    instances = instances_in(options.instances)
    outcomes = _outcomes(instances, peers, options.seconds, options.seed)
    print("\n".join(summary(instances, outcomes, peers)))
    means = {name: mean(gaps(instances, outcomes[name])) for name in peers}
    return result | figures(instances, outcomes[OURS]) | {"peers": means | missing}


def _outcomes(instances: Sequence[Instance], peers: Sequence[str], seconds: float, seed: int) -> Outcomes:
    """Ask everybody about everything, with a line for each instance and a bar for them all."""
    outcomes: dict[str, dict[str, Outcome]] = {name: {} for name in (OURS, *peers)}
    console = Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    wide = max((len(instance.name) for instance in instances), default=0) + 2
    print(f"{'instance':<{wide}}{'stops':>6}  " + "".join(f"{name:>24}" for name in outcomes), flush=True)
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("planning", total=len(instances) * len(outcomes))
        for instance in instances:
            told = ""
            for name, of_planner in outcomes.items():
                progress.update(task, description=f"{instance.name} by {name}")
                if knows(name, instance):
                    of_planner[instance.name] = _outcome(name, instance, seconds, seed)
                told += f"{_in_words(of_planner.get(instance.name), instance):>24}"
                progress.advance(task)
            print(f"{instance.name:<{wide}}{instance.stops:>6}  {told}", flush=True)
    return outcomes


def _outcome(name: str, instance: Instance, seconds: float, seed: int) -> Outcome:
    """What a planner makes of an instance; one that fails has made nothing of it."""
    began = perf_counter()
    try:
        if name == OURS:
            cost = asyncio.run(_planned(instance, seconds, seed))
        else:
            cost = cost_of(instance, PEERS[name](instance, seconds, seed))
    except Exception:
        print(f"{instance.name} by {name}:\n{traceback.format_exc()}", file=sys.stderr)
        cost = None
    return Outcome(cost, round(perf_counter() - began, 2))


async def _planned(instance: Instance, seconds: float, seed: int) -> float | None:
    """The cost of our plan; None where the checker finds fault with it, or the instance's own rules do."""
    problem, roads = day_of(instance), PlaneRoads(instance)
    solution = await PyvrpPlanner().plan(problem, roads, budget_s=seconds, seed=seed, on_progress=_unseen)
    if check(problem, await travel_of(problem, roads), solution):
        return None
    return cost_of(instance, [[int(name) for name in route.visit_ids] for route in solution.routes])


def _unseen(progress: PlanProgress) -> None:
    """Nobody watches."""


def _in_words(outcome: Outcome | None, instance: Instance) -> str:
    if outcome is None:
        return "not asked"
    gap = outcome.gap(instance)
    quality = (
        "infeasible" if outcome.cost is None else f"{outcome.cost:.10g}" if gap is None else f"{gap:.2f} %"
    )
    return f"{quality} {outcome.seconds:.1f} s"


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench routes", description="Gaps to the best known.")
    parser.add_argument("--instances", type=Path, help="a folder of .txt and .vrp files, or one of them")
    parser.add_argument("--seconds", type=float, default=10.0, help="of wall time for each plan")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peer", action="append", default=[], choices=sorted(PEERS), help="may be repeated")
    parser.add_argument(
        "--first-plan", action="store_true", help="how soon 1,000 and 2,000 stops are planned"
    )
    options = parser.parse_args(arguments)
    if options.instances is None and not options.first_plan:
        parser.error("--instances DIR, or --first-plan")
    return options

"""The run of `python -m bench routes`."""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter

from bench.routes.day import PlaneRoads, day_of
from bench.routes.first import first_plans
from bench.routes.instances import Instance, instances_in
from bench.routes.peers import PEERS, is_installed
from bench.routes.scoring import Outcome, cost_of
from doorstep.route import PlanProgress
from optimizer.routes.checker import check
from optimizer.routes.planner import PyvrpPlanner
from optimizer.routes.travel import travel_of

OURS = "doorstep"

NOT_INSTALLED = "not installed"


def main(arguments: list[str]) -> dict[str, object]:
    """Plan every instance and compare."""
    options = _options(arguments)
    result: dict[str, object] = {"seconds": options.seconds, "seed": options.seed}
    if options.first_plan:
        result |= first_plans(options.seed)
    if options.instances is None:
        return result
    peers = [name for name in dict.fromkeys(options.peer) if is_installed(name)]
    outcomes: dict[str, dict[str, Outcome]] = defaultdict(dict)
    instances = instances_in(options.instances)
    print(f"{'instance':<14}{'stops':>6}  " + "".join(f"{name:>22}" for name in (OURS, *peers)))
    for instance in instances:
        print(f"{instance.name:<14}{instance.stops:>6}  ", end="", flush=True)
        for name in (OURS, *peers):
            outcome = _outcome(name, instance, options.seconds, options.seed)
            outcomes[name][instance.name] = outcome
            print(f"{_in_words(outcome, instance):>22}", end="", flush=True)
        print()
    missing = {name: NOT_INSTALLED for name in options.peer if not is_installed(name)}
    return (
        result
        | _figures(instances, outcomes)
        | {"peers": {name: _mean(_gaps(instances, outcomes[name])) for name in peers} | missing}
    )


def _outcome(name: str, instance: Instance, seconds: float, seed: int) -> Outcome:
    began = perf_counter()
    if name == OURS:
        cost = asyncio.run(_planned(instance, seconds, seed))
    else:
        cost = cost_of(instance, PEERS[name](instance, seconds, seed))
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


def _figures(instances: list[Instance], outcomes: Mapping[str, Mapping[str, Outcome]]) -> dict[str, object]:
    ours = outcomes[OURS]
    classes: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances:
        classes[_class_of(instance)].append(instance)
    return {
        "instances": {
            instance.name: {
                "gap": ours[instance.name].gap(instance),
                "seconds": ours[instance.name].seconds,
            }
            for instance in instances
        },
        "mean_gap": _mean(_gaps(instances, ours)),
        "mean_gap_by_class": {name: _mean(_gaps(members, ours)) for name, members in classes.items()},
        "infeasible": sum(ours[instance.name].cost is None for instance in instances),
    }


def _class_of(instance: Instance) -> str:
    if not instance.has_windows:
        return "without windows"
    return next((str(size) for size in (100, 200, 400, 600, 800) if instance.stops <= size), "1000")


def _gaps(instances: Iterable[Instance], outcomes: Mapping[str, Outcome]) -> list[float]:
    gaps = [outcomes[instance.name].gap(instance) for instance in instances]
    return [gap for gap in gaps if gap is not None]


def _mean(gaps: list[float]) -> float | None:
    return round(sum(gaps) / len(gaps), 3) if gaps else None


def _in_words(outcome: Outcome, instance: Instance) -> str:
    gap = outcome.gap(instance)
    quality = "infeasible" if outcome.cost is None else "no best known" if gap is None else f"{gap:.2f} %"
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

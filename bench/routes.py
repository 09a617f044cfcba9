"""How far the route planner is from the best known solution of a Solomon or Gehring-Homberger instance.

`python -m bench routes --instance R101.txt --seconds 10`. Distances follow the DIMACS convention: each
is truncated to one decimal; here all lengths and times are multiplied by ten, so that they are whole. The
whole path of the product is measured: table, insertion, search, checker. Instances are read, never kept.
"""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from doorstep.geo import LatLng
from doorstep.road import RoadMatrix, RoadRoute, RoadTable
from doorstep.route import PlanProgress, RouteProblem, Van, Visit
from doorstep.window import Window
from optimizer.routes.planner import PyvrpPlanner

BEST_KNOWN = {
    "R101": 1637.7,
    "C104": 822.9,
    "RC105": 1513.7,
    "R206": 875.9,
    "R1_2_4": 3047.6,
    "C1_2_3": 2675.8,
    "R1_4_6": 8340.4,
}
"""Total distances published with the instances, one decimal."""

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Instance:
    """A file's content: vans, capacity, and rows of (x, y, demand, ready, due, service), the depot first."""

    name: str
    vans: int
    capacity: int
    rows: tuple[tuple[int, int, int, int, int, int], ...]


class PlaneRoads:
    """A road engine on the plane of an instance; a place's latitude and longitude are y and x / 1000."""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Straight lines, ten times as long and truncated."""
        cells = RoadMatrix.of([[_tenths(a, b) for b in destinations] for a in origins])
        return RoadTable(cells, cells)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """Straight lines."""
        return RoadRoute(path=tuple(stops), seconds=0, metres=0, legs=())

    async def close(self) -> None:
        """Nothing to let go of."""


def read_instance(path: Path) -> Instance:
    """Read a file in Solomon's format."""
    lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
    numbers = [tuple(int(float(word)) for word in line) for line in lines if line and line[0].isdigit()]
    (vans, capacity), *customers = numbers
    rows = tuple((x, y, demand, ready, due, service) for _, x, y, demand, ready, due, service in customers)
    return Instance(lines[0][0].upper(), vans, capacity, rows)


def problem_of(instance: Instance) -> RouteProblem:
    """The instance as a problem in which only distance costs: one minor unit per tenth."""
    depot, *customers = instance.rows
    home = _place(depot[0], depot[1])
    # The due date is inclusive, a window's end is not; a shift's end is.
    shift = Window(_at(depot[3]), _at(depot[4]))
    return RouteProblem(
        epoch=EPOCH,
        visits=tuple(
            Visit(
                id=str(number),
                depot_id="depot",
                location=_place(x, y),
                service_s=service * 10,
                weight_g=demand,
                windows=(Window(_at(ready), _at(due) + timedelta(seconds=1)),),
            )
            for number, (x, y, demand, ready, due, service) in enumerate(customers, 1)
        ),
        vans=tuple(
            Van(str(number), "depot", home, home, shift, instance.capacity)
            for number in range(1, instance.vans + 1)
        ),
        cost_per_km_minor=1000,
        cost_per_hour_minor=0,
    )


def main(arguments: list[str]) -> dict[str, object]:
    """Plan one instance and compare."""
    options = _options(arguments)
    instance = read_instance(options.instance)
    began, began_cpu = perf_counter(), process_time()
    solution = asyncio.run(
        PyvrpPlanner().plan(
            problem_of(instance), PlaneRoads(), budget_s=options.seconds, seed=options.seed, on_progress=_show
        )
    )
    distance = sum(route.distance_m for route in solution.routes) / 10
    best = BEST_KNOWN.get(instance.name)
    return {
        "instance": instance.name,
        "customers": len(instance.rows) - 1,
        "unassigned": len(solution.unassigned),
        "routes": len(solution.routes),
        "distance": distance,
        "best_known": best,
        "gap_percent": None if best is None else round(100 * (distance / best - 1), 2),
        "method": solution.method,
        "budget_s": options.seconds,
        "wall_s": round(perf_counter() - began, 2),
        "cpu_s": round(process_time() - began_cpu, 2),
        "seed": options.seed,
    }


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench routes", description=__doc__)
    parser.add_argument("--instance", type=Path, required=True, help="a file in Solomon's .txt format")
    parser.add_argument("--seconds", type=float, default=10.0, help="time for the whole plan")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def _show(progress: PlanProgress) -> None:
    print(
        f"{progress.elapsed_s:6.1f} s  {progress.fraction:4.0%}  {progress.assigned} assigned, "
        f"{progress.unassigned} not, cost {progress.best_cost_minor}"
    )


def _place(x: int, y: int) -> LatLng:
    return LatLng(y / 1000, x / 1000)


def _at(time: int) -> datetime:
    return EPOCH + timedelta(seconds=time * 10)


def _tenths(a: LatLng, b: LatLng) -> int:
    dx, dy = round((a.lng - b.lng) * 1000), round((a.lat - b.lat) * 1000)
    return math.isqrt(100 * (dx * dx + dy * dy))

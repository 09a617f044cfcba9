"""Others that plan the same instances: PyVRP as it comes, OR-Tools' routing library, VROOM.

Each gets the tables of lengths and answers with routes of customers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.routes.instance import Instance

Routes = list[list[int]]
"""Customers from 1 on, route by route."""

Peer = Callable[[Instance, float, int], Routes]
"""Plans an instance within some seconds, from a seed."""


def with_pyvrp(instance: Instance, seconds: float, seed: int) -> Routes:
    """`pyvrp.solve` with its own settings."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    customers = range(1, len(instance.rows))
    lengths: Any = instance.lengths()
    durations: Any = instance.durations()
    most: Any = {} if instance.longest is None else {"max_distance": instance.longest}
    data = pyvrp.ProblemData(
        [pyvrp.Location(row.x, row.y) for row in instance.rows],
        [
            pyvrp.Client(
                number,
                delivery=[instance.rows[number].demand],
                service_duration=instance.takes(number),
                prize=instance.prize(number) or 0,
                required=instance.prize(number) is None,
                **_span(instance, number),
            )
            for number in customers
        ],
        [pyvrp.Depot(0)],
        [pyvrp.VehicleType(instance.fleet, [instance.capacity], **_span(instance, 0), **most)],
        [lengths],
        [durations],
    )
    found = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False).best
    return [[stop.idx + 1 for stop in route if stop.is_client()] for route in found.routes()]


def with_ortools(instance: Instance, seconds: float, seed: int) -> Routes:  # noqa: ARG001  # it has no seed
    """OR-Tools' routing: cheapest insertion in parallel, then guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    manager = pywrapcp.RoutingIndexManager(len(instance.rows), instance.fleet, 0)
    routing = pywrapcp.RoutingModel(manager)
    way = routing.RegisterTransitMatrix(instance.lengths().tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(way)
    load = routing.RegisterUnaryTransitVector([row.demand for row in instance.rows])
    routing.AddDimension(load, 0, instance.capacity, True, "load")
    if instance.longest is not None:
        routing.AddDimension(way, 0, instance.longest, True, "length")
    _add_clock(routing, manager, instance)
    for number in range(1, len(instance.rows)):
        if (prize := instance.prize(number)) is not None:
            routing.AddDisjunction([manager.NodeToIndex(number)], prize)
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    settings.time_limit.FromMilliseconds(round(1000 * seconds))
    found = routing.SolveWithParameters(settings)
    rows = [manager.IndexToNode(index) for index in range(manager.GetNumberOfIndices())]
    return [] if found is None else [_followed(routing, found, rows, van) for van in range(instance.fleet)]


def _add_clock(routing: Any, manager: Any, instance: Instance) -> None:
    last = instance.closes(0)
    if last is None:
        return
    times = instance.durations()
    times += [[instance.takes(number)] for number in range(len(instance.rows))]
    routing.AddDimension(routing.RegisterTransitMatrix(times.tolist()), last, last, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for van in range(instance.fleet):
        clock.CumulVar(routing.Start(van)).SetMin(instance.opens(0))
    for number in range(1, len(instance.rows)):
        if (closes := instance.closes(number)) is not None:
            clock.CumulVar(manager.NodeToIndex(number)).SetRange(instance.opens(number), closes)


def with_vroom(instance: Instance, seconds: float, seed: int) -> Routes:  # noqa: ARG001  # it has neither
    """The `vroom` program with the widest exploration on two threads; it ends when it is done."""
    lengths, durations = instance.lengths().tolist(), instance.durations().tolist()
    most = {} if instance.longest is None else {"max_distance": instance.longest}
    question = {
        "matrices": {"car": {"durations": durations, "costs": lengths, "distances": lengths}},
        "vehicles": [
            {"id": number, "start_index": 0, "end_index": 0, "capacity": [instance.capacity]}
            | ({"time_window": day[0]} if (day := _spans(instance, 0)) else {})
            | most
            for number in range(1, instance.fleet + 1)
        ],
        "jobs": [
            {
                "id": number,
                "location_index": number,
                "delivery": [instance.rows[number].demand],
                "service": instance.takes(number),
            }
            | ({"time_windows": spans} if (spans := _spans(instance, number)) else {})
            for number in range(1, len(instance.rows))
        ],
    }
    answer = subprocess.run(  # noqa: S603  # no part of it comes from outside
        [_vroom() or "vroom", "-x", "5", "-t", "2"],
        input=json.dumps(question).encode(),
        capture_output=True,
        check=True,
    )
    return [
        [step["id"] for step in route["steps"] if step["type"] == "job"]
        for route in json.loads(answer.stdout)["routes"]
    ]


PEERS: Mapping[str, Peer] = {"pyvrp": with_pyvrp, "ortools": with_ortools, "vroom": with_vroom}


def absence(name: str) -> str | None:
    """Why a peer cannot be asked at all; None where it can, as PyVRP and OR-Tools always."""
    if name != "vroom" or _vroom():
        return None
    return "not installed"


def knows(name: str, instance: Instance) -> bool:
    """Whether a peer knows the rules of an instance: VROOM has no price of leaving a customer out."""
    return name != "vroom" or not instance.has_prizes


def _vroom() -> str | None:
    """The program: of the system, or the one that the wheel of pyvroom puts beside Python."""
    return shutil.which("vroom") or shutil.which("vroom", path=Path(sys.executable).parent)


def _span(instance: Instance, number: int) -> dict[str, Any]:
    return next(({"tw_early": opens, "tw_late": closes} for opens, closes in _spans(instance, number)), {})


def _spans(instance: Instance, number: int) -> list[tuple[int, int]]:
    closes = instance.closes(number)
    return [] if closes is None else [(instance.opens(number), closes)]


def _followed(routing: Any, found: Any, rows: list[int], van: int) -> list[int]:
    route = []
    index = found.Value(routing.NextVar(routing.Start(van)))
    while not routing.IsEnd(index):
        route.append(rows[index])
        index = found.Value(routing.NextVar(index))
    return route

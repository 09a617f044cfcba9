"""Others that plan the same instances: PyVRP as it comes, OR-Tools' routing library, VROOM.

Each gets the table of lengths and answers with routes of customers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

from bench.routes.instances import Instance

Routes = list[list[int]]
"""Customers from 1 on, route by route."""

Peer = Callable[[Instance, float, int], Routes]
"""Plans an instance within some seconds, from a seed."""


def with_pyvrp(instance: Instance, seconds: float, seed: int) -> Routes:
    """`pyvrp.solve` with its own settings."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    lengths: Any = instance.lengths()
    scale, depot = instance.scale, instance.rows[0]
    data = pyvrp.ProblemData(
        [pyvrp.Location(row.x, row.y) for row in instance.rows],
        [
            pyvrp.Client(
                number,
                delivery=[row.demand],
                service_duration=row.service * scale,
                prize=(row.prize or 0) * scale,
                required=row.prize is None,
                **_span(row.ready, row.due, scale),
            )
            for number, row in enumerate(instance.rows)
            if number
        ],
        [pyvrp.Depot(0)],
        [
            pyvrp.VehicleType(
                _vans(instance), capacity=[instance.capacity], **_span(depot.ready, depot.due, scale)
            )
        ],
        [lengths],
        [lengths],
    )
    found = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False).best
    return [[stop.idx + 1 for stop in route if stop.is_client()] for route in found.routes()]


def with_ortools(instance: Instance, seconds: float, seed: int) -> Routes:  # noqa: ARG001  # it has no seed
    """OR-Tools' routing: cheapest insertion in parallel, then guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    lengths, scale = instance.lengths().tolist(), instance.scale
    manager = pywrapcp.RoutingIndexManager(len(instance.rows), _vans(instance), 0)
    routing = pywrapcp.RoutingModel(manager)
    rows = [0] * manager.GetNumberOfIndices()
    for index in range(manager.GetNumberOfIndices()):
        rows[index] = manager.IndexToNode(index)
    way = routing.RegisterTransitMatrix(lengths)
    routing.SetArcCostEvaluatorOfAllVehicles(way)
    load = routing.RegisterUnaryTransitVector([row.demand for row in instance.rows])
    routing.AddDimension(load, 0, instance.capacity, True, "load")
    last = instance.rows[0].due
    if last is not None:
        times = [
            [length + row.service * scale for length in line]
            for line, row in zip(lengths, instance.rows, strict=True)
        ]
        routing.AddDimension(routing.RegisterTransitMatrix(times), last * scale, last * scale, False, "time")
        clock = routing.GetDimensionOrDie("time")
        for number, row in enumerate(instance.rows):
            if number and row.due is not None:
                clock.CumulVar(manager.NodeToIndex(number)).SetRange(row.ready * scale, row.due * scale)
    for number, row in enumerate(instance.rows):
        if number and row.prize is not None:
            routing.AddDisjunction([manager.NodeToIndex(number)], row.prize * scale)
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    settings.time_limit.FromMilliseconds(round(1000 * seconds))
    found = routing.SolveWithParameters(settings)
    return [] if found is None else [_followed(routing, found, rows, van) for van in range(_vans(instance))]


def with_vroom(instance: Instance, seconds: float, seed: int) -> Routes:  # noqa: ARG001  # it has neither
    """The `vroom` program with the widest exploration on two threads; it ends when it is done."""
    scale, depot = instance.scale, instance.rows[0]
    lengths = instance.lengths().tolist()
    question = {
        "matrices": {"car": {"durations": lengths, "costs": lengths}},
        "vehicles": [
            {"id": number, "start_index": 0, "end_index": 0, "capacity": [instance.capacity]}
            | _vroom_span("time_window", depot.ready, depot.due, scale, nested=False)
            for number in range(1, _vans(instance) + 1)
        ],
        "jobs": [
            {
                "id": number,
                "location_index": number,
                "delivery": [row.demand],
                "service": row.service * scale,
            }
            | _vroom_span("time_windows", row.ready, row.due, scale, nested=True)
            for number, row in enumerate(instance.rows)
            if number
        ],
    }
    answer = subprocess.run(  # noqa: S603  # no part of it comes from outside
        [shutil.which("vroom") or "vroom", "-x", "5", "-t", "2"],
        input=json.dumps(question).encode(),
        capture_output=True,
        check=True,
    )
    return [
        [step["id"] for step in route["steps"] if step["type"] == "job"]
        for route in json.loads(answer.stdout)["routes"]
    ]


PEERS: Mapping[str, Peer] = {"pyvrp": with_pyvrp, "ortools": with_ortools, "vroom": with_vroom}


def is_installed(name: str) -> bool:
    """Whether a peer can be asked at all; PyVRP and OR-Tools always can."""
    return name != "vroom" or shutil.which("vroom") is not None


def _vans(instance: Instance) -> int:
    return instance.stops if instance.vans is None else instance.vans


def _span(ready: int, due: int | None, scale: int) -> dict[str, Any]:
    return {} if due is None else {"tw_early": ready * scale, "tw_late": due * scale}


def _vroom_span(key: str, ready: int, due: int | None, scale: int, *, nested: bool) -> dict[str, object]:
    if due is None:
        return {}
    span = [ready * scale, due * scale]
    return {key: [span] if nested else span}


def _followed(routing: Any, found: Any, rows: list[int], van: int) -> list[int]:
    route = []
    index = found.Value(routing.NextVar(routing.Start(van)))
    while not routing.IsEnd(index):
        route.append(rows[index])
        index = found.Value(routing.NextVar(index))
    return route

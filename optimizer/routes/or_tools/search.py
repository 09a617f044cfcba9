"""Guided local search over the model, in whichever process it is called.

The library holds the interpreter's lock for tens of milliseconds at a time and ends the whole process where
a check of its own fails: `process` keeps it away from whoever serves others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimizer.routes.numbered.task import Task, Tours
from optimizer.routes.or_tools.model import RoutingModel, model_of

LOOKS_PER_ITERATION = 200
"""How often the search asks whether to go on; solutions are no measure, some days have a handful of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be searched.

    Attributes
    ----------
    within_s
        Seconds.
    max_iterations
        Of `LOOKS_PER_ITERATION` each; with it and time enough the same question has the same answer.
    """

    task: Task
    tours: Tours
    within_s: float
    max_iterations: int | None = None


def search(question: Question) -> Tours | None:
    """The best tours that the model knows of; None where it found none. Blocks until the limit is reached."""
    deadline_s = monotonic() + question.within_s
    model = model_of(question.task)
    parameters = _parameters(question.within_s)
    model.routing.CloseModelWithParameters(parameters)
    start = model.routing.ReadAssignmentFromRoutes(_routes(model, question.tours), True)
    is_over = _limit(deadline_s, question.max_iterations)
    model.routing.AddSearchMonitor(model.routing.solver().CustomLimit(is_over))
    found = (
        model.routing.SolveFromAssignmentWithParameters(start, parameters)
        if start is not None
        else model.routing.SolveWithParameters(parameters)
    )
    return None if found is None else _tours(model, found)


def _limit(deadline_s: float, max_iterations: int | None) -> Callable[[], bool]:
    looks = 0

    def is_over() -> bool:
        nonlocal looks
        looks += 1
        is_spent = max_iterations is not None and looks > max_iterations * LOOKS_PER_ITERATION
        return is_spent or monotonic() >= deadline_s

    return is_over


def _parameters(within_s: float) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int(within_s * 1000)))
    return parameters


def _routes(model: RoutingModel, tours: Tours) -> list[list[int]]:
    nodes = {visit: model.index(node) for node, visit in enumerate(model.nodes)}
    return [[nodes[visit] for visit in tour if visit in nodes] for tour in tours]


def _tours(model: RoutingModel, found: Any) -> Tours:
    routing, tours = model.routing, []
    for van in range(len(model.task.vans)):
        tour, index = [], found.Value(routing.NextVar(routing.Start(van)))
        while not routing.IsEnd(index):
            tour.append(model.nodes[model.manager.IndexToNode(index)])
            index = found.Value(routing.NextVar(index))
        tours.append(tuple(tour))
    return tuple(tours)

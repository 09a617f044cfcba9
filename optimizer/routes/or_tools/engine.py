"""OR-Tools' routing library as an engine, for small problems with rules that PyVRP does not know.

Guided local search from the tours given. It runs on one core, and with a number of iterations and a budget
that is not reached, the same task gives the same tours.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimizer.routes.engine import Limits, Watcher
from optimizer.routes.mending.balance import vans_on_duty
from optimizer.routes.mending.objective import Objective
from optimizer.routes.mending.repair import kept_to_rules
from optimizer.routes.numbered.task import Task, Tours
from optimizer.routes.or_tools.model import RoutingModel, model_of

MOST_VISITS = 80
"""With more of them guided local search falls behind ruin and recreate."""


def can_model(task: Task) -> bool:
    """Whether the library's model holds all rules of the task, and the task is small enough for it."""
    return (
        0 < len(task.visits) <= MOST_VISITS
        and bool(vans_on_duty(task))
        and task.speeds is None
        and task.balance is None
        and not any(van.most_reloads for van in task.vans)
    )


def improve_with_or_tools(task: Task, tours: Tours, *, seed: int, limits: Limits, watch: Watcher) -> Tours:
    """The best tours that guided local search finds, or those given where it finds none better.

    An `optimizer.routes.engine.Engine`.

    Parameters
    ----------
    seed
        Not used: the search draws no lots.
    limits
        An iteration is a solution found.
    watch
        Told of the better plan, if there is one.
    """
    del seed
    objective = Objective(task)
    model = model_of(task)
    parameters = _parameters(limits)
    model.routing.CloseModelWithParameters(parameters)
    start = model.routing.ReadAssignmentFromRoutes(_routes(model, tours), True)
    # The library holds on to the interpreter: being asked this is when other threads get their turn.
    model.routing.AddSearchMonitor(model.routing.solver().CustomLimit(lambda: limits.is_over))
    found = (
        model.routing.SolveFromAssignmentWithParameters(start, parameters)
        if start is not None
        else model.routing.SolveWithParameters(parameters)
    )
    if found is None:
        return tours
    better = kept_to_rules(objective, _tours(model, found))
    before, after = objective.cost(tours), objective.cost(better)
    if after is None or (before is not None and after >= before):
        return tours
    watch("all", sum(map(len, better)), after)
    return better


def _parameters(limits: Limits) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int((limits.deadline_s - monotonic()) * 1000)))
    if limits.max_iterations is not None:
        parameters.solution_limit = max(1, limits.max_iterations)
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

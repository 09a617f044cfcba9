"""A task as a model of OR-Tools 9.15's routing library: breaks, last in first out, locks and pins of place.

Nodes are the visits that some van may make, then a start and an end for each van. Costs are counted in
thousands of cost units: the library's search takes no harm from the rounding, and whoever reads its tours
counts again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from doorstep.visit import PinnedPlace, VisitKind
from optimizer.routes.mending.balance import vans_on_duty
from optimizer.routes.mending.objective import told_to
from optimizer.routes.numbered.task import NOWHERE, UNBOUNDED, Task, TaskVan, TaskVisit

_GRAIN = 1000
_TOO_FAR = 1 << 33
"""Seconds or metres that no limit admits, small enough to be added up."""

_DEAREST = 1 << 55
"""Thousands of cost units that outweigh every tour, small enough to be added up."""

_NOBODY = -1
"""The van of a visit that is left out."""

_TIME, _METRES, _STOPS, _TAKEN = "time", "metres", "stops", "taken"


@dataclass(frozen=True, slots=True)
class RoutingModel:
    """What the library solves, and how to read it.

    Attributes
    ----------
    nodes
        The visit of each node before the starts and ends of the vans.
    """

    task: Task
    nodes: tuple[int, ...]
    places: tuple[int, ...]
    manager: Any
    routing: Any

    def index(self, node: int) -> int:
        """The library's number of a node."""
        return int(self.manager.NodeToIndex(node))

    def visit(self, node: int) -> TaskVisit:
        """What is done at a node."""
        return self.task.visits[self.nodes[node]]

    def dimension(self, name: str) -> Any:
        """What is counted along the tours under this name."""
        return self.routing.GetDimensionOrDie(name)


def model_of(task: Task) -> RoutingModel:
    """Build the model; reloads and speed profiles are not in it."""
    on_duty, latest_s = list(vans_on_duty(task)), _latest_s(task)
    nodes = tuple(
        number
        for number, visit in enumerate(task.visits)
        if task.may[number, on_duty].any() and _open_spans(visit, latest_s)
    )
    ends = [place for van in task.vans for place in (van.start, van.end)]
    places = (*(task.visits[visit].place for visit in nodes), *ends)
    starts = [len(nodes) + 2 * van for van in range(len(task.vans))]
    manager = pywrapcp.RoutingIndexManager(
        len(places), len(task.vans), starts, [start + 1 for start in starts]
    )
    model = RoutingModel(task, nodes, places, manager, pywrapcp.RoutingModel(manager))
    _add_time(model)
    _add_metres_and_stops(model)
    _add_loads(model)
    _add_costs(model)
    _add_choices(model)
    _add_pairs(model)
    _add_pins(model)
    return model


def _add_time(model: RoutingModel) -> None:
    """Drives, setting up and service; windows, shifts, breaks, and goods that are ready late."""
    task, routing = model.task, model.routing
    latest_s = _latest_s(task)
    services = [model.visit(node).service_s for node in range(len(model.nodes))]
    transits = _between(model, task.seconds_table)
    for node, service_s in enumerate(services):
        transits[node] += service_s
    sites = np.array([NOWHERE if place == NOWHERE else task.sites[place] for place in model.places])
    setup = np.array([0 if place == NOWHERE else task.setup_s[place] for place in model.places])
    transits += np.where(sites[:, None] != sites[None, :], setup[None, :], 0)
    routing.AddDimension(routing.RegisterTransitMatrix(transits.tolist()), latest_s, latest_s, False, _TIME)
    time = model.dimension(_TIME)
    for node in range(len(model.nodes)):
        _add_windows(time, model.index(node), model.visit(node), latest_s)
    at_index = [0] * routing.Size()
    for node, service_s in enumerate(services):
        at_index[model.index(node)] = service_s
    for number in vans_on_duty(task):
        van = task.vans[number]
        _add_shift(model, number, van)
        breaks = [
            routing.solver().FixedDurationIntervalVar(
                rest.first_s, rest.last_s, rest.duration_s, False, f"{number} {rest.id}"
            )
            for rest in van.breaks
        ]
        if breaks:
            time.SetBreakIntervalsOfVehicle(breaks, number, at_index)
    _add_late_goods(model)


def _add_windows(time: Any, index: int, visit: TaskVisit, latest_s: int) -> None:
    """Several windows leave gaps; only after the last one may a soft one be late."""
    spans = _open_spans(visit, latest_s)
    cumul, (_, last) = time.CumulVar(index), spans[-1]
    cumul.SetRange(spans[0][0], min(last + visit.late_at_most_s, latest_s))
    for (_, closes), (opens, _) in pairwise(spans):
        cumul.RemoveInterval(closes + 1, opens - 1)
    if visit.late_cost is not None:
        time.SetCumulVarSoftUpperBound(index, last, visit.late_cost // _GRAIN)


def _open_spans(visit: TaskVisit, latest_s: int) -> list[tuple[int, int]]:
    """The windows that a van on duty can keep; those shorter than a second hold none."""
    return [
        (first, last)
        for first, last in visit.windows
        if first <= min(last, latest_s) and last + visit.late_at_most_s >= 0
    ]


def _add_shift(model: RoutingModel, number: int, van: TaskVan) -> None:
    time, start, end = (
        model.dimension(_TIME),
        model.routing.Start(number),
        model.routing.End(number),
    )
    time.CumulVar(start).SetRange(van.shift_start_s, van.shift_end_s + van.overtime_s)
    time.CumulVar(end).SetRange(van.shift_start_s, van.shift_end_s + van.overtime_s)
    if van.overtime_s:
        time.SetCumulVarSoftUpperBound(end, van.shift_end_s, van.overtime_cost // _GRAIN)
    if van.max_seconds < UNBOUNDED:
        time.SetSpanUpperBoundForVehicle(van.max_seconds, number)
    time.SetSpanCostCoefficientForVehicle(van.cost_per_second // _GRAIN, number)
    # Left alone the library begins a tour at any second that costs the same.
    model.routing.AddVariableMinimizedByFinalizer(time.CumulVar(end))
    model.routing.AddVariableMaximizedByFinalizer(time.CumulVar(start))


def _add_late_goods(model: RoutingModel) -> None:
    """A van leaves when everything is ready that it loads."""
    task, routing, time = model.task, model.routing, model.dimension(_TIME)
    for node in range(len(model.nodes)):
        visit = model.visit(node)
        for number, van in enumerate(task.vans):
            if visit.ready_s > van.shift_start_s and visit.is_from_depot:
                is_here = routing.VehicleVar(model.index(node)) == number
                leaves = time.CumulVar(routing.Start(number))
                routing.solver().Add(leaves >= is_here * visit.ready_s)


def _add_metres_and_stops(model: RoutingModel) -> None:
    routing, vans = model.routing, model.task.vans
    if any(van.max_metres < UNBOUNDED for van in vans):
        metres = routing.RegisterTransitMatrix(_between(model, model.task.metres_table).tolist())
        limits = [min(van.max_metres, _TOO_FAR - 1) for van in vans]
        routing.AddDimensionWithVehicleCapacity(metres, 0, limits, True, _METRES)
    if any(van.max_stops < UNBOUNDED for van in vans):
        ones = [1] * len(model.nodes) + [0] * (2 * len(vans))
        limits = [min(van.max_stops, len(model.nodes)) for van in vans]
        stops = routing.RegisterUnaryTransitVector(ones)
        routing.AddDimensionWithVehicleCapacity(stops, 0, limits, True, _STOPS)


def _add_loads(model: RoutingModel) -> None:
    """What is on board: deliveries from the start on, collections till the end.

    Where both are, the start has to hold just what is brought: what is collected can not be delivered.
    """
    task, routing = model.task, model.routing
    visits = [model.visit(node) for node in range(len(model.nodes))]
    ends = [0] * (2 * len(task.vans))
    kinds = {visit.kind for visit in visits if visit.partner is None}
    for place, name in enumerate(task.dimensions):
        if not any(visit.loads[place] for visit in visits):
            continue
        changes = [
            -visit.loads[place] if visit.kind is VisitKind.DELIVERY else visit.loads[place]
            for visit in visits
        ]
        limits = [min(van.capacity[place], UNBOUNDED) for van in task.vans]
        change = routing.RegisterUnaryTransitVector([*changes, *ends])
        routing.AddDimensionWithVehicleCapacity(change, 0, limits, False, name)
        if VisitKind.COLLECTION not in kinds:
            continue
        taken = [visit.loads[place] if visit.is_from_depot else 0 for visit in visits]
        brought = routing.RegisterUnaryTransitVector([*taken, *ends])
        routing.AddDimensionWithVehicleCapacity(brought, 0, limits, True, _TAKEN + name)
        for van in range(len(task.vans)):
            on_board = model.dimension(name).CumulVar(routing.Start(van))
            routing.solver().Add(on_board == model.dimension(_TAKEN + name).CumulVar(routing.End(van)))


def _add_costs(model: RoutingModel) -> None:
    task, routing = model.task, model.routing
    metres = _between(model, task.metres_table)
    before = told_to(task)
    for number, van in enumerate(task.vans):
        costs = metres * van.cost_per_metre // _GRAIN
        for node, visit in enumerate(model.nodes):
            extra = van.outside_cost if task.is_outside[visit, number] else 0
            extra += task.move_cost if before.get(visit, number) != number else 0
            costs[:, node] += extra // _GRAIN
        routing.SetArcCostEvaluatorOfVehicle(routing.RegisterTransitMatrix(costs.tolist()), number)
        routing.SetFixedCostOfVehicle(van.fixed_cost // _GRAIN, number)


def _add_choices(model: RoutingModel) -> None:
    """Who may make a visit, and what leaving it out costs. What is frozen is not asked."""
    task, routing, before = model.task, model.routing, told_to(model.task)
    on_duty = vans_on_duty(task)
    frozen = {visit for tour, held in zip(task.given, task.frozen, strict=True) for visit in tour[:held]}
    for node, visit in enumerate(model.nodes):
        if visit in frozen:
            continue
        skip_cost = task.skip_costs[visit] + (task.move_cost if visit in before else 0)
        routing.AddDisjunction([model.index(node)], min(skip_cost // _GRAIN, _DEAREST))
        vans = [van for van in on_duty if task.may[visit, van]]
        routing.VehicleVar(model.index(node)).SetValues([_NOBODY, *vans])
    nodes = {visit: node for node, visit in enumerate(model.nodes)}
    for van, (tour, held) in enumerate(zip(task.given, task.frozen, strict=True)):
        index = routing.Start(van)
        for visit in tour[:held]:
            if visit in nodes:
                routing.NextVar(index).SetValue(model.index(nodes[visit]))
                index = model.index(nodes[visit])


def _add_pairs(model: RoutingModel) -> None:
    """Both on one van, the pick-up first, or neither; last in first out where the van has it so."""
    task, routing, time = model.task, model.routing, model.dimension(_TIME)
    nodes = {visit: node for node, visit in enumerate(model.nodes)}
    policy = pywrapcp.RoutingModel.PICKUP_AND_DELIVERY_LIFO
    for visit, node in nodes.items():
        partner = task.visits[visit].partner
        if task.visits[visit].kind is not VisitKind.PICKUP or partner not in nodes:
            continue
        drop = nodes[partner]
        here, there, solver = model.index(node), model.index(drop), routing.solver()
        routing.AddPickupAndDelivery(here, there)
        solver.Add(routing.VehicleVar(here) == routing.VehicleVar(there))
        solver.Add(time.CumulVar(here) <= time.CumulVar(there))
    for number, van in enumerate(task.vans):
        if van.is_lifo:
            routing.SetPickupAndDeliveryPolicyOfVehicle(policy, number)


def _add_pins(model: RoutingModel) -> None:
    routing = model.routing
    for node, number in enumerate(model.nodes):
        visit, index = model.visit(node), model.index(node)
        van = int(np.argmax(model.task.may[number]))
        if visit.pinned_place is PinnedPlace.LAST:
            routing.NextVar(index).SetValues([routing.End(van), index])
        elif visit.pinned_place is PinnedPlace.FIRST:
            is_first = routing.NextVar(routing.Start(van)) == index
            routing.solver().Add(is_first >= routing.ActiveVar(index))


def _latest_s(task: Task) -> int:
    """When the last van has to be home."""
    return max(
        (task.vans[van].shift_end_s + task.vans[van].overtime_s for van in vans_on_duty(task)), default=0
    )


def _between(model: RoutingModel, table: NDArray[np.int64]) -> NDArray[np.int64]:
    """A table between nodes: nothing from and to nowhere, too far where no road leads."""
    places = np.array(model.places)
    found: NDArray[np.int64] = np.minimum(table[np.ix_(places, places)], _TOO_FAR)
    found[places == NOWHERE] = 0
    found[:, places == NOWHERE] = 0
    return found

"""The visits of a model as PyVRP's clients, groups and shipments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pyvrp import Client, ClientGroup, Shipment

from doorstep.visit import VisitKind
from optimizer.routes.numbered.task import Task, TaskVisit
from optimizer.routes.part_model.ground import Ground
from optimizer.routes.part_model.vans import Fleet

_LATE_SLICES = (0.06, 0.25, 1.0)
"""Shares of the longest lateness up to which each client that stands for being late reaches."""


@dataclass(slots=True)
class Clients:
    """What PyVRP visits, and what each stands for.

    Attributes
    ----------
    visit_of
        Client -> visit of the task.
    pair_of
        Shipment -> (pick-up, drop-off).
    shipment_of
        The reverse, of both visits.
    """

    clients: list[Client] = field(default_factory=list)
    groups: list[ClientGroup] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    visit_of: list[int] = field(default_factory=list)
    pair_of: list[tuple[int, int]] = field(default_factory=list)
    shipment_of: dict[int, int] = field(default_factory=dict)
    clients_of: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def at(self, visit: int, begins_s: int) -> int | None:
        """The client of a visit that begins at a second; None where there is none."""
        return next(
            (
                client
                for client in self.clients_of[visit]
                if self.clients[client].tw_early <= begins_s <= self.clients[client].tw_late
            ),
            None,
        )


def clients_of(task: Task, fleet: Fleet, ground: Ground, visits: Sequence[int], *, must: bool) -> Clients:
    """Clients for what can be begun some time and may be made by some van.

    Parameters
    ----------
    must
        Nothing that is made if it can be may be left out.
    """
    made = Clients()
    chosen = set(visits)
    columns = [kind.vans[0] for kind in fleet.kinds]
    for number in visits:
        visit = task.visits[number]
        if not fleet.may[number, columns].any():
            continue
        if visit.partner is None or visit.partner not in chosen:
            _add_client(made, task, fleet, ground, number, must=must)
        elif visit.kind is VisitKind.PICKUP:
            _add_shipment(made, task, fleet, ground, number, visit.partner, must=must)
    return made


def _add_client(made: Clients, task: Task, fleet: Fleet, ground: Ground, number: int, *, must: bool) -> None:
    visit = task.visits[number]
    prize = task.skip_costs[number] // fleet.divisor
    is_required = must and visit.skip_cost_minor is None
    spans = list(_spans(visit, fleet.horizon_s))
    group = len(made.groups) if len(spans) > 1 else None
    if group is not None:
        first = len(made.clients)
        members = list(range(first, first + len(spans)))
        made.groups.append(ClientGroup(members, required=is_required))
    loads = [visit.loads[dimension] for dimension in fleet.dimensions]
    nothing = [0] * len(loads)
    rules = ([1] if fleet.counts_stops else []) + fleet.eligibility(number)
    is_collected = visit.kind is VisitKind.COLLECTION
    for opens, closes, late_s in spans:
        made.clients_of[number].append(len(made.clients))
        made.visit_of.append(number)
        made.clients.append(
            Client(
                location=ground.location(number),
                delivery=[*(nothing if is_collected else loads), *rules],
                pickup=[*(loads if is_collected else nothing), *([0] * len(rules))],
                service_duration=visit.service_s,
                tw_early=opens,
                tw_late=closes,
                release_time=visit.ready_s,
                prize=max(0, prize - late_s * (visit.late_cost or 0) // fleet.divisor),
                required=is_required and group is None,
                group=group,
            )
        )


def _spans(visit: TaskVisit, horizon_s: int) -> Iterator[tuple[int, int, int]]:
    """(first, last, mean lateness) of each client that stands for a visit."""
    for at, (first, last) in enumerate(visit.windows):
        following = visit.windows[at + 1][0] if at + 1 < len(visit.windows) else horizon_s + 1
        edges = [(first, last, 0)]
        closed = last
        for share in _LATE_SLICES if visit.late_cost is not None else ():
            until = last + int(visit.late_at_most_s * share)
            edges.append((closed + 1, min(until, following - 1), (closed + until) // 2 - last))
            closed = until
        for opens, closes, late_s in edges:
            span = max(0, opens), min(closes, horizon_s)
            if span[0] <= span[1] and visit.ready_s <= span[1]:
                yield *span, late_s


def _add_shipment(
    made: Clients, task: Task, fleet: Fleet, ground: Ground, pickup: int, drop: int, *, must: bool
) -> None:
    """A pair; where the two say how much it is, the larger load counts."""
    ends = [_widest(task.visits[number], fleet.horizon_s) for number in (pickup, drop)]
    (pickup_first, pickup_last), (drop_first, drop_last) = ends
    if any(first > last for first, last in ends) or drop_last < pickup_first:
        return
    loads = zip(task.visits[pickup].loads, task.visits[drop].loads, strict=True)
    amounts = [max(pair) for pair in loads]
    made.shipment_of[pickup] = made.shipment_of[drop] = len(made.shipments)
    made.pair_of.append((pickup, drop))
    made.shipments.append(
        Shipment(
            pickup_location=ground.location(pickup),
            delivery_location=ground.location(drop),
            pickup_tw_early=pickup_first,
            pickup_tw_late=pickup_last,
            pickup_service_duration=task.visits[pickup].service_s,
            delivery_tw_early=drop_first,
            delivery_tw_late=drop_last,
            delivery_service_duration=task.visits[drop].service_s,
            amount=[
                *(amounts[dimension] for dimension in fleet.dimensions),
                *([0] if fleet.counts_stops else []),
                *fleet.eligibility(pickup),
            ],
            prize=(task.skip_costs[pickup] + task.skip_costs[drop]) // fleet.divisor,
            required=must and all(task.visits[n].skip_cost_minor is None for n in (pickup, drop)),
        )
    )


def _widest(visit: TaskVisit, horizon_s: int) -> tuple[int, int]:
    """From the first window's first second to the last second of being late."""
    last = visit.windows[-1][1] + visit.late_at_most_s
    return max(0, visit.windows[0][0]), min(last, horizon_s)

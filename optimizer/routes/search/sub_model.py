"""Some routes of a model as a model of their own, and its routes back in the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
from pyvrp import Activity, Client, ClientGroup, Depot, Location, ProblemData, Shipment

Inner = tuple[list[Activity], int]
"""What a route visits between its ends, and its vehicle type."""


@dataclass(frozen=True, slots=True)
class Share:
    """What of a model goes into a part.

    Attributes
    ----------
    routes
        Of the solution so far.
    clients, shipments
        Planned or not. Of a group of clients all or none.
    vehicles
        By vehicle type: how many the part has, those of its routes among them.
    """

    routes: Sequence[pyvrp.Route]
    clients: Sequence[int]
    shipments: Sequence[int]
    vehicles: Sequence[int]

    @property
    def planned(self) -> int:
        """Clients and shipments on the routes."""
        return sum(route.num_clients() + route.num_shipments() for route in self.routes)


@dataclass(frozen=True, slots=True)
class SubModel:
    """A part of a model, with every depot and profile of the whole.

    Attributes
    ----------
    data, start
        In numbers of their own.
    clients, shipments, kinds
        Number in the whole of each client, shipment and vehicle type.
    """

    data: ProblemData
    start: pyvrp.Solution
    clients: Sequence[int]
    shipments: Sequence[int]
    kinds: Sequence[int]

    def outside(self, routes: Iterable[pyvrp.Route]) -> list[Inner]:
        """Routes of the part in the numbers of the whole."""
        return [
            (
                _renumbered(route, self.clients.__getitem__, self.shipments.__getitem__),
                self.kinds[route.vehicle_type()],
            )
            for route in routes
        ]


def sub_model(whole: ProblemData, share: Share) -> SubModel:
    """The model of a share of the whole."""
    clients = {number: own for own, number in enumerate(share.clients)}
    shipments = {number: own for own, number in enumerate(share.shipments)}
    kinds = [kind for kind, count in enumerate(share.vehicles) if count]
    data = _data(whole, share, clients, kinds)
    start = [
        pyvrp.Route(
            data,
            _renumbered(route, clients.__getitem__, shipments.__getitem__),
            kinds.index(route.vehicle_type()),
        )
        for route in share.routes
    ]
    return SubModel(data, pyvrp.Solution(data, start), share.clients, share.shipments, kinds)


def _renumbered(
    route: pyvrp.Route, client: Callable[[int], int], shipment: Callable[[int], int]
) -> list[Activity]:
    """The stops of a route without its ends; depots keep their numbers."""
    return [
        Activity(
            stop.type,
            client(stop.idx) if stop.is_client() else shipment(stop.idx) if stop.is_shipment() else stop.idx,
        )
        for stop in list(route)[1:-1]
    ]


def _data(whole: ProblemData, share: Share, own: dict[int, int], kinds: Sequence[int]) -> ProblemData:
    clients = [whole.client(number) for number in share.clients]
    shipments = [whole.shipment(number) for number in share.shipments]
    places = [depot.location for depot in whole.depots()] + [client.location for client in clients]
    places += [step.location for shipment in shipments for step in (shipment.pickup, shipment.delivery)]
    at = {place: number for number, place in enumerate(dict.fromkeys(places))}
    chosen = np.ix_(list(at), list(at))
    groups = dict.fromkeys(client.group for client in clients if client.group is not None)
    group_of = {number: own_number for own_number, number in enumerate(groups)}
    # PyVRP types its matrices as arrays of one unknown kind.
    metres: list[Any] = [matrix[chosen] for matrix in whole.distance_matrices()]
    seconds: list[Any] = [matrix[chosen] for matrix in whole.duration_matrices()]
    return ProblemData(
        [Location(0, 0) for _ in at],
        [_client(client, at, group_of) for client in clients],
        [_depot(depot, at) for depot in whole.depots()],
        [whole.vehicle_type(kind).replace(num_available=share.vehicles[kind]) for kind in kinds],
        metres,
        seconds,
        [_group(whole.group(number), own) for number in groups],
        [_shipment(shipment, at) for shipment in shipments],
    )


def _group(group: ClientGroup, own: dict[int, int]) -> ClientGroup:
    return ClientGroup([own[client] for client in group], group.required)


def _client(client: Client, at: dict[int, int], group_of: dict[int, int]) -> Client:
    return Client(
        location=at[client.location],
        delivery=client.delivery,
        pickup=client.pickup,
        service_duration=client.service_duration,
        tw_early=client.tw_early,
        tw_late=client.tw_late,
        release_time=client.release_time,
        prize=client.prize,
        required=client.required,
        group=None if client.group is None else group_of[client.group],
    )


def _depot(depot: Depot, at: dict[int, int]) -> Depot:
    return Depot(
        location=at[depot.location],
        tw_early=depot.tw_early,
        tw_late=depot.tw_late,
        service_duration=depot.service_duration,
    )


def _shipment(shipment: Shipment, at: dict[int, int]) -> Shipment:
    pickup, delivery = shipment.pickup, shipment.delivery
    return Shipment(
        pickup_location=at[pickup.location],
        delivery_location=at[delivery.location],
        pickup_tw_early=pickup.tw_early,
        pickup_tw_late=pickup.tw_late,
        pickup_service_duration=pickup.service_duration,
        delivery_tw_early=delivery.tw_early,
        delivery_tw_late=delivery.tw_late,
        delivery_service_duration=delivery.service_duration,
        amount=shipment.amount,
        prize=shipment.prize,
        required=shipment.required,
    )

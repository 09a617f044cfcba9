"""PyVRP models with everything that a model can have, drawn from a seed."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyvrp


def rich_model(seed: int, *, clients: int = 40) -> pyvrp.ProblemData:
    """Two depots, vans of three kinds, one reloading; windows, prizes, groups, pairs; one-way streets."""
    rng = random.Random(seed)
    pairs = clients // 8
    spots = 2 + clients + 2 * pairs
    metres, seconds = _one_way(rng, spots), _one_way(rng, spots)
    grouped = {2 * number: number for number in range(clients // 8)}
    visits = []
    for number in range(clients):
        group = grouped.get(number - number % 2)
        must = number % 5 == 0 and group is None
        opens = rng.randrange(3_000)
        visits.append(
            pyvrp.Client(
                2 + number,
                delivery=[rng.randrange(1, 9), 1],
                pickup=[rng.randrange(3), 0],
                service_duration=rng.randrange(60),
                tw_early=0 if must else opens,
                tw_late=9_000 if must else opens + rng.randrange(500, 4_000),
                release_time=rng.randrange(300),
                prize=0 if must else rng.randrange(500, 5_000),
                required=must,
                group=group,
            )
        )
    goods = [
        pyvrp.Shipment(
            2 + clients + 2 * number,
            3 + clients + 2 * number,
            pickup_service_duration=30,
            delivery_tw_late=8_000,
            amount=[2, 0],
            prize=rng.randrange(500, 3_000),
            required=False,
        )
        for number in range(pairs)
    ]
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(spots)],
        visits,
        [pyvrp.Depot(0), pyvrp.Depot(1, service_duration=20)],
        [
            pyvrp.VehicleType(clients // 5, capacity=[40, 12], tw_late=10_000, fixed_cost=100),
            pyvrp.VehicleType(
                clients // 8,
                capacity=[25, 9],
                start_depot=1,
                end_depot=0,
                tw_late=10_000,
                unit_duration_cost=1,
                profile=1,
                max_distance=4_000,
            ),
            pyvrp.VehicleType(
                2, capacity=[20, 9], tw_late=9_500, reload_depots=[0, 1], max_reloads=2, fixed_cost=50
            ),
        ],
        [metres, 2 * metres],
        [seconds, seconds],
        [pyvrp.ClientGroup([2 * n, 2 * n + 1], required=False) for n in range(clients // 8)],
        goods,
    )


def town(seed: int, *, clients: int) -> pyvrp.ProblemData:
    """Vans for ten stops each, without windows."""
    metres = _one_way(random.Random(seed), clients + 1)
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(clients + 1)],
        [pyvrp.Client(number, delivery=[1], prize=10**6, required=False) for number in range(1, clients + 1)],
        [pyvrp.Depot(0)],
        [pyvrp.VehicleType(clients, capacity=[10])],
        [metres],
        [metres],
    )


def price(solution: pyvrp.Solution) -> int:
    """What a solution costs, with the prizes that it does not collect."""
    money = solution.distance_cost() + solution.duration_cost() + solution.fixed_vehicle_cost()
    return int(money + solution.uncollected_prizes())


def _one_way(rng: random.Random, spots: int) -> Any:  # PyVRP types its matrices as arrays of one unknown kind
    places = np.array([(rng.randrange(500), rng.randrange(500)) for _ in range(spots)])
    apart = np.abs(places[:, None] - places[None]).sum(axis=2)
    slower = np.array([[rng.randrange(40) for _ in range(spots)] for _ in range(spots)])
    longer = apart + slower
    np.fill_diagonal(longer, 0)
    return longer.astype(np.int64)

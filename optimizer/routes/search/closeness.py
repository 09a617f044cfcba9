"""Groups of routes that lie near each other, told from the matrix alone: models have no coordinates."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pyvrp
from numpy.typing import NDArray


def location_of(data: pyvrp.ProblemData, activity: pyvrp.Activity) -> int:
    """Where a stop of a route is."""
    if activity.is_depot():
        return data.depot(activity.idx).location
    if activity.is_client():
        return data.client(activity.idx).location
    shipment = data.shipment(activity.idx)
    return shipment.pickup.location if activity.is_pickup() else shipment.delivery.location


def stops_of(data: pyvrp.ProblemData, route: pyvrp.Route) -> list[int]:
    """The locations of a route's stops, without depots."""
    return [location_of(data, activity) for activity in route if not activity.is_depot()]


def groups_of(
    stops: Sequence[Sequence[int]], metres: NDArray[np.int64], size: int, rng: random.Random
) -> list[list[int]]:
    """Routes in groups of about `size` stops, every route in one.

    Parameters
    ----------
    stops
        Locations by route.
    metres
        Of shape (locations, locations).
    rng
        Chooses where the first group begins, so that the borders are other ones each time.
    """
    close = _closeness(stops, metres)
    sizes = np.array([len(locations) for locations in stops])
    left = np.ones(len(stops), np.bool_)
    count = max(1, round(int(sizes.sum()) / size))
    centre = rng.randrange(len(stops))
    groups = []
    while left.any():
        want = sizes[left].sum() / count
        nearest = [route for route in np.argsort(close[centre], kind="stable").tolist() if left[route]]
        group, inside = [nearest[0]], int(sizes[nearest[0]])
        for route in nearest[1:]:
            if inside + sizes[route] / 2 <= want:
                group.append(route)
                inside += int(sizes[route])
        left[group] = False
        groups.append(group)
        count = max(1, count - 1)
        if left.any():
            open_routes = np.flatnonzero(left)
            centre = int(open_routes[close[np.ix_(open_routes, open_routes)].mean(axis=1).argmax()])
    return groups


def _closeness(stops: Sequence[Sequence[int]], metres: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of shape (routes, routes): metres from a stop of one to the nearest of the other, on average."""
    places = [location for locations in stops for location in locations]
    sizes = np.array([len(locations) for locations in stops])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    between = metres[np.ix_(places, places)]
    nearest = np.minimum.reduceat(np.minimum(between, between.T), starts, axis=1)
    mean = np.add.reduceat(nearest, starts, axis=0) / sizes[:, None]
    return np.asarray(mean + mean.T, dtype=np.float64)

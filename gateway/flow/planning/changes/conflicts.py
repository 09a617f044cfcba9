"""Conflicts: why a tour cannot be changed as it stands, with the version that it is of."""

from __future__ import annotations

from doorstep.errors import StateConflict
from doorstep.ports import RouteDesk
from doorstep.route import Route
from gateway.flow.ports import Means


def conflict(text: str, route: Route) -> StateConflict:
    """What whoever wanted to change a tour is told."""
    return StateConflict(text, current_id=route.id, current_version=route.version)


def require_version(route: Route, expected_version: int) -> None:
    """See that a tour is as its reader knows it.

    Raises
    ------
    StateConflict
        If it is not.
    """
    if route.version != expected_version:
        raise conflict("This tour was changed by someone else since you read it.", route)


def desk_for(means: Means, route: Route) -> RouteDesk:
    """Who works out a changed tour.

    Raises
    ------
    StateConflict
        If nobody does here.
    """
    if means.desk is None:
        raise conflict("This gateway has nothing to work out tours with.", route)
    return means.desk

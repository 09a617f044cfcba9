"""Tours that can be changed by hand: those that their driver was told of and that are not over."""

from __future__ import annotations

from doorstep.errors import StateConflict
from doorstep.route import RouteStatus
from gateway.api.context import Context

_CHANGEABLE = (RouteStatus.PUBLISHED, RouteStatus.STARTED)


async def require_told(context: Context, route_id: str) -> None:
    """See that a tour which there is can be changed; whoever changes it finds out about the others.

    Raises
    ------
    StateConflict
        If its plan is still to be published, or it is over: "there is no such tour" would not be true.
    """
    tour = await context.loaders.route.load(route_id)
    if tour is None or tour.status in _CHANGEABLE:
        return
    if tour.status is RouteStatus.PLANNED:
        text = "No driver was told of this tour yet: publish its plan, then change it."
    else:
        text = f"This tour is {tour.status}: nothing on it can be changed any more."
    raise StateConflict(text, current_id=tour.id, current_version=tour.version)

"""Which tours a driver may see: their own, once they were told of them."""

from __future__ import annotations

from doorstep.route import Route, RouteStatus
from gateway.auth.caller import Audience, Caller


def may_see(caller: Caller, route: Route) -> bool:
    """Whether a tour is shown; back ends see all of their merchant."""
    if caller.audience is not Audience.DRIVER:
        return True
    is_own = caller.driver_id is not None and route.driver_id == caller.driver_id
    return is_own and route.status is not RouteStatus.PLANNED

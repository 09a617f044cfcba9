"""Which tours a driver may see: their own, from when they were told of them until the day is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.delivery import Delivery
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.auth.caller import Audience, Caller

FINISHED_FOR = timedelta(hours=12)
"""So long a driver still sees a tour that is over: the names and doors on it are nobody's business later."""

_TOLD = (RouteStatus.PUBLISHED, RouteStatus.STARTED)


def may_see(caller: Caller, route: Route, now: datetime) -> bool:
    """Whether a tour is shown; back ends see all of their merchant."""
    if caller.audience is not Audience.DRIVER:
        return True
    is_own = caller.driver_id is not None and route.driver_id == caller.driver_id
    is_just_over = route.status is RouteStatus.FINISHED and now < route.ends_at + FINISHED_FOR
    return is_own and (route.status in _TOLD or is_just_over)


def may_see_goods(caller: Caller, route: Route, stop: Stop, delivery: Delivery) -> bool:
    """Whether a driver who sees a stop is shown what is handed over there, to whom, and when it comes.

    Not what they do not bring any more: it may be another's by now.
    """
    if caller.audience is not Audience.DRIVER:
        return True
    if stop.status is StopStatus.SKIPPED:
        return False
    if delivery.driver_id is None:
        return route.status in _TOLD and not stop.is_over
    return delivery.driver_id == route.driver_id

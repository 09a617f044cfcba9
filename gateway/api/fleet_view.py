"""What a driver is doing, from what is kept of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.route import Driver, DriverStatus, Route, RouteStatus, StopStatus
from gateway.flow.records import DriverState

SILENT_AFTER = timedelta(minutes=5)
"""A driver on tour whose device says nothing for so long is silent (`WatchRules.gps_silent_s` warns)."""


def driver_status(
    driver: Driver, route: Route | None, state: DriverState | None, now: datetime
) -> DriverStatus:
    """From the current route and the last fix."""
    if not driver.enabled:
        return DriverStatus.OFF_DUTY
    if route is None or route.status is not RouteStatus.STARTED:
        is_heard = state is not None and now - state.seen_at <= SILENT_AFTER
        return DriverStatus.AVAILABLE if is_heard else DriverStatus.OFF_DUTY
    if state is None or now - state.seen_at > SILENT_AFTER:
        return DriverStatus.SILENT
    stop = route.next_stop
    return (
        DriverStatus.AT_STOP
        if stop is not None and stop.status is StopStatus.ARRIVED
        else DriverStatus.DRIVING
    )

"""What a driver is doing, from what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.driver import Driver, DriverStatus
from doorstep.eta import Eta
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from doorstep.route_solution import StopKind
from gateway.flow.planning.days.problem import driver_of
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
    if stop is None or stop.status is not StopStatus.ARRIVED:
        return DriverStatus.DRIVING
    return DriverStatus.ON_BREAK if stop.kind is StopKind.BREAK else DriverStatus.AT_STOP


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Doors by punctuality."""

    on_time: int
    at_risk: int
    late: int
    done: int


def punctuality(doors: Sequence[Stop], etas: Mapping[str, Eta | None]) -> Punctuality:
    """How the doors of a tour stand: by what is expected of the van, else by what was planned.

    Parameters
    ----------
    etas
        By the delivery; None where nothing is expected yet.
    """
    done = sum(stop.is_over for stop in doors)
    late = at_risk = 0
    ahead = [stop for stop in doors if not stop.is_over]
    for stop in ahead:
        eta = etas.get(stop.delivery_id)
        closes = max((window.end for window in stop.windows), default=None)
        if stop.status is StopStatus.ARRIVED or closes is None:
            continue
        if (eta.at if eta is not None else stop.planned_arrival) >= closes:
            late += 1
        elif eta is not None and eta.interval.end >= closes:
            at_risk += 1
    return Punctuality(len(ahead) - late - at_risk, at_risk, late, done)


def driver_id_of(van_id: str) -> str:
    """Whose van a planner speaks of."""
    return driver_of(van_id)

"""Arithmetic of instants that several checks need."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.geo import LatLng
from doorstep.route_problem import RouteProblem
from doorstep.visit import Visit
from optimizer.routes.travel import Travel

_SECOND = timedelta(seconds=1)


def later(instant: datetime, seconds: int) -> datetime:
    """An instant so many seconds on."""
    return instant + timedelta(seconds=seconds)


def arrival(
    problem: RouteProblem, travel: Travel, origin: LatLng, destination: LatLng, leaves: datetime
) -> datetime | None:
    """When a drive ends that begins at `leaves`; None where no road leads there."""
    seconds = travel.seconds(origin, destination)
    if seconds is None or problem.speeds is None or seconds == 0:
        return None if seconds is None else later(leaves, seconds)
    return problem.speeds.arrival(leaves, seconds)


def late_s(visit: Visit, begins: datetime) -> int | None:
    """Seconds after the last whole second of the window that service should have begun in.

    0 inside of a window, and where there are none; None where service may not begin then.
    """
    if not visit.windows or any(window.contains(begins) for window in visit.windows):
        return 0
    windows = [window for window in visit.windows if window.start < window.end] or visit.windows
    closed = [window.end for window in windows if window.end <= begins]
    if visit.late is None or not closed:
        return None
    late = (begins - max(closed)) // _SECOND + 1
    return late if late <= visit.late.at_most_s else None


def overtime_s(shift_end: datetime, ends_at: datetime) -> int:
    """Whole seconds after a shift, rounded up."""
    return max(0, -((shift_end - ends_at) // _SECOND))

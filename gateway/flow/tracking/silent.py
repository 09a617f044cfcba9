"""Silent: where a van of which nothing is heard would be by now. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.geo import LatLng
from doorstep.route import Route
from doorstep.watch_rules import WatchRules
from gateway.flow.records import DriverState
from gateway.flow.tracking.along import predicted_place


def place_if_silent(
    state: DriverState, route: Route | None, rules: WatchRules, now: datetime
) -> LatLng | None:
    """Where it would be by its tour; None while it is heard, or where nobody can say."""
    is_silent = state.position.recorded_at + timedelta(seconds=rules.gps_silent_s) < now
    if not is_silent or route is None:
        return None
    return predicted_place(route, state.along, state.position, now)

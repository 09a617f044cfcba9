"""Which fixes to believe, and what they say of a tour: arrived, left again, off the planned way.

Pure functions over small states that the caller keeps. Thresholds were measured on simulated trips with
correlated noise of 15 m and 2 % outliers of 150 m.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from doorstep.geo import LatLng, bearing_deg, distance_m
from doorstep.position import Position
from doorstep.watch_rules import WatchRules
from gateway.flow.tracking.along import Along

MAX_SPEED_MPS = 180 / 3.6
"""No van goes faster from one fix to the next."""

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far ahead of ours a phone's clock may be."""

OLDEST = timedelta(days=1)
"""What a phone kept for longer says nothing about now."""

ARRIVED_M, ARRIVED_FIXES = 60.0, 2
"""120 of 120 arrivals were found, 20 s early to 10 s late (p5 to p95)."""

DEPARTED_M, DEPARTED_FIXES = 100.0, 2
"""An assumption: far enough beyond the arrival's circle that noise at the door does not end a stop."""

LEAVING_M = 25.0
"""A van that is so much farther from its way with each fix drives away: noise grows by 8 m in ten seconds."""

LASTS = timedelta(seconds=60)
"""Whoever says something each half minute errs in a row as seldom, and a fix more is half a minute."""

UNSURE_TIMES = 4
"""A fix is beside the way where it is so many times farther from it than its phone is unsure."""

OTHER_SIDE_DEG = 90.0
"""Two fixes that lie this far apart, seen from the way, are on two sides of it."""

BACK_SHARE, BACK_FIXES = 2 / 3, 2
"""Back on the way is well within the distance that counts as off it, twice: a road beside it is neither."""


class FixFault(StrEnum):
    """Why a fix moves nothing."""

    MOCK = "MOCK"
    """The phone says that it was faked."""

    FUTURE = "FUTURE"
    """It is from later than now."""

    LATE = "LATE"
    """A newer one is known, or it is a day old: it is history, and moves nothing."""

    REPEATED = "REPEATED"
    """It is known."""

    JUMP = "JUMP"
    """Nobody drives so fast."""


def fault_of(last: Position | None, fix: Position, now: datetime) -> FixFault | None:
    """What speaks against a fix; None where it is believed.

    Parameters
    ----------
    last
        The last fix that was believed, of the same device.
    now
        When this one came in.
    """
    if fix.is_mock:
        return FixFault.MOCK
    if fix.recorded_at > now + CLOCK_TOLERANCE:
        return FixFault.FUTURE
    if fix.recorded_at < now - OLDEST or (last is not None and fix.recorded_at < last.recorded_at):
        return FixFault.LATE
    if last is None:
        return None
    elapsed_s = (fix.recorded_at - last.recorded_at).total_seconds()
    if elapsed_s == 0:
        return FixFault.REPEATED
    is_jump = distance_m(last.location, fix.location) > MAX_SPEED_MPS * elapsed_s
    return FixFault.JUMP if is_jump else None


class StopEvent(StrEnum):
    """What a fix says of a stop."""

    ARRIVED = "ARRIVED"
    DEPARTED = "DEPARTED"


@dataclass(frozen=True, slots=True)
class StopState:
    """How a van stands to one stop; begin each stop with a fresh one.

    Attributes
    ----------
    streak
        Fixes in a row that speak for the next event.
    """

    is_there: bool = False
    streak: int = 0


def at_stop(state: StopState, fix: LatLng, door: LatLng) -> tuple[StopState, StopEvent | None]:
    """The state after a believed fix, and the arrival or departure that it completes."""
    away_m = distance_m(fix, door)
    if not state.is_there:
        streak = state.streak + 1 if away_m <= ARRIVED_M else 0
        if streak >= ARRIVED_FIXES:
            return StopState(is_there=True), StopEvent.ARRIVED
    else:
        streak = state.streak + 1 if away_m > DEPARTED_M else 0
        if streak >= DEPARTED_FIXES:
            return StopState(is_there=False), StopEvent.DEPARTED
    return StopState(state.is_there, streak), None


class WayEvent(StrEnum):
    """What a fix says of the planned way."""

    LEFT = "LEFT"
    BACK = "BACK"


@dataclass(frozen=True, slots=True)
class WayState:
    """How a van stands to its planned way.

    Attributes
    ----------
    streak
        Fixes in a row that speak for the next event.
    since
        When the first of those that were too far was recorded.
    off_m, bearing_deg
        How far from the way the last of them was, and into which direction, clockwise from north.
    is_leaving
        Each of them was clearly farther than the one before.
    """

    is_off: bool = False
    streak: int = 0
    since: datetime | None = None
    off_m: float = 0.0
    bearing_deg: float = 0.0
    is_leaving: bool = False


def beside_way(
    state: WayState, fix: Position, along: Along, rules: WatchRules
) -> tuple[WayState, WayEvent | None]:
    """The state after a believed fix, and whether the van has just left the way or come back to it.

    A receiver that errs does so here and there; a van that has left its way stays on one side of it. So it
    takes `rules.off_route_fixes` on one side, and one fewer where each is farther out than the one before, or
    where they last a minute.

    Parameters
    ----------
    along
        The place of the way that the fix means.
    """
    off_m, unsure_m = along.off_m, fix.accuracy_m or 0.0
    if off_m > max(rules.off_route_m, UNSURE_TIMES * unsure_m):
        return _beyond(state, fix, along, rules)
    if max(off_m, unsure_m) > rules.off_route_m:
        return state, None  # it may be there or here
    if not state.is_off:
        return WayState(), None
    streak = state.streak + 1 if off_m <= BACK_SHARE * rules.off_route_m else 0
    if streak >= BACK_FIXES:
        return WayState(), WayEvent.BACK
    return replace(state, streak=streak), None


def _beyond(
    state: WayState, fix: Position, along: Along, rules: WatchRules
) -> tuple[WayState, WayEvent | None]:
    if state.is_off:
        return replace(state, streak=0), None
    at, off_m, bearing = fix.recorded_at, along.off_m, bearing_deg(along.place, fix.location)
    if state.streak == 0 or state.since is None or _turn_deg(state.bearing_deg, bearing) >= OTHER_SIDE_DEG:
        return WayState(False, 1, at, off_m, bearing, is_leaving=True), None
    is_leaving = state.is_leaving and off_m >= state.off_m + LEAVING_M
    streak = state.streak + 1
    lasted = at - state.since
    enough = rules.off_route_fixes - (is_leaving or lasted >= LASTS)
    # Fixes of one moment share their error, however many they are.
    if streak >= max(2, enough) and lasted >= timedelta(seconds=rules.off_route_s):
        return WayState(is_off=True, since=state.since), WayEvent.LEFT
    return WayState(False, streak, state.since, off_m, bearing, is_leaving), None


def _turn_deg(one: float, other: float) -> float:
    """Between two directions, 0 to 180."""
    return abs((one - other + 180) % 360 - 180)

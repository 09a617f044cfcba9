"""Rules about own vans on tour: silent, standing still, not to be believed, too warm."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.geo import distance_m
from doorstep.goods import GoodsTrait
from doorstep.incident import IncidentKind
from doorstep.route import RouteStatus
from doorstep.watch_rules import WatchRules
from gateway.flow.records import DriverState, VanWatch
from gateway.flow.tracking.motion import FixFault
from gateway.flow.watching.sight import Finding, VanSight, Well

COUNTED_FOR, GOOD_AFTER = timedelta(minutes=10), timedelta(minutes=5)
"""Ignored fixes are counted over so long; a van with none of them since so long is believed again."""

AT_DOOR_TIMES = 3
"""A phone that lies in a van before a door says something this many times as seldom."""

_DISTRUSTED = (FixFault.MOCK, FixFault.JUMP)
_OVER = "The tour is over."


def gps_silent(sight: VanSight) -> Finding:
    """A van on tour has said nothing for long."""
    if sight.state is None:
        return None
    if not _is_driving(sight):
        return Well(IncidentKind.GPS_SILENT, _OVER)
    allowed_s = sight.rules.gps_silent_s * (AT_DOOR_TIMES if sight.state.at_stop.is_there else 1)
    silent_s = int((sight.now - sight.state.seen_at).total_seconds())
    if silent_s <= allowed_s:
        return Well(IncidentKind.GPS_SILENT, "The van is heard again.")
    evidence = f"On tour, but nothing heard for {silent_s // 60} min."
    return sight.alarm(IncidentKind.GPS_SILENT, "is silent", evidence)


def stalled(sight: VanSight) -> Finding:
    """A van on tour has hardly moved for long, and is at no door."""
    state = sight.state
    if not _is_driving(sight) or state is None:
        return Well(IncidentKind.STALLED, _OVER)
    if state.watch is None:
        return None
    # By the device's clock: a van that is silent is silent, not stalled.
    still_s = (state.position.recorded_at - state.watch.since).total_seconds()
    if state.at_stop.is_there:
        return Well(IncidentKind.STALLED, "The van is at a door.")
    if still_s < sight.rules.stalled_s:
        return Well(IncidentKind.STALLED, "The van moves again.")
    evidence = f"It moved less than {sight.rules.stalled_m} m in {int(still_s) // 60} min and is at no door."
    return sight.alarm(IncidentKind.STALLED, "stands still", evidence)


def gps_implausible(sight: VanSight) -> Finding:
    """Several fixes of a van were ignored because they were faked or jumped."""
    if not _is_driving(sight) or sight.state is None:
        return Well(IncidentKind.GPS_IMPLAUSIBLE, _OVER)
    watch = sight.state.watch
    if watch is None:
        return None
    ignored = faults_of(sight.state) - watch.faults
    if ignored >= sight.rules.implausible_fixes:
        minutes = max(1, int((sight.now - watch.faults_since).total_seconds()) // 60)
        evidence = f"{ignored} fixes in {minutes} min were faked or jumped and are not counted."
        return sight.alarm(IncidentKind.GPS_IMPLAUSIBLE, "says where it cannot be", evidence)
    is_good = ignored == 0 and watch.faults_since + GOOD_AFTER <= sight.now
    return Well(IncidentKind.GPS_IMPLAUSIBLE, "Its fixes are good again.") if is_good else None


def temperature(sight: VanSight) -> Finding:
    """Cooled goods on board have been too warm or too cold for long."""
    if not _is_driving(sight) or not sight.cooled:
        return Well(IncidentKind.TEMPERATURE, "No cooled goods are on board.") if sight.warmth else None
    out = out_of_range_since(sight)
    if not sight.warmth:
        return None
    if out is None:
        return Well(IncidentKind.TEMPERATURE, "It is as cold as it should be again.")
    if sight.warmth[-1].at < out + timedelta(seconds=sight.rules.cooling.out_of_range_s):
        return None
    now_c, minutes = sight.warmth[-1].celsius, int((sight.warmth[-1].at - out).total_seconds()) // 60
    evidence = f"{now_c:g} °C with cooled goods on board, out of range for {minutes} min."
    return sight.alarm(IncidentKind.TEMPERATURE, "does not keep its goods cold", evidence)


def out_of_range_since(sight: VanSight) -> datetime | None:
    """Since which reading it has been out of range without a break; None where it is in range."""
    since = None
    for reading in sight.warmth:
        is_good = _is_in_range(reading.celsius, sight.cooled, sight.rules)
        since = None if is_good else since or reading.at
    return since


def watched(state: DriverState, rules: WatchRules, now: datetime) -> VanWatch:
    """What is to be remembered of a van after a look at it; the same where nothing is new."""
    place, at, faults = state.position.location, state.position.recorded_at, faults_of(state)
    watch = state.watch
    if watch is None:
        return VanWatch(place, at, faults, now)
    is_moving = distance_m(watch.place, place) >= rules.stalled_m
    is_counted = watch.faults_since + COUNTED_FOR <= now
    return replace(
        watch,
        place=place if is_moving else watch.place,
        since=at if is_moving else watch.since,
        faults=faults if is_counted else watch.faults,
        faults_since=now if is_counted else watch.faults_since,
    )


def faults_of(state: DriverState) -> int:
    """Fixes that were ignored because they cannot be true."""
    return sum((state.rejected or {}).get(fault, 0) for fault in _DISTRUSTED)


def _is_driving(sight: VanSight) -> bool:
    return sight.route is not None and sight.route.status is RouteStatus.STARTED


def _is_in_range(celsius: float, cooled: frozenset[GoodsTrait], rules: WatchRules) -> bool:
    """One thermometer cannot be right for both: with chilled goods beside frozen ones theirs is the range."""
    limits = rules.cooling
    if GoodsTrait.CHILLED in cooled:
        return limits.chilled_least_c <= celsius <= limits.chilled_most_c
    return celsius <= limits.frozen_most_c

"""Which fixes are believed, and what they say of stops and ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.geo import LatLng, distance_m
from doorstep.position import Position
from doorstep.watch_rules import WatchRules
from gateway.flow.tracking.along import Along
from gateway.flow.tracking.motion import (
    FixFault,
    StopEvent,
    StopState,
    WayEvent,
    WayState,
    at_stop,
    beside_way,
    fault_of,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HERE = LatLng(35.9, 14.5)
METRE = 1 / 111_195
"""Degrees of latitude."""


def north(metres: float) -> LatLng:
    return LatLng(HERE.lat + metres * METRE, HERE.lng)


LAST = Position(HERE, NOW - timedelta(seconds=10))

FIXES: dict[str, tuple[Position, FixFault | None]] = {
    "a van in the city": (Position(north(120), NOW), None),
    # 50 m/s for ten seconds.
    "just below 180 km/h": (Position(north(499), NOW), None),
    "just above 180 km/h": (Position(north(501), NOW), FixFault.JUMP),
    "faked": (Position(north(1), NOW, is_mock=True), FixFault.MOCK),
    "older than the last": (Position(HERE, NOW - timedelta(seconds=11)), FixFault.LATE),
    "from two days ago": (Position(HERE, NOW - timedelta(days=2)), FixFault.LATE),
    "the last once more": (LAST, FixFault.REPEATED),
    "a phone a minute ahead": (Position(HERE, NOW + timedelta(minutes=1)), None),
    "a phone in tomorrow": (Position(HERE, NOW + timedelta(days=1)), FixFault.FUTURE),
}


@pytest.mark.parametrize("case", FIXES)
def test_a_fix_is_believed_or_has_a_fault(case: str) -> None:
    fix, fault = FIXES[case]
    assert fault_of(LAST, fix, NOW) is fault


def test_the_first_fix_of_a_device_is_believed_unless_it_is_faked_or_of_the_future() -> None:
    assert fault_of(None, LAST, NOW) is None
    assert fault_of(None, replace(LAST, is_mock=True), NOW) is FixFault.MOCK


def test_a_van_that_was_lost_is_believed_again_after_a_while() -> None:
    far = Position(north(5_000), NOW)
    assert fault_of(LAST, far, NOW) is FixFault.JUMP
    later = NOW + timedelta(seconds=95)
    assert fault_of(LAST, replace(far, recorded_at=later), later) is None


def stop_events(*metres: float) -> list[StopEvent | None]:
    state, events = StopState(), []
    for away in metres:
        state, event = at_stop(state, north(away), HERE)
        events.append(event)
    return events


def test_two_fixes_within_60_metres_are_an_arrival() -> None:
    assert stop_events(300, 59, 40) == [None, None, StopEvent.ARRIVED]
    assert stop_events(59, 61, 59, 61, 59) == [None] * 5


def test_two_fixes_beyond_100_metres_are_a_departure_and_noise_is_not() -> None:
    assert stop_events(0, 0, 90, 150, 20, 101, 300) == [
        None,
        StopEvent.ARRIVED,
        None,
        None,
        None,
        None,
        StopEvent.DEPARTED,
    ]


RULES = WatchRules()


def on_the_spot(fix: Position) -> Along:
    """The way leads east and west through the place from which they are measured."""
    return Along(0, 0, HERE, distance_m(HERE, fix.location))


def way_events(
    *metres: float, every_s: int = 10, accuracy_m: float | None = None, rules: WatchRules = RULES
) -> list[WayEvent | None]:
    state, events = WayState(), []
    for number, off_m in enumerate(metres):
        fix = Position(north(off_m), NOW + timedelta(seconds=number * every_s), accuracy_m=accuracy_m)
        state, event = beside_way(state, fix, on_the_spot(fix), rules)
        events.append(event)
    return events


def left_at(events: list[WayEvent | None]) -> int | None:
    """The number of the fix, from 1, that completed it."""
    return events.index(WayEvent.LEFT) + 1 if WayEvent.LEFT in events else None


def test_four_fixes_beyond_75_metres_are_off_the_way() -> None:
    assert left_at(way_events(76, 90, 80, 85)) == 4
    assert left_at(way_events(10, 76, 500, 76, 74, 76, 76, 76)) is None


def test_a_van_that_drives_away_is_off_the_way_one_fix_sooner() -> None:
    assert left_at(way_events(80, 160, 240)) == 3
    # The third is hardly farther than the second: a receiver that errs three times may say so.
    assert left_at(way_events(80, 160, 170, 250)) == 4


def test_a_phone_that_says_something_each_half_minute_is_believed_after_a_minute() -> None:
    assert left_at(way_events(90, 90, 90, 90, every_s=29)) == 4
    assert left_at(way_events(90, 90, 90, 90, every_s=30)) == 3


def test_a_receiver_that_errs_to_both_sides_is_no_van_off_its_way() -> None:
    assert left_at(way_events(120, 160, -150, 140, 130, -120, -100, -140)) is None
    assert left_at(way_events(120, -80, -160, -240)) == 4


def test_many_fixes_of_one_moment_are_no_proof() -> None:
    assert left_at(way_events(100, 100, 100, 100, 100, 100, every_s=2)) is None
    assert left_at(way_events(*[100] * 20, every_s=2)) == 9  # 15 s after the first


def test_a_phone_that_is_unsure_must_be_farther_off() -> None:
    assert left_at(way_events(100, 100, 100, 100, accuracy_m=24)) == 4
    assert left_at(way_events(100, 100, 100, 100, accuracy_m=26)) is None


def test_a_fix_that_may_be_here_or_there_says_nothing() -> None:
    state = WayState(streak=3, since=NOW, off_m=120)
    for away, accuracy_m in ((20, 500), (90, 40)):
        fix = Position(north(away), NOW + timedelta(seconds=60), accuracy_m=accuracy_m)
        assert beside_way(state, fix, on_the_spot(fix), RULES) == (state, None)


def test_a_van_is_back_after_two_fixes_well_within_the_limit() -> None:
    away = [100.0] * 4
    assert way_events(*away, 40, 45)[4:] == [None, WayEvent.BACK]
    # A road beside the way, and one fix that happens to lie on it.
    assert way_events(*away, 60, 60, 40, 60, 40, 100, 40)[4:] == [None] * 7


def test_a_merchant_says_what_is_off_the_way() -> None:
    rules = WatchRules(off_route_m=200, off_route_fixes=2, off_route_s=0)
    assert left_at(way_events(190, 210, 205, every_s=1, rules=rules)) == 3
    with pytest.raises(ValueError, match="off_route_fixes"):
        WatchRules(off_route_fixes=1)

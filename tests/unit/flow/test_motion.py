"""Which fixes are believed, and what they say of stops and ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import LatLng, distance_m
from doorstep.position import Position
from gateway.flow.tracking.motion import (
    FixFault,
    StopEvent,
    StopState,
    WayEvent,
    WayState,
    at_stop,
    distance_to_path_m,
    fault_of,
    on_way,
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


WAY = [HERE, LatLng(HERE.lat, HERE.lng + 0.01)]
"""900 metres due east."""


def way_events(*metres: float) -> list[WayEvent | None]:
    state, events = WayState(), []
    for away in metres:
        state, event = on_way(state, north(away), WAY)
        events.append(event)
    return events


def test_three_fixes_beyond_75_metres_are_off_the_way_until_one_is_back() -> None:
    assert way_events(76, 76, 76, 200, 74, 10) == [None, None, WayEvent.LEFT, None, WayEvent.BACK, None]
    assert way_events(76, 500, 74, 76, 76, 74) == [None] * 6


def test_nobody_leaves_a_way_that_is_not_known() -> None:
    state, event = on_way(WayState(streak=2), north(9_000), [])
    assert (state, event) == (WayState(), None)


def test_the_distance_to_a_line_is_that_to_its_nearest_place() -> None:
    corner = [HERE, north(1_000), LatLng(north(1_000).lat, HERE.lng + 0.01)]
    beside = LatLng(north(500).lat, HERE.lng + 0.001)
    # A thousandth of a degree of longitude at 35.9 degrees north is 90.07 m.
    assert distance_to_path_m(beside, corner) == pytest.approx(90.07, abs=0.1)
    assert distance_to_path_m(north(-40), corner) == pytest.approx(40, abs=0.1)
    assert distance_to_path_m(north(40), [HERE]) == pytest.approx(40, abs=0.1)
    assert distance_to_path_m(HERE, []) == float("inf")


def test_a_line_over_the_date_line_is_short() -> None:
    line = [LatLng(0, 179.999), LatLng(0, -179.999)]
    assert distance_to_path_m(LatLng(0.0001, 180), line) == pytest.approx(11.1, abs=0.1)


OFFSETS = st.floats(-0.05, 0.05)
PLACES = st.tuples(OFFSETS, OFFSETS).map(lambda d: LatLng(HERE.lat + d[0], HERE.lng + d[1]))


@given(point=PLACES, path=st.lists(PLACES, min_size=1, max_size=5))
def test_a_line_is_no_farther_than_its_nearest_corner_and_no_nearer_than_its_points(
    point: LatLng, path: list[LatLng]
) -> None:
    distance = distance_to_path_m(point, path)
    nearest_corner = min(distance_m(point, corner) for corner in path)
    assert distance <= nearest_corner * 1.001 + 0.01
    sampled = [
        LatLng(a.lat + (b.lat - a.lat) * share / 50, a.lng + (b.lng - a.lng) * share / 50)
        for a, b in zip(path, [*path[1:], path[-1]], strict=True)
        for share in range(51)
    ]
    assert distance >= min(distance_m(point, place) for place in sampled) * 0.999 - longest_gap_m(path) / 2


def longest_gap_m(path: list[LatLng]) -> float:
    """Between two samples of `path`."""
    return max((distance_m(a, b) / 50 for a, b in pairwise(path)), default=0.0) + 0.01

"""Where on its way a van is."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import LatLng, distance_m, encode_polyline
from doorstep.position import Position
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.tracking.along import Along, Way, predicted_place, shown_place, way_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
METRE = 1 / 111_195
"""Degrees of latitude, and of longitude at the equator, where these ways lie."""


def at(north_m: float, east_m: float = 0) -> LatLng:
    return LatLng(north_m * METRE, 10 + east_m * METRE)


def route(*corners: LatLng, door: LatLng, driving_s: int = 100) -> Route:
    stop = Stop("stp_1", "del_1", 1, StopStatus.PLANNED, door, NOW, 60)
    return Route(
        "rte_1", "mer_1", "pla_1", "drv_1", "2026-03-02", RouteStatus.STARTED, NOW, NOW, (stop,),
        encode_polyline(corners), 1000, driving_s, corners[0],
    )  # fmt: skip


def test_a_fix_beside_the_way_is_put_on_it_with_what_is_done_and_left() -> None:
    way = Way([at(0), at(1000), at(1000, 500)])
    along = way.nearest(at(400, 30))
    assert (along.done_m, along.left_m, along.off_m) == pytest.approx((400, 1100, 30), abs=0.5)
    assert distance_m(along.place, at(400)) < 0.5


def test_up_and_down_one_street_the_van_is_where_it_was_going() -> None:
    way = Way([at(0), at(1000), at(0)])
    assert way.nearest(at(300, 5), 250).done_m == pytest.approx(300, abs=1)
    assert way.nearest(at(300, 5), 1650).done_m == pytest.approx(1700, abs=1)


def test_a_van_far_from_where_it_was_is_found_on_the_whole_way() -> None:
    way = Way([at(0), at(9000)])
    assert way.nearest(at(8000), 100).done_m == pytest.approx(8000, abs=1)
    assert way.nearest(at(100), 8000).done_m == pytest.approx(100, abs=1)


def test_a_way_over_the_date_line_is_short() -> None:
    along = Way([LatLng(0, 179.999), LatLng(0, -179.999)]).nearest(LatLng(0.0001, 180))
    # A ten-thousandth of a degree of latitude is 11.12 m.
    assert along.off_m == pytest.approx(11.1, abs=0.1)


OFFSETS = st.floats(-3_000, 3_000)
SPOTS = st.tuples(OFFSETS, OFFSETS).map(lambda metres: at(*metres))


@given(spot=SPOTS, corners=st.lists(SPOTS, min_size=2, max_size=5))
def test_a_way_is_no_farther_than_its_nearest_corner_and_as_far_as_the_place_on_it(
    spot: LatLng, corners: list[LatLng]
) -> None:
    along = Way(corners).nearest(spot)
    assert along.off_m <= min(distance_m(spot, corner) for corner in corners) * 1.001 + 0.01
    assert along.off_m == pytest.approx(distance_m(spot, along.place), rel=0.001, abs=0.01)


def test_straight_lines_of_an_estimate_and_a_single_corner_are_no_way() -> None:
    planned = route(at(0), at(1000), door=at(1000))
    assert way_of(planned) is not None
    assert way_of(replace(planned, is_approximate=True)) is None
    assert way_of(route(at(0), door=at(0))) is None


def test_on_the_way_a_place_is_wrong_by_a_third_less() -> None:
    # 120 trips of 6 km with a fix each 15 s, errors that hang together for a minute: 13.7 m on the mean.
    raw: list[float] = []
    snapped: list[float] = []
    for seed in range(120):
        random = Random(seed)
        corners = [at(0)]
        for _ in range(20):
            turn = random.choice([(300, 0), (0, 300), (0, -300)])
            corners.append(LatLng(corners[-1].lat + turn[0] * METRE, corners[-1].lng + turn[1] * METRE))
        way, north, east, near = Way(corners), 0.0, 0.0, 0.0
        for step in range(1, 40):
            north = 0.78 * north + random.gauss(0, 11 * math.sqrt(1 - 0.78**2))
            east = 0.78 * east + random.gauss(0, 11 * math.sqrt(1 - 0.78**2))
            truth = way.place_at(150.0 * step)
            fix = LatLng(truth.lat + north * METRE, truth.lng + east * METRE)
            along = way.nearest(fix, near)
            near = along.done_m
            raw.append(distance_m(fix, truth))
            snapped.append(distance_m(shown_place(along, fix), truth))
    assert statistics.mean(raw) == pytest.approx(13.7, abs=0.7)
    assert statistics.mean(snapped) < 9.6


def test_a_fix_that_noise_does_not_explain_is_shown_where_it_is() -> None:
    way = Way([at(0), at(1000)])
    assert shown_place(way.nearest(at(400, 60)), at(400, 60)) == at(400, 60)
    assert shown_place(None, at(1)) == at(1)


def test_a_silent_van_is_thought_to_drive_on_as_far_as_its_next_door() -> None:
    # 2,000 m in 200 s as planned: 10 m/s.
    tour = route(at(0), at(2000), door=at(1000), driving_s=200)
    last = Position(at(300), NOW)
    along = Along(300, 1700, at(300), 0)
    after_30_s = predicted_place(tour, along, last, NOW + timedelta(seconds=30))
    assert after_30_s is not None
    assert distance_m(after_30_s, at(600)) < 2
    much_later = predicted_place(tour, along, last, NOW + timedelta(hours=1))
    assert much_later is not None
    assert distance_m(much_later, at(1000)) < 2


def test_nobody_guesses_where_a_van_is_that_is_off_its_way() -> None:
    tour = route(at(0), at(2000), door=at(1000))
    assert predicted_place(tour, Along(300, 1700, at(300), 90), Position(at(300, 90), NOW), NOW) is None
    assert predicted_place(tour, None, Position(at(300), NOW), NOW) is None

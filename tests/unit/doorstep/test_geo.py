"""Places on the earth: distances, courses, and Google's polylines."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import (
    EARTH_RADIUS_M,
    LatLng,
    bearing_deg,
    decode_polyline,
    distance_m,
    encode_polyline,
    path_length_m,
)

PLACES = st.builds(LatLng, st.floats(-90, 90), st.floats(-180, 180))
PARIS, LONDON = LatLng(48.8566, 2.3522), LatLng(51.5074, -0.1278)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        (LatLng(0, 0), LatLng(0, 0), 0),
        # A degree of a great circle is a 360th of 2 * pi * 6 371 008.8 m.
        (LatLng(0, 0), LatLng(0, 1), 111_195),
        (LatLng(0, 0), LatLng(1, 0), 111_195),
        # At 60 degrees north a degree of longitude is half as long.
        (LatLng(60, 0), LatLng(60, 1), 55_596),
        (PARIS, LONDON, 343_556),
        (LatLng(0, 179.5), LatLng(0, -179.5), 111_195),
        (LatLng(90, 0), LatLng(-90, 123), math.pi * EARTH_RADIUS_M),
    ],
)
def test_distances_that_are_known(a: LatLng, b: LatLng, metres: float) -> None:
    assert distance_m(a, b) == pytest.approx(metres, abs=2)


@given(a=PLACES, b=PLACES)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_the_earth(a: LatLng, b: LatLng) -> None:
    there = distance_m(a, b)
    assert there == pytest.approx(distance_m(b, a), abs=1e-6)
    assert 0 <= there <= math.pi * EARTH_RADIUS_M + 1


@given(place=PLACES)
def test_a_place_is_no_distance_from_itself(place: LatLng) -> None:
    assert distance_m(place, place) == 0


@pytest.mark.parametrize(
    ("there", "course"),
    [(LatLng(1, 0), 0), (LatLng(0, 1), 90), (LatLng(-1, 0), 180), (LatLng(0, -1), 270)],
)
def test_courses_are_clockwise_from_north(there: LatLng, course: float) -> None:
    assert bearing_deg(LatLng(0, 0), there) == pytest.approx(course)


@pytest.mark.parametrize(
    ("lat", "lng", "named"),
    [
        (90.1, 0, "latitude"),
        (-91, 0, "latitude"),
        (math.nan, 0, "latitude"),
        (0, 180.1, "longitude"),
        (0, math.inf, "longitude"),
    ],
)
def test_a_place_off_the_earth_is_refused(lat: float, lng: float, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        LatLng(lat, lng)


def test_wire_formats_get_longitude_first_where_they_ask_for_it() -> None:
    assert PARIS.lonlat == (2.3522, 48.8566)
    assert PARIS.rounded(2) == LatLng(48.86, 2.35)


def test_a_path_is_as_long_as_its_pieces() -> None:
    assert path_length_m([PARIS, LONDON, PARIS]) == 2 * distance_m(PARIS, LONDON)
    assert path_length_m([PARIS]) == path_length_m([]) == 0


PUBLISHED = "_p~iF~ps|U_ulLnnqC_mqNvxq`@"
"""The example of Google's "Encoded Polyline Algorithm Format"."""

PUBLISHED_PATH = [LatLng(38.5, -120.2), LatLng(40.7, -120.95), LatLng(43.252, -126.453)]


def test_the_published_polyline_is_read_and_written() -> None:
    assert decode_polyline(PUBLISHED) == PUBLISHED_PATH
    assert encode_polyline(PUBLISHED_PATH) == PUBLISHED


@given(path=st.lists(PLACES.map(lambda place: place.rounded(5)), max_size=30))
def test_a_polyline_comes_back_to_a_metre(path: list[LatLng]) -> None:
    again = decode_polyline(encode_polyline(path))
    assert [point.rounded(5) for point in again] == [point.rounded(5) for point in path]


@pytest.mark.parametrize("cut", ["_p~iF~ps|", "_p~iF", "_"])
def test_a_polyline_that_was_cut_off_is_refused(cut: str) -> None:
    with pytest.raises(ValueError, match="in the middle"):
        decode_polyline(cut)


def test_an_empty_polyline_is_an_empty_path() -> None:
    assert decode_polyline("") == []
    assert encode_polyline([]) == ""

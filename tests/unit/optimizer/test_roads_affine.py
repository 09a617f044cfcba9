"""Travel estimated without a map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput
from doorstep.geo import LatLng, distance_m
from doorstep.ports import RoadEngine
from optimizer.roads import AffineEstimate, AffineRoads, unpacked
from optimizer.roads.affine import great_circle_m

PLACES = st.builds(LatLng, st.floats(-85, 85), st.floats(-179, 179))
START = LatLng(39.9, -71.5)


def north_of_start(metres: float) -> LatLng:
    """One degree of latitude is 111,195.08 m on a sphere of the mean radius."""
    return LatLng(39.9 + metres / 111_195.08, -71.5)


@pytest.mark.parametrize(
    ("direct_m", "seconds", "metres"),
    [
        (500, 260, 930),  # 222 + 0.076 * 500 = 260; 1.86 * 500
        (1_100, 306, 1_860),  # 1.43 * 1,100 would be less than the way to a point at 1,000 m
        (5_000, 602, 7_150),  # 222 + 0.076 * 5,000; 1.43 * 5,000
    ],
)
def test_seconds_and_metres_follow_the_measured_line(direct_m: float, seconds: int, metres: int) -> None:
    leg = AffineEstimate().leg(START, north_of_start(direct_m))
    assert (leg.seconds, leg.metres) == (seconds, metres)


@given(st.lists(PLACES, min_size=1, max_size=4), st.lists(PLACES, min_size=1, max_size=4))
def test_distances_are_those_of_the_ground_floor(origins: list[LatLng], destinations: list[LatLng]) -> None:
    distances = great_circle_m(origins, destinations)
    assert distances.tolist() == [
        [pytest.approx(distance_m(a, b), abs=0.01) for b in destinations] for a in origins
    ]


@given(st.floats(0, 20_000), st.floats(0, 20_000))
def test_a_longer_way_never_looks_shorter(a_m: float, b_m: float) -> None:
    near, far = sorted((a_m, b_m))
    estimate = AffineEstimate()
    near_leg, far_leg = (estimate.leg(START, north_of_start(m)) for m in (near, far))
    assert near_leg.metres <= far_leg.metres
    assert near_leg.seconds <= far_leg.seconds


async def test_a_point_is_nothing_away_from_itself() -> None:
    table = await AffineRoads().table([START, north_of_start(900)], [START])
    assert table.seconds[0][0] == 0
    assert table.metres[0][0] == 0
    assert table.seconds[1][0] == 290  # 222 + 0.076 * 900 = 290.4


async def test_every_answer_is_marked_approximate() -> None:
    roads: RoadEngine = AffineRoads()
    stops = [START, north_of_start(2_000), START]
    route = await roads.route(stops)
    assert route.is_approximate
    assert (await roads.table(stops, stops)).is_approximate
    assert route.path == tuple(stops)
    assert route.seconds == 2 * 374  # 222 + 0.076 * 2,000, there and back
    await roads.close()


async def test_a_large_table_is_the_same_as_its_parts() -> None:
    places = [LatLng(39.9 + index / 1_000, -71.5 + (index % 7) / 100) for index in range(200)]
    whole = await AffineRoads().table(places, places)
    part = await AffineRoads().table(places[150:], places[:20])
    assert (unpacked(whole.seconds)[150:, :20] == unpacked(part.seconds)).all()
    assert (unpacked(whole.metres)[150:, :20] == unpacked(part.metres)).all()


async def test_no_places_make_an_empty_table() -> None:
    table = await AffineRoads().table([], [START])
    assert list(table.seconds) == []


async def test_a_route_of_one_stop_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least two stops, got 1"):
        await AffineRoads().route([START])

"""The way along a tour: measured, with every door in its order."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geo import LatLng, distance_m, encode_polyline, path_length_m
from simulator.people.tour import Parcel, Way, read_list, read_tour

DEPOT = LatLng(39.9, -71.5)
METRE = 1 / 111_195
"""Degrees of latitude."""


def north(metres: float, east_m: float = 0.0) -> LatLng:
    return LatLng(DEPOT.lat + metres * METRE, DEPOT.lng + east_m * METRE / 0.767)


near = st.builds(north, st.floats(-3000, 3000), st.floats(-3000, 3000))


def test_doors_beside_the_way_are_reached_where_the_way_passes_them() -> None:
    way = Way((DEPOT, north(1000), DEPOT), DEPOT, (north(400, east_m=14), north(700, east_m=-14)))
    assert way.length_m == pytest.approx(2000, abs=2)
    assert way.door_m == pytest.approx((400, 700), abs=2)


def test_a_door_passed_before_its_turn_is_reached_on_the_way_back() -> None:
    way = Way((DEPOT, north(1000), DEPOT), DEPOT, (north(700), north(400)))
    assert way.door_m == pytest.approx((700, 1600), abs=2)


def test_a_door_far_from_the_way_is_reached_where_the_way_comes_nearest() -> None:
    way = Way((DEPOT, north(1000), DEPOT), DEPOT, (north(400, east_m=300),))
    assert way.door_m == pytest.approx((400,), abs=2)


def test_without_a_path_the_way_goes_from_door_to_door_and_back() -> None:
    doors = (north(500), north(500, east_m=500))
    way = Way((), DEPOT, doors)
    assert way.length_m == pytest.approx(path_length_m([DEPOT, *doors, DEPOT]))


def test_a_path_that_ends_at_the_last_door_is_led_back_to_the_depot() -> None:
    way = Way((DEPOT, north(1000)), DEPOT, (north(1000),))
    assert way.length_m == pytest.approx(2000, abs=2)
    assert way.at(way.length_m) == DEPOT


def test_bearings_follow_the_way() -> None:
    way = Way((DEPOT, north(1000), DEPOT), DEPOT, ())
    assert way.bearing_deg(500) == pytest.approx(0, abs=0.1)
    assert way.bearing_deg(1500) == pytest.approx(180, abs=0.1)


@given(path=st.lists(near, min_size=2, max_size=12), doors=st.lists(near, max_size=8))
def test_doors_are_reached_in_their_order_and_on_the_way(path: list[LatLng], doors: list[LatLng]) -> None:
    way = Way(path, DEPOT, doors)
    assert all(a <= b for a, b in pairwise(way.door_m))
    assert all(0 <= reached <= way.length_m + 1e-6 for reached in way.door_m)


@given(path=st.lists(near, min_size=2, max_size=12), share=st.floats(0, 1))
def test_so_many_metres_further_is_never_further_than_that(path: list[LatLng], share: float) -> None:
    way = Way(path, DEPOT, ())
    here = way.at(share * way.length_m)
    there = way.at(min(way.length_m, share * way.length_m + 50))
    assert distance_m(here, there) <= 50 + 0.5


def test_a_tour_is_read_as_the_gateway_tells_it() -> None:
    tour = read_tour({"route": told_tour()})
    assert tour.starts_at == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert [stop.id for stop in tour.stops] == ["stp_1", "stp_2"]
    assert tour.references == ("1001-ABCD", "1002-EFGH")
    assert tour.stops[0].parcels == (Parcel("del_1", "1001-ABCD"),)
    assert tour.stops[0].opens_at == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert tour.stops[1].opens_at is None
    # 2,000 m in 250 s.
    assert tour.speed_mps == pytest.approx(8)


def test_a_list_leaves_out_tours_that_nobody_drives() -> None:
    nodes = [
        {"id": "rte_1", "version": 1, "status": "PUBLISHED", "driver": {"id": "drv_1", "name": "Van 1"}},
        {"id": "rte_2", "version": 1, "status": "PUBLISHED", "driver": None},
    ]
    assert [heading.id for heading in read_list({"routes": {"nodes": nodes}})] == ["rte_1"]


def told_tour() -> dict[str, Any]:
    """Two doors, listed out of order."""
    path = encode_polyline([DEPOT, north(1000), DEPOT])
    first = north(400)
    second = north(700)
    return {
        "id": "rte_1",
        "startsAt": "2026-11-23T14:00:00Z",
        "path": path,
        "distanceMeters": 2000,
        "drivingSeconds": 250,
        "stops": [
            {
                "id": "stp_2",
                "sequence": 2,
                "serviceSeconds": 180,
                "location": {"latitude": second.lat, "longitude": second.lng},
                "deliveries": [{"id": "del_2", "reference": "1002-EFGH", "promise": None}],
            },
            {
                "id": "stp_1",
                "sequence": 1,
                "serviceSeconds": 180,
                "location": {"latitude": first.lat, "longitude": first.lng},
                "deliveries": [
                    {
                        "id": "del_1",
                        "reference": "1001-ABCD",
                        "promise": {"window": {"start": "2026-11-23T14:30:00Z"}},
                    }
                ],
            },
        ],
    }

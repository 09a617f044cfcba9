"""What OSRM makes of the generated city."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from doorstep.geo import LatLng, decode_polyline, distance_m, encode_polyline, path_length_m
from optimizer.roads import OsrmRoads, unpacked
from optimizer.roads.affine import great_circle_m
from simulator.city import City


async def test_every_front_door_reaches_every_other_and_stands_near_its_road(city: City, built: Path) -> None:
    doors = [address.at for address in city.addresses]
    # A door stands 14 m from its street; 40 m away from every road it would count as off the map.
    async with OsrmRoads(built, snap_limit_m=40) as roads:
        table = await roads.table(doors[::4], doors[1::4])
        back = await roads.table(doors[1::4], doors[::4])
    assert not table.is_approximate
    assert unpacked(table.seconds).min() >= 0
    assert unpacked(back.seconds).min() >= 0


async def test_one_way_streets_make_the_way_back_another_way(roads: OsrmRoads, city: City) -> None:
    one_ways = [street for street in city.streets if street.is_one_way]
    for street in one_ways[:10]:
        start, end = city.nodes[street.nodes[0]], city.nodes[street.nodes[-1]]
        there, back = await roads.route([start, end]), await roads.route([end, start])
        assert there.metres < back.metres


async def test_drives_are_as_fast_as_a_town_and_never_shorter_than_a_straight_line(
    roads: OsrmRoads, doors: list[LatLng]
) -> None:
    places = doors[::10]
    table = await roads.table(places, places)
    seconds, metres = unpacked(table.seconds), unpacked(table.metres)
    direct_m = great_circle_m(places, places)
    # Both ends may be moved by 14 m to the street.
    assert (metres >= direct_m - 40).all()
    far = direct_m > 1_000
    assert 1.2 < float(np.mean(metres[far] / direct_m[far])) < 1.8
    speeds_kmh = 3.6 * metres[far] / seconds[far]
    assert speeds_kmh.max() < 65
    assert 25 < speeds_kmh.mean() < 50


async def test_a_way_round_is_hardly_ever_faster_than_the_way(roads: OsrmRoads, doors: list[LatLng]) -> None:
    seconds = unpacked((await roads.table(doors[::25], doors[::25])).seconds).astype(np.float64)
    # shortest[i, j]: the best way over any one place between.
    shortest = (seconds[:, :, None] + seconds[None, :, :]).min(axis=1)
    # The car profile prefers comfortable roads to the very fastest ones, so a little slack remains.
    assert (seconds <= 1.1 * shortest + 20).all()


async def test_over_the_river_the_way_leads_over_a_bridge(roads: OsrmRoads, city: City) -> None:
    middle = city.river_line[len(city.river_line) // 3]
    west = min(city.addresses, key=lambda door: distance_m(door.at, LatLng(middle.lat, middle.lng - 0.003)))
    east = min(city.addresses, key=lambda door: distance_m(door.at, LatLng(middle.lat, middle.lng + 0.003)))
    route = await roads.route([west.at, east.at])
    bridge_ends = [city.nodes[node] for street in city.streets if street.is_bridge for node in street.nodes]
    assert min(distance_m(point, end) for point in route.path for end in bridge_ends) < 5
    assert route.metres > distance_m(west.at, east.at)


async def test_a_route_follows_the_streets_and_takes_as_long_as_its_legs_in_the_table(
    roads: OsrmRoads, city: City, doors: list[LatLng]
) -> None:
    stops = [city.place("depot-west").address.at, *doors[100:700:100], city.place("depot-west").address.at]
    route, table = await roads.route(stops), await roads.table(stops, stops)
    assert not route.is_approximate
    assert [leg.seconds for leg in route.legs] == pytest.approx(
        [table.seconds[index][index + 1] for index in range(len(stops) - 1)], abs=1
    )
    assert route.seconds == sum(leg.seconds for leg in route.legs)
    assert path_length_m(route.path) == pytest.approx(route.metres, rel=0.02)
    assert max(distance_m(a, b) for a, b in pairwise(route.path)) < 500
    assert decode_polyline(encode_polyline(route.path)) == list(route.path)


async def test_both_algorithms_find_the_same_ways(
    roads: OsrmRoads, built_slow: Path, doors: list[LatLng]
) -> None:
    async with OsrmRoads(built_slow) as partitioned:
        other = await partitioned.table(doors[:30], doors[30:60])
    contracted = await roads.table(doors[:30], doors[30:60])
    assert np.abs(unpacked(contracted.seconds) - unpacked(other.seconds)).max() <= 1

"""The generated city: the same for a seed, drivable everywhere, and plausible where people look."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

import simulator
from doorstep.geo import LatLng, distance_m
from simulator.city import City, RoadClass, Street, build_city
from simulator.city.network import strong_parts, turns
from simulator.city.osm import osm_xml

ROOT = Path(simulator.__file__).parents[1]
Point = tuple[float, float]


@pytest.fixture(scope="module", params=[7, 1, 2])
def city(request: pytest.FixtureRequest) -> City:
    seed: int = request.param
    return build_city(seed)


def metres(place: LatLng) -> Point:
    """East and north of a corner of the city, flat: good to a millimetre over a block."""
    return ((place.lng + 71.5) * 111_195 * math.cos(math.radians(39.9)), (place.lat - 39.9) * 111_195)


def drives_of(city: City) -> dict[int, list[int]]:
    """Node -> nodes that a car reaches next."""
    onward: dict[int, list[int]] = {}
    for street in city.streets:
        for a, b in pairwise(street.nodes):
            onward.setdefault(a, []).append(b)
            onward.setdefault(b, [])
            if not street.is_one_way:
                onward[b].append(a)
    return onward


def metres_to_line(place: Point, line: list[Point]) -> float:
    nearest = math.inf
    for (ax, ay), (bx, by) in pairwise(line):
        length_squared = (bx - ax) ** 2 + (by - ay) ** 2
        share = ((place[0] - ax) * (bx - ax) + (place[1] - ay) * (by - ay)) / length_squared
        share = min(1.0, max(0.0, share))
        nearest = min(nearest, math.dist(place, (ax + share * (bx - ax), ay + share * (by - ay))))
    return nearest


def side(a: Point, b: Point, c: Point) -> float:
    """Positive where `c` lies left of the line from `a` to `b`."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def crosses_river(city: City, street: Street) -> bool:
    river = [metres(place) for place in city.river_line]
    line = [metres(city.nodes[node]) for node in street.nodes]
    return any(cross(a, b, c, d) for a, b in pairwise(line) for c, d in pairwise(river))


def is_inside(outline: tuple[LatLng, ...], place: LatLng) -> bool:
    corners = [metres(corner) for corner in outline]
    x, y = metres(place)
    inside = False
    for (ax, ay), (bx, by) in pairwise([*corners, corners[0]]):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside


def test_a_seed_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    written = []
    for hash_seed in ("1", "2"):
        out = tmp_path / f"city-{hash_seed}.osm"
        command = [sys.executable, "-m", "simulator.city", "--seed", "7", "--out", str(out)]
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        written.append(out.read_bytes())
    assert written[0] == written[1] == osm_xml(build_city(7))


def test_another_seed_gives_another_city() -> None:
    assert osm_xml(build_city(1)) != osm_xml(build_city(2))


def test_it_has_the_size_of_a_town(city: City) -> None:
    assert 600 <= city.junction_count <= 1200
    assert 2_000 <= len(city.addresses) <= 6_000


@pytest.mark.parametrize("size", [20, 30, 44])
@pytest.mark.parametrize("seed", range(3))
def test_every_drive_leads_to_every_other_without_turning_round_in_a_street(seed: int, size: int) -> None:
    onward = drives_of(build_city(seed, size=size))
    assert len(set(strong_parts(onward).values())) == 1
    assert len(set(strong_parts(turns(onward)).values())) == 1


def test_strong_parts_tell_a_way_there_from_a_way_back() -> None:
    # 1 <-> 2 -> 3 <-> 4: nobody returns from 3.
    part_of = strong_parts({1: [2], 2: [1, 3], 3: [4], 4: [3]})
    assert part_of[1] == part_of[2] != part_of[3] == part_of[4]


def test_no_block_is_drawn_twice_and_none_is_implausibly_long(city: City) -> None:
    blocks = [frozenset(pair) for street in city.streets for pair in pairwise(street.nodes)]
    assert len(blocks) == len(set(blocks))
    lengths_m = [
        distance_m(city.nodes[a], city.nodes[b]) for street in city.streets for a, b in pairwise(street.nodes)
    ]
    assert min(lengths_m) > 40
    assert max(lengths_m) < 500


def test_it_has_streets_of_every_class_one_ways_and_traffic_lights(city: City) -> None:
    assert {street.road_class for street in city.streets} == set(RoadClass)
    assert sum(street.is_one_way for street in city.streets) >= 20
    assert len(city.signals) >= 10
    assert max(city.signals) < city.junction_count


def test_streets_cross_the_river_on_bridges_only(city: City) -> None:
    crossing = {index for index, street in enumerate(city.streets) if crosses_river(city, street)}
    bridges = {index for index, street in enumerate(city.streets) if street.is_bridge}
    assert crossing == bridges
    assert 4 <= len(bridges) <= 8


def test_streets_meet_at_junctions_only(city: City) -> None:
    segments = [
        (a, b, metres(city.nodes[a]), metres(city.nodes[b]))
        for street in city.streets
        for a, b in pairwise(street.nodes)
    ]
    segments.sort(key=lambda segment: min(segment[2][0], segment[3][0]))
    crossings = 0
    for index, (a, b, start, end) in enumerate(segments):
        east_end = max(start[0], end[0])
        for c, d, other_start, other_end in segments[index + 1 :]:
            if min(other_start[0], other_end[0]) > east_end:
                break
            crossings += not {a, b} & {c, d} and cross(start, end, other_start, other_end)
    assert crossings == 0


def test_every_address_is_there_once(city: City) -> None:
    assert len({address.line1 for address in city.addresses}) == len(city.addresses)
    assert len({address.at for address in city.addresses}) == len(city.addresses)


def test_every_front_door_stands_beside_its_street(city: City) -> None:
    lines: dict[str, list[list[Point]]] = {}
    for street in city.streets:
        lines.setdefault(street.name, []).append([metres(city.nodes[node]) for node in street.nodes])
    for address in city.addresses[::7]:
        gap_m = min(metres_to_line(metres(address.at), line) for line in lines[address.street])
        assert 10 < gap_m < 15, address


def test_nobody_lives_in_the_river_or_in_the_park(city: City) -> None:
    wet = [address for address in city.addresses if is_inside(city.river, address.at)]
    green = [address for address in city.addresses if is_inside(city.park, address.at)]
    assert (wet, green) == ([], [])


def test_no_street_runs_through_the_park(city: City) -> None:
    assert not [node for node in city.nodes if is_inside(city.park, node)]


def test_every_address_lies_in_the_one_district_of_its_postal_code(city: City) -> None:
    for address in city.addresses[::11]:
        homes = [district for district in city.districts if is_inside(district.outline, address.at)]
        assert [(home.name, home.postal_code) for home in homes] == [(address.district, address.postal_code)]


def test_districts_are_convex_and_all_have_addresses(city: City) -> None:
    for district in city.districts:
        corners = [metres(corner) for corner in district.outline]
        # Rounding to 0.1 m may bend a straight side a little.
        turns_left = [
            side(corners[index - 2], corners[index - 1], corner) > -100
            for index, corner in enumerate(corners)
        ]
        assert all(turns_left), district.name
        assert city.addresses_in(district.postal_code), district.name


def test_addresses_are_complete_and_name_no_real_place(city: City) -> None:
    address = city.addresses[0].to_address(name="Door 1")
    assert address.missing == ()
    assert (address.country, address.province, address.city) == ("US", "NY", "Port Meridian")
    assert address.location == city.addresses[0].at
    # 00501 is the lowest postal code in use in the United States.
    assert all("00000" < district.postal_code < "00501" for district in city.districts)


def test_shops_and_depots_stand_on_both_banks(city: City) -> None:
    west, east = city.stores
    river = [metres(place) for place in city.river_line]
    way = (metres(west.address.at), metres(east.address.at))
    assert sum(cross(*way, a, b) for a, b in pairwise(river)) % 2 == 1
    assert len(city.depots) == 2
    assert len({place.address for place in city.places}) == 4


def test_a_place_is_found_by_its_key_and_a_wrong_key_lists_the_right_ones(city: City) -> None:
    assert city.place("store-west").name == "Meridian Market West"
    with pytest.raises(KeyError, match="store-west, store-east"):
        city.place("store-north")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 12}, "size must lie in 20 to 44"),
        ({"size": 45}, "size must lie in 20 to 44"),
        ({"districts": 1}, "districts must lie in 2 to 14"),
        ({"districts": 15}, "districts must lie in 2 to 14"),
    ],
)
def test_sizes_out_of_range_are_refused(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_city(7, **arguments)

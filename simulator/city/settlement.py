"""Who lives where: districts with postal codes, front doors along the streets, the merchant's places."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from simulator.city.city import CityAddress, District, Place, PlaceKind, RoadClass, Street
from simulator.city.ground import Spot, gap_m
from simulator.city.names import district_names
from simulator.city.shapes import circle, contains, nearer_part

_DOOR_OFFSET_M = 14.0
_NO_DOOR_NEAR_JUNCTION_M = 22.0
_DOOR_SPACING_M = {RoadClass.ARTERIAL: 105.0, RoadClass.COLLECTOR: 85.0, RoadClass.RESIDENTIAL: 90.0}


@dataclass(frozen=True, slots=True)
class DrawnDistrict:
    """A district in metres: everything nearer to its centre than to another one's."""

    name: str
    postal_code: str
    centre: Spot
    outline: tuple[Spot, ...]

    def to_district(self) -> District:
        """In degrees."""
        outline = tuple(spot.to_latlng() for spot in self.outline)
        return District(self.name, self.postal_code, self.centre.to_latlng(), outline)


def draw_districts(random: Random, spots: Sequence[Spot], count: int) -> tuple[DrawnDistrict, ...]:
    """Spread centres over the junctions, each far from those before it, and cut the city between them."""
    radius_m = max(math.hypot(*spot) for spot in spots)
    centres = [min(spots, key=lambda spot: math.hypot(*spot))]
    while len(centres) < count:
        candidates = random.sample(spots, 12)
        centres.append(max(candidates, key=lambda spot: min(gap_m(spot, centre) for centre in centres)))
    districts = []
    for (name, postal_code), centre in zip(district_names(count), centres, strict=True):
        # The corners of a 36-gon lie on its circle, its sides 0.4 % inside.
        outline = circle(radius_m * 1.05)
        for other in centres:
            if other is not centre:
                outline = nearer_part(outline, centre, other)
        districts.append(DrawnDistrict(name, postal_code, centre, tuple(outline)))
    return tuple(districts)


def draw_addresses(
    random: Random,
    spots: Sequence[Spot],
    streets: Iterable[Street],
    districts: Sequence[DrawnDistrict],
    water_and_park: Sequence[Sequence[Spot]],
) -> tuple[tuple[Spot, CityAddress], ...]:
    """Put front doors along every street but the ring road and bridges, odd numbers on the left."""
    driven_m: dict[str, float] = {}
    doors = []
    for street in streets:
        line = [spots[node] for node in street.nodes]
        start_m = driven_m.get(street.name, 0.0)
        driven_m[street.name] = start_m + sum(gap_m(a, b) for a, b in pairwise(line))
        if street.is_bridge or street.road_class is RoadClass.RING:
            continue
        for number, spot in _doors_along(random, line, start_m, _DOOR_SPACING_M[street.road_class]):
            if any(contains(outline, spot) for outline in water_and_park):
                continue
            home = min(districts, key=lambda district: gap_m(district.centre, spot))
            address = CityAddress(number, street.name, home.name, home.postal_code, spot.to_latlng())
            doors.append((spot, address))
    return tuple(doors)


def _doors_along(
    random: Random, line: Sequence[Spot], start_m: float, spacing_m: float
) -> Iterator[tuple[int, Spot]]:
    """(house number, place) along a line; numbers count ten metres and so never repeat in a street."""
    along_m = spacing_m * random.uniform(0.3, 0.7)
    passed_m = 0.0
    for a, b in pairwise(line):
        length_m = gap_m(a, b)
        while along_m < passed_m + length_m:
            here_m = along_m - passed_m
            if _NO_DOOR_NEAR_JUNCTION_M <= here_m <= length_m - _NO_DOOR_NEAR_JUNCTION_M:
                is_left = random.random() < 0.5
                number = 2 * int((start_m + along_m) / 10) + (1 if is_left else 2)
                yield number, _beside(a, b, here_m / length_m, _DOOR_OFFSET_M if is_left else -_DOOR_OFFSET_M)
            along_m += spacing_m * random.uniform(0.75, 1.25)
        passed_m += length_m


def _beside(a: Spot, b: Spot, share: float, left_m: float) -> Spot:
    x, y = b.x_m - a.x_m, b.y_m - a.y_m
    length_m = math.hypot(x, y)
    return Spot(a.x_m + share * x - left_m * y / length_m, a.y_m + share * y + left_m * x / length_m)


def draw_places(doors: Sequence[tuple[Spot, CityAddress]], river_line: Sequence[Spot]) -> tuple[Place, ...]:
    """Two shops, one on either bank, and a depot at the edge of the town on either bank."""
    middle = river_line[len(river_line) // 2]
    reach_m = max(math.hypot(*spot) for spot, _ in doors)
    wanted = (
        ("store-west", "Meridian Market West", PlaceKind.STORE, -0.16, 0.05),
        ("store-east", "Meridian Market East", PlaceKind.STORE, 0.26, -0.12),
        ("depot-west", "Meridian Depot West", PlaceKind.DEPOT, -0.5, -0.2),
        ("depot-east", "Meridian Depot East", PlaceKind.DEPOT, 0.5, 0.2),
    )
    places = []
    for key, name, kind, east, north in wanted:
        target = Spot(middle.x_m + east * reach_m, middle.y_m + north * reach_m)
        nearest = min(doors, key=lambda door: gap_m(door[0], target))
        places.append(Place(key, name, kind, nearest[1]))
    return tuple(places)

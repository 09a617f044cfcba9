"""Cells of a real map, and what is remembered of it."""

from __future__ import annotations

import numpy as np

from doorstep.geo import LatLng
from optimizer.roads import CachedRoads, OsrmRoads, unpacked
from simulator.city import City

PARIS = LatLng(48.85, 2.35)
METRE = 1 / 111_195


async def test_neighbours_on_a_street_share_a_cell_and_the_street_behind_has_its_own(
    roads: OsrmRoads, city: City
) -> None:
    long_street = max(city.streets, key=lambda street: len(street.nodes))
    start, end = (city.nodes[node] for node in long_street.nodes[:2])
    middle = LatLng((start.lat + end.lat) / 2, (start.lng + end.lng) / 2).rounded(4)
    here, beside, far = await roads.cells([middle, LatLng(middle.lat + METRE, middle.lng), PARIS])
    assert here == beside
    assert set(here[:2]) == {long_street.nodes[0] + 1, long_street.nodes[1] + 1}
    assert far != (await roads.cells([LatLng(PARIS.lat + METRE, PARIS.lng)]))[0]


async def test_what_is_remembered_is_what_the_engine_says_of_the_doors_beside(
    roads: OsrmRoads, doors: list[LatLng]
) -> None:
    cached = CachedRoads(roads)
    remembered = await cached.table(doors[:150], doors[:150])
    assert remembered == await roads.table(doors[:150], doors[:150])
    beside = [LatLng(door.lat + 2 * METRE, door.lng) for door in doors[:150]]
    answer, expected = await cached.table(beside, beside), await roads.table(beside, beside)
    assert cached.figures.hit_rate > 0.2
    off_s = np.abs(unpacked(answer.seconds) - unpacked(expected.seconds))
    assert (off_s <= 2).mean() > 0.98


async def test_a_table_with_a_place_off_the_map_is_approximate_from_memory_too(
    roads: OsrmRoads, doors: list[LatLng]
) -> None:
    cached, places = CachedRoads(roads), [doors[0], PARIS]
    first, again = await cached.table(places, places), await cached.table(places, places)
    assert first == again == await roads.table(places, places)
    assert again.is_approximate
    assert not (await cached.table(doors[:1], doors[:1])).is_approximate

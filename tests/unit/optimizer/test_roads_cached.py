"""Remembered answers of a road engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from doorstep.geo import LatLng
from doorstep.road import RoadRoute, RoadTable
from optimizer.roads import AffineEstimate, AffineRoads, CachedRoads, NoRoad
from optimizer.roads.cells import Cell, cell_off_map, cell_on_road

A, B, C = LatLng(39.90, -71.50), LatLng(39.91, -71.50), LatLng(39.92, -71.50)
NEXT_DOOR_TO_A = LatLng(39.90003, -71.50)
ACROSS_THE_BRIDGE_FROM_A = LatLng(39.90001, -71.50)
AT_SEA = LatLng(39.90, -70.00)


class CountingRoads:
    """Estimates that pass for roads, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.edition = "as built"
        self.has_roads = True
        self.slowness = 1
        self.changes_to = ""

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        self.asked.append(f"whole {len(origins)}x{len(destinations)}")
        return await AffineRoads().table(origins, destinations)

    async def pairs(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> NDArray[np.int32]:
        self.asked.append(f"{len(origins)}x{len(destinations)}")
        self.edition, self.changes_to = self.changes_to or self.edition, ""
        seconds, metres = AffineEstimate().arrays(origins, destinations)
        estimated = np.array([[AT_SEA in (a, b) for b in destinations] for a in origins])
        return np.stack([seconds * self.slowness, metres, estimated]).astype(np.int32)

    async def cells(self, places: Sequence[LatLng]) -> list[Cell]:
        bridge = {ACROSS_THE_BRIDGE_FROM_A: 3}
        return [
            cell_off_map(place) if place == AT_SEA else cell_on_road(place, 2, bridge.get(place, 1))
            for place in places
        ]

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        self.asked.append(f"route {len(stops)}")
        if not self.has_roads:
            raise NoRoad
        return await AffineRoads().route(stops)

    async def close(self) -> None:
        self.asked.append("close")


async def test_the_same_question_is_asked_once() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    assert await roads.table([A], [B]) == await roads.table((A,), (B,))
    assert await roads.route([A, B]) == await roads.route((A, B))
    assert counting.asked == ["1x1", "route 2"]
    assert roads.figures.hit_rate == 0.5


async def test_the_way_back_is_another_question() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    await roads.route([A, B])
    await roads.route([B, A])
    await roads.table([A], [B])
    await roads.table([B], [A])
    assert counting.asked == ["route 2", "route 2", "1x1", "1x1"]


async def test_of_a_new_place_only_its_row_and_its_column_are_asked_for() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    await roads.table([A, B], [A, B])
    await roads.table([A, B, C], [A, B, C])
    assert counting.asked == ["2x2", "1x3", "2x1"]
    assert (roads.figures.asked, roads.figures.known) == (4 + 9, 4)


SOME = st.lists(st.integers(0, 6), max_size=5)


@given(st.lists(st.tuples(SOME, SOME), max_size=5))
async def test_whatever_is_remembered_answers_are_those_of_the_engine(
    questions: list[tuple[list[int], list[int]]],
) -> None:
    places = [A, B, C, AT_SEA, *(LatLng(39.93, -71.5 - number / 100) for number in range(3))]
    roads, engine = CachedRoads(CountingRoads(), max_cells=4), AffineRoads()
    for origins, destinations in questions:
        from_, to = [places[n] for n in origins], [places[n] for n in destinations]
        answer, expected = await roads.table(from_, to), await engine.table(from_, to)
        assert (answer.seconds, answer.metres) == (expected.seconds, expected.metres)


async def test_two_doors_of_one_cell_are_asked_for_once_and_are_nothing_apart() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    table = await roads.table([A, NEXT_DOOR_TO_A, B], [NEXT_DOOR_TO_A, B])
    assert counting.asked == ["2x2"]
    assert table.seconds[0] == table.seconds[1]
    assert table.seconds[0][0] == 0


async def test_a_place_on_another_road_has_a_cell_of_its_own_however_near_it_is() -> None:
    roads = CachedRoads(CountingRoads())
    assert (await roads.table([A], [ACROSS_THE_BRIDGE_FROM_A])).seconds[0][0] == 222


async def test_a_table_is_approximate_whenever_one_of_its_pairs_is_also_from_memory() -> None:
    roads = CachedRoads(CountingRoads())
    for _ in range(2):
        assert (await roads.table([A, AT_SEA], [B])).is_approximate
    assert not (await roads.table([A], [B])).is_approximate


async def test_other_speeds_make_it_forget_everything() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    before = await roads.table([A], [B])
    await roads.route([A, B])
    counting.edition, counting.slowness = "rush hour", 2
    assert (await roads.table([A], [B])).seconds[0][0] == 2 * (before.seconds[0][0] or 0)
    await roads.route([A, B])
    assert counting.asked == ["1x1", "route 2"] * 2


async def test_a_table_in_the_middle_of_which_the_speeds_change_is_asked_for_as_a_whole() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    await roads.table([A], [B])
    counting.changes_to = "rush hour"
    await roads.table([A, C], [B])
    await roads.table([A, C], [B])
    assert counting.asked == ["1x1", "1x1", "whole 2x1", "2x1"]


async def test_the_cells_used_longest_ago_make_room() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting, max_cells=2)
    await roads.table([A], [A])
    await roads.table([B], [B])
    await roads.table([A], [A])  # remembered, and now the last used
    await roads.table([C], [C])  # the third cell: B goes
    await roads.table([A], [A])  # still remembered
    assert counting.asked == ["1x1"] * 3
    await roads.table([B], [B])
    assert counting.asked == ["1x1"] * 4


async def test_a_table_larger_than_the_cache_goes_to_the_engine_and_pushes_nothing_out() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting, max_cells=2)
    await roads.table([A], [B])
    await roads.table([A, B, C], [A, B, C])
    await roads.table([A], [B])
    assert counting.asked == ["1x1", "whole 3x3"]


async def test_the_routes_used_longest_ago_make_room() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting, max_routes=1)
    await roads.route([A, B])
    await roads.route([B, C])
    await roads.route([B, C])
    await roads.route([A, B])
    assert counting.asked == ["route 2"] * 3


async def test_long_ways_take_more_room_than_short_ones() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting, max_points=5)
    for stops in ([A, B], [A, C], [A, B, C], [A, C], [A, B]):
        await roads.route(stops)
    # Two and two and three points are too many: the first way went.
    assert counting.asked == ["route 2", "route 2", "route 3", "route 2"]
    await roads.route([A, B, C, A, B, C])
    await roads.route([A, B])
    assert counting.asked[4:] == ["route 6", "route 2"]


async def test_an_error_is_not_remembered() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    counting.has_roads = False
    with pytest.raises(NoRoad):
        await roads.route([A, B])
    counting.has_roads = True
    assert (await roads.route([A, B])).seconds > 0


async def test_closing_forgets_and_closes_the_engine() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    await roads.table([A], [B])
    await roads.close()
    await roads.table([A], [B])
    assert counting.asked == ["1x1", "close", "1x1"]


def test_a_cache_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        CachedRoads(CountingRoads(), max_cells=0)
    with pytest.raises(ValueError, match="max_points"):
        CachedRoads(CountingRoads(), max_points=0)

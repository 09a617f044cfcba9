"""Remembered answers of a road engine."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from doorstep.geo import LatLng
from doorstep.road import RoadRoute, RoadTable
from optimizer.roads import AffineRoads, CachedRoads, NoRoad

A, B, C = LatLng(39.90, -71.50), LatLng(39.91, -71.50), LatLng(39.92, -71.50)


class CountingRoads:
    """Estimates, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._roads = AffineRoads()
        self.has_roads = True

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        self.asked.append(f"table {len(origins)}x{len(destinations)}")
        return await self._roads.table(origins, destinations)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        self.asked.append(f"route {len(stops)}")
        if not self.has_roads:
            raise NoRoad
        return await self._roads.route(stops)

    async def close(self) -> None:
        self.asked.append("close")


async def test_the_same_question_is_asked_once() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    assert await roads.table([A], [B]) == await roads.table((A,), (B,))
    assert await roads.route([A, B]) == await roads.route((A, B))
    assert counting.asked == ["table 1x1", "route 2"]


async def test_the_way_back_is_another_question() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting)
    await roads.route([A, B])
    await roads.route([B, A])
    await roads.table([A], [B, C])
    await roads.table([A], [C, B])
    assert len(counting.asked) == 4


async def test_the_tables_used_longest_ago_make_room() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting, max_cells=4)
    await roads.table([A], [A, B])
    await roads.table([B], [A, B])
    await roads.table([A], [A, B])  # remembered, and now the last used
    await roads.table([C], [A, B])  # 6 cells: the one from B goes
    await roads.table([A], [A, B])  # still remembered
    assert counting.asked == ["table 1x2"] * 3
    await roads.table([B], [A, B])
    assert counting.asked == ["table 1x2"] * 4


async def test_a_table_larger_than_the_cache_pushes_nothing_out() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting, max_cells=4)
    await roads.table([A], [B])
    await roads.table([A, B, C], [A, B, C])
    await roads.table([A], [B])
    assert counting.asked == ["table 1x1", "table 3x3"]


async def test_the_routes_used_longest_ago_make_room() -> None:
    counting = CountingRoads()
    roads = CachedRoads(counting, max_routes=1)
    await roads.route([A, B])
    await roads.route([B, C])
    await roads.route([B, C])
    await roads.route([A, B])
    assert counting.asked == ["route 2"] * 3


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
    assert counting.asked == ["table 1x1", "close", "table 1x1"]


def test_a_cache_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        CachedRoads(CountingRoads(), max_cells=0)

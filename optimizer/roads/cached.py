"""Remembers answers of a road engine: a checkout asks for the same few drives again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from doorstep.geo import LatLng
from doorstep.ports import RoadEngine
from doorstep.road import RoadRoute, RoadTable

Points = tuple[LatLng, ...]


class CachedRoads:
    """A `doorstep.ports.RoadEngine` that keeps the answers used last; errors are not kept.

    Whole questions are remembered, not pairs: the same origins and destinations in the same order.

    Parameters
    ----------
    roads
        Who is asked the first time.
    max_cells
        Entries in all remembered tables together, 8 bytes each; larger tables are never kept.
    max_routes
        Remembered routes.

    Raises
    ------
    ValueError
        If a limit is below 1.
    """

    def __init__(self, roads: RoadEngine, *, max_cells: int = 2_000_000, max_routes: int = 2_000) -> None:
        if max_cells < 1 or max_routes < 1:
            raise ValueError(f"limits must be at least 1, got {max_cells} cells and {max_routes} routes")
        self._roads = roads
        self._max_cells = max_cells
        self._max_routes = max_routes
        self._cells = 0
        self._tables: OrderedDict[tuple[Points, Points], RoadTable] = OrderedDict()
        self._routes: OrderedDict[Points, RoadRoute] = OrderedDict()

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """As the engine answers; raises what it raises."""
        key = (tuple(origins), tuple(destinations))
        if key in self._tables:
            self._tables.move_to_end(key)
            return self._tables[key]
        table = await self._roads.table(origins, destinations)
        size = _size(key)
        if key not in self._tables and size <= self._max_cells:
            self._tables[key] = table
            self._cells += size
            while self._cells > self._max_cells:
                dropped, _ = self._tables.popitem(last=False)
                self._cells -= _size(dropped)
        return table

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """As the engine answers; raises what it raises."""
        key = tuple(stops)
        if key in self._routes:
            self._routes.move_to_end(key)
            return self._routes[key]
        route = await self._roads.route(stops)
        self._routes[key] = route
        if len(self._routes) > self._max_routes:
            self._routes.popitem(last=False)
        return route

    async def close(self) -> None:
        """Forget everything and close the engine."""
        self._tables.clear()
        self._routes.clear()
        self._cells = 0
        await self._roads.close()


def _size(key: tuple[Points, Points]) -> int:
    origins, destinations = key
    return max(1, len(origins) * len(destinations))

"""Remembers drives between cells of the map, and ways: places repeat from day to day, and within a day."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from doorstep.geo import LatLng
from doorstep.ports import RoadEngine
from doorstep.road import RoadRoute, RoadTable
from optimizer.roads.affine import packed
from optimizer.roads.cells import Cell, distinct
from optimizer.roads.pairs import LAYERS, UNKNOWN, Pairs, PairTable, unknown_parts

PLACES_PER_CELL = 20
"""Places whose cells are remembered, for each cell between which drives are."""


class CellRoads(RoadEngine, Protocol):
    """A road engine that knows which places it answers alike."""

    @property
    def edition(self) -> str:
        """Which map and speeds its answers are from; another one each time that they change, also back."""
        ...

    async def pairs(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> Pairs:
        """(3, origins, destinations): seconds, metres, and 1 where they are estimates; -1 for no road."""
        ...

    async def cells(self, places: Sequence[LatLng]) -> Sequence[Cell]:
        """In which cell of the map each place lies."""
        ...


@dataclass(slots=True)
class CacheFigures:
    """How much of what was asked was remembered, in pairs of places."""

    asked: int = 0
    known: int = 0

    @property
    def hit_rate(self) -> float:
        """From 0 to 1."""
        return self.known / self.asked if self.asked else 0.0


class CachedRoads:
    """A `doorstep.ports.RoadEngine` that keeps the answers used last; errors are not kept.

    Tables are remembered from cell to cell (`optimizer.roads.cells`), so of a table whose places are known
    but for a few, only the rows and columns of the new are asked for. The place that was asked for first
    answers for its cell: a drive may differ from the engine's own answer by the few metres between the two,
    and between two places of one cell it is nothing.
    Ways are remembered as whole questions, for exactly the same stops. Everything is forgotten when the
    engine's `edition` changes, that is when other speeds hold.

    Parameters
    ----------
    roads
        Who is asked the first time.
    max_cells
        Cells of the map between which drives are remembered, 12 bytes a pair. A question with more of them
        goes to the engine as it is.
    max_routes, max_points
        Remembered ways, and points of all their lines together, about a hundred bytes each.

    Raises
    ------
    ValueError
        If a limit is below 1.
    """

    def __init__(
        self,
        roads: CellRoads,
        *,
        max_cells: int = 2_500,
        max_routes: int = 2_000,
        max_points: int = 1_000_000,
    ) -> None:
        limits = {"max_cells": max_cells, "max_routes": max_routes, "max_points": max_points}
        for name, limit in limits.items():
            if limit < 1:
                raise ValueError(f"{name} must be at least 1, got {limit}")
        self._roads = roads
        self._max_cells = max_cells
        self._max_routes = max_routes
        self._max_points = max_points
        self._points = 0
        self._edition = roads.edition
        self._pairs = PairTable(max_cells)
        self._cells: OrderedDict[LatLng, Cell] = OrderedDict()
        self._routes: OrderedDict[tuple[LatLng, ...], RoadRoute] = OrderedDict()
        self.figures = CacheFigures()

    @property
    def edition(self) -> str:
        """Which map and speeds questions are answered by now."""
        return self._roads.edition

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """As the engine answers; raises what it raises."""
        self._forget_other_editions()
        edition = self._edition
        places = list(dict.fromkeys([*origins, *destinations]))
        if not origins or not destinations or len(places) > self._max_cells:
            return await self._roads.table(origins, destinations)
        cell_of = await self._cells_of(places)
        # The first place of a cell is asked for all of them, as origin and as destination alike.
        speaker = {cell: place for place, cell in reversed(cell_of.items())}
        from_cells, to_cells = [cell_of[p] for p in origins], [cell_of[p] for p in destinations]
        rows, columns = distinct(from_cells), distinct(to_cells)
        pairs = self._pairs.read(rows, columns)
        self.figures.asked += pairs[0].size
        self.figures.known += int((pairs[0] != UNKNOWN).sum())
        await self._fill(pairs, [speaker[cell] for cell in rows], [speaker[cell] for cell in columns])
        if edition != self._roads.edition:
            # Half of it may be from before and half from after: neither kept nor handed out.
            return await self._roads.table(origins, destinations)
        self._pairs.write(rows, columns, pairs)
        here = np.ix_([rows[cell] for cell in from_cells], [columns[cell] for cell in to_cells])
        seconds, metres, is_estimate = pairs
        return RoadTable(packed(seconds[here]), packed(metres[here]), bool(is_estimate.any()))

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """As the engine answers; raises what it raises."""
        self._forget_other_editions()
        key, edition = tuple(stops), self._edition
        if key in self._routes:
            self._routes.move_to_end(key)
            return self._routes[key]
        route = await self._roads.route(stops)
        if edition == self._roads.edition:
            self._remember(key, route)
        return route

    def _remember(self, key: tuple[LatLng, ...], route: RoadRoute) -> None:
        # Somebody else may have asked the same meanwhile.
        before = self._routes.pop(key, None)
        self._points += len(route.path) - (len(before.path) if before is not None else 0)
        self._routes[key] = route
        while len(self._routes) > self._max_routes or self._points > self._max_points:
            _, oldest = self._routes.popitem(last=False)
            self._points -= len(oldest.path)

    async def close(self) -> None:
        """Forget everything and close the engine."""
        self._forget()
        await self._roads.close()

    async def _fill(self, pairs: Pairs, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> None:
        """Ask for what is not known; afterwards everything is."""
        for rows, columns in unknown_parts(pairs):
            pairs[np.ix_(range(LAYERS), rows, columns)] = await self._roads.pairs(
                [origins[row] for row in rows], [destinations[column] for column in columns]
            )

    async def _cells_of(self, places: Sequence[LatLng]) -> dict[LatLng, Cell]:
        """The cell of each place, in the order of the places."""
        known = {place: self._cells[place] for place in places if place in self._cells}
        for place in known:
            self._cells.move_to_end(place)
        if new := [place for place in places if place not in known]:
            edition = self._edition
            known.update(zip(new, await self._roads.cells(new), strict=True))
            if edition == self._roads.edition:
                self._cells.update((place, known[place]) for place in new)
                while len(self._cells) > PLACES_PER_CELL * self._max_cells:
                    self._cells.popitem(last=False)
        return {place: known[place] for place in places}

    def _forget_other_editions(self) -> None:
        if self._edition != self._roads.edition:
            self._edition = self._roads.edition
            self._forget()

    def _forget(self) -> None:
        self._pairs.clear()
        self._cells.clear()
        self._routes.clear()
        self._points = 0

"""Roads on a map: OSRM behind `doorstep.ports.RoadEngine`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from doorstep.geo import LatLng, decode_polyline
from doorstep.road import RoadLeg, RoadRoute, RoadTable
from optimizer.roads.affine import AffineEstimate, packed, require_two
from optimizer.roads.build import BASE_NAME, Algorithm, read_manifest
from optimizer.roads.cells import Cell, cell_off_map, cell_on_road
from optimizer.roads.errors import NoRoad
from optimizer.roads.process import RoadProcess, osrm_command

CHUNK_SIDE = {Algorithm.MLD: 250, Algorithm.CH: 1_000}
"""Origins and destinations per question to the engine: about half a second's work, so that a route asked
for meanwhile waits a moment and not for the whole of a large table."""

SNAPS_AT_ONCE = 1_000
"""Places per question that only asks where they meet their roads: less than a tenth of a second's work."""

SNAP_LIMIT_M = 1_000.0
"""A point farther than this from every road counts as off the map. OSRM itself moves a point to the
nearest road however far that is, thousands of kilometres, and answers as if nothing were wrong."""


class OsrmRoads:
    """Travel times and ways from roads built by `build_roads`.

    Points off the map (see `SNAP_LIMIT_M`) get the affine estimate, and the answer is marked approximate.
    Pairs on the map that no road joins are None in a table, and a route over them raises `NoRoad`.

    Use it as an asynchronous context manager, or `close` it.

    Parameters
    ----------
    folder
        What `build_roads` returned.
    timeout_s
        For one question to the engine; a large table is many.
    start_timeout_s
        For loading the map at the first question and after a crash.
    snap_limit_m
        How far from every road a point counts as off the map.
    estimate
        For points off the map.
    chunk_side
        Most origins, and most destinations, in one question; `CHUNK_SIDE` if not given.

    Raises
    ------
    RoadsUnavailable
        If the folder holds no built roads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        timeout_s: float = 30.0,
        start_timeout_s: float = 120.0,
        snap_limit_m: float = SNAP_LIMIT_M,
        estimate: AffineEstimate | None = None,
        chunk_side: int | None = None,
    ) -> None:
        algorithm = Algorithm(read_manifest(folder)["algorithm"])
        command = osrm_command(folder / BASE_NAME, algorithm)
        self._folder = folder
        self._process = RoadProcess(command, start_timeout_s=start_timeout_s)
        self._chunk_side = CHUNK_SIDE[algorithm] if chunk_side is None else chunk_side
        self._timeout_s = timeout_s
        self._snap_limit_m = snap_limit_m
        self._estimate = estimate or AffineEstimate()

    @property
    def edition(self) -> str:
        """Which map and speeds the answers are from; the same as long as this engine lives."""
        return self._folder.name

    @property
    def pid(self) -> int | None:
        """Process id of the engine while it runs."""
        return self._process.pid

    async def start(self) -> None:
        """Load the map now rather than at the first question; raises `RoadsUnavailable`."""
        await self._process.start()

    async def close(self) -> None:
        """End the engine's process."""
        await self._process.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """Seconds and metres from each origin (row) to each destination (column).

        Raises
        ------
        RoadsUnavailable
            If the engine fails twice or does not answer in time.
        """
        seconds, metres, is_estimate = await self.pairs(origins, destinations)
        return RoadTable(packed(seconds), packed(metres), is_approximate=bool(is_estimate.any()))

    async def pairs(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> NDArray[np.int32]:
        """(3, origins, destinations): seconds, metres, and 1 where they are estimates; raises as `table`.

        Seconds and metres are `doorstep.road.NO_ROAD` where no road leads.
        """
        shape = (len(origins), len(destinations))
        found = np.zeros((3, *shape), np.int32)
        off_rows, off_columns = np.zeros(shape[0], np.bool_), np.zeros(shape[1], np.bool_)
        side = self._chunk_side
        for top in range(0, shape[0], side):
            for left in range(0, shape[1], side):
                rows, columns = slice(top, top + side), slice(left, left + side)
                head, cells = await self._ask(
                    "table", origins=_lonlat(origins[rows]), destinations=_lonlat(destinations[columns])
                )
                part = found[:2, rows, columns]
                part[:] = np.frombuffer(cells, np.int32).reshape(part.shape)
                off_rows[rows] = self._off_map(head["origin_snap_m"])
                off_columns[columns] = self._off_map(head["destination_snap_m"])
        if min(shape) and (off_rows.any() or off_columns.any()):
            # Rare, and arithmetic on up to a million pairs: not on the event loop.
            off = (np.flatnonzero(off_rows).tolist(), np.flatnonzero(off_columns).tolist())
            await asyncio.to_thread(self._estimate_off_map, found, origins, destinations, off)
        return found

    def _estimate_off_map(
        self,
        found: NDArray[np.int32],
        origins: Sequence[LatLng],
        destinations: Sequence[LatLng],
        off: tuple[list[int], list[int]],
    ) -> None:
        """Put estimates into the rows and columns of places off the map."""
        rows, columns = off
        found[:2, rows, :] = self._estimate.arrays([origins[row] for row in rows], destinations)
        found[:2, :, columns] = self._estimate.arrays(origins, [destinations[column] for column in columns])
        found[2, rows, :] = found[2, :, columns] = 1

    async def cells(self, places: Sequence[LatLng]) -> list[Cell]:
        """In which cell of the map each place lies; raises as `table` does."""
        found: list[Cell] = []
        for start in range(0, len(places), SNAPS_AT_ONCE):
            some = places[start : start + SNAPS_AT_ONCE]
            head, _ = await self._ask("snap", places=_lonlat(some))
            for place, (one, other, moved_m) in zip(some, head["snapped"], strict=True):
                is_on_map = moved_m <= self._snap_limit_m
                found.append(cell_on_road(place, one, other) if is_on_map else cell_off_map(place))
        return found

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """The way through all stops in their order.

        Raises
        ------
        InvalidInput
            If there are fewer than two stops.
        NoRoad
            If no road joins two neighbouring stops that are on the map.
        RoadsUnavailable
            If the engine fails twice or does not answer in time.
        """
        require_two(stops)
        head, _ = await self._ask("route", stops=_lonlat(stops))
        has_road = "path" in head
        if not has_road:
            # A refusal does not say how far the stops were moved; a table does.
            tabled, _ = await self._ask("table", origins=_lonlat(stops), destinations=_lonlat(stops[:1]))
            head["snap_m"] = tabled["origin_snap_m"]
        off_map = self._off_map(head["snap_m"])
        if off_map.any():
            return await self._route_in_parts(stops, off_map)
        if not has_road:
            raise NoRoad
        return RoadRoute.of_legs(decode_polyline(head["path"]), [RoadLeg(*leg) for leg in head["legs"]])

    async def _route_in_parts(self, stops: Sequence[LatLng], off_map: NDArray[np.bool_]) -> RoadRoute:
        """Leg by leg: along the roads between stops on the map, straight to and from the others."""
        path: list[LatLng] = [stops[0]]
        legs: list[RoadLeg] = []
        for index, (start, end) in enumerate(pairwise(stops)):
            if off_map[index] or off_map[index + 1]:
                path.append(end)
                legs.append(self._estimate.leg(start, end))
            else:
                part = await self.route((start, end))
                path += part.path
                legs += part.legs
        return RoadRoute.of_legs(path, legs, is_approximate=True)

    def _off_map(self, snap_m: Sequence[float]) -> NDArray[np.bool_]:
        return np.array(snap_m) > self._snap_limit_m

    async def _ask(self, question: str, **content: object) -> tuple[dict[str, Any], memoryview]:
        return await self._process.ask({"ask": question, **content}, timeout_s=self._timeout_s)


def _lonlat(points: Sequence[LatLng]) -> list[tuple[float, float]]:
    return [point.lonlat for point in points]

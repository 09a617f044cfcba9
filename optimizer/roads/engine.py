"""Roads on a map: OSRM behind `doorstep.ports.RoadEngine`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from doorstep.geo import LatLng, decode_polyline
from doorstep.road import RoadLeg, RoadRoute, RoadTable
from optimizer.roads.affine import AffineEstimate, packed, require_two
from optimizer.roads.build import BASE_NAME, MANIFEST, Algorithm
from optimizer.roads.errors import NoRoad, RoadsUnavailable
from optimizer.roads.process import RoadProcess, osrm_command

CHUNK_SIDE = {Algorithm.MLD: 250, Algorithm.CH: 1_000}
"""Origins and destinations per question to the engine: about half a second's work, so that a route asked
for meanwhile waits a moment and not for the whole of a large table."""

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
        try:
            algorithm = Algorithm(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["algorithm"])
        except (OSError, ValueError, KeyError) as problem:
            raise RoadsUnavailable(f"{folder} holds no built roads; `build_roads` makes them") from problem
        command = osrm_command(folder / BASE_NAME, algorithm)
        self._process = RoadProcess(command, start_timeout_s=start_timeout_s)
        self._chunk_side = CHUNK_SIDE[algorithm] if chunk_side is None else chunk_side
        self._timeout_s = timeout_s
        self._snap_limit_m = snap_limit_m
        self._estimate = estimate or AffineEstimate()

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
        shape = (len(origins), len(destinations))
        seconds, metres = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        off_rows, off_columns = np.zeros(shape[0], np.bool_), np.zeros(shape[1], np.bool_)
        side = self._chunk_side
        for top in range(0, shape[0], side):
            for left in range(0, shape[1], side):
                rows, columns = slice(top, top + side), slice(left, left + side)
                head, cells = await self._ask(
                    "table", origins=_lonlat(origins[rows]), destinations=_lonlat(destinations[columns])
                )
                both = np.frombuffer(cells, np.int32).reshape(2, *seconds[rows, columns].shape)
                seconds[rows, columns], metres[rows, columns] = both
                off_rows[rows] = self._off_map(head["origin_snap_m"])
                off_columns[columns] = self._off_map(head["destination_snap_m"])
        is_approximate = bool(min(shape) and (off_rows.any() or off_columns.any()))
        if is_approximate:
            # Rare, and arithmetic on up to a million pairs: not on the event loop.
            estimates = await asyncio.to_thread(self._estimate.arrays, origins, destinations)
            is_off = off_rows[:, None] | off_columns[None, :]
            seconds, metres = np.where(is_off, estimates[0], seconds), np.where(is_off, estimates[1], metres)
        return RoadTable(packed(seconds), packed(metres), is_approximate)

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

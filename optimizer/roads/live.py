"""Roads whose speeds change while questions are asked: the engine is exchanged and no question is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from doorstep.clock import Clock
from doorstep.geo import LatLng
from doorstep.road import RoadRoute, RoadTable
from optimizer.roads.cells import Cell
from optimizer.roads.engine import OsrmRoads
from optimizer.roads.errors import RoadsUnavailable
from optimizer.roads.speed_book import AS_BUILT, read_book
from optimizer.roads.speeds import SPEEDS_FOLDER

Teller = Callable[[str], None]


@dataclass(slots=True)
class _Held:
    """An engine, and how many questions it is answering."""

    roads: OsrmRoads
    name: str
    questions: int = 0


class LiveRoads:
    """`OsrmRoads` with the speeds that hold now (`optimizer.roads.speed_book`).

    From the first question on it looks every few seconds which speeds those are. Others are loaded beside
    the engine that answers, and take over when they are ready: nobody waits for them, each question is
    answered by one engine from beginning to end, and for a moment both are in memory. Speeds that cannot
    be loaded are told to `on_problem`, and those before them stay.

    Use it as an asynchronous context manager, or `close` it.

    Parameters
    ----------
    folder
        What `build_roads` returned.
    clock
        Says which hour it is.
    look_every_s
        Seconds between two looks.
    on_problem
        Hears why speeds could not be loaded, once for each of them.

    Raises
    ------
    RoadsUnavailable
        If the folder holds no built roads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        look_every_s: float = 5.0,
        on_problem: Teller = lambda _: None,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._look_every_s = look_every_s
        self._on_problem = on_problem
        self._refused = ""
        self._exchanges = 0
        self._looking: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._held = self._first()

    @property
    def edition(self) -> str:
        """Which map and speeds answer questions that are asked now; never one that was before.

        Whoever sees the same before and after a question knows that no others answered in between.
        """
        return f"{self._held.roads.edition} {self._exchanges}".strip()

    @property
    def pid(self) -> int | None:
        """Process id of the engine that answers, while it runs."""
        return self._held.roads.pid

    async def table(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> RoadTable:
        """See `OsrmRoads.table`."""
        async with self._asking() as roads:
            return await roads.table(origins, destinations)

    async def pairs(self, origins: Sequence[LatLng], destinations: Sequence[LatLng]) -> NDArray[np.int32]:
        """See `OsrmRoads.pairs`."""
        async with self._asking() as roads:
            return await roads.pairs(origins, destinations)

    async def cells(self, places: Sequence[LatLng]) -> list[Cell]:
        """See `OsrmRoads.cells`."""
        async with self._asking() as roads:
            return await roads.cells(places)

    async def route(self, stops: Sequence[LatLng]) -> RoadRoute:
        """See `OsrmRoads.route`."""
        async with self._asking() as roads:
            return await roads.route(stops)

    async def close(self) -> None:
        """End the engine's process and those that were exchanged, and look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        await self._held.roads.close()
        await asyncio.gather(*self._ending)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def look(self) -> None:
        """Load the speeds that hold now, if those are others, and let them answer from then on."""
        try:
            book = await asyncio.to_thread(read_book, self._folder)
            name = book.at(self._clock.now())
            if name == self._held.name:
                return
            fresh = OsrmRoads(self._path_of(name))
            await self._load(fresh)
        except RoadsUnavailable as problem:
            self._tell_once(problem.message)
            return
        before, self._held, self._refused = self._held, _Held(fresh, name), ""
        self._exchanges += 1
        if not before.questions:
            await self._end(before)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[OsrmRoads]:
        """The engine that answers now; the last question of one that was exchanged ends it."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_again_and_again())
        held = self._held
        held.questions += 1
        try:
            yield held.roads
        finally:
            held.questions -= 1
            if not held.questions and held is not self._held:
                await self._end(held)

    async def _end(self, held: _Held) -> None:
        """End an engine that was exchanged, to the end even if whoever waits for that is called off."""
        ending = asyncio.create_task(held.roads.close())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        await asyncio.shield(ending)

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._look_every_s)
            await self.look()

    def _first(self) -> _Held:
        try:
            name = read_book(self._folder).at(self._clock.now())
            return _Held(OsrmRoads(self._path_of(name)), name)
        except RoadsUnavailable as problem:
            roads = OsrmRoads(self._folder)
            self._tell_once(problem.message)
            return _Held(roads, AS_BUILT)

    def _path_of(self, name: str) -> Path:
        return self._folder if name == AS_BUILT else self._folder / SPEEDS_FOLDER / name

    async def _load(self, roads: OsrmRoads) -> None:
        try:
            await roads.start()
        except BaseException:
            await roads.close()
            raise

    def _tell_once(self, problem: str) -> None:
        if problem != self._refused:
            self._refused = problem
            self._on_problem(problem)

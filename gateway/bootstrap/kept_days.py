"""Kept days: running days stay in memory from one question to the next.

Whoever asks brings the whole problem as the database has it, so that nothing hangs on what is kept: a day
that differs from it is brought to it, or made anew. Several processes keep days of their own and agree all
the same.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from doorstep.ports import RoadEngine
from doorstep.route_problem import RouteProblem
from optimizer.live import RunningDay, ways_to
from optimizer.routes.travel import Travel, places_of, travel_of

MOST_BYTES = 400 << 20
"""Of all days together: ten of a thousand stops."""

BYTES_PER_DRIVE = 32
"""Seconds and metres, as an array and as rows."""


@runtime_checkable
class EditedRoads(Protocol):
    """Roads on which other speeds may hold later."""

    @property
    def edition(self) -> str:
        """Which map and speeds answer now."""
        ...


@dataclass(slots=True)
class _Kept:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    day: RunningDay | None = None
    roads: RoadEngine | None = None
    edition: str = ""
    bytes: int = 0


@dataclass(slots=True)
class KeptFigures:
    """How days were come by."""

    same: int = 0
    made: int = 0


class KeptDays:
    """Days by their names; those that were used last, as far as there is room.

    Parameters
    ----------
    most_bytes
        Of road tables, which are nearly all of a day. A larger day is used once and not kept.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self.figures = KeptFigures()

    def __len__(self) -> int:
        return sum(kept.day is not None for kept in self._kept.values())

    @asynccontextmanager
    async def day(
        self, name: str, problem: RouteProblem, roads: RoadEngine, *, new: str = ""
    ) -> AsyncIterator[RunningDay]:
        """The day as the problem says, for one caller at a time; what is done to it stays.

        Parameters
        ----------
        name
            Of the day; "" for one that nobody asks for again.
        new
            A visit that it shall know nothing of: somebody may have put it in without its being told.

        Raises
        ------
        DoorstepError
            What the road engine raises.
        """
        if not name:
            yield await _made(problem, await travel_of(problem, roads))
            return
        kept = self._kept.setdefault(name, _Kept())
        self._kept.move_to_end(name)
        async with kept.turn:
            edition = roads.edition if isinstance(roads, EditedRoads) else ""
            is_known = kept.roads is roads and kept.edition == edition
            day = kept.day if is_known and kept.day and not kept.day.knows(new) else None
            # Half changed is worse than none: it is kept again once all went well.
            kept.day, kept.bytes = None, 0
            day = await self._brought(day, problem, roads)
            yield day
            kept.day, kept.roads, kept.edition = day, roads, edition
            kept.bytes = BYTES_PER_DRIVE * len(day.places) ** 2
        self._forget_oldest()

    async def _brought(self, day: RunningDay | None, problem: RouteProblem, roads: RoadEngine) -> RunningDay:
        if day is not None:
            ways = await ways_to(places_of(problem), day.places, roads)
            if await asyncio.to_thread(day.follow, problem, ways):
                self.figures.same += 1
                return day
        self.figures.made += 1
        return await _made(problem, await travel_of(problem, roads) if day is None else day.travel)

    def _forget_oldest(self) -> None:
        while sum(kept.bytes for kept in self._kept.values()) > self._most_bytes:
            name = next(name for name, kept in self._kept.items() if kept.bytes)
            # Whoever waits for its turn there makes a day anew.
            self._kept[name].day, self._kept[name].bytes = None, 0
            if not self._kept[name].turn.locked():
                del self._kept[name]


async def _made(problem: RouteProblem, travel: Travel) -> RunningDay:
    return await asyncio.to_thread(RunningDay, problem, travel)

"""Kept days: running days stay in memory from one question to the next.

Whoever asks brings the whole problem as the database has it, so that nothing hangs on what is kept: a day
that differs from it is brought to it, or made anew. Several processes keep days of their own and agree all
the same.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, runtime_checkable

from doorstep.ports import RoadEngine
from doorstep.route_problem import RouteProblem
from optimizer.live import RunningDay, ways_to
from optimizer.routes.travel import Travel, places_of, travel_of

MOST_BYTES = 400 << 20
"""Of all days together: ten of a thousand stops."""

MOST_DAYS = 200
"""Small ones have next to no table and much else."""

KEPT_FOR_S = 3600.0
"""After it was used last. Nobody asks for a day that is over, and its doors are nobody's business."""

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
    callers: int = 0
    used_at: float = 0.0

    @property
    def bytes(self) -> int:
        return 0 if self.day is None else _bytes_of(self.day)


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
        Of road tables, which are nearly all of a large day. A larger one is used once and not kept.
    most_days
        However small they are.
    kept_for_s
        After a day was used last; looked at whenever one is used.
    now_s
        Seconds that only grow.
    """

    def __init__(
        self,
        most_bytes: int = MOST_BYTES,
        most_days: int = MOST_DAYS,
        *,
        kept_for_s: float = KEPT_FOR_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_bytes, self._most_days = most_bytes, most_days
        self._kept_for_s, self._now_s = kept_for_s, now_s
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._making: set[asyncio.Task[RunningDay]] = set()
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
        kept.callers += 1
        try:
            day = await self._taken(kept, problem, roads, new)
            try:
                yield day
                self._keep(kept, day)
            finally:
                kept.turn.release()
        finally:
            kept.callers -= 1
            self._forget()

    async def _taken(self, kept: _Kept, problem: RouteProblem, roads: RoadEngine, new: str) -> RunningDay:
        """The day as the problem says, out of what is kept; its turn is the caller's to give back.

        A caller who has no time left goes, and the day is made all the same: it is there for the next one.
        """
        await kept.turn.acquire()
        edition = roads.edition if isinstance(roads, EditedRoads) else ""
        is_known = kept.roads is roads and kept.edition == edition
        day = kept.day if is_known and kept.day and not kept.day.knows(new) else None
        # Half changed is worse than none: it is kept again once all went well.
        kept.day, kept.roads, kept.edition = None, roads, edition
        making = asyncio.create_task(self._brought(day, problem, roads))
        self._making.add(making)
        making.add_done_callback(self._making.discard)
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            making.add_done_callback(partial(self._keep_for_the_next, kept))
            raise
        except BaseException:
            kept.turn.release()
            raise

    def _keep(self, kept: _Kept, day: RunningDay) -> None:
        if _bytes_of(day) <= self._most_bytes:
            kept.day, kept.used_at = day, self._now_s()

    def _keep_for_the_next(self, kept: _Kept, making: asyncio.Task[RunningDay]) -> None:
        if not making.cancelled() and making.exception() is None:
            self._keep(kept, making.result())
        kept.turn.release()
        self._forget()

    async def _brought(self, day: RunningDay | None, problem: RouteProblem, roads: RoadEngine) -> RunningDay:
        if day is not None:
            ways = await ways_to(places_of(problem), day.places, roads)
            if await asyncio.to_thread(day.follow, problem, ways):
                self.figures.same += 1
                return day
        self.figures.made += 1
        return await _made(problem, await travel_of(problem, roads) if day is None else day.travel)

    def _forget(self) -> None:
        """Let go of what is empty or old, and of what was used longest ago where there is no room."""
        oldest = self._now_s() - self._kept_for_s
        for name, kept in list(self._kept.items()):
            is_in_use = kept.callers > 0 or kept.turn.locked()
            if not is_in_use and (kept.day is None or kept.used_at < oldest):
                del self._kept[name]
        held = [(name, kept.bytes) for name, kept in self._kept.items() if kept.day is not None]
        bytes_, days = sum(size for _, size in held), len(held)
        for name, size in held:
            if bytes_ <= self._most_bytes and days <= self._most_days:
                return
            # Whoever waits for its turn there makes a day anew.
            self._kept[name].day = None
            bytes_, days = bytes_ - size, days - 1
            if not self._kept[name].callers:
                del self._kept[name]


def _bytes_of(day: RunningDay) -> int:
    return BYTES_PER_DRIVE * len(day.places) ** 2


async def _made(problem: RouteProblem, travel: Travel) -> RunningDay:
    return await asyncio.to_thread(RunningDay, problem, travel)

"""One watcher's end of the flow: a bounded queue of changes and the latest position of each thing."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from gateway.live.cursor import Cursor, Place
from gateway.live.message import LiveKind, LiveMessage


@dataclass(frozen=True, slots=True)
class Limits:
    """What one watcher may cost.

    Messages are shared between watchers, positions with the last positions besides: one who stops reading on
    both full takes 0.74 MB (measured, CPython 3.13).

    Attributes
    ----------
    max_changes
        Changes that wait to be read; one more and they become a single RESET.
    max_moves
        Things whose latest position waits to be read; one more and they become a RESET too.
    coalesce_s
        Positions are delivered at most this often, the latest of each thing.
    """

    max_changes: int = 1_000
    max_moves: int = 2_000
    coalesce_s: float = 0.2


class Subscription(AsyncIterator[LiveMessage]):
    """Messages of some topics; read them one by one, or with `batch` as many as there are.

    Made by `Hub.subscribe`; ends when the hub closes. For one reader.

    Attributes
    ----------
    topics
        What it watches.
    cursor
        Resumes after what was read so far; at first, after the moment of subscribing. A snapshot taken after
        subscribing holds everything up to the first cursor.
    """

    def __init__(self, topics: frozenset[str], start: Cursor, limits: Limits) -> None:
        self.topics = topics
        self.cursor = str(start)
        self._limits = limits
        self._start = start.place
        self._taken_cursor = self.cursor
        self._changes: deque[LiveMessage] = deque()
        self._moves: dict[tuple[str, str], LiveMessage] = {}
        self._unread: deque[LiveMessage] = deque()
        self._moves_due_s = 0.0
        self._wake = asyncio.Event()
        self._is_closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LiveMessage:
        if not self._unread:
            self._unread.extend(await self._take())
        if not self._unread:
            raise StopAsyncIteration
        message = self._unread.popleft()
        self.cursor = message.cursor
        return message

    async def batch(self) -> list[LiveMessage]:
        """Everything there is to read, at least one message: changes first, then positions.

        [] says that the hub closed.
        """
        messages = list(self._unread) or await self._take()
        self._unread.clear()
        if messages:
            self.cursor = messages[-1].cursor
        return messages

    def drain(self) -> list[LiveMessage]:
        """What there is to read now, without waiting, positions too whether or not they are due."""
        loop = asyncio.get_running_loop()
        messages = [*self._unread, *self._drain(with_moves=bool(self._moves), now_s=loop.time())]
        self._unread.clear()
        if messages:
            self.cursor = messages[-1].cursor
        return messages

    @property
    def waiting_count(self) -> int:
        """How many messages it holds for its reader."""
        return len(self._changes) + len(self._moves) + len(self._unread)

    def offer(self, place: Place, message: LiveMessage, newest: Cursor) -> None:
        """Take a change from the hub; `newest` is where a RESET would resume."""
        if place <= self._start:
            # Resumed with the cursor of a process that reads the shared stream ahead of this one.
            return
        if len(self._changes) >= self._limits.max_changes:
            self.reset(newest)
            return
        self._changes.append(message)
        self._wake.set()

    def offer_move(self, message: LiveMessage, newest: Cursor) -> None:
        """Take a position from the hub; it replaces an unread one of the same thing."""
        key = (message.topic, message.entity_id)
        if key not in self._moves and len(self._moves) >= self._limits.max_moves:
            self.reset(newest)
            return
        if not self._moves:
            self._wake.set()
        self._moves[key] = message

    def reset(self, newest: Cursor) -> None:
        """Replace all that waits by one RESET."""
        self._start = Place()
        self._changes.clear()
        self._moves.clear()
        self._changes.append(LiveMessage(str(newest), "", "", LiveKind.RESET))
        self._wake.set()

    def close(self) -> None:
        """End the iteration once everything is read."""
        self._is_closed = True
        self._wake.set()

    async def _take(self) -> list[LiveMessage]:
        now_s = asyncio.get_running_loop().time
        while True:
            are_moves_due = bool(self._moves) and now_s() >= self._moves_due_s
            if self._changes or are_moves_due:
                return self._drain(with_moves=are_moves_due, now_s=now_s())
            if self._is_closed:
                return []
            self._wake.clear()
            try:
                async with asyncio.timeout_at(self._moves_due_s if self._moves else None):
                    await self._wake.wait()
            except TimeoutError:
                pass  # the positions are due now

    def _drain(self, *, with_moves: bool, now_s: float) -> list[LiveMessage]:
        taken = list(self._changes)
        self._changes.clear()
        if taken:
            self._taken_cursor = taken[-1].cursor
        if with_moves:
            # A position cannot be resumed from: it carries the cursor of the last change before it.
            cursor = self._taken_cursor
            taken += [
                LiveMessage(cursor, move.topic, move.entity_id, move.kind, move.position)
                for move in self._moves.values()
            ]
            self._moves.clear()
            self._moves_due_s = now_s + self._limits.coalesce_s
        return taken

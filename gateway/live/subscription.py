"""One watcher's end of the flow: a bounded queue of changes and the latest position of each thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Self

import msgspec

from gateway.live.cursor import Cursor, Place
from gateway.live.message import LiveKind, LiveMessage

CHANGE_BYTES, MOVE_BYTES = 400, 700
"""What a message takes that waits, with its texts and its place (measured, CPython 3.13)."""


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

    Made by `Hub.subscribe`; ends when the hub closes. For one reader, who waits in a task of its own, or is
    called by `listen` and reads with `poll`.

    Parameters
    ----------
    newest
        Gives the cursor of everything that the hub has handed on.

    Attributes
    ----------
    topics
        What it watches.
    cursor
        Resumes after what was read so far; at first, after the moment of subscribing. A snapshot taken after
        subscribing holds everything up to the first cursor.
    is_closed
        Whether nothing more will come than what waits.
    """

    # Many wait at once: no dictionary for each, and lists, since an empty deque takes 760 bytes.
    __slots__ = (
        "__weakref__",
        "_changes",
        "_limits",
        "_listener",
        "_moves",
        "_moves_due_s",
        "_newest",
        "_start",
        "_unread",
        "_wake",
        "cursor",
        "is_closed",
        "topics",
    )

    def __init__(
        self, topics: frozenset[str], start: Cursor, limits: Limits, newest: Callable[[], str]
    ) -> None:
        self.topics = topics
        self.cursor = str(start)
        self._limits = limits
        self._start = start.place
        self._newest = newest
        self._changes: list[LiveMessage] = []
        self._moves: dict[tuple[str, str], LiveMessage] = {}
        self._unread: list[LiveMessage] = []
        self._moves_due_s = 0.0
        self._listener: Callable[[], None] | None = None
        self._wake: asyncio.Event | None = None
        self.is_closed = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> LiveMessage:
        if not self._unread:
            self._unread.extend(await self._take())
        if not self._unread:
            raise StopAsyncIteration
        message = self._unread.pop(0)
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

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this whenever something may have become readable, within the call that brought it."""
        self._listener = listener

    def poll(self, *, undue_too: bool = False) -> list[LiveMessage]:
        """What is due now, without waiting; [] where nothing is.

        Parameters
        ----------
        undue_too
            Positions whether or not they are due.
        """
        if undue_too or self._unread:
            return self.drain() if undue_too else [*self._pop_unread(), *self.poll()]
        if not self._moves:
            messages = self._changes
            if messages:
                self._changes = []
        else:
            now_s = asyncio.get_running_loop().time()
            messages = self._drain(with_moves=now_s >= self._moves_due_s, now_s=now_s)
        if messages:
            self.cursor = messages[-1].cursor
        return messages

    def _pop_unread(self) -> list[LiveMessage]:
        unread, self._unread = self._unread, []
        self.cursor = unread[-1].cursor
        return unread

    @property
    def moves_due_s(self) -> float | None:
        """Time of the loop at which the positions that wait may be read; None where none wait."""
        return self._moves_due_s if self._moves else None

    @property
    def waiting_count(self) -> int:
        """How many messages it holds for its reader."""
        return len(self._changes) + len(self._moves) + len(self._unread)

    @property
    def waiting_bytes(self) -> int:
        """Memory of what it holds for its reader, about; what others hold too is counted as its own."""
        return (len(self._changes) + len(self._unread)) * CHANGE_BYTES + len(self._moves) * MOVE_BYTES

    def offer(self, place: Place, message: LiveMessage, newest: Cursor) -> None:
        """Take a change from the hub; `newest` is where a RESET would resume."""
        if place <= self._start:
            # Resumed with the cursor of a process that reads the shared stream ahead of this one.
            return
        if len(self._changes) >= self._limits.max_changes:
            self.reset(reset_at(newest))
            return
        self._changes.append(message)
        self._notify()

    def offer_move(self, key: tuple[str, str], message: LiveMessage, newest: Cursor) -> None:
        """Take a position from the hub; it replaces an unread one of the same thing, which `key` names."""
        moves = self._moves
        if not moves:
            moves[key] = message
            self._notify()
        elif key in moves or len(moves) < self._limits.max_moves:
            moves[key] = message
        else:
            self.reset(reset_at(newest))

    def reset(self, message: LiveMessage) -> None:
        """Replace all that waits by this RESET; see `reset_at`."""
        self._start = Place()
        self._moves.clear()
        self._changes = [message]
        self._notify()

    def close(self) -> None:
        """End the iteration once everything is read."""
        self.is_closed = True
        self._notify()

    def _notify(self) -> None:
        if self._listener is not None:
            self._listener()
        elif self._wake is not None:
            self._wake.set()

    async def _take(self) -> list[LiveMessage]:
        now_s = asyncio.get_running_loop().time
        wake = self._wake = self._wake or asyncio.Event()
        while True:
            are_moves_due = bool(self._moves) and now_s() >= self._moves_due_s
            if self._changes or are_moves_due:
                return self._drain(with_moves=are_moves_due, now_s=now_s())
            if self.is_closed:
                return []
            wake.clear()
            try:
                async with asyncio.timeout_at(self._moves_due_s if self._moves else None):
                    await wake.wait()
            except TimeoutError:
                pass  # the positions are due now

    def _drain(self, *, with_moves: bool, now_s: float) -> list[LiveMessage]:
        taken = self._changes
        if taken:
            self._changes = []
        if not with_moves or not self._moves:
            return taken or []
        # A position cannot be resumed from: it carries the cursor of everything that was handed on before it,
        # all of which is read before it. Mostly that is the one that it was published with, and the message
        # is the same one for all who read it.
        cursor = self._newest()
        moves = list(self._moves.values())
        self._moves.clear()
        for index, move in enumerate(moves):
            if move.cursor != cursor:
                moves[index] = msgspec.structs.replace(move, cursor=cursor)
        self._moves_due_s = now_s + self._limits.coalesce_s
        return [*taken, *moves] if taken else moves


def reset_at(newest: Cursor) -> LiveMessage:
    """Says that a snapshot is due; resumes after `newest`."""
    return LiveMessage(str(newest), "", "", LiveKind.RESET)

"""Follows the shared server: the stream of changes and the channel of positions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.live.cursor import Place
from gateway.live.hub import Hub
from gateway.live.message import LiveKind, LiveMessage
from gateway.live.positions import ProcessPositions
from gateway.live.redis_names import BATCH, CHANGES, MOVES, Reach, pauses_s
from gateway.live.wire import read_changes, read_moves

_BLOCK_MS = 5_000
_ENTRIES_AT_ONCE = 500
_ENTRIES_TO_REMEMBER = 1_000
_BEGINNING = b"0-0"

_log = logging.getLogger(__name__)


class ChangesReader:
    """Reads the stream from a concrete id on: "$" again and again would skip what comes between two reads.

    Attributes
    ----------
    settled
        Set once it follows, or failed to for the first time.
    """

    def __init__(self, client: Redis, hub: Hub, reach: Reach) -> None:
        self._client = client
        self._hub = hub
        self._reach = reach
        self._last_id = _BEGINNING
        self.settled = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled."""
        await _forever(self._follow, self._note_problem)

    async def _follow(self) -> None:
        await self._catch_up()
        self._note_problem("")
        while True:
            answer: Any = await self._client.xread(
                {CHANGES: self._last_id}, count=_ENTRIES_AT_ONCE, block=_BLOCK_MS
            )
            for _, entries in answer or ():
                for entry_id, fields in entries:
                    self._last_id = entry_id
                    self._hub.deliver(_place_of(entry_id), _read(fields))

    async def _catch_up(self) -> None:
        server: Any = await self._client.info("server")
        epoch = str(server["run_id"])[:8]
        if epoch != self._hub.epoch:
            # Another life of the server, or the first: what it forgot nobody can count.
            await self._begin(epoch)
            return
        oldest: Any = await self._client.xrange(CHANGES, count=1)
        is_gap = self._last_id != _BEGINNING and (
            not oldest or _place_of(oldest[0][0]) > _place_of(self._last_id)
        )
        if is_gap:
            # We were away for longer than the stream remembers.
            await self._begin(epoch)

    async def _begin(self, epoch: str) -> None:
        newest_first: Any = await self._client.xrevrange(CHANGES, count=_ENTRIES_TO_REMEMBER)
        entries = list(reversed(newest_first))
        floor = Place(*_place_of(entries[0][0])) if entries else Place()
        self._hub.restart(epoch, floor)
        self._last_id = _BEGINNING
        for entry_id, fields in entries:
            self._last_id = entry_id
            self._hub.remember(_place_of(entry_id), _read(fields))

    def _note_problem(self, problem: str) -> None:
        self._reach.changes = problem
        self.settled.set()


class MovesReader:
    """Listens to the channel of positions; what is missed is replaced by the next fix.

    Attributes
    ----------
    settled
        Set once it follows, or failed to for the first time.
    """

    def __init__(self, client: Redis, hub: Hub, positions: ProcessPositions, reach: Reach) -> None:
        self._client = client
        self._hub = hub
        self._positions = positions
        self._reach = reach
        self.settled = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        await _forever(self._follow, self._note_problem)

    async def _follow(self) -> None:
        async with self._client.pubsub() as channel:
            await channel.subscribe(MOVES)
            while True:
                message = await channel.get_message(timeout=_BLOCK_MS / 1000)
                if message is None:
                    # Only a write finds out that a silent line is dead.
                    await channel.ping()
                elif message["type"] == "subscribe":
                    self._note_problem("")
                elif message["type"] == "message":
                    self._take(message["data"])

    def _take(self, data: bytes) -> None:
        try:
            moves = read_moves(data)
        except ValueError:
            return  # another version's words; the next fix comes within seconds
        self._positions.note_moves(moves)
        self._hub.publish(moves)

    def _note_problem(self, problem: str) -> None:
        self._reach.moves = problem
        self.settled.set()


async def _forever(follow: Callable[[], Awaitable[None]], note_problem: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    pauses = pauses_s()
    while True:
        began_s = loop.time()
        try:
            await follow()
        except (RedisError, OSError) as error:
            note_problem(type(error).__name__)
        except Exception as error:  # a reader that ended would leave its watchers waiting in silence
            _log.error("reading live updates broke: %s", type(error).__name__)
            note_problem(type(error).__name__)
        if loop.time() - began_s > 2 * _BLOCK_MS / 1000:
            pauses = pauses_s()
        await asyncio.sleep(next(pauses))


def _read(fields: dict[bytes, bytes]) -> list[LiveMessage]:
    try:
        return read_changes(fields[BATCH])
    except (ValueError, KeyError):
        _log.warning("an entry of the shared stream cannot be read; watchers take a new snapshot")
        return [LiveMessage("", "", "", LiveKind.RESET)]


def _place_of(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, sequence = entry_id.decode().partition("-")
    return int(milliseconds), int(sequence)

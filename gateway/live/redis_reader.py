"""Follows the shared server: the stream of changes and the channel of positions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from gateway.live.cursor import Place
from gateway.live.hub import Hub
from gateway.live.message import LiveKind, LiveMessage
from gateway.live.positions import ProcessPositions
from gateway.live.redis_names import BATCH, CHANGES, MOVES, SHARDS, TOLD, Reach, pauses_s
from gateway.live.wire import read_changes, read_moves

_BLOCK_MS = 5_000
_ENTRIES_AT_ONCE = 500
_ENTRIES_TO_REMEMBER = 1_000
_BEGINNING = b"0-0"

_log = logging.getLogger(__name__)


class ChangesReader:
    """Reads the stream from a concrete id on: "$" again and again would skip what comes between two reads.

    Parameters
    ----------
    told
        Called with the token of each commit whose messages came.

    Attributes
    ----------
    settled
        Set once it follows, or failed to for the first time.
    """

    def __init__(
        self, client: Redis, hub: Hub, reach: Reach, told: Callable[[str], None] = lambda _: None
    ) -> None:
        self._client = client
        self._hub = hub
        self._reach = reach
        self._told = told
        self._last_id = _BEGINNING
        self.settled = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled."""
        await _forever(self._follow, self._note_problem)

    async def _follow(self) -> None:
        await self._catch_up()
        self._note_problem("")
        while True:
            after = self._last_id
            answer: Any = await self._client.xread({CHANGES: after}, count=_ENTRIES_AT_ONCE, block=_BLOCK_MS)
            for _, entries in answer or ():
                for entry_id, fields in entries:
                    self._last_id = entry_id
                    self._hub.deliver(_place_of(entry_id), _read(fields))
                    self._note_told(fields)
                # Who is so far behind that the stream was cut before what was read is not told so.
                if len(entries) == _ENTRIES_AT_ONCE and await self._is_cut_after(after):
                    await self._begin(self._hub.epoch)

    async def _catch_up(self) -> None:
        server: Any = await self._client.info("server")
        epoch = str(server["run_id"])[:8]
        if epoch != self._hub.epoch:
            # Another life of the server, or the first: what it forgot nobody can count.
            await self._begin(epoch)
            return
        if self._last_id != _BEGINNING and await self._is_cut_after(self._last_id):
            # We were away for longer than the stream remembers.
            await self._begin(epoch)

    async def _is_cut_after(self, entry_id: bytes) -> bool:
        """Whether entries that came after this one may be gone."""
        oldest: Any = await self._client.xrange(CHANGES, count=1)
        return not oldest or _place_of(oldest[0][0]) > _place_of(entry_id)

    async def _begin(self, epoch: str) -> None:
        newest_first: Any = await self._client.xrevrange(CHANGES, count=_ENTRIES_TO_REMEMBER)
        entries = list(reversed(newest_first))
        floor = Place(*_place_of(entries[0][0])) if entries else Place()
        self._hub.restart(epoch, floor)
        self._last_id = _BEGINNING
        for entry_id, fields in entries:
            self._last_id = entry_id
            self._hub.remember(_place_of(entry_id), _read(fields))
            self._note_told(fields)

    def _note_told(self, fields: dict[bytes, bytes]) -> None:
        for token in fields.get(TOLD, b"").decode(errors="replace").split():
            self._told(token)

    def _note_problem(self, problem: str) -> None:
        self._reach.changes = problem
        self.settled.set()


class MovesReader:
    """Listens to the channels of positions; what is missed is replaced by the next fix.

    A process of another version, or one that does not know yet what the server can do, may write to the plain
    channel: it is listened to as well.

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
        self._reach.has_shards = False
        try:
            await self._listen(with_shards=True)
        except ResponseError:
            # An older server: it does not know the command.
            await self._listen(with_shards=False)

    async def _listen(self, *, with_shards: bool) -> None:
        async with self._client.pubsub() as channel:
            await channel.subscribe(MOVES)
            if with_shards:
                await channel.ssubscribe(*SHARDS)
            heard_of = set()
            while True:
                message = await channel.get_message(timeout=_BLOCK_MS / 1000)
                if message is None:
                    # Only a write finds out that a silent line is dead.
                    await channel.ping()
                elif message["type"] in ("subscribe", "ssubscribe"):
                    heard_of.add(message["channel"])
                    if len(heard_of) == 1 + with_shards * len(SHARDS):
                        self._reach.has_shards = with_shards
                        self._note_problem("")
                elif message["type"] in ("message", "smessage"):
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

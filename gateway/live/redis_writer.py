"""Sends this process's messages to the shared server, a batch every few milliseconds."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.live.hub import Hub
from gateway.live.message import LiveKind, LiveMessage, merchant_of
from gateway.live.positions import KEPT_FOR, ProcessPositions, is_driver_move
from gateway.live.redis_names import (
    BATCH,
    CHANGES,
    KEPT_ENTRIES,
    MOVES,
    TOLD,
    Reach,
    pauses_s,
    positions_key,
    shard_of,
)
from gateway.live.wire import write_changes, write_moves, write_position

_ENTRY_SIZE = 200
_RESET = LiveMessage("", "", "", LiveKind.RESET)

_log = logging.getLogger(__name__)


class RedisWriter:
    """Takes messages without waiting and sends them in batches.

    While the server is away, messages go to the watchers of this process at once. Changes are kept besides,
    and sent when it is back: watchers here then read them twice, those elsewhere once. Should they become too
    many to keep, every watcher everywhere gets a RESET instead.

    Parameters
    ----------
    window_s
        How long the first message of a batch waits for company.
    max_kept
        Changes to keep while the server is away.
    """

    def __init__(
        self,
        client: Redis,
        hub: Hub,
        positions: ProcessPositions,
        reach: Reach,
        *,
        window_s: float = 0.02,
        max_kept: int = 10_000,
    ) -> None:
        self._client = client
        self._hub = hub
        self._positions = positions
        self._reach = reach
        self._window_s = window_s
        self._max_kept = max_kept
        self._changes: list[LiveMessage] = []
        self._moves: dict[tuple[str, str], LiveMessage] = {}
        self._tokens: list[str] = []
        self._pending = asyncio.Event()
        self._is_closing = False

    def publish(self, messages: Sequence[LiveMessage], token: str = "") -> None:
        """Take messages to be sent soon; `token` says to others that they come of a commit they heard of."""
        for message in messages:
            if message.kind is not LiveKind.MOVED:
                self._changes.append(message)
            elif not self._reach.writing:
                self._moves[message.topic, message.entity_id] = message
        if self._reach.writing:
            # Others hear of the commit by itself, and do not wait for so long.
            self._hand_on_here(messages)
        elif token:
            self._tokens.append(token)
        if self._changes or self._moves:
            self._pending.set()

    def finish(self) -> None:
        """Let `run` end once what waits is sent."""
        self._is_closing = True
        self._pending.set()

    async def run(self) -> None:
        """Send until `finish`."""
        while not self._is_closing or self._changes or self._moves:
            await self._pending.wait()
            if not self._is_closing:
                await asyncio.sleep(self._window_s)
            self._pending.clear()
            tokens, self._tokens = self._tokens, []
            changes, moves = self._take()
            if not await self._send(changes, moves, tokens):
                late_changes, late_moves = self._take()
                self._tokens.clear()
                self._changes = [*changes, *late_changes]
                # Nobody here has seen them yet: they would have come back through the server.
                self._hand_on_here([*self._changes, *moves, *late_moves])
                await self._come_back()

    def _take(self) -> tuple[list[LiveMessage], list[LiveMessage]]:
        taken = self._changes, list(self._moves.values())
        self._changes, self._moves = [], {}
        return taken

    async def _come_back(self) -> None:
        _log.warning("live updates go to this process only: %s", self._reach.writing)
        for pause_s in pauses_s():
            if self._is_closing:
                self._changes.clear()
                return
            await asyncio.sleep(pause_s)
            changes = self._changes if len(self._changes) <= self._max_kept else [_RESET]
            self._changes = []
            if await self._send(changes, []):
                _log.warning("live updates are shared between processes again")
                return
            self._changes = [*changes, *self._changes]

    async def _send(
        self, changes: Sequence[LiveMessage], moves: Sequence[LiveMessage], tokens: Sequence[str] = ()
    ) -> bool:
        pipeline = self._client.pipeline(transaction=False)
        for entry in itertools.batched(changes, _ENTRY_SIZE):
            is_last = entry[-1] is changes[-1]
            # What a commit tells is told with the last of its messages.
            fields: dict[Any, Any] = {BATCH: write_changes(entry)}
            if is_last and tokens:
                fields[TOLD] = " ".join(tokens)
            pipeline.xadd(CHANGES, fields, maxlen=KEPT_ENTRIES, approximate=True)
        self._put_moves(pipeline, moves)
        last: dict[str, dict[Any, bytes]] = defaultdict(dict)
        for move in moves:
            if is_driver_move(move) and move.position is not None:
                last[merchant_of(move.topic)][move.entity_id] = write_position(move.position)
        for merchant_id, fields in last.items():
            pipeline.hset(positions_key(merchant_id), mapping=fields)
            pipeline.expire(positions_key(merchant_id), KEPT_FOR)
        if not changes and not moves:
            pipeline.ping()
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            self._reach.writing = type(error).__name__
            return False
        self._reach.writing = ""
        return True

    def _put_moves(self, pipeline: Any, moves: Sequence[LiveMessage]) -> None:
        if not self._reach.has_shards:
            if moves:
                pipeline.publish(MOVES, write_moves(moves))
            return
        by_shard: dict[str, list[LiveMessage]] = defaultdict(list)
        for move in moves:
            by_shard[shard_of(merchant_of(move.topic))].append(move)
        for shard, batch in by_shard.items():
            pipeline.execute_command("SPUBLISH", shard, write_moves(batch))

    def _hand_on_here(self, messages: Sequence[LiveMessage]) -> None:
        self._positions.note_moves(messages)
        self._hub.publish(messages)

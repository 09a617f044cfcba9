"""The same flow in every process that shares one server (Redis 7, Valkey).

Changes go through one stream, which gives them one order and one cursor everywhere; positions through sharded
channels. What a process says comes back to its own watchers the same way, so that all see the same. While the
server is away, each process serves its own watchers and says so in `problem`. Of what a process commits and
does not live to tell, the others hear otherwise (`committed`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from doorstep.clock import Clock
from doorstep.errors import InvalidInput
from doorstep.secret import Secret
from gateway.live.hub import Hub
from gateway.live.message import LiveMessage
from gateway.live.positions import ProcessPositions
from gateway.live.redis_names import Reach
from gateway.live.redis_positions import RedisPositions
from gateway.live.redis_reader import ChangesReader, MovesReader
from gateway.live.redis_writer import RedisWriter
from gateway.live.witness import PATIENCE_S, Witness


class RedisBus:
    """Joins the hub of this process to those of the others.

    Parameters
    ----------
    url
        redis://, rediss:// or unix://.
    patience_s
        See `Witness`.

    Raises
    ------
    InvalidInput
        If the URL cannot be read.
    """

    def __init__(self, url: Secret, hub: Hub, clock: Clock, *, patience_s: float = PATIENCE_S) -> None:
        # A write that hangs delays the watchers here; a blocking read must outlast its own wait.
        self._writing_client = _client(url, timeout_s=2.0)
        self._reading_client = _client(url, timeout_s=10.0)
        self._reach = Reach()
        known_here = ProcessPositions(clock)
        self.positions = RedisPositions(self._writing_client, known_here, clock)
        self._writer = RedisWriter(self._writing_client, hub, known_here, self._reach)
        self._hub = hub
        self._witness = Witness(self._tell_for_another, patience_s=patience_s)
        self._changes = ChangesReader(self._reading_client, hub, self._reach, self._witness.told)
        self._moves = MovesReader(self._reading_client, hub, known_here, self._reach)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def problem(self) -> str:
        """Type of the error that keeps us from the server; "" where all is well."""
        if any(task.done() for task in self._tasks):
            return "stopped"
        return self._reach.problem

    async def open(self, budget_s: float = 2.0) -> None:
        """Begin to follow; returns when the server answered or refused, or after `budget_s`."""
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._writer.run(), name="live-writer"),
            loop.create_task(self._changes.run(), name="live-changes"),
            loop.create_task(self._moves.run(), name="live-moves"),
        ]
        try:
            async with asyncio.timeout(budget_s):
                await self._changes.settled.wait()
                await self._moves.settled.wait()
        except TimeoutError:
            pass  # serves its own watchers meanwhile, and `problem` says why

    def publish(self, messages: Sequence[LiveMessage], token: str = "") -> None:
        """Take messages to be sent soon."""
        self._writer.publish(messages, token)

    def committed(self, messages: Sequence[LiveMessage], token: str) -> None:
        """See to it that these are told, which another process committed."""
        self._witness.committed(token, messages)

    async def close(self, budget_s: float = 2.0) -> None:
        """Send what waits, then let go of connections."""
        self._witness.close()
        self._writer.finish()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=budget_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writing_client.aclose()
        await self._reading_client.aclose()

    def _tell_for_another(self, messages: Sequence[LiveMessage], token: str) -> None:
        if self._reach.problem:
            # Each process hears of the commit by itself; nothing is kept to be sent by all of them.
            self._hub.publish(messages)
        else:
            self._writer.publish(messages, token)


def _client(url: Secret, *, timeout_s: float) -> Redis:
    try:
        return Redis.from_url(
            url.reveal(),
            socket_timeout=timeout_s,
            socket_connect_timeout=2.0,
            # The library's own retries would send a batch twice without telling; ours decide.
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        message = "REDIS_URL must look like redis://host:6379/0, rediss://host:6379/0 or unix:///path"
        raise InvalidInput(message, path=("REDIS_URL",)) from None

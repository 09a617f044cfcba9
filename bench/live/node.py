"""A gateway's live part in a process of its own, joined to others by the shared server; rows lie in a file.

Told over a pipe which delivery changes, it writes the row, then publishes.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, cast

import uvicorn

from bench.live import scene
from bench.live.ours import Door, Rows
from doorstep.clock import SystemClock
from doorstep.delivery import Delivery
from doorstep.secret import Secret
from gateway.api.schema import build_schema
from gateway.api.transport.asgi import graphql_app
from gateway.auth.tokens import TrackingTokens
from gateway.flow.records import DriverState
from gateway.live import open_live
from gateway.live.message import changed
from gateway.live.message import delivery as topic_of
from simulator.serving import listening

_SCHEMA = build_schema()
"""Made once for all forks."""


class FileRows(Rows):
    """Deliveries whose reference is how often they changed."""

    def __init__(self, path: str) -> None:
        super().__init__([])
        self._rows = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._any = scene.delivery(0)

    async def deliveries(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        """By id."""
        return {id_: replace(self._any, id=id_, reference=str(self._times(id_))) for id_ in ids}

    async def driver_states(self, ids: Sequence[str]) -> Mapping[str, DriverState]:  # noqa: ARG002 - none drives
        """None."""
        return {}

    def change(self, id_: str) -> None:
        """Once more."""
        self._rows.execute("UPDATE deliveries SET times = times + 1 WHERE id = ?", (id_,))

    def _times(self, id_: str) -> int:
        (times,) = self._rows.execute("SELECT times FROM deliveries WHERE id = ?", (id_,)).fetchone()
        return int(times)


def run(path: str, redis_url: str, line: Connection) -> None:
    """Serve until SIGTERM; what was published by then is sent."""
    asyncio.run(_serve(path, redis_url, line))


async def _serve(path: str, redis_url: str, line: Connection) -> None:
    loop, rows = asyncio.get_running_loop(), FileRows(path)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    live = await open_live(Secret(redis_url), SystemClock())
    door: Any = Door(TrackingTokens([Secret(scene.SECRET)], SystemClock()), rows, live)
    app = graphql_app(_SCHEMA, cast(Any, door))
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, ws="websockets-sansio", log_level="error", lifespan="off"
    )

    def take() -> None:
        try:
            id_ = line.recv()
        except EOFError:
            # Whoever began it is gone.
            ended.set()
            return
        if not ended.is_set():
            rows.change(id_)
            live.publish([changed(topic_of(scene.MERCHANT_ID, id_), id_)])

    async with listening(config) as (_, port):
        line.send(port)
        loop.add_reader(line.fileno(), take)
        await ended.wait()
        loop.remove_reader(line.fileno())
    await live.close()

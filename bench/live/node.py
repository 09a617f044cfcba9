"""A gateway's live part in a process of its own, joined to others by the shared server; rows lie in a file.

Told on its standard input, a JSON array a line, which deliveries change; it writes the rows, then publishes.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import uvicorn

from bench.live import scene
from bench.live.ours import Door, Rows
from doorstep.clock import SystemClock
from doorstep.delivery import Delivery
from doorstep.secret import Secret
from gateway.api.asgi import graphql_app
from gateway.api.schema import build_schema
from gateway.auth.tokens import TrackingTokens
from gateway.flow.records import DriverState
from gateway.live import open_live
from gateway.live.message import changed
from gateway.live.message import delivery as topic_of
from simulator.serving import listening


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


async def main(path: str, redis_url: str) -> None:
    """Serve until SIGTERM; what was published by then is sent."""
    loop, rows = asyncio.get_running_loop(), FileRows(path)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    live = await open_live(Secret(redis_url), SystemClock())
    door: Any = Door(TrackingTokens([Secret(scene.SECRET)], SystemClock()), rows, live)
    app = graphql_app(build_schema(), cast(Any, door))
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, ws="websockets-sansio", log_level="error", lifespan="off"
    )

    def take() -> None:
        line = sys.stdin.readline()
        for id_ in json.loads(line) if line and not ended.is_set() else ():
            rows.change(id_)
            live.publish([changed(topic_of(scene.MERCHANT_ID, id_), id_)])

    async with listening(config) as (_, port):
        print(json.dumps({"port": port}), flush=True)
        loop.add_reader(sys.stdin.fileno(), take)
        await ended.wait()
        loop.remove_reader(sys.stdin.fileno())
    await live.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))

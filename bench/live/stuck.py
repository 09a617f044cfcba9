"""What a subscriber that never reads costs, while another one reads everything."""

from __future__ import annotations

import json
import socket

from bench.live.scene import QUERY

PER_SECOND = 300.0
"""Changes of the stuck client's delivery."""

OPERATIONS = 10
"""Subscriptions of each of them: together some 1.5 MB a second that are not taken."""


STUCK = 20
"""So many who do not read, that what one costs stands out of the noise of a process's memory."""


async def stuck_mb(seconds: float) -> float:
    """Megabytes that the server's memory and the kernel's for its sockets grew by at their highest, for each
    who comes and does not read, once what grows without any is taken off.
    """
    grown_kb = [await _grown_kb(seconds, stuck=stuck) for stuck in (0, STUCK)]
    print(
        f"stuck: the server grew by {grown_kb[0]} KB with none and {grown_kb[1]} KB with {STUCK}", flush=True
    )
    return round(max(0, grown_kb[1] - grown_kb[0]) / STUCK / 1024, 3)


async def _grown_kb(seconds: float, *, stuck: int) -> int:
    from bench.live.run import Process

    async with Process("server", "ours", "1") as server:
        hello = await server.hear()
        async with Process("load", str(hello["port"]), "1") as load:
            await load.say(hello["greetings"])
            await load.hear()
            # Everything that is made once is made.
            await server.ask(do="publish_changes", topics=1, per_second=PER_SECOND, seconds=1.0)
            before = await server.ask(do="weigh")
            idle = [_connect(hello["port"], hello["greetings"][0]) for _ in range(stuck)]
            order = {"topics": 1, "per_second": PER_SECOND, "seconds": seconds, "looks": True}
            spent = await server.ask(do="publish_changes", **order)
            for each in idle:
                each.close()
    return int(spent["peak_kb"] - before["rss_kb"])


def _connect(port: int, greeting: str) -> socket.socket:
    """A socket that subscribes, reads its snapshots and nothing more, through a window that holds little."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(60.0)
    line.connect(("127.0.0.1", port))
    line.sendall(
        b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    _read(line, b"\r\n\r\n", 1)
    line.sendall(_frame({"type": "connection_init", "payload": {"authorization": f"Bearer {greeting}"}}))
    for number in range(OPERATIONS):
        line.sendall(_frame({"id": str(number), "type": "subscribe", "payload": {"query": QUERY}}))
    _read(line, b'"CHECKPOINT"', OPERATIONS)
    return line


def _read(line: socket.socket, what: bytes, times: int) -> None:
    seen = b""
    while seen.count(what) < times:
        seen += line.recv(4096)


def _frame(message: dict[str, object]) -> bytes:
    text = json.dumps(message).encode()
    head = bytes((0x81, 0x80 | len(text))) if len(text) < 126 else b"\x81\xfe" + len(text).to_bytes(2)
    return head + b"\0\0\0\0" + text

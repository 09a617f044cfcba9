"""Eight carriers on loopback: each holds its answers back for its own time, hangs, or fails.

Run as a program it prints its port and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import sys
import time
from urllib.parse import parse_qs

import uvicorn
from starlette.types import Receive, Scope, Send

CARRIERS = 8
SLOWEST_S = 0.1
HANGS_S = 30.0


def delay_s(number: int) -> float:
    """How long a carrier holds its answers back: from 12.5 ms to 100 ms."""
    return SLOWEST_S * (number + 1) / CARRIERS


class Carriers:
    """All of them as one ASGI application: /<number>/rates?hang=…&fail=…&trouble=…

    Query
    -----
    hang
        Numbers of carriers that never answer, "6,7".
    fail
        Numbers of those that answer 503 at once.
    trouble
        Share of calls that hang or fail, half of each; drawn by a seed.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question."""
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        body = await _body(receive)
        query = parse_qs(scope["query_string"].decode())
        number = int(scope["path"].split("/")[1])
        status = 200
        hung = query.get("hang", [""])[0].split(",")
        failing = query.get("fail", [""])[0].split(",")
        draw = self._rng.random()
        trouble = float(query.get("trouble", ["0"])[0])
        if str(number) in hung or draw < trouble / 2:
            await asyncio.sleep(HANGS_S)
        elif str(number) in failing or draw < trouble:
            status = 503
        else:
            await asyncio.sleep(delay_s(number))
        answer = _rates(number, json.loads(body), (time.perf_counter() - began) * 1000)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _rates(number: int, question: dict[str, object], held_ms: float) -> bytes:
    rates = [
        {"service": f"s{place}", "cents": 500 + 37 * number + 211 * place, "minutes": 30 + 45 * place}
        for place in range(2)
    ]
    return json.dumps({"rates": rates, "reference": question["reference"], "held_ms": held_ms}).encode()


def main() -> None:
    """Serve on a free port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(4096)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(
        Carriers(int(sys.argv[1])), log_level="critical", access_log=False, lifespan="off", backlog=4096
    )
    asyncio.run(_until_input_ends(uvicorn.Server(config), listening))


async def _until_input_ends(server: uvicorn.Server, listening: socket.socket) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    server.should_exit = server.force_exit = True
    await serving

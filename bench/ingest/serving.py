"""The gateway in a process of its own, with the peer's address: `python -m bench.ingest.serving`."""

from __future__ import annotations

import asyncio
import sys

import structlog
import uvloop

from bench.ingest.one_by_one import one_by_one_route
from gateway.app.serve import listen, serving
from gateway.bootstrap.house import open_house
from gateway.config import Settings


async def serve() -> None:
    """Serve until standard input ends; says its port first."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    async with open_house(Settings.from_environment()) as house:
        sock = listen("127.0.0.1", 0)
        async with serving(house, sock, extra_routes=[one_by_one_route(house)]):
            print(sock.getsockname()[1], flush=True)
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve())

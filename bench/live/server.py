"""One of the servers in a process of its own, told what to do on its standard input, a JSON object a line."""

from __future__ import annotations

import array
import asyncio
import contextlib
import fcntl
import gc
import json
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import uvicorn
import uvloop
from starlette.applications import Starlette

from simulator.serving import listening

TICK_S = 0.02

LOOK_S = 0.25
"""Memory is looked at so often while messages go out."""


class Served(Protocol):
    """What is measured."""

    app: Starlette
    greetings: list[str]

    def publish(self, numbers: Sequence[int]) -> None:
        """Tell that the vans of these topics moved."""
        ...


async def main(kind: str, topics: int) -> None:
    """Serve until the input ends."""
    served, sockets = await _made(kind, topics)
    config = uvicorn.Config(
        served.app,
        host="127.0.0.1",
        port=0,
        ws=sockets,
        ws_per_message_deflate=False,
        log_level="error",
        lifespan="off",
        backlog=4096,
    )
    async with listening(config) as (_, port):
        _say({"port": port, "greetings": served.greetings})
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            _say(await _do(served, json.loads(line)))


async def _made(kind: str, topics: int) -> tuple[Served, Any]:
    # None is measured with another's modules in its memory.
    if kind == "raw":
        from bench.live.raw import Raw

        return Raw(topics), "websockets-sansio"
    if kind == "strawberry":
        from bench.live.plain_strawberry import Strawberry

        return Strawberry(topics), "websockets-sansio"
    from bench.live.ours import Ours
    from doorstep.clock import SystemClock
    from gateway.app.direct_socket import DirectSocket
    from gateway.live import open_live

    return Ours(await open_live(None, SystemClock()), topics), DirectSocket


async def _do(served: Served, order: dict[str, Any]) -> dict[str, object]:
    tells = {"publish": served.publish, "publish_changes": getattr(served, "publish_changes", None)}
    tell = tells.get(order["do"])
    if tell is not None:
        looks = order.get("looks", False)
        return await _publish(tell, order["topics"], order["per_second"], order["seconds"], looks)
    gc.collect()
    return {"rss_kb": _rss_kb()}


async def _publish(
    tell: Callable[[Sequence[int]], None], topics: int, per_second: float, seconds: float, looks: bool
) -> dict[str, object]:
    """So many messages a second, each topic in its turn; answers the CPU time until all were sent, and the
    highest memory where that is looked at.
    """
    start, cpu_s, done, total = time.monotonic(), time.process_time(), 0, round(per_second * seconds)
    peak_kb, look_s = 0, start
    while done < total:
        due = min(total, round((time.monotonic() - start) * per_second))
        tell([number % topics for number in range(done, due)])
        done = max(done, due)
        await asyncio.sleep(TICK_S)
        if looks and time.monotonic() >= look_s:
            look_s += LOOK_S
            peak_kb = max(peak_kb, _rss_kb() + _kernel_kb())
    await asyncio.sleep(1.0)
    return {"published": done, "cpu_s": time.process_time() - cpu_s, "peak_kb": peak_kb}


def _rss_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def _kernel_kb() -> int:
    """What the kernel keeps of what was written to sockets and is not acknowledged."""
    unsent, size = 0, array.array("i", [0])
    for place in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            fcntl.ioctl(int(place.name), termios.TIOCOUTQ, size)
            unsent += size[0]
    return unsent // 1024


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))

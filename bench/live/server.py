"""One of the servers in a process of its own, told what to do on its standard input, a JSON object a line."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import uvicorn
import uvloop
from starlette.applications import Starlette

from bench.live.ours import Ours
from bench.live.peers import Raw, Strawberry
from doorstep.clock import SystemClock
from gateway.app.direct_socket import DirectSocket
from gateway.live import open_live
from simulator.serving import listening

TICK_S = 0.02


class Served(Protocol):
    """What is measured."""

    app: Starlette
    greetings: list[str]

    def publish(self, numbers: Sequence[int]) -> None:
        """Tell that the vans of these topics moved."""
        ...


async def main(kind: str, topics: int) -> None:
    """Serve until the input ends."""
    served: Served
    if kind == "ours":
        served = Ours(await open_live(None, SystemClock()), topics)
    else:
        served = Strawberry(topics) if kind == "strawberry" else Raw(topics)
    sockets: Any = DirectSocket if kind == "ours" else "websockets-sansio"
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


async def _do(served: Served, order: dict[str, Any]) -> dict[str, object]:
    if order["do"] == "publish":
        return await _publish(served.publish, order["topics"], order["per_second"], order["seconds"])
    if order["do"] == "publish_changes" and isinstance(served, Ours):
        tell = served.publish_changes
        return await _publish(tell, order["topics"], order["per_second"], order["seconds"])
    gc.collect()
    return {"rss_kb": _rss_kb(), "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


async def _publish(
    tell: Callable[[Sequence[int]], None], topics: int, per_second: float, seconds: float
) -> dict[str, object]:
    """So many messages a second, each topic in its turn; answers the CPU time until all were sent."""
    start, cpu_s, done, total = time.monotonic(), time.process_time(), 0, round(per_second * seconds)
    while done < total:
        due = min(total, round((time.monotonic() - start) * per_second))
        tell([number % topics for number in range(done, due)])
        done = max(done, due)
        await asyncio.sleep(TICK_S)
    await asyncio.sleep(1.0)
    return {"published": done, "cpu_s": time.process_time() - cpu_s, "took_s": time.monotonic() - start}


def _rss_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))

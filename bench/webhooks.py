"""How fast webhooks are acknowledged, and whether what was acknowledged survives a kill -9.

`python -m bench webhooks --seconds 60 --rate 200`: a real `doorstep serve` in a process of its own, over its
embedded PostgreSQL, takes signed webhooks of one WooCommerce store from another process: a steady rate with
a burst of ten times as much for five seconds in it. In the middle of a second, shorter run the server is
killed with SIGKILL and started again; whatever it had answered 200 to must lie in the inbox.

Latencies are those of the sender, from the moment at which the request was meant to leave, so that a server
that falls behind cannot hide it (no coordinated omission).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.figures import percentile
from bench.server import Server

SECRET = "the-webhook-secret-of-a-store-that-is-not"  # noqa: S105 - it opens nothing
BURST_FACTOR, BURST_S = 10, 5.0
KILL_RUN_S = 6.0


@dataclass
class Sent:
    """What became of the webhooks."""

    steady_ms: list[float] = field(default_factory=list)
    burst_ms: list[float] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Run both parts; keys p50_ms, p99_ms, max_ms (outside the burst), burst_p99_ms, burst_max_ms, lost."""
    parser = argparse.ArgumentParser(prog="bench webhooks")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the steady rate lasts")
    parser.add_argument("--rate", type=float, default=200.0, help="webhooks a second outside the burst")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        # The embedded database works as another user than root, who must be able to enter.
        Path(folder).chmod(0o755)
        return asyncio.run(_bench(Path(folder), options.seconds, options.rate))


async def _bench(folder: Path, seconds: float, rate: float) -> dict[str, object]:
    sent, around = Sent(), Sent()
    async with Server(folder, webhook_secret=SECRET) as server:
        burst = f"{BURST_S:g} s at {rate * BURST_FACTOR:g}/s"
        print(f"steady: {seconds:g} s at {rate:g}/s, with {burst} in it")
        await _send(server, sent, _plan(seconds, rate), "steady")
        lost = len(sent.acknowledged - await server.inbox_ids())
        print(f"kill: {KILL_RUN_S:g} s at {rate:g}/s, SIGKILL in the middle")
        killing = asyncio.create_task(_kill(server, KILL_RUN_S / 2))
        await _send(server, around, _plan(KILL_RUN_S, rate, burst=False), "kill")
        await killing
        lost += len(around.acknowledged - await server.inbox_ids())
    return {
        "p50_ms": percentile(sent.steady_ms, 0.50, 1),
        "p99_ms": percentile(sent.steady_ms, 0.99, 1),
        "max_ms": percentile(sent.steady_ms, 1.0, 1),
        "burst_p99_ms": percentile(sent.burst_ms, 0.99, 1),
        "burst_max_ms": percentile(sent.burst_ms, 1.0, 1),
        "acknowledged": len(sent.acknowledged) + len(around.acknowledged),
        "refused": sent.refused,
        "refused_around_the_kill": around.refused,
        "lost": lost,
    }


def _plan(seconds: float, rate: float, *, burst: bool = True) -> list[tuple[float, bool]]:
    """When each webhook leaves, in seconds from the start, and whether it belongs to the burst."""
    starts = seconds / 2 if burst and seconds > 2 * BURST_S else math.inf
    moments: list[tuple[float, bool]] = []
    at = 0.0
    while at < seconds:
        is_burst = starts <= at < starts + BURST_S
        moments.append((at, is_burst))
        at += 1 / (rate * BURST_FACTOR if is_burst else rate)
    return moments


async def _send(server: Server, sent: Sent, plan: Sequence[tuple[float, bool]], name: str) -> None:
    timeout = aiohttp.ClientTimeout(total=10)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        start = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, (at, is_burst) in enumerate(plan):
                ahead = start + at - time.perf_counter()
                if ahead > 0:
                    await asyncio.sleep(ahead)
                tasks.create_task(_post(session, server, sent, f"{name}-{number}", start + at, is_burst))
                if number % 2000 == 0:
                    print(f"  {number:>6} of {len(plan)} sent", file=sys.stderr)


async def _post(
    session: aiohttp.ClientSession, server: Server, sent: Sent, name: str, due: float, is_burst: bool
) -> None:
    body = json.dumps({"id": 100_000 + int(name.rpartition("-")[2]), "status": "processing", "note": name})
    digest = hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).digest()
    headers = {
        "content-type": "application/json",
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-delivery-id": name,
        "x-wc-webhook-signature": base64.b64encode(digest).decode(),
    }
    try:
        async with session.post(server.webhook_url, data=body, headers=headers) as response:
            await response.read()
            is_kept = response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        is_kept = False
    took_ms = (time.perf_counter() - due) * 1000
    if not is_kept:
        sent.refused += 1
        return
    sent.acknowledged.add(name)
    (sent.burst_ms if is_burst else sent.steady_ms).append(took_ms)


async def _kill(server: Server, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await server.kill_and_start_again()

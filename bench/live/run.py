"""What a live message costs the server, beside plain Strawberry and a raw socket in the same run.

`python -m bench live`: each server runs in a process of its own, its subscribers in another, and only the
server's CPU time counts. The servers' subscribers come at the same time, then one server after the other is
measured. Every subscriber follows a delivery; what is published is that the van moved, and
every answer is the same JSON. Ours asks who is there (signed tokens), limits and masks; only its rows come
from memory, since a place is told without reading any.

own_2k and own_10k: each subscriber a delivery of their own; one_5k: all the same. us_per_message is CPU time
of the server for each message that arrived, p99_ms the time from its publication to its arrival,
kb_per_subscriber the growth of the server's memory. stuck_mb: what a socket with ten subscriptions that never
reads costs at most, in the server and in the kernel, while messages go on. status_lost: deliveries whose last
change a subscriber did not see after gateways and the shared server were killed and came back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

KINDS = ("ours", "strawberry", "raw")
SIZES = {"own_2k": (2_000, 2_000), "own_10k": (10_000, 10_000), "one_5k": (5_000, 1)}
"""Name -> (subscribers, topics)."""

OTHER_FILES = 100
"""Files that a process has open beside its sockets, at most."""

WARMING = 1_500.0
"""First messages a second."""

LOOK_S, PATIENCE_S = 0.25, 10.0
"""How often one looks what came, and after how long without anything no more is expected."""


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Run all parts; keys own_2k, own_10k, one_5k (us_per_message, p99_ms, kb_per_subscriber of each server),
    stuck_mb, status_lost.
    """
    parser = argparse.ArgumentParser(prog="bench live")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the subscribers")
    parser.add_argument("--rate", type=float, default=2_000.0, help="messages that arrive in a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each server is measured")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS, help="servers to measure")
    parser.add_argument("--only", nargs="*", default=[*SIZES, "stuck", "lost"], help="parts to run")
    options = parser.parse_args(arguments)
    return asyncio.run(_bench(options))


async def _bench(options: argparse.Namespace) -> dict[str, object]:
    found: dict[str, object] = {}
    began_s, most_files = time.monotonic(), _raised_file_limit()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began_s:5.0f} s  {what}", flush=True)

    for name, (subscribers, topics) in SIZES.items():
        if name not in options.only:
            continue
        count = affordable(max(2, round(subscribers * options.scale)), most_files, say)
        part: dict[str, dict[str, float]] = {}
        # More than one a second to each would be gathered, which costs less than it should.
        rate = min(options.rate, float(count))
        async with AsyncExitStack() as stack:
            crowds = [Crowd(kind, count, min(topics, count)) for kind in options.kinds]
            async with asyncio.TaskGroup() as coming:
                for crowd in crowds:
                    coming.create_task(crowd.come(stack))
            say(f"{name}: {count} subscribers of each server are there")
            for crowd in crowds:
                measured = await crowd.measure(rate, options.seconds)
                say(f"{name} {crowd.kind}: {measured}")
                for key, value in measured.items():
                    part.setdefault(key, {})[crowd.kind] = value
        found[name] = part
        say(f"{name}: a message of ours costs {_ratios(part['us_per_message'])}")
    if "stuck" in options.only:
        from bench.live.stuck import stuck_mb

        found["stuck_mb"] = await stuck_mb(min(4.0, options.seconds))
        say(f"stuck_mb: {found['stuck_mb']}")
    if "lost" in options.only:
        # The processes of this folder are to load no more than each needs.
        from bench.live.chaos import status_lost

        found["status_lost"] = await status_lost(max(10, round(200 * options.scale)))
        say(f"status_lost: {found['status_lost']}")
    return found


def _ratios(us_per_message: Mapping[str, float]) -> str:
    ours = us_per_message.get("ours")
    others = {kind: us for kind, us in us_per_message.items() if kind != "ours" and us}
    return ", ".join(f"{ours / us:.2f} of {kind}" for kind, us in others.items()) if ours else "nothing"


def affordable(wanted: int, most_files: int, say: Callable[[str], None]) -> int:
    """So many of these subscribers as a process may have sockets."""
    if most_files == resource.RLIM_INFINITY or wanted + OTHER_FILES <= most_files:
        return wanted
    say(f"only {most_files} files may be open: `ulimit -n {wanted + OTHER_FILES}` allows all {wanted}")
    return max(2, most_files - OTHER_FILES)


def _raised_file_limit() -> int:
    """How many files each of the processes to come may have open: as many as may be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Crowd:
    """A server and its subscribers."""

    def __init__(self, kind: str, subscribers: int, topics: int) -> None:
        self.kind = kind
        self._subscribers = subscribers
        self._topics = topics
        self._server = Process("server", kind, str(topics))
        self._kb = 0

    async def come(self, stack: AsyncExitStack) -> None:
        """Begin both, and subscribe all; they end with the stack."""
        server = await stack.enter_async_context(self._server)
        hello = await server.hear()
        before = await server.ask(do="weigh")
        self._load = await stack.enter_async_context(
            Process("load", str(hello["port"]), str(self._subscribers))
        )
        await self._load.say(hello["greetings"])
        await self._load.hear()
        after = await server.ask(do="weigh")
        self._kb = after["rss_kb"] - before["rss_kb"]

    async def measure(self, rate: float, seconds: float) -> dict[str, float]:
        """Have so many messages a second arrive, together, for so long."""
        server, load, topics = self._server, self._load, self._topics
        per_topic = self._subscribers / topics
        # A first message to everybody, so that what is made once is made.
        await server.ask(do="publish", topics=topics, per_second=WARMING, seconds=topics / WARMING)
        await _all_came(load, self._subscribers)
        order = {"topics": topics, "per_second": rate / per_topic, "seconds": seconds}
        spent = await server.ask(do="publish", **order)
        seen = await load.ask()
        return {
            "us_per_message": round(spent["cpu_s"] / max(1, seen["delivered"]) * 1e6, 1),
            "p99_ms": round(seen["p99_ms"] or 0.0, 2),
            "kb_per_subscriber": round(self._kb / self._subscribers, 1),
            "delivered_share": round(seen["delivered"] / (spent["published"] * per_topic), 4),
            "subscribers": self._subscribers,
        }


async def _all_came(load: Process, left: int) -> None:
    came_s = time.monotonic()
    while left > 0 and time.monotonic() - came_s < PATIENCE_S:
        came = (await load.ask())["delivered"]
        if came:
            left, came_s = left - came, time.monotonic()
        await asyncio.sleep(LOOK_S)


class Process:
    """A module of this folder in a process of its own, which answers each line with one."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = (sys.executable, "-m", f"bench.live.{module}", *arguments)
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def ask(self, **order: object) -> dict[str, Any]:
        """One line out, one line back."""
        await self.say(order)
        return await self.hear()

    async def say(self, what: object) -> None:
        """One line out."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()

    async def hear(self) -> dict[str, Any]:
        """One line back."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self._command[2:])} ended")
        return dict(json.loads(line))

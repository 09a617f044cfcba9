"""The simulated world as this process sees it: a child, a clock file, and a desk that speaks JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import click

DESK_TIMEOUT_S = 120.0


class DeskRefused(Exception):
    """The desk said no; `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class SimulatedWorld:
    """A running simulator."""

    url: str
    clock_file: Path
    session: aiohttp.ClientSession

    async def get(self, path: str) -> Any:
        """Ask the desk."""
        async with self.session.get(f"{self.url}/control/{path}") as response:
            return await _said(response)

    async def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Tell the desk something."""
        async with self.session.post(f"{self.url}/control/{path}", json=body or {}) as response:
            return await _said(response)


@asynccontextmanager
async def simulated_world(folder: Path, options: Sequence[str]) -> AsyncIterator[SimulatedWorld]:
    """Run the simulator for as long as the block lasts; it also ends when this process does."""
    clock_file = folder / "clock.json"
    log = (folder / "simulator.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        "--clock-file",
        str(clock_file),
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    try:
        if process.stdout is None:
            raise click.ClickException("The simulator has no output to read.")
        line = await process.stdout.readline()
        if not line:
            said = (folder / "simulator.log").read_text(errors="replace")[-2000:]
            raise click.ClickException(f"The simulator did not start:\n{said}")
        timeout = aiohttp.ClientTimeout(total=DESK_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            yield SimulatedWorld(json.loads(line)["url"], clock_file, session)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), timeout=10)
        except TimeoutError:
            process.kill()
        await process.communicate()
        log.close()


async def build_city_roads(seed: int, folder: Path) -> Path:
    """The city's streets as roads; built once for a seed, instant afterwards."""
    from optimizer.roads import build_roads

    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    streets = folder / f"city-{seed}.osm"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator.city",
        "--seed",
        str(seed),
        "--out",
        str(streets),
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await process.wait() != 0:
        raise click.ClickException("The city's streets could not be drawn.")
    return await asyncio.to_thread(build_roads, streets, folder)


async def _said(response: aiohttp.ClientResponse) -> Any:
    body = await response.json(content_type=None)
    if response.status >= 400:
        raise DeskRefused(str(body.get("error") or body.get("message") or body), response.status)
    return body

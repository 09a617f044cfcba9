"""The world as a process of its own: one line of JSON, and an end with its parent."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

Process = asyncio.subprocess.Process
_PATIENCE_S = 30


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Process]:
    command = ["-m", "simulator", "--seed", "7", "--stepped", "--clock-file", str(tmp_path / "clock.json")]
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    yield started
    if started.returncode is None:
        started.kill()
    # To the end of its pipes: `wait` alone leaves them open if it ended before.
    await started.communicate()


async def _url(process: Process) -> str:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), _PATIENCE_S)
    said: dict[str, str] = json.loads(line)
    assert list(said) == ["url"]
    return said["url"]


async def test_it_says_where_it_listens_and_shares_its_clock(
    process: Process, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    url = await _url(process)
    async with session.get(f"{url}/control/state") as response:
        state = await response.json()
    assert state["now"] == "2026-11-23T13:30:00Z"
    shared = json.loads((tmp_path / "clock.json").read_text())
    assert (shared["world_anchor"], shared["rate"]) == ("2026-11-23T13:30:00+00:00", 0)


async def test_it_ends_when_its_standard_input_ends(process: Process) -> None:
    await _url(process)
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), _PATIENCE_S) == 0


async def test_it_ends_on_sigterm(process: Process) -> None:
    await _url(process)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), _PATIENCE_S) == 0


async def test_it_says_nothing_but_that_line(process: Process) -> None:
    await _url(process)
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.read(), _PATIENCE_S) == b""


async def test_a_wrong_setting_is_refused_by_name() -> None:
    refused = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "simulator", "--orders-per-hour", "-1"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(refused.communicate(), _PATIENCE_S)
    assert refused.returncode == 2
    assert b"orders_per_hour" in said

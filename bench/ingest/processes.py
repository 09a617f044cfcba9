"""The processes that are measured: the gateway's and the database's."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Served:
    """A gateway that answers at `url`, and the owner's way to its database."""

    url: str
    pid: int
    dsn: str

    async def cpu_s(self) -> tuple[float, float]:
        """Processor seconds so far of the gateway, and of everything that belongs to its database."""
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            server = _parent(connection.info.backend_pid)
        family = [pid for pid in _pids() if _parent(pid) == server]
        return _own_s(self.pid), _own_s(server, with_ended=True) + sum(_own_s(pid) for pid in family)


@asynccontextmanager
async def gateway(environment: Mapping[str, str]) -> AsyncIterator[Served]:
    """A gateway in a process of its own, for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.ingest.serving",
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    port = int(await process.stdout.readline())
    try:
        yield Served(f"http://127.0.0.1:{port}", process.pid, environment["DATABASE_OWNER_URL"])
    finally:
        process.stdin.close()
        await process.wait()


def _stat(pid: int) -> list[str]:
    """From the third field on, as proc(5) counts them; [] for a process that has ended."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return []


def _parent(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[1]) if stat else 0


def _own_s(pid: int, *, with_ended: bool = False) -> float:
    """What a process has worked; with what its children had that ended."""
    stat = _stat(pid)
    return sum(int(one) for one in stat[11 : 15 if with_ended else 13]) / _TICKS


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]

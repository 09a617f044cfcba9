"""Processes of a benchmark: started with one JSON object, ended by closing their standard input."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_ENDS_WITHIN_S = 10.0
_LONGEST_LINE = 64 * 1024 * 1024


class Child:
    """A running process that says what it has to say in lines of JSON."""

    def __init__(self, module: str, process: asyncio.subprocess.Process) -> None:
        self._module = module
        self._process = process

    async def said(self) -> Any:
        """The next JSON object that it prints.

        Raises
        ------
        RuntimeError
            If it ended before.
        """
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            # Logs go to standard output as well, and are no JSON objects of ours.
            if line.startswith(b"{"):
                return json.loads(line)
        raise RuntimeError(f"{self._module} ended with {await self._process.wait()}; see above")


@asynccontextmanager
async def running(module: str, request: Mapping[str, object]) -> AsyncIterator[Child]:
    """Run `python -m module REQUEST` for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        json.dumps(request),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    try:
        yield Child(module, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def peak_rss_mb() -> float:
    """The most memory that this process ever had in use, MiB.

    Linux counts what a process was forked from towards `getrusage`, and not towards `VmHWM`.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return round(int(line.split()[1]) / 1024, 1)
    bytes_each = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_each / 2**20, 1)

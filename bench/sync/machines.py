"""The gateway as it is deployed: a server and workers in processes of their own, killed as machines are."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

import bench
from gateway.store.postgres import EmbeddedPostgres

_STARTS_WITHIN_S = 240.0


class Machines:
    """A database, a server, and workers.

    Parameters
    ----------
    folder
        Where its database, its settings and its logs live.
    plugins
        Folder of an installed plug-in.

    Attributes
    ----------
    kills
        Workers that were killed.
    """

    def __init__(self, folder: Path, *, plugins: Path, clock_file: Path, workers: int) -> None:
        self.kills = 0
        self.owner_dsn = ""
        self._folder = folder
        self._plugins = plugins
        self._clock_file = clock_file
        self._worker_count = workers
        self._postgres = EmbeddedPostgres(folder / "postgres")
        self._dsn = ""
        self._server: asyncio.subprocess.Process | None = None
        self._workers: list[asyncio.subprocess.Process] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def settings(self) -> Mapping[str, str]:
        """The environment of every process of the gateway."""
        return {
            "DATABASE_URL": self._dsn,
            "DATABASE_OWNER_URL": self.owner_dsn,
            "DOORSTEP_HOME": str(self._folder),
            "DOORSTEP_HOST": "127.0.0.1",
            "DOORSTEP_PORT": str(self._port),
            "DOORSTEP_ALLOW_PRIVATE_STORES": "true",
            "DOORSTEP_CLOCK_FILE": str(self._clock_file),
            "DOORSTEP_LOG_LEVEL": "WARNING",
            "DOORSTEP_LOG_FORMAT": "json",
        }

    async def __aenter__(self) -> Self:
        running = await self._postgres.__aenter__()
        self._dsn, self.owner_dsn = running.dsn("app"), running.dsn("owner")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        living = [one for one in (self._server, *self._workers) if one is not None and one.returncode is None]
        for process in living:
            process.send_signal(signal.SIGKILL)
        for process in living:
            await process.wait()
        await self._postgres.__aexit__(kind, error, trace)

    async def start_server(self) -> None:
        """Start the server and wait until it takes requests."""
        self._server = await self._start("serve", "--no-worker")
        async with aiohttp.ClientSession() as session, asyncio.timeout(_STARTS_WITHIN_S):
            while not await self._is_ready(session):
                if self._server.returncode is not None:
                    raise RuntimeError(f"the server ended at once; its words lie in {self._folder}/serve.log")
                await asyncio.sleep(0.1)

    async def start_workers(self) -> None:
        """Start all workers."""
        self._workers = [await self._start("worker") for _ in range(self._worker_count)]

    async def kill_worker(self, index: int) -> None:
        """Kill one and start another in its place."""
        self._workers[index].send_signal(signal.SIGKILL)
        await self._workers[index].wait()
        self._workers[index] = await self._start("worker")
        self.kills += 1

    def end_by_themselves(self) -> int:
        """Workers that ended although nobody killed them."""
        return sum(worker.returncode is not None for worker in self._workers)

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/ready") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def _start(self, *words: str) -> asyncio.subprocess.Process:
        environment = {**os.environ, **self.settings}
        if environment.pop("PYTHONDONTWRITEBYTECODE", None) is not None:
            # Each start would compile everything anew.
            environment["PYTHONPYCACHEPREFIX"] = str(self._folder / "bytecode")
        roots = [str(self._plugins), str(Path(bench.__file__).parents[1])]
        with (self._folder / f"{words[0]}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                "from gateway.cli import main; main()",
                *words,
                env={**environment, "PYTHONPATH": os.pathsep.join(roots)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
            )

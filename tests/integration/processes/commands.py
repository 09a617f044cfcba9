"""The command `doorstep` as an operator types it, in processes of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class Running:
    """A process that serves or works until it is told to end.

    Attributes
    ----------
    log
        Where its standard error goes.
    """

    process: asyncio.subprocess.Process
    log: Path

    def logged(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text()

    async def hears(self, words: str) -> str:
        """The line of its log with these words, once it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                lines = [line for line in self.logged().splitlines() if words in line]
                if lines:
                    return lines[0]
                assert self.process.returncode is None, self.logged()
                await asyncio.sleep(0.05)

    async def url(self) -> str:
        """Where `serve` listens."""
        return (await self.hears("Doorstep listens on ")).rpartition(" ")[2]

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.process.returncode is None:
            self.process.send_signal(number)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; gives the exit code."""
        self.send(number)
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()


@dataclass
class Shell:
    """Commands that run one after another in one process; see `shell`."""

    process: asyncio.subprocess.Process

    async def __call__(self, *arguments: str, **settings: str) -> Said:
        """Run one to its end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        line = json.dumps({"words": arguments, "settings": settings})
        self.process.stdin.write(line.encode() + b"\n")
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.process.stdout.readline()
        assert answer, f"the shell died of {arguments}"
        return Said(**json.loads(answer))

    async def says(self, *arguments: str, **settings: str) -> str:
        """What one that works prints, without the last line break."""
        return _good(await self(*arguments, **settings))


@dataclass(frozen=True, slots=True)
class Doorstep:
    """Runs commands in one environment.

    Parameters
    ----------
    folder
        A test's own, for what processes write beside their answers; its parent is the test run's.
    """

    settings: Mapping[str, str]
    folder: Path

    async def __call__(self, *arguments: str, **settings: str) -> Said:
        """Run one to its end, in a process of its own."""
        process = await asyncio.create_subprocess_exec(
            *_command(arguments),
            env=self._environment(settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
        return Said(process.returncode or 0, out.decode(), err.decode())

    async def says(self, *arguments: str, **settings: str) -> str:
        """What one that works prints, without the last line break."""
        return _good(await self(*arguments, **settings))

    @asynccontextmanager
    async def running(self, *arguments: str, **settings: str) -> AsyncIterator[Running]:
        """Run one until the block ends."""
        handle, name = tempfile.mkstemp(prefix=f"{arguments[0]}-", suffix=".log", dir=self.folder)
        with os.fdopen(handle, "wb") as file:
            process = await asyncio.create_subprocess_exec(
                *_command(arguments),
                env=self._environment(settings),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=file,
            )
        running = Running(process, Path(name))
        try:
            yield running
        finally:
            await running.end()

    @asynccontextmanager
    async def shell(self, **settings: str) -> AsyncIterator[Shell]:
        """A process for many commands, until the block ends."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(Path(__file__).with_name("shell.py")),
            env=self._environment(settings),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            yield Shell(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        # Nothing of the machine's own settings may leak in.
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        # Compiled modules are shared by all tests of a worker: the second process starts three times as fast.
        bytecode = self.folder.parent / "bytecode"
        ours = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(bytecode)}
        return {**kept, **ours, **self.settings, **settings}


def _good(said: Said) -> str:
    assert said.code == 0, said.err
    return said.out.strip()


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "gateway", *arguments]

"""The command `doorstep` as an operator types it, in processes of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PATIENCE_S = 300.0


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


@dataclass(frozen=True, slots=True)
class Shell:
    """Commands that run one after another in a process that others may use as well; see `opened_shell`."""

    process: subprocess.Popen[bytes]
    settings: Mapping[str, str]

    async def __call__(self, *arguments: str, **settings: str) -> Said:
        """Run one to its end."""
        line = json.dumps({"words": arguments, "settings": {**self.settings, **settings}})
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await asyncio.to_thread(self._answer, line.encode() + b"\n")
        except TimeoutError:
            self.process.kill()
            raise
        assert answer, f"the shell died of {arguments}"
        return Said(**json.loads(answer))

    def _answer(self, line: bytes) -> bytes:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()
        return self.process.stdout.readline()

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
        try:
            async with asyncio.timeout(PATIENCE_S):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
            raise
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

    @contextmanager
    def shell(self, **settings: str) -> Iterator[Shell]:
        """Many commands in a process of their own, until the block ends."""
        with opened_shell(self.folder) as process:
            yield Shell(process, {**self.settings, **settings})

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {**_bare_environment(self.folder), **self.settings, **settings}


@contextmanager
def opened_shell(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that pays for the imports once and runs what it is told by a `Shell`."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("shell.py"))],
        env=_bare_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        yield process


def _bare_environment(folder: Path) -> dict[str, str]:
    # Nothing of the machine's own settings may leak in.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    # With compiled modules a process starts three times as fast, also where Python is told to keep none.
    own = str(folder.parent / "bytecode") if sys.dont_write_bytecode else ""
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": sys.pycache_prefix or own}


def _good(said: Said) -> str:
    assert said.code == 0, said.err
    return said.out.strip()


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "gateway", *arguments]

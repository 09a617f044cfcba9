"""Keeps one road process alive and speaks to it, one question at a time."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from optimizer.roads import worker
from optimizer.roads.errors import RoadsTimedOut, RoadsUnavailable

_PIPE_BUFFER_BYTES = 1 << 20
_END_GENTLY_S = 2.0


def osrm_command(base: Path, algorithm: str) -> tuple[str, ...]:
    """Start `worker` on the files whose names begin with `base`."""
    # -P keeps the folder of the worker off the import path, where its neighbours could hide other modules.
    return (sys.executable, "-P", worker.__file__, str(base), algorithm)


class _Died(Exception):
    """The process is gone."""


class RoadProcess:
    """A process that answers questions about roads; started when asked, started again when it dies.

    OSRM holds the interpreter's lock while it works (a table of 1,000 x 1,000 for four seconds), so it
    must not share a process with an event loop. Belongs to the event loop that first uses it.

    Parameters
    ----------
    command
        Starts something that speaks as `worker` does: `osrm_command`.
    start_timeout_s
        For loading the map.
    """

    def __init__(self, command: Sequence[str], *, start_timeout_s: float) -> None:
        self._command = tuple(command)
        self._start_timeout_s = start_timeout_s
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the running process, None before the first question and after the end."""
        return None if self._process is None else self._process.pid

    async def ask(
        self, question: Mapping[str, Any], *, timeout_s: float
    ) -> tuple[dict[str, Any], memoryview]:
        """Wait for our turn, ask, and read the answer.

        A question whose process dies is asked once more. If the caller is cancelled, the answer is still
        read and thrown away, so that the next caller does not get it.

        Raises
        ------
        RoadsTimedOut
            If the answer takes longer than `timeout_s` (the wait for our turn not counted).
        RoadsUnavailable
            If the engine cannot be started, dies twice, refuses the question, or is closed.
        """
        payload = json.dumps(question).encode()
        await self._turn.acquire()
        asking = asyncio.create_task(self._ask_in_turn(payload, timeout_s))
        # Looking at the exception keeps asyncio quiet where the caller is gone.
        asking.add_done_callback(lambda task: task.cancelled() or task.exception())
        head, cells = worker.decode_answer(await asyncio.shield(asking))
        if "error" in head:
            raise RoadsUnavailable(f"the road engine refused: {head['error']}")
        return head, cells

    async def start(self) -> None:
        """Load the map now rather than at the first question; raises as `ask` does."""
        await self.ask({"ask": "ready"}, timeout_s=self._start_timeout_s)

    async def close(self) -> None:
        """End the process; whoever still waits for an answer gets `RoadsUnavailable`."""
        self._closed = True
        await self._forget(patience_s=_END_GENTLY_S)
        async with self._turn:
            # A question that was starting the process just then has had its turn before us.
            await self._forget(patience_s=_END_GENTLY_S)

    async def _ask_in_turn(self, payload: bytes, timeout_s: float) -> bytes:
        try:
            for _ in range(2):
                try:
                    return await self._exchange(payload, timeout_s)
                except _Died:
                    await self._forget()
            raise RoadsUnavailable("the road engine died twice while working on one question")
        finally:
            self._turn.release()

    async def _exchange(self, payload: bytes, timeout_s: float) -> bytes:
        process = await self._running()
        try:
            async with asyncio.timeout(timeout_s):
                await _write(process, payload)
                return await _read(process)
        except TimeoutError as problem:
            await self._forget()
            raise RoadsTimedOut(f"the road engine did not answer within {timeout_s:g} s") from problem

    async def _running(self) -> Process:
        if self._closed:
            raise RoadsUnavailable("the road engine is closed")
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, limit=_PIPE_BUFFER_BYTES
            )
            await self._greet(self._process)
        return self._process

    async def _greet(self, process: Process) -> None:
        try:
            async with asyncio.timeout(self._start_timeout_s):
                head, _ = worker.decode_answer(await _read(process))
        except TimeoutError as problem:
            await self._forget()
            raise RoadsTimedOut(f"loading the map took over {self._start_timeout_s:g} s") from problem
        if "error" in head:
            await self._forget()
            raise RoadsUnavailable(f"the road engine cannot load the map: {head['error']}")

    async def _forget(self, *, patience_s: float = 0.0) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _end(process, patience_s)


async def _write(process: Process, payload: bytes) -> None:
    stdin = process.stdin
    assert stdin is not None  # noqa: S101  it was started with a pipe
    try:
        stdin.write(worker.LENGTH.pack(len(payload)) + payload)
        await stdin.drain()
    except ConnectionError as problem:
        raise _Died from problem


async def _read(process: Process) -> bytes:
    stdout = process.stdout
    assert stdout is not None  # noqa: S101  it was started with a pipe
    try:
        (length,) = worker.LENGTH.unpack(await stdout.readexactly(worker.LENGTH.size))
        return await stdout.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError) as problem:
        raise _Died from problem


async def _end(process: Process, patience_s: float) -> None:
    """Close its input, which ends it when it next listens, and kill it after `patience_s`."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(patience_s):
            await process.wait()
    except TimeoutError:
        try:
            process.kill()
        except ProcessLookupError:
            pass  # it ended between the two lines
        await process.wait()
    await _let_go(process)


async def _let_go(process: Process) -> None:
    """Close the pipes of one that has ended; `wait` alone does not if it ended before it was called."""
    if process.stdout is not None:
        # RuntimeError: whoever still waits for an answer reads to the end.
        with suppress(RuntimeError):
            await process.stdout.read()
    if process.stdin is not None:
        with suppress(ConnectionError):
            await process.stdin.wait_closed()

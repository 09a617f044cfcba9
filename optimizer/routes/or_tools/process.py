"""Processes in which OR-Tools searches, apart from those that serve people.

Starting one takes a third of a second: one that has answered is kept for the next question.
"""

from __future__ import annotations

import atexit
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO, cast

from optimizer.routes.numbered.task import Tours
from optimizer.routes.or_tools import worker
from optimizer.routes.or_tools.search import Question

_COMMAND = (sys.executable, "-m", worker.__name__)
_LOOK_EVERY_S = 0.02
_MOST_IDLE = 1


class SearchDied(Exception):
    """The process is gone, or could not make anything of the question; the message says what is known."""


class SearchProcesses:
    """Asks a process; one of them is kept between questions.

    Safe to use from several threads.

    Parameters
    ----------
    command
        Starts something that speaks as `worker` does.
    most
        Processes at once; who asks while there are as many waits. None for one for each processor.
    """

    def __init__(self, command: Sequence[str] = _COMMAND, *, most: int | None = None) -> None:
        self._command = tuple(command)
        self._places = threading.Semaphore(most or os.cpu_count() or 1)
        self._idle: list[_Process] = []
        self._lock = threading.Lock()

    def ask(self, question: Callable[[], Question], is_over: Callable[[], bool]) -> Tours | None:
        """The tours found; None where there are none, or nobody waits any more.

        Parameters
        ----------
        question
            Asked for when a process is ready: its seconds count from then on.
        is_over
            Looked at while waiting; the process is ended when it says so.

        Raises
        ------
        SearchDied
            If the process ends without an answer, or answers with an error.
        """
        while not self._places.acquire(timeout=_LOOK_EVERY_S):
            if is_over():
                return None
        try:
            return self._asked(question, is_over)
        finally:
            self._places.release()

    def close(self) -> None:
        """End what is kept; it is started anew for the next question."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _asked(self, question: Callable[[], Question], is_over: Callable[[], bool]) -> Tours | None:
        process, is_kept = self._take(), False
        try:
            if not process.is_ready:
                if not process.answers(is_over):
                    return None
                worker.receive(process.output)
                process.is_ready = True
            worker.send(process.input, question())
            if not process.answers(is_over):
                return None
            answer = worker.receive(process.output)
            is_kept = True
        except (EOFError, OSError) as error:
            raise SearchDied(f"its process ended with {process.end()}") from error
        finally:
            self._give_back(process, is_kept=is_kept)
        if isinstance(answer, str):
            raise SearchDied(answer)
        return cast("Tours | None", answer)

    def _take(self) -> _Process:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.is_alive:
                    return process
                process.end()
        return _Process(self._command)

    def _give_back(self, process: _Process, *, is_kept: bool) -> None:
        with self._lock:
            if is_kept and len(self._idle) < _MOST_IDLE:
                self._idle.append(process)
                return
        process.end()


class _Process:
    """A worker and its two pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        # The worker finds our modules where we found them.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(  # noqa: S603  # our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self.input = cast("BinaryIO", self._process.stdin)
        self.output = cast("BinaryIO", self._process.stdout)
        self.is_ready = False

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def answers(self, is_over: Callable[[], bool]) -> bool:
        """Wait until there is something to read, or the end of it; False where it is over before."""
        # Not select.select, which knows no file numbers from 1024 on: a busy server has them.
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            while not selector.select(_LOOK_EVERY_S):
                if is_over():
                    return False
        return True

    def end(self) -> int:
        """Kill it, if it still lives; what it ended with."""
        if self.is_alive:
            self._process.kill()
        with suppress(BrokenPipeError):
            self.input.close()
        self.output.close()
        return self._process.wait()


PROCESSES = SearchProcesses()
"""Those of this process."""

atexit.register(PROCESSES.close)

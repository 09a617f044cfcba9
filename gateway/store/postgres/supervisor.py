"""The thread that keeps a server running, or waits to take over from the process that does."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from concurrent.futures import Future

from gateway.store.postgres.account import account_for
from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.folder import Folder, make_root
from gateway.store.postgres.locks import FolderLock
from gateway.store.postgres.log import trim
from gateway.store.postgres.serving import Choices, start_server, stop_server, why_no_answer

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STABLE_AFTER_S = 30.0
"""A server that ran this long is restarted at once; one that dies sooner waits twice as long each time."""


class Supervisor(threading.Thread):
    """Keeps the server of one folder alive from `start` until `finish`.

    A thread of its own, for three reasons: the kernel ties the server to the thread that started it; a busy
    event loop must not delay a restart; and event loops come and go while the server stays.
    """

    def __init__(self, folder: Folder, choices: Choices) -> None:
        super().__init__(name="doorstep-postgres", daemon=True)
        self.up: Future[None] = Future()
        """Done when the server answers the first time, or holds the error that kept it from it."""
        self._folder = folder
        self._choices = choices
        self._mine = FolderLock(folder.lock("supervisor"))
        self._attached = FolderLock(folder.lock("attached"))
        self._child: subprocess.Popen[bytes] | None = None
        self._child_since = 0.0
        self._pause_s = FIRST_PAUSE_S
        self._asked_to_finish = threading.Event()

    @property
    def supervises(self) -> bool:
        """Whether the server is this process's child; else it only uses another process's."""
        return self._mine.held

    def finish(self) -> None:
        """Ask the thread to stop what it started and end; `join` waits for it."""
        self._asked_to_finish.set()

    def run(self) -> None:
        try:
            self._bring_up()
        except BaseException as error:
            self._let_go()
            self.up.set_exception(_explained(error, self._folder))
            return
        self.up.set_result(None)
        try:
            self._watch()
        finally:
            self._end()

    def _bring_up(self) -> None:
        make_root(self._folder)
        deadline = time.monotonic() + self._choices.start_s
        while True:
            account_for(self._folder.root, self._folder.data, self._choices.run_as)
            if self._mine.take():
                self._start(may_create=True)
                return
            problem = why_no_answer(self._folder)
            if problem is None and self._attached.take(shared=True):
                return
            if time.monotonic() > deadline or self._asked_to_finish.wait(0.05):
                raise PostgresUnavailable(
                    f"Another doorstep process keeps the database in {self._folder.root}, and its PostgreSQL "
                    f"does not answer ({problem}). Look into {self._folder.log}, or stop that process."
                )

    def _start(self, *, may_create: bool) -> None:
        self._child = start_server(
            self._folder, self._choices, may_create=may_create, give_up=self._asked_to_finish.is_set
        )
        self._child_since = time.monotonic()

    def _watch(self) -> None:
        while not self._asked_to_finish.wait(LOOK_EVERY_S):
            try:
                self._look()
            except OSError as error:
                _log.error("the folder of PostgreSQL cannot be used: %s", error.strerror)
                self._asked_to_finish.wait(LONGEST_PAUSE_S)
        until = time.monotonic() + self._choices.wait_for_others_s
        while self._has_guests() and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)

    def _look(self) -> None:
        if not self._mine.held:
            if self._mine.take():
                _log.warning("the process that kept PostgreSQL has ended; taking over")
                self._attached.release()
                self._restart()
        elif self._child is None or self._child.poll() is not None:
            _log.error("PostgreSQL has ended unexpectedly; starting it again")
            self._restart()
        else:
            trim(self._folder.log)

    def _restart(self) -> None:
        stable = time.monotonic() - self._child_since > STABLE_AFTER_S
        self._child = None
        if stable:
            self._pause_s = FIRST_PAUSE_S
        while not self._asked_to_finish.wait(self._pause_s):
            self._pause_s = min(LONGEST_PAUSE_S, 2 * self._pause_s)
            try:
                self._start(may_create=False)
            except (PostgresUnavailable, OSError) as error:
                _log.error("PostgreSQL does not start (next attempt in %.1f s): %s", self._pause_s, error)
            else:
                _log.warning("PostgreSQL runs again")
                return

    def _has_guests(self) -> bool:
        if not self._mine.held:
            return False
        if self._attached.take():
            self._attached.release()
            return False
        return True

    def _end(self) -> None:
        try:
            if self._child is not None:
                stop_server(self._folder, self._child, self._choices)
        except (PostgresUnavailable, OSError) as error:
            _log.error("PostgreSQL was not stopped in order: %s", error)
        finally:
            self._let_go()

    def _let_go(self) -> None:
        # The supervisor's lock last and only now: whoever takes it next finds the folder empty.
        self._attached.release()
        self._mine.release()


def _explained(error: BaseException, folder: Folder) -> BaseException:
    if isinstance(error, OSError):
        where = error.filename or folder.root
        explained = PostgresUnavailable(
            f"The embedded PostgreSQL cannot use {where}: {error.strerror or error}. Make {folder.root} "
            f"writable for this user, choose another data folder, or set DATABASE_URL."
        )
        explained.__cause__ = error
        return explained
    return error

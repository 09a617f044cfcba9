"""Making sure that no server is left in the folder before one is started."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.folder import PORT, Folder
from gateway.store.postgres.locks import FolderLock
from gateway.store.postgres.process import (
    is_postgres_of,
    postgres_processes,
    read_postmaster,
    signal_postgres,
)

GRACE_S = 2.0
"""How long workers of a dead server are left to notice before they are told."""


def wait_until_empty(folder: Folder, patience_s: float, give_up: Callable[[], bool]) -> FolderLock:
    """Take the running lock, which every process of a server of ours holds from its first to its last.

    A lock of the kernel needs no process ids: it is right across reused ids and containers that cannot see
    each other's processes. What holds it is stopped, gently first, if it can be proved to be a PostgreSQL of
    this folder.

    Parameters
    ----------
    patience_s
        Longest wait, seconds.
    give_up
        Asked between looks; True ends the wait.

    Returns
    -------
    FolderLock
        Held; to be handed to the server that is started next.

    Raises
    ------
    PostgresUnavailable
        If the folder is not empty in time, or a server that is none of ours works in it.
    """
    lock = FolderLock(folder.lock("running"))
    began = time.monotonic()
    sent: set[tuple[int, signal.Signals]] = set()
    while not lock.take():
        waited_s = time.monotonic() - began
        if waited_s > patience_s or give_up():
            raise PostgresUnavailable(
                f"An earlier PostgreSQL still works in {folder.data} and does not end. If it runs in "
                f"another container, stop that; else stop it with: pg_ctl -D {folder.data} stop -m immediate"
            )
        _press(folder, waited_s, patience_s, sent)
        time.sleep(0.1)
    try:
        _refuse_strangers(folder)
        _clear_stale_files(folder)
    except BaseException:
        lock.release()
        raise
    return lock


def _press(folder: Folder, waited_s: float, patience_s: float, sent: set[tuple[int, signal.Signals]]) -> None:
    """Stop an orphaned server, or the workers that a killed one left behind; each signal goes out once."""
    postmaster = read_postmaster(folder.data)
    if postmaster is not None and is_postgres_of(postmaster.pid, folder.data, postmaster.started_at):
        # PostgreSQL's fast shutdown, then its immediate one, after which it recovers from its log.
        number = signal.SIGINT if waited_s < patience_s / 2 else signal.SIGQUIT
        if (postmaster.pid, number) not in sent:
            sent.add((postmaster.pid, number))
            signal_postgres(postmaster.pid, number, folder.data, postmaster.started_at)
        return
    if waited_s < GRACE_S:
        return
    # No postmaster leads them, so none can be told to stop in order. Recovery is made for workers killed now.
    number = signal.SIGQUIT if waited_s < 2 * GRACE_S else signal.SIGKILL
    for pid in postgres_processes(folder.data):
        if (pid, number) not in sent:
            sent.add((pid, number))
            signal_postgres(pid, number, folder.data)


def _refuse_strangers(folder: Folder) -> None:
    found = postgres_processes(folder.data)
    postmaster = read_postmaster(folder.data)
    if postmaster is not None and is_postgres_of(postmaster.pid, folder.data):
        found.append(postmaster.pid)
    if found:
        raise PostgresUnavailable(
            f"A PostgreSQL that doorstep did not start works in {folder.data} (process {found[0]}). "
            f"Stop it first: pg_ctl -D {folder.data} stop"
        )


def _clear_stale_files(folder: Folder) -> None:
    """Remove what a killed server left: PostgreSQL takes any live process with the old id for a server."""
    for path in (
        folder.data / "postmaster.pid",
        folder.socket / f".s.PGSQL.{PORT}.lock",
        folder.socket / f".s.PGSQL.{PORT}",
    ):
        path.unlink(missing_ok=True)


def forget_socket_folder(folder: Folder) -> None:
    """Remove the socket's folder where it lies outside (under /tmp) and is empty."""
    if folder.root not in folder.socket.parents:
        try:
            folder.socket.rmdir()
        except OSError:
            # Not empty or already gone: the next start copes with either.
            return

"""One run of the server: start it, wait until it answers, stop it."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from gateway.store.postgres import cluster
from gateway.store.postgres.access import connection_url
from gateway.store.postgres.account import account_for, closed_door
from gateway.store.postgres.binaries import COPIES, Binaries, binaries_for, binaries_of_wheel
from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.eviction import forget_socket_folder, wait_until_empty
from gateway.store.postgres.folder import PORT, Folder, make_parts
from gateway.store.postgres.launching import TIE, Tie, launch
from gateway.store.postgres.log import last_lines, length


@dataclass(frozen=True, slots=True)
class Choices:
    """How a server is to be run.

    Parameters
    ----------
    fast
        For tests: nothing survives a power cut.
    run_as
        Account for the server when root starts it the first time (DOORSTEP_POSTGRES_USER).
    copies
        Where root keeps programs that this account can reach.
    wheel
        The programs; None means those of the installed wheel.
    tie
        How the server learns that its supervisor has died.
    start_s
        Longest wait for a server that starts, recovery after a crash included, seconds.
    stop_s
        Longest wait for a fast shutdown before it is made an immediate one, seconds.
    wait_for_others_s
        How long a supervisor that is asked to stop goes on while other processes use its server, seconds.
    """

    fast: bool = False
    run_as: str | None = None
    copies: Path = COPIES
    wheel: Binaries | None = None
    tie: Tie = TIE
    start_s: float = 60.0
    stop_s: float = 30.0
    wait_for_others_s: float = 0.0


def start_server(
    folder: Folder, choices: Choices, *, may_create: bool, give_up: Callable[[], bool]
) -> subprocess.Popen[bytes]:
    """Start the server as a child of this thread and wait until it answers.

    Only the holder of the supervisor's lock may call this.

    Parameters
    ----------
    may_create
        Whether an absent database is made. Never on a restart: an empty one in place of a folder that has
        vanished (a volume that was unmounted) would look like lost data.
    give_up
        Asked between looks; True ends the wait.

    Raises
    ------
    PostgresUnavailable
        If it cannot be started; nothing is left running then.
    """
    account = account_for(folder.root, folder.data, choices.run_as)
    closed = closed_door(folder.root, account)
    if closed is not None:
        raise PostgresUnavailable(
            f"PostgreSQL runs as {account.label} and cannot get to {folder.root}, because {closed} is closed "
            f"to it. Choose a data folder elsewhere (such as /var/lib/doorstep/postgres), or open that one: "
            f"chmod a+x {closed}"
        )
    binaries = binaries_for(account, choices.wheel or binaries_of_wheel(), choices.copies)
    make_parts(folder, account)
    lock = wait_until_empty(folder, choices.start_s, give_up)
    try:
        if not cluster.exists(folder):
            if not may_create:
                raise PostgresUnavailable(
                    f"The database in {folder.data} has vanished. Is its volume mounted?"
                )
            cluster.create(folder, account, binaries, fast=choices.fast, tie=choices.tie)
        cluster.write_settings(folder, account, fast=choices.fast)
        before = length(folder.log)
        child = launch(
            _command(folder, binaries),
            account,
            folder.log,
            death_signal=signal.SIGINT,
            tie=choices.tie,
            lock=lock,
        )
    finally:
        lock.forget()
    try:
        _wait_until_ready(folder, child, choices.start_s, before, give_up)
    except BaseException:
        stop_server(folder, child, choices)
        raise
    return child


def _command(folder: Folder, binaries: Binaries) -> list[str]:
    return [
        str(binaries.program("postgres")),
        *("-D", str(folder.data), "-k", str(folder.socket), "-p", str(PORT)),
        *("-c", f"config_file={folder.etc / 'postgresql.conf'}"),
        # On the command line, where local.conf cannot open a TCP port.
        *("-c", "listen_addresses="),
    ]


def _wait_until_ready(
    folder: Folder,
    child: subprocess.Popen[bytes],
    patience_s: float,
    log_before: int,
    give_up: Callable[[], bool],
) -> None:
    deadline = time.monotonic() + patience_s
    pause_s = 0.02
    while (problem := why_no_answer(folder)) is not None:
        if child.poll() is not None:
            told = last_lines(folder.log, log_before)
            raise PostgresUnavailable(f"PostgreSQL did not start. The end of {folder.log}: {told}")
        if time.monotonic() > deadline or give_up():
            raise PostgresUnavailable(
                f"PostgreSQL does not answer within {patience_s:.0f} s ({problem}); look into {folder.log}"
            )
        time.sleep(pause_s)
        pause_s = min(0.2, pause_s * 1.5)


def why_no_answer(folder: Folder) -> str | None:
    """None if the server lets this process in; else what it said."""
    if not (folder.socket / f".s.PGSQL.{PORT}").exists():
        return "there is no socket yet"
    try:
        with psycopg.connect(connection_url(folder, "app", "postgres"), connect_timeout=5):
            return None
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__


def stop_server(folder: Folder, child: subprocess.Popen[bytes], choices: Choices) -> None:
    """Stop the server: fast, then immediately, then by force; returns when no process of it is left.

    Raises
    ------
    PostgresUnavailable
        If something in the folder does not end even so.
    """
    # Unreaped, a child keeps its process id: these signals cannot reach a stranger.
    for number, patience_s in (
        (signal.SIGINT, choices.stop_s),
        (signal.SIGQUIT, 10.0),
        (signal.SIGKILL, 5.0),
    ):
        if child.poll() is None:
            child.send_signal(number)
        try:
            child.wait(patience_s)
            break
        except subprocess.TimeoutExpired:
            continue
    wait_until_empty(folder, choices.stop_s, lambda: False).release()
    forget_socket_folder(folder)

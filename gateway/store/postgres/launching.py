"""Starting PostgreSQL's programs under the right account, tied to this process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from gateway.store.postgres.account import Account
from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.locks import FolderLock
from gateway.store.postgres.log import last_lines, length, open_log

Tie = Literal["kernel", "keeper"]
"""How a server learns that its supervisor has died: from the kernel (Linux), or a small process beside it."""

TIE: Tie = "kernel" if sys.platform == "linux" else "keeper"

LAUNCHER = Path(__file__).with_name("launch.py")
ONE_OFF_S = 180.0
"""Longest run of initdb and of the single-user mode; they take under a second on a sound disk."""


def launch(
    program: Sequence[str],
    account: Account,
    log: Path,
    *,
    death_signal: signal.Signals,
    tie: Tie = TIE,
    lock: FolderLock | None = None,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start `program` (an absolute path and its arguments), with its output appended to `log`.

    `death_signal` reaches it when the calling **thread** ends (prctl(2)): call from one that lives as long as
    the program should. `lock` is handed over: the last process that descends from the program frees it.
    """
    order = {
        "argv": list(program),
        "uid": account.uid,
        "gid": account.gid,
        "parent": os.getpid(),
        "tie": tie,
        "death_signal": int(death_signal),
        # PG* variables have no business in the server; without LC_ALL it refuses to start on macOS.
        "environ": {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
    }
    output = open_log(log)
    try:
        return subprocess.Popen(  # noqa: S603  our own script and a program of the wheel
            [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(order)],
            stdin=stdin,
            stdout=output,
            stderr=output,
            cwd="/",
            pass_fds=(lock.fileno(),) if lock else (),
            # A session of its own: Ctrl-C is for the gateway, which stops the server when it is ready.
            start_new_session=True,
        )
    finally:
        os.close(output)
        if lock:
            lock.forget()


def run(program: Sequence[str], account: Account, log: Path, *, tie: Tie = TIE, text: str = "") -> None:
    """Run a program to its end, with `text` as its input.

    Raises
    ------
    PostgresUnavailable
        If it fails or takes too long.
    """
    before = length(log)
    process = launch(program, account, log, death_signal=signal.SIGTERM, tie=tie, stdin=subprocess.PIPE)
    try:
        process.communicate(text.encode(), timeout=ONE_OFF_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.communicate()
        raise PostgresUnavailable(
            f"{Path(program[0]).name} did not finish within {ONE_OFF_S:.0f} s; see {log}, and check the disk."
        ) from None
    if process.returncode != 0:
        raise PostgresUnavailable(
            f"{Path(program[0]).name} failed. The end of {log}: {last_lines(log, before)}"
        )

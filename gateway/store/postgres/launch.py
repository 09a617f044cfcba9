"""Becomes a program of PostgreSQL: drops root, ties its life to its parent's, and executes it.

Run as a script, `python -I -S launch.py JSON`, so it imports nothing of ours. Between fork and exec of a
program with threads hardly any code is safe; here all of it is, since this process is new.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from types import FrameType

PR_SET_PDEATHSIG = 1
FAST_STOP_S = 30.0


def launch(
    *, argv: list[str], uid: int, gid: int, parent: int, tie: str, death_signal: int, environ: dict[str, str]
) -> int:
    """Execute `argv`, or stay beside it if the kernel cannot tie it to `parent`; then returns a code."""
    libc = ctypes.CDLL(None, use_errno=True) if tie == "kernel" else None
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.umask(0o077)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which would clear it (prctl(2)).
    if libc is None or libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        return _stay_beside(argv, parent, death_signal, environ)
    if os.getppid() == parent:
        os.execve(argv[0], argv, environ)  # noqa: S606  a program of the wheel, no shell wanted
    return 1


def _stay_beside(argv: list[str], parent: int, death_signal: int, environ: dict[str, str]) -> int:
    child = subprocess.Popen(argv, env=environ, close_fds=False)  # noqa: S603  a program of the wheel

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, pass_on)
    orphaned_at: float | None = None
    while child.poll() is None:
        if os.getppid() != parent:
            if orphaned_at is None:
                orphaned_at = time.monotonic()
                child.send_signal(death_signal)
            elif time.monotonic() - orphaned_at > FAST_STOP_S:
                child.send_signal(signal.SIGQUIT)
        time.sleep(0.2)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(launch(**json.loads(sys.argv[1])))

"""Looking at processes, so that no signal ever reaches one that is not a PostgreSQL of our data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

CLOCK_SLACK_S = 60.0
"""How far the start in postmaster.pid may lie from the process's own (a loaded machine, a set clock)."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says: true when it was written, and not necessarily since."""

    pid: int
    started_at: float
    """Seconds since 1970."""


def read_postmaster(data: Path) -> Postmaster | None:
    """The first and third line of postmaster.pid; None when there is none or it is only half written."""
    try:
        lines = (data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        return Postmaster(abs(int(lines[0])), float(lines[2]))
    except (OSError, ValueError, IndexError):
        return None


def is_postgres_of(pid: int, data: Path, started_at: float | None = None) -> bool:
    """Whether `pid` is a live `postgres` that works in `data` and, if given, began at `started_at`.

    The program is compared by name only: an upgrade may have replaced the file under a running server.
    """
    if pid <= 1 or pid == os.getpid():
        return False
    began = _seen_in_proc(pid, data) if sys.platform == "linux" else seen_by_ps(pid, data)
    return began is not None and (started_at is None or abs(began - started_at) <= CLOCK_SLACK_S)


def postgres_processes(data: Path) -> list[int]:
    """Every process of a server on `data`, its workers included. Linux only; elsewhere an empty list."""
    if sys.platform != "linux":
        return []
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _works_in(entry, data)
    ]


def signal_postgres(pid: int, number: signal.Signals, data: Path, started_at: float | None = None) -> bool:
    """Send a signal if, and only if, `pid` is a PostgreSQL of `data`. Returns whether it was sent."""
    handle: int | None = None
    try:
        if sys.platform == "linux":
            # Held open before looking, so that the number cannot pass to a stranger between look and signal.
            handle = _open_handle(pid)
        if not is_postgres_of(pid, data, started_at):
            return False
        if sys.platform == "linux" and handle is not None:
            signal.pidfd_send_signal(handle, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def _open_handle(pid: int) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except OSError:
        # A kernel before 5.3, or a sandbox that lacks the call: look and signal then are two steps.
        return None


def _works_in(entry: Path, data: Path) -> bool:
    try:
        program = Path(str((entry / "exe").readlink()).removesuffix(" (deleted)")).name
        return program == "postgres" and os.path.samestat((entry / "cwd").stat(), data.stat())
    except OSError:
        return False


def _seen_in_proc(pid: int, data: Path) -> float | None:
    entry = Path("/proc") / str(pid)
    if not _works_in(entry, data):
        return None
    try:
        # proc(5): field 22 is the start in ticks after boot; field 2, the name, may hold blanks and brackets.
        ticks = int((entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19])
        lines = Path("/proc/stat").read_text("ascii", "replace").splitlines()
        boot = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def seen_by_ps(pid: int, data: Path) -> float | None:
    """The start of a postmaster on `data` as `ps` tells it, seconds since 1970; for systems without /proc."""
    # -ww: else COLUMNS in the environment cuts the line.
    command = ["ps", "-ww", "-o", "lstart=", "-o", "command=", "-p", str(pid)]
    try:
        told = subprocess.run(  # noqa: S603  fixed words and a number
            command,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout.strip()
        began, line = time.mktime(time.strptime(told[:24], "%a %b %d %H:%M:%S %Y")), told[24:].strip()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    program, found, _ = f"{line} ".partition(f" -D {data} ")
    return began if found and Path(program).name == "postgres" else None

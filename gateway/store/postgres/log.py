"""The server's log: one file that is written to, one that was; bounded."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.store.postgres.files import open_private

LIMIT_BYTES = 8 * 1024 * 1024


def open_log(path: Path) -> int:
    """A descriptor that appends, so that the file may be cut short under the server's hands."""
    return open_private(path, os.O_WRONLY | os.O_APPEND)


def trim(path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Move the log's text to `<name>.1` and go on from nothing once it is longer than `limit_bytes`."""
    try:
        if path.stat().st_size <= limit_bytes:
            return
        older = path.with_name(f"{path.name}.1")
        older.unlink(missing_ok=True)
        source = open_private(path, os.O_RDWR)
        with os.fdopen(source, "r+b") as file, os.fdopen(open_private(older, os.O_WRONLY), "wb") as kept:
            file.seek(-limit_bytes, os.SEEK_END)
            kept.write(file.read())
            file.truncate(0)
    except OSError:
        # A log that cannot be turned over is no reason to stop a database; the next round tries again.
        return


def last_lines(path: Path, since: int = 0, count: int = 4) -> str:
    """The last lines written after byte `since`, joined into one for an error message."""
    try:
        with path.open("rb") as file:
            file.seek(since)
            lines = file.read()[-4000:].decode("utf-8", "replace").splitlines()
    except OSError:
        return "(no log)"
    return " | ".join(line.strip() for line in lines[-count:] if line.strip()) or "(the log is empty)"


def length(path: Path) -> int:
    """Bytes in the log now; what comes later starts there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0

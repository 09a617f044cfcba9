"""The clock of the world that the gateway lives in: the machine's, or a simulation's."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path

from doorstep.clock import Clock, ScaledClock, SystemClock
from doorstep.errors import InvalidInput

LOOK_EVERY_S = 0.02
"""How long a reading of the file is trusted, machine seconds."""


class FileClock:
    """Follows the clock that a simulated world writes to a file.

    The file holds `world_anchor` (RFC 3339), `machine_anchor_s` (Unix seconds) and `rate`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked_at = 0.0
        self._clock = self._read()

    def now(self) -> datetime:
        """The present instant of that world, aware, UTC."""
        if time.monotonic() - self._looked_at > LOOK_EVERY_S:
            self._clock = self._read()
        return self._clock.now()

    def _read(self) -> ScaledClock:
        self._looked_at = time.monotonic()
        state = json.loads(self._path.read_text())
        anchor = datetime.fromisoformat(state["world_anchor"])
        return ScaledClock(anchor, float(state["machine_anchor_s"]), float(state["rate"]))


def open_clock(path: Path | None) -> Clock:
    """The machine's clock, or the one in a file.

    Raises
    ------
    InvalidInput
        If the file is not there or holds no clock.
    """
    if path is None:
        return SystemClock()
    try:
        return FileClock(path)
    except (OSError, ValueError, KeyError):
        raise InvalidInput(
            f"DOORSTEP_CLOCK_FILE names {path}, which holds no clock of a simulated world.",
            path=("DOORSTEP_CLOCK_FILE",),
        ) from None

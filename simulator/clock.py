"""The world's clock: runs at any rate, stands still, or is moved by hand."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from pathlib import Path

from doorstep.clock import ScaledClock


class WorldClock:
    """The time that stores, couriers, drivers and shoppers live in.

    Parameters
    ----------
    start
        What it shows first, aware.
    rate
        World seconds a machine second; 0 stands still, so that `advance` alone moves it.
    shared_file
        Where it is written at every change, so that the gateway can live in the same world
        (setting DOORSTEP_CLOCK_FILE): {"world_anchor", "machine_anchor_s", "rate"}.
    """

    def __init__(self, start: datetime, *, rate: float = 1.0, shared_file: Path | None = None) -> None:
        self._shared_file = shared_file
        self._clock = ScaledClock(start, time.time(), rate)
        self._share()

    @property
    def rate(self) -> float:
        """World seconds a machine second."""
        return self._clock.rate

    def now(self) -> datetime:
        """The present instant of this world, aware, UTC."""
        return self._clock.now()

    def set_rate(self, rate: float) -> None:
        """Run on at another rate."""
        self._clock = self._clock.at_rate(rate)
        self._share()

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        self._clock = ScaledClock(self.now() + timedelta(seconds=seconds), time.time(), self._clock.rate)
        self._share()

    def _share(self) -> None:
        if self._shared_file is None:
            return
        state = {
            "world_anchor": self._clock.world_anchor.isoformat(),
            "machine_anchor_s": self._clock.machine_anchor_s,
            "rate": self._clock.rate,
        }
        fresh = self._shared_file.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        fresh.replace(self._shared_file)

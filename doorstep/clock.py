"""Time as a thing that is handed in, so that a day can be lived faster than it lasts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where every room reads the time of the world it works for."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A clock that runs `rate` times as fast as the machine's since an anchor.

    Attributes
    ----------
    world_anchor
        What this clock showed at the anchor.
    machine_anchor_s
        `time.time()` at the anchor, seconds.
    rate
        World seconds a machine second; 0 stands still.
    """

    world_anchor: datetime
    machine_anchor_s: float
    rate: float

    def now(self) -> datetime:
        """The present instant of that world, aware, UTC."""
        return self.world_anchor + timedelta(seconds=(time.time() - self.machine_anchor_s) * self.rate)

    def at_rate(self, rate: float) -> ScaledClock:
        """The same world from now on at another rate."""
        return ScaledClock(self.now(), time.time(), rate)

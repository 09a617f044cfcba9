"""What happens again and again, by the clock of the world the gateway lives in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from doorstep.clock import Clock

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chore:
    """Something to do every `every_s` seconds of the world's time."""

    name: str
    every_s: float
    act: Callable[[], Awaitable[None]]
    due: datetime | None = None


class Periodic:
    """Runs chores when they are due, one after the other; one that fails is tried at its next time.

    Parameters
    ----------
    look_every_s
        Machine seconds between two looks at the clock.
    """

    def __init__(self, clock: Clock, chores: Sequence[Chore], *, look_every_s: float = 0.5) -> None:
        self._clock = clock
        self._chores = list(chores)
        self._look_every_s = look_every_s

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.run_due()
            await asyncio.sleep(self._look_every_s)

    async def run_due(self) -> int:
        """Do what is due now; gives how many chores that was."""
        done = 0
        for chore in self._chores:
            now = self._clock.now()
            if chore.due is not None and chore.due > now:
                continue
            chore.due = now + timedelta(seconds=chore.every_s)
            done += 1
            started = time.monotonic()
            try:
                await chore.act()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("chore failed", chore=chore.name, error=type(error).__name__)
            log.debug("chore done", chore=chore.name, took_ms=round((time.monotonic() - started) * 1000))
        return done

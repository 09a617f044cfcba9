"""What happens again and again, by the clock of the world the gateway lives in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from doorstep.clock import Clock
from gateway.workers.rounds import Rounds

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Chore:
    """Something to do every `every_s` seconds of the world's time.

    Attributes
    ----------
    rounds
        Where what `act` starts goes on after it; None where it starts nothing.
    """

    name: str
    every_s: float
    act: Callable[[], Awaitable[None]]
    rounds: Rounds | None = None
    due: datetime | None = None


class Periodic:
    """Runs chores when they are due; one that fails is tried at its next time.

    `run` gives each a life of its own, so that a long walk through a store holds up no rescue; `run_due`
    does what is due one after the other and waits for all that it started, for a world that is moved by hand.

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
        """Until cancelled; what was started is then cancelled too, and waited for."""
        try:
            async with asyncio.TaskGroup() as lives:
                for chore in self._chores:
                    lives.create_task(self._live(chore))
        finally:
            rounds = [chore.rounds for chore in self._chores if chore.rounds is not None]
            await asyncio.gather(*(each.stop() for each in rounds))

    async def run_due(self) -> int:
        """Do what is due now; gives how many chores that was."""
        done = 0
        for chore in self._chores:
            done += await self._do_if_due(chore)
            if chore.rounds is not None:
                await chore.rounds.settled()
        return done

    async def _live(self, chore: Chore) -> None:
        while True:
            await self._do_if_due(chore)
            await asyncio.sleep(self._look_every_s)

    async def _do_if_due(self, chore: Chore) -> bool:
        now = self._clock.now()
        if chore.due is not None and chore.due > now:
            return False
        chore.due = now + timedelta(seconds=chore.every_s)
        started = time.monotonic()
        try:
            await chore.act()
        except Exception as error:
            log.warning("chore failed", chore=chore.name, error=type(error).__name__)
        log.debug("chore done", chore=chore.name, took_ms=round((time.monotonic() - started) * 1000))
        return True

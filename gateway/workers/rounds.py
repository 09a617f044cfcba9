"""Turns of many: each has a life of its own, so that nobody waits for the slowest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

AT_ONCE = 8
"""Turns of one kind that begin side by side."""

LONG_AFTER_S = 20.0
"""Machine seconds after which a turn is a long one and leaves its place to the next."""

LONG_AT_ONCE = 32
"""Long turns of one kind that go on side by side."""


class Rounds:
    """Starts a turn for each of many, unless that one's last turn still goes on.

    A turn holds one of `at_once` places. Most turns are over in a moment; one that is not, because it reads
    a whole history or because its store drips, moves after `long_after_s` to one of `long_at_once` further
    places and leaves the first to whoever waits. So a few that never end hold up nobody, and what runs at
    once is bounded all the same: only when all the further places are taken do long turns keep the first.
    What a long turn costs is a page of orders and a task that mostly waits.
    """

    def __init__(
        self, *, at_once: int = AT_ONCE, long_at_once: int = LONG_AT_ONCE, long_after_s: float = LONG_AFTER_S
    ) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._long_places = asyncio.Semaphore(long_at_once)
        self._long_after_s = long_after_s
        self._turns: dict[str, asyncio.Task[None]] = {}

    def start(self, key: str, act: Callable[[], Awaitable[None]]) -> bool:
        """Begin a turn as soon as there is a place; says whether it was not busy.

        Parameters
        ----------
        act
            Tells of its own troubles; what it raises is raised by `settled`.
        """
        if key in self._turns:
            return False
        self._turns[key] = turn = asyncio.create_task(self._turn(act), name=key)
        turn.add_done_callback(lambda _: self._turns.pop(key))
        return True

    async def settled(self) -> None:
        """Until nothing that was started goes on."""
        while self._turns:
            await asyncio.gather(*self._turns.values())

    async def stop(self) -> None:
        """Cancel what goes on, and wait until it has put down what it held."""
        turns = list(self._turns.values())
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)

    async def _turn(self, act: Callable[[], Awaitable[None]]) -> None:
        await self._places.acquire()
        held = [self._places]
        moving = asyncio.create_task(self._move(held))
        try:
            await act()
        finally:
            moving.cancel()
            await asyncio.gather(moving, return_exceptions=True)
            for places in held:
                places.release()

    async def _move(self, held: list[asyncio.Semaphore]) -> None:
        """Change places once the turn is long and there is a further place."""
        await asyncio.sleep(self._long_after_s)
        await self._long_places.acquire()
        held[:] = [self._long_places]
        self._places.release()

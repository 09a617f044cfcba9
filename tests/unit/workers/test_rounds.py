"""Turns of many stores: none waits for the slowest, and all are let go of in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from gateway.workers.periodic import Chore, Periodic
from gateway.workers.rounds import Rounds

Turn = Callable[[], Awaitable[None]]


class Stores:
    """Some answer at once; those that drip do so until they are told to end."""

    def __init__(self) -> None:
        self.served: list[str] = []
        self.begun: list[str] = []
        self.let_go: list[str] = []
        self.ends = asyncio.Event()

    def turn(self, name: str, *, drips: bool = False) -> Turn:
        async def act() -> None:
            self.begun.append(name)
            try:
                if drips:
                    await self.ends.wait()
                self.served.append(name)
            finally:
                await asyncio.sleep(0)
                self.let_go.append(name)

        return act


class HandClock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.001)


async def test_eight_stores_that_drip_hold_up_nobody() -> None:
    stores, rounds = Stores(), Rounds(at_once=8, long_at_once=8, long_after_s=0.01)
    for number in range(8):
        rounds.start(f"slow-{number}", stores.turn(f"slow-{number}", drips=True))
    for number in range(30):
        rounds.start(f"quick-{number}", stores.turn(f"quick-{number}"))
    await until(lambda: len(stores.served) == 30)
    assert not any(name.startswith("slow") for name in stores.served)
    await rounds.stop()


async def test_no_more_begin_than_there_are_places() -> None:
    stores, rounds = Stores(), Rounds(at_once=2, long_at_once=3, long_after_s=0.01)
    for number in range(9):
        rounds.start(str(number), stores.turn(str(number), drips=True))
    await until(lambda: len(stores.begun) == 5)
    await asyncio.sleep(0.05)
    assert len(stores.begun) == 5
    stores.ends.set()
    await rounds.settled()
    assert len(stores.served) == 9


async def test_a_store_that_is_still_busy_is_passed_over() -> None:
    stores, rounds = Stores(), Rounds()
    assert rounds.start("a", stores.turn("a", drips=True))
    assert not rounds.start("a", stores.turn("a"))
    stores.ends.set()
    await rounds.settled()
    assert stores.served == ["a"]
    assert rounds.start("a", stores.turn("a"))
    await rounds.settled()
    assert stores.served == ["a", "a"]


async def test_whoever_is_stopped_puts_down_what_it_holds_first() -> None:
    stores, rounds = Stores(), Rounds(at_once=1)
    for name in ("a", "b"):
        rounds.start(name, stores.turn(name, drips=True))
    await until(lambda: stores.begun == ["a"])
    await rounds.stop()
    assert (stores.let_go, stores.served) == (["a"], [])


async def test_a_chore_comes_again_while_one_store_of_it_drips_and_ends_with_the_process() -> None:
    stores, rounds, clock = Stores(), Rounds(), HandClock()
    acts = 0

    async def act() -> None:
        nonlocal acts
        acts += 1
        rounds.start("slow", stores.turn("slow", drips=True))
        rounds.start(f"quick-{acts}", stores.turn(f"quick-{acts}"))

    periodic = Periodic(clock, [Chore("sync", 60.0, act, rounds)], look_every_s=0.001)
    running = asyncio.create_task(periodic.run())
    await until(lambda: stores.served == ["quick-1"])
    clock.at += timedelta(seconds=61)
    await until(lambda: stores.served == ["quick-1", "quick-2"])
    assert stores.begun.count("slow") == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert stores.let_go[-1] == "slow"


async def test_a_world_that_is_moved_by_hand_waits_for_every_store() -> None:
    stores, rounds = Stores(), Rounds()

    async def act() -> None:
        rounds.start("slow", stores.turn("slow", drips=True))
        asyncio.get_running_loop().call_later(0.02, stores.ends.set)

    assert await Periodic(HandClock(), [Chore("sync", 60.0, act, rounds)]).run_due() == 1
    assert stores.served == ["slow"]

"""A second request while the first is slow."""

from __future__ import annotations

import asyncio

import pytest

from gateway.flow.quoting.hedging import ENOUGH, NOT_BEFORE_S, ResponseTimes, hedged


class Calls:
    """Calls that are answered when told to."""

    def __init__(self) -> None:
        self.made: list[asyncio.Future[str]] = []
        self.dropped = 0

    async def __call__(self) -> str:
        call: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.made.append(call)
        try:
            return await call
        except asyncio.CancelledError:
            self.dropped += 1
            raise

    async def until(self, number: int) -> None:
        while len(self.made) < number:
            await asyncio.sleep(0)


async def test_a_quick_answer_needs_no_second_request() -> None:
    calls = Calls()
    task = asyncio.create_task(hedged(calls, 10.0))
    await calls.until(1)
    calls.made[0].set_result("first")
    assert (await task, len(calls.made)) == ("first", 1)


async def test_the_second_request_may_win_and_the_first_is_dropped() -> None:
    calls = Calls()
    task = asyncio.create_task(hedged(calls, 0.0))
    await calls.until(2)
    calls.made[1].set_result("second")
    assert await task == "second"
    await asyncio.sleep(0)
    assert calls.dropped == 1


async def test_one_failure_does_not_end_the_other() -> None:
    calls = Calls()
    task = asyncio.create_task(hedged(calls, 0.0))
    await calls.until(2)
    calls.made[0].set_exception(OSError("broken"))
    await asyncio.sleep(0)
    assert not task.done()
    calls.made[1].set_result("second")
    assert await task == "second"


async def test_where_both_fail_the_last_failure_is_told() -> None:
    calls = Calls()
    task = asyncio.create_task(hedged(calls, 0.0))
    await calls.until(2)
    for number, call in enumerate(calls.made):
        call.set_exception(OSError(str(number)))
    with pytest.raises(OSError, match=r"[01]"):
        await task


async def test_who_gives_up_drops_both() -> None:
    calls = Calls()
    task = asyncio.create_task(hedged(calls, 0.0))
    await calls.until(2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0)
    assert calls.dropped == 2


def test_nobody_is_asked_twice_before_it_is_known_what_is_usual() -> None:
    times = ResponseTimes()
    for _ in range(ENOUGH - 1):
        times.note(0.2)
    assert times.hedge_after_s() is None
    times.note(0.2)
    assert times.hedge_after_s() == 0.2


def test_a_carrier_that_is_very_quick_is_not_asked_twice_at_once() -> None:
    times = ResponseTimes()
    for _ in range(ENOUGH):
        times.note(0.001)
    assert times.hedge_after_s() == NOT_BEFORE_S


def test_the_slowest_in_twenty_do_not_move_what_is_usual() -> None:
    times = ResponseTimes()
    for number in range(100):
        times.note(5.0 if number % 25 == 0 else 0.1)
    assert times.hedge_after_s() == pytest.approx(0.1)

"""The time of trouble: the stores trade while they are read, and everything goes wrong."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bench.sync.cast import KILLS_AT_LEAST, Run, say, trade_once

_MOST_WAITING = 600
"""Webhooks on their way above which the stores trade no faster than the gateway takes them."""

_AT_ONCE = 10
"""Orders between two looks at that."""

_LIVES_S = 15.0
"""Machine seconds that the stores trade at least, so that workers are there to be killed."""

_STARTS_WITHIN_S = 240.0

_HAPPENS_WITHIN_S = 120.0
"""Machine seconds that it may take, once all was placed, until each kind of trouble was met."""


async def until_working(run: Run) -> None:
    """Until every worker has reported for work: what is placed from here on is placed while they read."""
    async with asyncio.timeout(_STARTS_WITHIN_S):
        while await run.gateway.workers() < run.plan.workers:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.1)


async def live(run: Run) -> float:
    """Trade while the gateway reads and everything goes wrong; gives the seconds until all was placed."""
    began = time.monotonic()
    events = {
        0.20: run.bad_times.unsubscribe_shopify,
        0.30: run.bad_times.switch_webhooks_off,
        0.45: run.bad_times.shopify_is_gone,
        0.65: run.bad_times.woocommerce_is_gone,
        0.85: run.bad_times.unsubscribe_shopify,
    }
    rng = random.Random(f"{run.plan.seed}:live")
    async with _killing(run):
        for number in range(run.plan.coming):
            share = number / run.plan.coming
            for moment in [moment for moment in events if moment <= share]:
                happening = events.pop(moment)()
                if happening is not None:
                    await happening
            trade_once(run.trades[number % 2], run.plan, rng)
            # Staff works on what was there before as well.
            if rng.random() < run.plan.changed:
                run.trades[rng.randrange(2)].change()
            if number % _AT_ONCE == 0:
                await _pace(run)
            if number % max(100, run.plan.coming // 20) == 0:
                await _tell_progress(run, f"{number} of {run.plan.coming} placed")
        await _until_all_happened(run)
    return time.monotonic() - began


async def _pace(run: Run) -> None:
    """Let everybody act; wait while more is on its way than the gateway takes."""
    batches = run.plan.coming / _AT_ONCE
    await asyncio.sleep(max(0.02, _LIVES_S / batches))
    for _ in range(600):
        work = await run.gateway.open_work()
        run.has_history = not work["history unread"]
        if run.stores.postman.waiting + work["webhooks waiting"] < _MOST_WAITING:
            return
        await asyncio.sleep(0.1)


async def _until_all_happened(run: Run) -> None:
    """Go on while some trouble was not met yet: in the same time a busy machine asks the stores for less."""
    rng = random.Random(f"{run.plan.seed}:longer")
    ends = time.monotonic() + _HAPPENS_WITHIN_S
    while time.monotonic() < ends:
        if run.machines.kills >= KILLS_AT_LEAST and all(run.bad_times.figures().values()):
            return
        run.trades[rng.randrange(2)].change()
        await asyncio.sleep(0.5)


@asynccontextmanager
async def _killing(run: Run) -> AsyncIterator[None]:
    killing = asyncio.create_task(_kill_now_and_then(run))
    try:
        yield
    finally:
        killing.cancel()
        with suppress(asyncio.CancelledError):
            await killing


async def _kill_now_and_then(run: Run) -> None:
    """SIGKILL a worker in the middle of whatever it does, start another, and so on until cancelled.

    The next waits until that other one works: to kill who only starts shows nothing, and on a busy machine
    none would ever come to work.
    """
    rng = random.Random(f"{run.plan.seed}:kills")
    while True:
        await asyncio.sleep(rng.uniform(0.5, 1.5) * run.kill_pause_s())
        before = await run.gateway.newest_worker()
        await run.machines.kill_worker(rng.randrange(run.plan.workers))
        async with asyncio.timeout(_STARTS_WITHIN_S):
            while await run.gateway.newest_worker() <= before:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.1)


async def _tell_progress(run: Run, text: str) -> None:
    work = {name: count for name, count in (await run.gateway.open_work()).items() if count}
    now, known = run.stores.clock.now(), await run.gateway.count()
    say(f"  {now:%d %H:%M} {text}, {known} known, {run.machines.kills} kills, open: {work}")

"""After the faults: waits until the gateway and the stores agree, and counts."""

from __future__ import annotations

import asyncio
import time

from bench.sync.cast import Run, say
from bench.sync.count_shopify import count_shopify
from bench.sync.count_woocommerce import count_woocommerce
from bench.sync.ours import PASSING
from bench.sync.tally import Tally

_LOOK_EVERY_S = 1.0
_HOURS_THEN_DAYS = (1,) * 3 + (24,) * 8
"""World hours that pass between two counts while something is amiss: a nightly look and a weekly count."""


async def converge(run: Run) -> tuple[Tally, float, float]:
    """Wait until nothing is amiss; the last tally, machine seconds, and world hours."""
    began, world_began = time.monotonic(), run.stores.clock.now()
    jumps = iter(_HOURS_THEN_DAYS)

    def passed() -> tuple[float, float]:
        world = run.stores.clock.now() - world_began
        return time.monotonic() - began, world.total_seconds() / 3600

    while True:
        await _until_quiet(run, began)
        tally = await _count(run)
        is_late = passed()[0] > run.plan.patience_s
        hours = next(jumps, None)
        if tally.is_clean or is_late or hours is None:
            return tally, *passed()
        say(f"  {passed()[0]:.0f} s, {passed()[1]:.1f} world hours: {dict(tally.counts)}")
        await run.stores.pass_time(hours * 3600.0, steps=4, pause_s=0.6)


async def _until_quiet(run: Run, began: float) -> None:
    """Until the gateway has nothing left to do, twice in a row, or patience ends."""
    quiet = 0
    told = time.monotonic()
    while quiet < 2 and time.monotonic() - began < run.plan.patience_s:
        work = await run.gateway.open_work()
        on_the_way = run.stores.postman.waiting + run.stores.woocommerce.hooks.waiting
        busy = {name: count for name, count in work.items() if count and name in PASSING}
        is_quiet = not busy and not on_the_way and not run.rounds.open_errands
        quiet = quiet + 1 if is_quiet else 0
        if time.monotonic() - told > 10:
            told = time.monotonic()
            say(
                f"  still open: {busy}, {on_the_way} webhooks on their way, {run.rounds.open_errands} errands"
            )
        await asyncio.sleep(_LOOK_EVERY_S)


async def _count(run: Run) -> Tally:
    tally = Tally()
    ids = run.furnished.store_ids
    shopify = await run.gateway.orders(ids["SHOPIFY"])
    woocommerce = await run.gateway.orders(ids["WOOCOMMERCE"])
    count_shopify(run.stores.shopify, shopify, run.trades[0].wanted, tally)
    count_woocommerce(run.stores.woocommerce, woocommerce, run.trades[1].wanted, tally)
    twice = await run.gateway.twice()
    if twice:
        tally.add("doubled", "orders", times=twice)
    known = {
        delivery.booking_id
        for order in (*shopify.values(), *woocommerce.values())
        for delivery in order.deliveries
    }
    for booking_id in run.rounds.bookings.keys() - run.rounds.cancelled - known:
        tally.add("doubled", "bookings that the gateway knows nothing of", booking_id)
    return tally

"""One run from its past to its tally, in order."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from bench.sync import paper
from bench.sync.count_shopify import count_shopify
from bench.sync.count_woocommerce import count_woocommerce
from bench.sync.faults import BadTimes
from bench.sync.furnishing import Furnished, furnish
from bench.sync.machines import Machines
from bench.sync.ours import PASSING, Gateway
from bench.sync.plan import HISTORY_DAYS, Plan, read_plan
from bench.sync.rounds import Rounds
from bench.sync.stores import Stores, build_stores, serving_stores
from bench.sync.tally import Tally
from bench.sync.trade import ShopifyTrade, Trade, WooCommerceTrade

_MOST_WAITING = 600
"""Webhooks on their way above which the stores trade no faster than the gateway takes them."""

_LOOK_EVERY_S = 1.0
_STILL = timedelta(minutes=20)
_HOURS_THEN_DAYS = (1,) * 26 + (24,) * 8
"""World hours that pass between two counts while something is amiss: a nightly look and a weekly count."""


@dataclass
class Run:
    """Everything that takes part in one run."""

    plan: Plan
    folder: Path
    stores: Stores
    trades: Sequence[Trade]
    machines: Machines
    bad_times: BadTimes
    gateway: Gateway
    rounds: Rounds
    furnished: Furnished


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Run it; see the package for what it does and `_result` for the keys."""
    plan = read_plan(arguments)
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as name:
        folder = Path(name)
        # The embedded database works as another user than root, who must be able to enter.
        folder.chmod(0o755)
        try:
            return asyncio.run(_bench(plan, folder))
        finally:
            if plan.keep:
                Path(plan.keep).mkdir(parents=True, exist_ok=True)
                for log in folder.glob("*.log"):
                    shutil.copy(log, plan.keep)


async def _bench(plan: Plan, folder: Path) -> dict[str, object]:
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        run = await _open(plan, folder, stack)
        await run.machines.start_workers()
        run.bad_times.begin()
        reading_s = await _live(run)
        run.bad_times.end()
        _say("the faults have stopped")
        tally, converge_s, world_h = await _converge(run)
        for line in tally.lines():
            _say(f"  {line}")
        return await _result(run, tally, converge_s, world_h, reading_s, time.monotonic() - began)


async def _open(plan: Plan, folder: Path, stack: AsyncExitStack) -> Run:
    stores = build_stores(folder, plan.seed)
    trades = (
        ShopifyTrade(stores.shopify, random.Random(f"{plan.seed}:shopify trade")),
        WooCommerceTrade(stores.woocommerce, random.Random(f"{plan.seed}:woocommerce trade")),
    )
    await _make_past(plan, stores, trades)
    await stack.enter_async_context(serving_stores(stores))
    plugins, books = folder / "plugins", folder / "paper"
    paper.install(plugins)
    (books / "ends").mkdir(parents=True)
    machines = Machines(folder, plugins=plugins, clock_file=stores.clock_file, workers=plan.workers)
    await stack.enter_async_context(machines)
    furnished = await furnish(machines.settings, stores, plugins, books)
    await machines.start_server()
    connections = [
        await stack.enter_async_context(
            await psycopg.AsyncConnection.connect(machines.owner_dsn, autocommit=True)
        )
        for _ in range(2)
    ]
    rng = random.Random(f"{plan.seed}:courier")
    rounds = Rounds(books, stores.clock, machines.url, Gateway(connections[0]), furnished.account_id, rng)
    await stack.enter_async_context(rounds.driving())
    bad_times = BadTimes(stores, plan.seed)
    gateway = Gateway(connections[1])
    return Run(plan, folder, stores, trades, machines, bad_times, gateway, rounds, furnished)


async def _make_past(plan: Plan, stores: Stores, trades: Sequence[Trade]) -> None:
    """Fill the stores while nobody listens."""
    rng = random.Random(f"{plan.seed}:past")
    step_s = HISTORY_DAYS * 86400 / max(1, plan.past)
    for number in range(plan.past):
        _trade_once(trades[number % 2], plan, rng)
        if number % 20 == 0:
            stores.clock.advance(20 * step_s)
            stores.shopify.settle(stores.clock.now())
    stores.clock.advance(3600)
    stores.shopify.settle(stores.clock.now())
    stores.clock.set_rate(plan.rate)
    _say(f"{plan.past} orders are there before the stores are linked")


def _trade_once(trade: Trade, plan: Plan, rng: random.Random) -> None:
    trade.place(is_carried=rng.random() < plan.carried)
    if rng.random() < plan.changed:
        trade.change()


async def _live(run: Run) -> float:
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
            _trade_once(run.trades[number % 2], run.plan, rng)
            # Staff works on what was there before as well.
            if rng.random() < run.plan.changed:
                run.trades[rng.randrange(2)].change()
            if number % 10 == 0:
                await _pace(run)
            if number % max(100, run.plan.coming // 20) == 0:
                await _tell_progress(run, f"{number} of {run.plan.coming} placed")
        await _wait_for_kill(run)
    return time.monotonic() - began


async def _pace(run: Run) -> None:
    """Let everybody act; wait while more is on its way than the gateway takes."""
    await asyncio.sleep(0.02)
    for _ in range(600):
        on_the_way = run.stores.postman.waiting + (await run.gateway.open_work())["webhooks waiting"]
        if on_the_way < _MOST_WAITING:
            return
        await asyncio.sleep(0.1)


async def _wait_for_kill(run: Run) -> None:
    """A short run waits until a worker has been killed, and history was read under fire."""
    for _ in range(600):
        if run.machines.kills >= 2 and not (await run.gateway.open_work())["history unread"]:
            return
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _killing(run: Run) -> AsyncIterator[None]:
    rng = random.Random(f"{run.plan.seed}:kills")
    killing = asyncio.create_task(run.machines.kill_now_and_then(rng, run.plan.kill_every_s))
    try:
        yield
    finally:
        killing.cancel()
        with suppress(asyncio.CancelledError):
            await killing


async def _converge(run: Run) -> tuple[Tally, float, float]:
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
        _say(f"  {passed()[0]:.0f} s, {passed()[1]:.1f} world hours: {dict(tally.counts)}")
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
            _say(
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


async def _result(
    run: Run, tally: Tally, converge_s: float, world_h: float, reading_s: float, seconds: float
) -> dict[str, object]:
    work = await run.gateway.open_work()
    hooks = run.stores.woocommerce.hooks
    happened = {**run.bad_times.figures(), "kills": run.machines.kills}
    orders = tally.checked["orders"] + tally.counts["lost"]
    changed = sum(trade.did.total() for trade in run.trades)
    result: dict[str, object] = {
        "orders": orders,
        **tally.counts,
        "converge_s": round(converge_s, 1),
        "converge_world_h": round(world_h, 1),
        "seconds": round(seconds, 1),
        "reading_s": round(reading_s, 1),
        "orders_per_s": round(orders / (reading_s + converge_s), 1),
        "changes": changed,
        "deliveries": tally.checked["deliveries"],
        "carried_wanted": sum(len(trade.wanted) for trade in run.trades),
        "writes": tally.checked["writes"],
        "webhooks_sent": run.stores.postman.posted + run.stores.postman.repeated,
        **happened,
        "calls": len(run.stores.woocommerce.door.seen) + run.stores.shopify.requests,
        "jobs_given_up": work["jobs given up"],
        "quarantined": work["quarantined"],
        "reports_refused": work["reports refused"],
        "still_open": {name: work[name] for name in PASSING if work[name]},
    }
    _require_that_it_happened(run, happened, result, hooks.waiting)
    return result


def _require_that_it_happened(
    run: Run, happened: Mapping[str, int], result: dict[str, object], waiting: int
) -> None:
    """A run in which nothing went wrong, or nothing was carried, has shown nothing."""
    missing = [name for name, count in happened.items() if not count]
    deliveries = result["deliveries"]
    assert isinstance(deliveries, int)
    if deliveries < run.plan.orders * run.plan.carried / 2:
        missing.append("deliveries")
    if run.machines.end_by_themselves():
        missing.append("workers that live")
    result["was_put_to_the_test"] = not missing
    if missing or waiting:
        _say(f"this run has shown too little: {', '.join(missing)}; {waiting} webhooks waiting")


async def _tell_progress(run: Run, text: str) -> None:
    work = {name: count for name, count in (await run.gateway.open_work()).items() if count}
    now = run.stores.clock.now()
    _say(
        f"  {now:%d %H:%M} {text}, {await run.gateway.count()} known, {run.machines.kills} kills, open: {work}"
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)

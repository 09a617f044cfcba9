"""Everything that takes part in one run, put together."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.sync import paper
from bench.sync.faults import BadTimes
from bench.sync.furnishing import Furnished, furnish
from bench.sync.machines import Machines
from bench.sync.ours import Gateway
from bench.sync.plan import HISTORY_DAYS, Plan
from bench.sync.rounds import Rounds
from bench.sync.stores import Stores, build_stores, serving_stores
from bench.sync.trade import ShopifyTrade, Trade, WooCommerceTrade

KILLS_AT_LEAST = 2
_EARLY_KILL_S, _HISTORY_FACTOR = 6.0, 6


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
    has_history: bool = False

    def kill_pause_s(self) -> float:
        """Seconds to the next kill: two come early; then a history is given time, as it begins anew."""
        if self.machines.kills < KILLS_AT_LEAST:
            return _EARLY_KILL_S
        return self.plan.kill_every_s * (1 if self.has_history else _HISTORY_FACTOR)


async def open_run(plan: Plan, folder: Path, stack: AsyncExitStack) -> Run:
    """Fill the stores, start the database and the server, and link them; workers are not there yet."""
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
    bad_times = BadTimes(stores, plan.seed, plan.trouble)
    gateway = Gateway(connections[1])
    return Run(plan, folder, stores, trades, machines, bad_times, gateway, rounds, furnished)


async def _make_past(plan: Plan, stores: Stores, trades: Sequence[Trade]) -> None:
    """Fill the stores while nobody listens."""
    rng = random.Random(f"{plan.seed}:past")
    step_s = HISTORY_DAYS * 86400 / max(1, plan.past)
    for number in range(plan.past):
        trade_once(trades[number % 2], plan, rng)
        if number % 20 == 0:
            stores.clock.advance(20 * step_s)
            stores.shopify.settle(stores.clock.now())
    stores.clock.advance(3600)
    stores.shopify.settle(stores.clock.now())
    stores.clock.set_rate(plan.rate)
    say(f"{plan.past} orders are there before the stores are linked")


def trade_once(trade: Trade, plan: Plan, rng: random.Random) -> None:
    """A shopper orders, and now and then somebody changes an order."""
    trade.place(is_carried=rng.random() < plan.carried)
    if rng.random() < plan.changed:
        trade.change()


def say(text: str) -> None:
    """Tell people."""
    print(text, file=sys.stderr, flush=True)

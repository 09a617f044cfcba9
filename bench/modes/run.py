"""Both measurements, a small table, and the keys."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from time import perf_counter

from bench.modes.city import day_wave, large_wave
from bench.modes.ledger import Account, account
from bench.modes.policies import Means, carriers_only, cheapest_each, chosen, fleet_first
from doorstep.wave import Wave
from optimizer.roads import AffineRoads
from optimizer.routes.planner import PyvrpPlanner

RATE_SHEET_MINOR = 650
"""What the cheapest-quote policy takes a stop of the own vans to cost."""

LARGE_SECONDS = 3.8
"""Given to the chooser for a large wave; reading it, the reasons and the first load come on top."""


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Run it; the description of this package explains the keys."""
    options = _options(arguments)
    return asyncio.run(_bench(options))


async def _bench(options: argparse.Namespace) -> dict[str, object]:
    gaps, seconds = [], []
    print(f"{options.orders} orders with 40 offers each", flush=True)
    for seed in range(options.seed, options.seed + options.waves):
        gap, took_s = await _large(large_wave(seed, options.orders))
        gaps.append(gap)
        seconds.append(took_s)
    days = _days(range(options.seed, options.seed + options.days), options)
    totals = {name: sum(day.total_minor for day in accounts) for name, accounts in days.items()}
    _show(days)
    cheapest = min(totals.get("carriers only", 0.0), totals.get("cheapest each", 0.0))
    return {
        "orders": options.orders,
        "gap": round(max(gaps, default=0.0), 5),
        "seconds": round(max(seconds, default=0.0), 2),
        "days": options.days,
        "saving_over_cheapest": _saving(totals, cheapest),
        "saving_over_fleet_first": _saving(totals, totals.get("fleet first", 0.0)),
        "cost_per_order": {
            name: round(total / 100 / max(1, sum(_orders(day) for day in days[name])), 2)
            for name, total in totals.items()
        },
        "seed": options.seed,
    }


def _days(seeds: Sequence[int], options: argparse.Namespace) -> dict[str, list[Account]]:
    """Accounts by policy; days are shared out over processes, each with one search at a time."""
    accounts: dict[str, list[Account]] = {}
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        for seed, day in zip(seeds, pool.map(_one_day, seeds, repeat(options)), strict=True):
            costs = ", ".join(f"{name} {one.total_minor / 100:.2f}" for name, one in day.items())
            print(f"day {seed}, {_orders(day['chosen'])} orders: {costs}", flush=True)
            for name, one in day.items():
                accounts.setdefault(name, []).append(one)
    return accounts


def _one_day(seed: int, options: argparse.Namespace) -> dict[str, Account]:
    return asyncio.run(_day(day_wave(seed, options.day_orders), options.seconds, seed))


async def _large(wave: Wave) -> tuple[float, float]:
    """(gap, seconds) of a wave without vans, counted anew."""
    roads = AffineRoads()
    began = perf_counter()
    plan, told = await chosen(wave, Means(PyvrpPlanner(), roads, LARGE_SECONDS, 1))
    took_s = perf_counter() - began
    counted = await account(wave, plan, roads)
    # Each expectation is rounded on its own by the chooser and not here: half a unit for each order.
    if abs(counted.total_minor - told.cost.minor) > len(wave.orders) / 2:
        raise AssertionError(f"told {told.cost}, counted {counted.total_minor}")
    gap = (counted.total_minor - told.carriers_bound.minor) / counted.total_minor
    print(
        f"  {counted.total_minor / 100:10.2f}  gap {max(gap, 0):.3%}  {took_s:.2f} s  {told.method}",
        flush=True,
    )
    return max(gap, 0.0), took_s


async def _day(wave: Wave, seconds: float, seed: int) -> dict[str, Account]:
    """Each policy's account of one day."""
    means = Means(PyvrpPlanner(), AffineRoads(), seconds, seed)
    ours, told = await chosen(wave, means)
    plans = {
        "carriers only": carriers_only(wave),
        "cheapest each": await cheapest_each(wave, means, RATE_SHEET_MINOR),
        "fleet first": await fleet_first(wave, means),
        "chosen": ours,
    }
    accounts = {name: await account(wave, plan, means.roads) for name, plan in plans.items()}
    if abs(accounts["chosen"].total_minor - told.cost.minor) > len(wave.orders) / 2:
        raise AssertionError(f"told {told.cost}, counted {accounts['chosen'].total_minor}")
    return accounts


def _show(days: dict[str, list[Account]]) -> None:
    titles = (
        "van",
        "carrier",
        "nobody",
        "tours",
        "prices",
        "discount",
        "missed",
        "broken",
        "total",
        "an order",
    )
    print(f"{'':14}" + "".join(f"{title:>10}" for title in titles))
    for name, accounts in days.items():
        counts = (
            sum(one.by_van for one in accounts),
            sum(one.by_carrier for one in accounts),
            sum(one.by_nobody for one in accounts),
        )
        parts = (
            sum(one.vans_minor for one in accounts),
            sum(one.prices_minor for one in accounts),
            sum(one.discounts_minor for one in accounts),
            sum(one.shortfalls_minor for one in accounts),
            sum(one.broken_minor for one in accounts),
            sum(one.total_minor for one in accounts),
        )
        money = (*parts, parts[-1] / max(1, sum(counts)))
        print(
            f"{name:14}"
            + "".join(f"{count:>10}" for count in counts)
            + "".join(f"{minor / 100:>10.2f}" for minor in money)
        )


def _orders(day: Account) -> int:
    return day.by_van + day.by_carrier + day.by_nobody


def _saving(totals: dict[str, float], theirs: float) -> float | None:
    return round(1 - totals["chosen"] / theirs, 4) if theirs else None


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench modes", description="Own van, courier or parcel.")
    parser.add_argument("--orders", type=int, default=2000, help="of a large wave")
    parser.add_argument("--waves", type=int, default=3, help="how many large ones")
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--day-orders", type=int, default=320, help="of a day at most")
    parser.add_argument("--seconds", type=float, default=10.0, help="that each policy plans a day for")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="for the days")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)

"""What is asked for, the weeks themselves, and the figures at the end."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bench.exceptions.couriers import ScriptedCarrier
from bench.exceptions.fates import CLOSES, OPENS, Fate, fates
from bench.exceptions.off_route import curve, judged
from bench.exceptions.rides import ride
from bench.exceptions.score import score
from bench.exceptions.tally import Tally
from bench.exceptions.turns import START, Deed
from bench.exceptions.vans import send_vans
from bench.exceptions.world import World, furnish
from bench.premises import bench_house
from doorstep.incident import Incident
from gateway.flow.desk.timers import look_after_answers
from gateway.flow.mending.run import look_for_due_steps
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.returning.looking_after import look_after_returns
from gateway.flow.watching.watch import sweep
from gateway.flow.watching.watch_carriers import look_at_carriers

BY_HAND = 6
"""Orders that nobody dispatches for long."""

OUTAGE_MIN, QUESTIONS = 12, 8
NIGHT_MIN = 30
PARTS = 2
"""The days are shared out among so many processes, each a gateway with a database of its own; not by the
machine's cores, so that a seed gives the same weeks everywhere."""

CURVE_SEEDS = 5

PLAIN_WIDTH = 120
"""Of the table where nobody sits before a terminal, characters."""

Show = Callable[[float], None]
"""Is told how much of the simulated time has passed, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much is simulated.

    Attributes
    ----------
    trips, rides
        Of vans that keep to their way, and of couriers, beside the weeks.
    sweep_s
        Between two looks by day; the gateway looks each 30 s.
    afterwards_h
        How long what went wrong on the last day is watched.
    """

    days: int
    orders_a_day: int
    vans: int
    seed: int
    trips: int
    rides: int
    sweep_s: int
    afterwards_h: int

    @property
    def ends_at(self) -> datetime:
        """When nobody looks any more."""
        return START + timedelta(days=self.days, hours=self.afterwards_h)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in some days.

    Attributes
    ----------
    failed
        How often a job failed for good, by the name of the error.
    """

    tally: Tally
    orders: int
    failed: Mapping[str, int]

    def __add__(self, other: Seen) -> Seen:
        failed = Counter(self.failed) + Counter(other.failed)
        return Seen(self.tally + other.tally, self.orders + other.orders, dict(failed))


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Keys fired, recall_min, late_flagged_before, late_false_alarms, closed_without_person, off_route_false,
    and what is behind them; with `--curve` the rows of off-route rules alone.
    """
    parser = argparse.ArgumentParser(prog="bench exceptions")
    parser.add_argument("--weeks", type=int, default=1)
    parser.add_argument("--days", type=int, default=None, help="instead of weeks")
    parser.add_argument("--orders", type=int, default=60, help="a day")
    parser.add_argument("--vans", type=int, default=3)
    parser.add_argument("--trips", type=int, default=1_000, help="clean ones")
    parser.add_argument("--rides", type=int, default=1_000, help="without the gateway, for lateness alone")
    parser.add_argument("--sweep-s", type=int, default=120)
    parser.add_argument("--afterwards-h", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--curve", action="store_true", help="of off-route rules alone, over five seeds")
    options = parser.parse_args(arguments)
    if options.curve:
        return {"curve": curve(range(options.seed, options.seed + CURVE_SEEDS), options.trips)}
    wanted = Wanted(
        days=options.days if options.days is not None else 7 * options.weeks,
        orders_a_day=options.orders,
        vans=options.vans,
        seed=options.seed,
        trips=options.trips,
        rides=options.rides,
        sweep_s=options.sweep_s,
        afterwards_h=options.afterwards_h,
    )
    console = Console(stderr=True, width=None if sys.stderr.isatty() else PLAIN_WIDTH)
    with _progress(console) as show:
        result = asyncio.run(run(wanted, show))
    console.print(_table(result["kinds"]))
    return result


async def run(wanted: Wanted, show: Show) -> dict[str, object]:
    """Simulate, judge, and count."""
    began = time.perf_counter()
    first, *others = parts(wanted.days, min(wanted.days, PARTS))
    with ProcessPoolExecutor(max(1, len(others)), mp_context=get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        beside = [loop.run_in_executor(pool, _simulate_alone, wanted, part) for part in others]
        seen = await _simulate(wanted, first, show)
        for more in await asyncio.gather(*beside):
            seen += more
    rides = await ride(wanted.seed, wanted.rides, wanted.sweep_s)
    return {
        **seen.tally.as_keys(),
        **(seen.tally.lateness + rides).as_keys(),
        "late_of_weeks": seen.tally.lateness.as_keys(),
        "late_of_rides": rides.as_keys(),
        **judged(wanted.seed, wanted.trips).as_keys(),
        "orders": seen.orders,
        "jobs_failed": seen.failed,
        "seconds": round(time.perf_counter() - began, 1),
    }


def parts(days: int, count: int) -> Sequence[range]:
    """The days in so many parts, the last one not the longest: it has the time afterwards as well."""
    ends = [-(-days * number // count) for number in range(count + 1)]
    return [range(begin, end) for begin, end in pairwise(ends)]


def _simulate_alone(wanted: Wanted, days: range) -> Seen:
    return asyncio.run(_simulate(wanted, days, lambda _: None))


async def _simulate(wanted: Wanted, days: range, show: Show) -> Seen:
    """What comes of the orders and tours of some days, watched until the end of all."""
    begins, whole_s = START + timedelta(days=days.start), (wanted.ends_at - START).total_seconds()
    all_orders = fates(wanted.seed, wanted.days, wanted.orders_a_day)
    orders = [one for one in all_orders if (one.placed_at - START).days in days]
    async with bench_house(is_durable=False) as house:
        world = await furnish(house, orders, _by_hand(orders) if days.start == 0 else ())
        world.agenda.clock.set(begins)
        tours = await send_vans(world, wanted.seed, days, wanted.vans)
        _break_down(world, days)
        _watch(world, wanted, days)
        await world.agenda.run(world.means, wanted.ends_at, lambda passed_s: show(passed_s / whole_s))
        tally = await score(world, await _incidents(world), tours)
        await world.rates.close()
    return Seen(tally, len(orders), world.agenda.failed)


@contextmanager
def _progress(console: Console) -> Iterator[Show]:
    """A bar over the simulated time, where somebody sits before a terminal."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("simulated time", total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _table(kinds: object) -> Table:
    figures = ("injected", "caught", "raised", "false", "alone", "min before breach", "min after it began")
    table = Table("kind", *figures)
    rows = kinds if isinstance(kinds, Mapping) else {}
    for kind, row in rows.items():
        shown = ("injected", "caught", "raised", "false", "closed_without_person", "warned_min", "after_min")
        table.add_row(kind, *("–" if row[key] is None else str(row[key]) for key in shown))
    return table


def _by_hand(orders: Sequence[Fate]) -> Sequence[Fate]:
    """Some like the first ones, in a shop where a person has to dispatch and does not."""
    plain = [fate for fate in orders if fate.trouble is None and not fate.is_parcel][:BY_HAND]
    return [replace(fate, number=900_000 + fate.number) for fate in plain]


def _watch(world: World, wanted: Wanted, days: range) -> None:
    """What the gateway does again and again: often by day, seldom at night and when all is done."""
    now, number = START + timedelta(days=days.start), 0
    while now < wanted.ends_at:
        is_day = OPENS <= now.hour < CLOSES + 3 and (now - START).days in days
        number += 1
        world.agenda.at(
            now, _look(world, also_by_hand=number % 5 == 0, also_returns=number % 30 == 0 or not is_day)
        )
        now += timedelta(seconds=wanted.sweep_s) if is_day else timedelta(minutes=NIGHT_MIN)


def _look(world: World, *, also_by_hand: bool, also_returns: bool) -> Deed:
    async def look() -> None:
        for merchant_id in (world.merchant_id, world.by_hand_id)[: 1 + also_by_hand]:
            await sweep(world.means, merchant_id)
            await look_after_answers(world.means, merchant_id)
            await look_for_due_steps(world.means, merchant_id)
        if also_returns:
            await look_after_returns(world.means, world.merchant_id)

    return look


def _break_down(world: World, days: range) -> None:
    """One carrier a day does not answer for a while, while shoppers ask for prices."""
    couriers = world.carriers[:3]
    for day in days:
        courier = couriers[day % len(couriers)]
        begins = START + timedelta(days=day, hours=OPENS + 4)
        ends = begins + timedelta(minutes=OUTAGE_MIN)
        seconds = ((begins - START).total_seconds(), (ends - START).total_seconds())
        world.outages.append((world.accounts[courier.carrier], *seconds))

        async def go(courier: ScriptedCarrier = courier) -> None:
            courier.is_down = True

        async def come(courier: ScriptedCarrier = courier) -> None:
            courier.is_down = False

        world.agenda.at(begins, go)
        world.agenda.at(ends, come)
        # The second time as soon as it is tried again; in between the breaker's pauses go by.
        for first in (begins + timedelta(seconds=60), ends + timedelta(seconds=70)):
            for question in range(QUESTIONS):
                world.agenda.at(first + timedelta(seconds=3 * question), _ask(world))
            world.agenda.at(first + timedelta(seconds=3 * QUESTIONS), _look_at_carriers(world))


def _ask(world: World) -> Deed:
    async def ask() -> None:
        now = world.agenda.clock.now()
        unit_id = next(
            id_
            for id_, fate in world.units.items()
            if fate.placed_at < now and not fate.is_parcel and "Road" in fate.street
        )
        await quote_unit(world.means, world.merchant_id, unit_id, world.means.quote_budget_s)

    return ask


def _look_at_carriers(world: World) -> Deed:
    """What a process that asks carriers does each quarter of a minute."""

    async def look() -> None:
        await look_at_carriers(world.means, world.merchant_id)

    return look


async def _incidents(world: World) -> Sequence[Incident]:
    found: list[Incident] = []
    for merchant_id in (world.merchant_id, world.by_hand_id):
        async with world.means.begin(merchant_id) as work:
            found += await work.incidents.since(START)
    return found

"""What is asked for, the weeks themselves, and the figures at the end."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.exceptions.clean_trips import false_alarms
from bench.exceptions.couriers import ScriptedCarrier
from bench.exceptions.fates import CLOSES, OPENS, Fate, fates
from bench.exceptions.score import score
from bench.exceptions.turns import START, Deed
from bench.exceptions.vans import send_vans
from bench.exceptions.world import World, furnish
from bench.premises import bench_house
from doorstep.incident import Incident
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.returning.looking_after import look_after_returns
from gateway.flow.watching.watch import sweep

BY_HAND = 6
"""Orders that nobody dispatches for long."""

OUTAGE_MIN, QUESTIONS = 12, 8
NIGHT_MIN = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much is simulated.

    Attributes
    ----------
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
    sweep_s: int
    afterwards_h: int = 48

    @property
    def ends_at(self) -> datetime:
        """When nobody looks any more."""
        return START + timedelta(days=self.days, hours=self.afterwards_h)


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Keys fired, recall_min, late_flagged_before, late_false_alarms, closed_without_person, off_route_false,
    and what is behind them.
    """
    parser = argparse.ArgumentParser(prog="bench exceptions")
    parser.add_argument("--weeks", type=int, default=2)
    parser.add_argument("--days", type=int, default=None, help="instead of weeks")
    parser.add_argument("--orders", type=int, default=24, help="a day")
    parser.add_argument("--vans", type=int, default=2)
    parser.add_argument("--trips", type=int, default=1_000, help="clean ones")
    parser.add_argument("--sweep-s", type=int, default=60)
    parser.add_argument("--afterwards-h", type=int, default=48)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    days = options.days if options.days is not None else 7 * options.weeks
    wanted = Wanted(
        days,
        options.orders,
        options.vans,
        options.seed,
        options.trips,
        options.sweep_s,
        options.afterwards_h,
    )
    return asyncio.run(run(wanted))


async def run(wanted: Wanted) -> dict[str, object]:
    """Simulate, judge, and count."""
    began = time.perf_counter()
    orders = fates(wanted.seed, wanted.days, wanted.orders_a_day)
    async with bench_house(is_durable=False) as house:
        world = await furnish(house, orders, _by_hand(orders))
        tours = await send_vans(world, wanted.seed, wanted.days, wanted.vans)
        _break_down(world, wanted.days)
        _watch(world, wanted)
        await world.agenda.run(world.means, wanted.ends_at)
        incidents = await _incidents(world)
        result = await score(world, incidents, tours)
        await world.rates.close()
    return {
        **result.as_keys(),
        "off_route_false": false_alarms(wanted.seed, wanted.trips),
        "off_route_trips": wanted.trips,
        "orders": len(orders),
        "jobs_failed": world.agenda.failed,
        "seconds": round(time.perf_counter() - began, 1),
    }


def _by_hand(orders: Sequence[Fate]) -> Sequence[Fate]:
    """Some like the first ones, in a shop where a person has to dispatch and does not."""
    plain = [fate for fate in orders if fate.trouble is None and not fate.is_parcel][:BY_HAND]
    return [replace(fate, number=900_000 + fate.number) for fate in plain]


def _watch(world: World, wanted: Wanted) -> None:
    """What the gateway does again and again: often by day, seldom at night."""
    now, number = START, 0
    while now < wanted.ends_at:
        is_day = OPENS <= now.hour < CLOSES + 3
        number += 1
        world.agenda.at(
            now, _look(world, also_by_hand=number % 5 == 0, also_returns=number % 30 == 0 or not is_day)
        )
        now += timedelta(seconds=wanted.sweep_s) if is_day else timedelta(minutes=NIGHT_MIN)


def _look(world: World, *, also_by_hand: bool, also_returns: bool) -> Deed:
    async def look() -> None:
        await sweep(world.means, world.merchant_id)
        if also_by_hand:
            await sweep(world.means, world.by_hand_id)
        if also_returns:
            await look_after_returns(world.means, world.merchant_id)

    return look


def _break_down(world: World, days: int) -> None:
    """One carrier a day does not answer for a while, while shoppers ask for prices."""
    couriers = world.carriers[:3]
    for day in range(days):
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
        for question in range(QUESTIONS):
            world.agenda.at(begins + timedelta(seconds=60 + 3 * question), _ask(world))
            # As soon as it is tried again; in between the breaker's pauses go by.
            world.agenda.at(ends + timedelta(seconds=70 + 3 * question), _ask(world))


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


async def _incidents(world: World) -> Sequence[Incident]:
    found: list[Incident] = []
    for merchant_id in (world.merchant_id, world.by_hand_id):
        async with world.means.begin(merchant_id) as work:
            found += await work.incidents.since(START)
    return found

"""A batch of orders of one merchant: a wild part, a calm part, and the count."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace

from bench.dispatch.carriers import live_bookings
from bench.dispatch.cast import Cast, furnish
from bench.dispatch.chaos import Deed, Killed
from bench.dispatch.meddling import go_round, plan_meddling
from doorstep.dispatch_rules import Spending
from doorstep.errors import DoorstepError, UnknownOutcome
from doorstep.events import OrderReceived
from gateway.bootstrap.house import House
from gateway.flow.tracking.track import BookingNotKnownYet

BATCH = 20
AT_ONCE = 6

TWICE = 0.3
"""Chance that an order comes in a second time."""

DONE_TWICE = 0.05
"""Chance that what was done is done again: the worker was killed before that was written down."""

SWEEPS, QUIET = 12, 2
"""So many sweeps go by at most, until nothing is wrong after so many of them in a row."""

EVERYTHING = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened in a batch how often, and a line for each order that is not as it should be."""

    counts: Counter[str]
    faults: tuple[str, ...]


async def run_batch(house: House, count: int, seed: int) -> Outcome:
    """Let `count` orders of a new merchant come in, and everything go wrong with them."""
    cast = await furnish(house, count, seed)
    for order_id in cast.orders:
        for _ in range(1 + cast.dice.falls(TWICE)):
            cast.jobs.follow(OrderReceived(cast.merchant_id, order_id))
    plan_meddling(cast)
    await _drain(cast)
    await _calm_down(cast)
    quiet = 0
    for _ in range(SWEEPS):
        await _drain(cast)
        cast.clock.advance(minutes=16)
        await go_round(cast)
        await _drain(cast)
        quiet = 0 if await _faults(cast) else quiet + 1
        if quiet == QUIET:
            break
    faults = tuple(f"seed {seed}, {words}" for words in await _faults(cast))
    counts = await _counted(cast)
    counts["not_exactly_one"] = len(faults)
    await cast.rates.close()
    return Outcome(counts, faults)


async def _calm_down(cast: Cast) -> None:
    """Nothing goes wrong any more, and nobody who is late is replaced: only what was begun is ended."""
    cast.dice.is_wild = False
    async with cast.means.begin(cast.merchant_id) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, spending=Spending(hedges=False)))


async def _drain(cast: Cast) -> None:
    """Do what waits, some of it at the same time, until nothing does; what broke off is done again."""
    running: set[asyncio.Task[None]] = set()
    while cast.jobs.waiting or running:
        while cast.jobs.waiting and len(running) < AT_ONCE:
            cast.jobs.waiting.rotate(cast.dice.rng.randrange(len(cast.jobs.waiting)))
            running.add(asyncio.create_task(_do(cast, cast.jobs.waiting.popleft())))
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


async def _do(cast: Cast, deed: Deed) -> None:
    try:
        await deed(cast.means)
        cast.jobs.done += 1
        if cast.dice.falls(DONE_TWICE):
            cast.jobs.waiting.append(deed)
    except (Killed, BookingNotKnownYet, UnknownOutcome):
        cast.jobs.waiting.append(deed)
    except DoorstepError as error:
        if error.retryable:
            cast.jobs.waiting.append(deed)
    except Exception as error:
        if not cast.means.passes_by_itself(error):
            raise
        cast.jobs.broken_off += 1
        cast.jobs.waiting.append(deed)


async def _faults(cast: Cast) -> list[str]:
    """A line for each order whose bookings are not as they should be."""
    live = live_bookings(cast.couriers)
    async with cast.means.begin(cast.merchant_id) as work:
        deliveries = {one.fulfillment_order_id: one for one in await work.deliveries.unfinished(EVERYTHING)}
    faults = []
    for order_id, number in cast.orders.items():
        delivery = deliveries.get(cast.units[order_id])
        leg = delivery.active_leg if delivery is not None else None
        known = leg.external_id if leg is not None and leg.is_live else ""
        theirs = [booked.external_id for booked in live.get(number, [])]
        wanted = 0 if order_id in cast.called_off else 1
        if len(theirs) != wanted or (known and [known] != theirs) or (theirs and not known):
            faults.append(f"order {number}: wanted {wanted}, live {theirs}, " + await _state(cast, order_id))
    return faults


async def _state(cast: Cast, order_id: str) -> str:
    async with cast.means.begin(cast.merchant_id) as work:
        unit = await work.orders.fulfillment_order(cast.units[order_id])
        latest = await work.deliveries.latest_of(cast.units[order_id])
    legs = [f"{leg.carrier} {leg.status} {leg.external_id!r}" for leg in latest.legs] if latest else []
    return f"unit {unit.status if unit else None}, delivery {latest.status if latest else None}, legs {legs}"


async def _counted(cast: Cast) -> Counter[str]:
    """What happened in the batch."""
    async with cast.means.begin(cast.merchant_id) as work:
        deliveries = await work.deliveries.unfinished(EVERYTHING)
    rows = [row for courier in cast.couriers for row in courier.books.values()]
    given_up = [leg for one in deliveries for leg in one.legs if leg.giving_up and not leg.is_live]
    return Counter(
        runs=len(cast.orders),
        kills=cast.dice.kills,
        jobs=cast.jobs.done,
        broken_off=cast.jobs.broken_off,
        bookings=len(rows),
        stacked=sum(row.is_stacked for row in rows),
        called_off=len(cast.called_off),
        two_at_once=len(cast.doubled),
        given_up=len(given_up),
        tips=sum(row.extra is not None for row in rows),
    )

"""Batches of orders, one merchant each: a wild part, a calm part, and the count."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import structlog

from bench.dispatch.carriers import Booked, ChaosCourier, live_bookings
from bench.dispatch.cast import Cast, furnish
from bench.dispatch.chaos import Deed, Killed
from bench.premises import bench_house
from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import Spending
from doorstep.errors import DoorstepError, UnknownOutcome
from doorstep.events import CourierLate, OrderCancelled, OrderReceived
from doorstep.incident import IncidentKind
from doorstep.order import OrderStatus
from gateway.bootstrap.house import House
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.ports import Means
from gateway.flow.tracking.track import BookingNotKnownYet, apply_update
from gateway.flow.watching.incidents import Alarm, raise_incident
from gateway.flow.watching.watch import sweep

BATCH = 20
AT_ONCE = 6
DROPS_OUT, PRESSES, CALLS_OFF, CANCELS, COMES_LATE = 0.25, 0.2, 0.03, 0.03, 0.4
"""Chances for each order: the courier drops out, a person dispatches or calls off, the store cancels, nobody
is assigned in time.
"""

SWEEPS = 12

TRIES = 20
"""How often a message about a booking that is not known yet is read again."""


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Keys runs, not_exactly_one and two_at_once, and what happened on the way."""
    parser = argparse.ArgumentParser(prog="bench dispatch")
    parser.add_argument("--runs", type=int, default=20_000, help="orders")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return asyncio.run(_bench(options.runs, options.seed))


async def _bench(runs: int, seed: int) -> dict[str, object]:
    counts: Counter[str] = Counter()
    began = time.perf_counter()
    async with bench_house() as house:
        for number, first in enumerate(range(0, runs, BATCH)):
            counts += await _batch(house, min(BATCH, runs - first), seed * 1_000_003 + number)
            if number % 10 == 0:
                print(f"  {counts['runs']} of {runs}: {dict(counts)}", file=sys.stderr)
    faults = {name: count for name, count in counts.items() if name not in {"runs"}}
    return {
        "runs": counts["runs"],
        "not_exactly_one": counts["not_exactly_one"],
        "two_at_once": counts["two_at_once"],
        "seconds": round(time.perf_counter() - began, 1),
        **faults,
    }


async def _batch(house: House, count: int, seed: int) -> Counter[str]:
    cast = await furnish(house, count, seed)
    for courier in cast.couriers:
        courier.booked = partial(_post, cast)
    called_off: set[str] = set()
    for order_id in cast.orders:
        for _ in range(1 + cast.dice.falls(0.3)):
            cast.jobs.follow(OrderReceived(cast.merchant_id, order_id))
    _plan_meddling(cast, called_off)
    await _drain(cast)
    await _calm_down(cast)
    for _ in range(SWEEPS):
        await _drain(cast)
        cast.clock.advance(minutes=16)
        await sweep(cast.means, cast.merchant_id)
        if not cast.jobs.waiting and not await _faults(cast, called_off, Counter()):
            break
    await _drain(cast)
    counts = Counter(runs=count, kills=cast.dice.kills, jobs=cast.jobs.done)
    counts["bookings"] = sum(len(courier.books) for courier in cast.couriers)
    counts["called_off"] = len(called_off)
    counts["two_at_once"] = len(cast.doubled)
    counts["given_up"] = await _given_up(cast)
    counts["tips"] = sum(one.extra is not None for courier in cast.couriers for one in courier.books.values())
    for order_id, words in (await _faults(cast, called_off, counts)).items():
        counts["not_exactly_one"] += 1
        print(f"  seed {seed}, order {cast.orders[order_id]}: {words}", file=sys.stderr)
    await cast.rates.close()
    return counts


async def _calm_down(cast: Cast) -> None:
    """Nothing goes wrong any more, and nobody who is late is replaced: only what was begun is ended."""
    cast.dice.is_wild = False
    async with cast.means.begin(cast.merchant_id) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, spending=Spending(hedges=False)))


def _plan_meddling(cast: Cast, called_off: set[str]) -> None:
    """What people, couriers and stores will do in between, at some time or other."""
    for order_id in cast.orders:
        for chance, meddle in (
            (DROPS_OUT, _drop_out),
            (PRESSES, _press_dispatch),
            (CALLS_OFF, _call_off),
            (CANCELS, _cancel_order),
            (COMES_LATE, _come_late),
        ):
            if cast.dice.falls(chance):
                cast.jobs.waiting.append(partial(meddle, cast, order_id, called_off))
    cast.dice.rng.shuffle(cast.jobs.waiting)


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
        if cast.dice.falls(0.05):
            cast.jobs.waiting.append(deed)  # it was done, and nobody wrote that down
    except (Killed, BookingNotKnownYet, UnknownOutcome):
        cast.jobs.waiting.append(deed)
    except DoorstepError as error:
        if error.retryable:
            cast.jobs.waiting.append(deed)
    except Exception as error:
        if not cast.means.passes_by_itself(error):
            raise
        cast.jobs.waiting.append(deed)


async def _drop_out(cast: Cast, order_id: str, called_off: set[str], means: Means) -> None:  # noqa: ARG001 - all alike
    """The courier gives the job back and says so twice and backwards; as long as nobody has it, later."""
    for courier in cast.couriers:
        booked = [one for one in courier.books.values() if one.order == cast.orders[order_id] and one.is_live]
        for one in booked[:1]:
            updates = list(courier.drop_out(one))
            for update in (*updates, updates[0]):
                cast.jobs.waiting.append(partial(_hear, cast, courier.carrier, update, 0))
            return
    _later(cast, partial(_drop_out, cast, order_id, called_off))


def _later(cast: Cast, deed: Deed, chance: float = 0.9) -> None:
    """Try again, most likely, while things are wild."""
    if cast.dice.falls(chance):
        cast.jobs.waiting.append(deed)


async def _come_late(cast: Cast, order_id: str, called_off: set[str], means: Means) -> None:
    """Nobody is assigned in time: noticed again and again, so that all that a machine may do is done."""
    cast.clock.advance(seconds=200)
    async with means.begin(cast.merchant_id) as work:
        order = await work.orders.get(order_id)
        assert order is not None
        delivery = await work.deliveries.live_of(order.fulfillment_orders[0].id, lock=True)
        leg = delivery.active_leg if delivery is not None else None
        if delivery is not None and leg is not None and leg.is_live and leg.external_id:
            alarm = Alarm(IncidentKind.NO_COURIER, "no courier yet", "", delivery_id=delivery.id)
            await raise_incident(work, alarm, means.clock.now())
            await work.emit(CourierLate(cast.merchant_id, delivery.id, leg.id))
    _later(cast, partial(_come_late, cast, order_id, called_off), 0.8)


def _post(cast: Cast, courier: ChaosCourier, booked: Booked) -> None:
    """The message about a new booking; whether two stand at once is looked at now."""
    live = [one for one in live_bookings(cast.couriers).get(booked.order, []) if not one.is_denied]
    if len(live) > 1:
        cast.doubled.add(booked.order)
    update = courier.update(booked, DeliveryStatus.BOOKED, "booked")
    cast.jobs.waiting.append(partial(_hear, cast, courier.carrier, update, TRIES))


async def _hear(cast: Cast, carrier: str, update: CarrierUpdate, tries: int, means: Means) -> None:
    try:
        await apply_update(means, cast.merchant_id, carrier, update)
    except BookingNotKnownYet:
        if tries:  # else the sweep asks carriers that nobody heard
            cast.jobs.waiting.append(partial(_hear, cast, carrier, update, tries - 1))


async def _press_dispatch(cast: Cast, order_id: str, called_off: set[str], means: Means) -> None:
    """A person wants it to go at once; who calls off waits for that, since the last of two people counts."""
    if order_id in called_off:
        return
    cast.pressed.add(order_id)
    try:
        async with means.begin(cast.merchant_id) as work:
            order = await work.orders.get(order_id)
        assert order is not None
        await dispatch_unit(means, cast.merchant_id, order.fulfillment_orders[0].id, None, Wish())
    finally:
        cast.pressed.discard(order_id)


async def _call_off(cast: Cast, order_id: str, called_off: set[str], means: Means) -> None:
    """A person calls the delivery off, if there is one."""
    async with means.begin(cast.merchant_id) as work:
        order = await work.orders.get(order_id)
        assert order is not None
        delivery = await work.deliveries.live_of(order.fulfillment_orders[0].id)
    if delivery is None or order_id in cast.pressed:
        _later(cast, partial(_call_off, cast, order_id, called_off))
    else:
        called_off.add(order_id)
        await cancel_delivery(means, cast.merchant_id, delivery.id, "somebody said so", by_person=True)


async def _cancel_order(cast: Cast, order_id: str, called_off: set[str], means: Means) -> None:
    """The store cancels the order."""
    called_off.add(order_id)
    async with means.begin(cast.merchant_id) as work:
        order = await work.orders.get(order_id, lock=True)
        assert order is not None
        await work.orders.put(replace(order, status=OrderStatus.CANCELLED))
        await work.emit(OrderCancelled(cast.merchant_id, order_id))


async def _given_up(cast: Cast) -> int:
    """How many bookings were called off for others."""
    async with cast.means.begin(cast.merchant_id) as work:
        orders = [await work.orders.get(order_id) for order_id in cast.orders]
        latest = [
            await work.deliveries.latest_of(order.fulfillment_orders[0].id) for order in orders if order
        ]
    legs = [leg for delivery in latest if delivery is not None for leg in delivery.legs]
    return sum(leg.giving_up is not None and not leg.is_live for leg in legs)


async def _faults(cast: Cast, called_off: set[str], counts: Counter[str]) -> dict[str, str]:
    """Orders whose bookings are not as they should be, by id, with what is wrong."""
    live = live_bookings(cast.couriers)
    faults: dict[str, str] = {}
    async with cast.means.begin(cast.merchant_id) as work:
        for order_id, number in cast.orders.items():
            order = await work.orders.get(order_id)
            assert order is not None
            delivery = await work.deliveries.live_of(order.fulfillment_orders[0].id)
            leg = delivery.active_leg if delivery is not None else None
            known = leg.external_id if leg is not None and leg.is_live else ""
            theirs = [booked.external_id for booked in live.get(number, [])]
            wanted = 0 if order_id in called_off else 1
            if len(theirs) != wanted or (known and [known] != theirs) or (theirs and not known):
                latest = await work.deliveries.latest_of(order.fulfillment_orders[0].id)
                unit = order.fulfillment_orders[0]
                state = f"unit {unit.status}, delivery {latest.status if latest else 'none'}"
                faults[order_id] = f"{len(theirs)} live bookings {theirs}, known {known!r}, {state}"
    counts["checked"] += len(cast.orders)
    return faults

"""Meddling: what people, couriers, stores and the clock do in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from bench.dispatch.carriers import Booked, ChaosCourier, live_bookings
from bench.dispatch.cast import Cast
from bench.dispatch.chaos import Deed
from doorstep.booking import CarrierUpdate
from doorstep.delivery_status import DeliveryStatus
from doorstep.events import CourierLate, OrderCancelled
from doorstep.incident import IncidentKind
from doorstep.order import OrderStatus
from gateway.flow.dispatching.cancel import cancel_delivery
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.ports import Means
from gateway.flow.stacking.leaving import end_waits
from gateway.flow.tracking.track import BookingNotKnownYet, apply_update
from gateway.flow.watching.incidents import Alarm, raise_incident
from gateway.flow.watching.watch import sweep

DROPS_OUT, PRESSES, CALLS_OFF, CANCELS, COMES_LATE = 0.25, 0.2, 0.03, 0.03, 0.4
"""Chances for each order: the courier drops out, a person dispatches or calls off, the store cancels, nobody
is assigned in time.
"""

ROUNDS = 2
"""How often all is swept while things go wrong."""

TRIES = 20
"""How often a message about a booking that is not known yet is read again."""

Meddle = Callable[[Cast, str, Means], Awaitable[None]]


def plan_meddling(cast: Cast) -> None:
    """What will happen at some time or other."""
    chances: tuple[tuple[float, Meddle], ...] = (
        (DROPS_OUT, _drop_out),
        (PRESSES, _press_dispatch),
        (CALLS_OFF, _call_off),
        (CANCELS, _cancel_order),
        (COMES_LATE, _come_late),
    )
    for order_id in cast.orders:
        for chance, meddle in chances:
            if cast.dice.falls(chance):
                cast.jobs.waiting.append(partial(meddle, cast, order_id))
    cast.jobs.waiting.extend(partial(_go_round, cast) for _ in range(ROUNDS))
    cast.dice.rng.shuffle(cast.jobs.waiting)
    for courier in cast.couriers:
        courier.booked = partial(_post, cast)


async def go_round(cast: Cast) -> None:
    """What is done again and again by the clock."""
    if cast.is_stacking:
        await end_waits(cast.means, cast.merchant_id)
    await sweep(cast.means, cast.merchant_id)


async def _go_round(cast: Cast, means: Means) -> None:  # noqa: ARG001 - all alike
    """Some minutes later, in the middle of everything."""
    cast.clock.advance(seconds=400)
    await go_round(cast)


async def _drop_out(cast: Cast, order_id: str, means: Means) -> None:  # noqa: ARG001 - all alike
    """The courier gives the job back and says so twice and backwards; as long as nobody has it, later."""
    for courier in cast.couriers:
        booked = [one for one in courier.books.values() if one.order == cast.orders[order_id] and one.is_live]
        for one in booked[:1]:
            updates = list(courier.drop_out(one))
            for update in (*updates, updates[0]):
                cast.jobs.waiting.append(partial(_hear, cast, courier.carrier, update, 0))
            return
    _later(cast, partial(_drop_out, cast, order_id))


def _later(cast: Cast, deed: Deed, chance: float = 0.9) -> None:
    """Try again, most likely, while things are wild."""
    if cast.dice.falls(chance):
        cast.jobs.waiting.append(deed)


async def _come_late(cast: Cast, order_id: str, means: Means) -> None:
    """Nobody is assigned in time: noticed again and again, so that all that a machine may do is done."""
    cast.clock.advance(seconds=200)
    async with means.begin(cast.merchant_id) as work:
        delivery = await work.deliveries.live_of(cast.units[order_id], lock=True)
        leg = delivery.active_leg if delivery is not None else None
        if delivery is not None and leg is not None and leg.is_live and leg.external_id:
            alarm = Alarm(IncidentKind.NO_COURIER, "no courier yet", "", delivery_id=delivery.id)
            await raise_incident(work, alarm, means.clock.now())
            await work.emit(CourierLate(cast.merchant_id, delivery.id, leg.id))
    _later(cast, partial(_come_late, cast, order_id), 0.7)


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


async def _press_dispatch(cast: Cast, order_id: str, means: Means) -> None:
    """A person wants it to go at once; who calls off waits for that, since the last of two people counts."""
    if order_id in cast.called_off:
        return
    cast.pressed.add(order_id)
    try:
        await dispatch_unit(means, cast.merchant_id, cast.units[order_id], None, Wish())
    finally:
        cast.pressed.discard(order_id)


async def _call_off(cast: Cast, order_id: str, means: Means) -> None:
    """A person calls the delivery off, if there is one."""
    async with means.begin(cast.merchant_id) as work:
        delivery = await work.deliveries.live_of(cast.units[order_id])
    if delivery is None or order_id in cast.pressed:
        _later(cast, partial(_call_off, cast, order_id))
    else:
        cast.called_off.add(order_id)
        await cancel_delivery(means, cast.merchant_id, delivery.id, "somebody said so", by_person=True)


async def _cancel_order(cast: Cast, order_id: str, means: Means) -> None:
    """The store cancels the order."""
    cast.called_off.add(order_id)
    async with means.begin(cast.merchant_id) as work:
        order = await work.orders.get(order_id, lock=True)
        assert order is not None
        await work.orders.put(replace(order, status=OrderStatus.CANCELLED))
        await work.emit(OrderCancelled(cast.merchant_id, order_id))

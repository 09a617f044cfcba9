"""Stacked: deliveries that one courier brings on one tour are priced, asked for and answered together.

Each keeps a delivery, a leg and a booking key of its own, so that whatever comes later (news, a change, a
courier who drops out) is about one of them. Only the asking is common: whoever repeats one repeats all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from doorstep.booking import Booking, StackOffer, StackRequest
from doorstep.delivery import Delivery, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import NotFound, RemoteError, RemoteRefused, UnknownOutcome
from doorstep.ports import StacksDeliveries
from doorstep.quote import Decline, DeclineReason
from doorstep.stack import Stack
from gateway.flow.claim import is_held
from gateway.flow.dispatching.answers import booking_request, write_error, write_refusals, write_yes
from gateway.flow.dispatching.attempts import (
    LOOK_AGAIN_S,
    Attempt,
    lease,
    new_delivery,
    new_leg,
)
from gateway.flow.dispatching.begin_stack import Passenger
from gateway.flow.ports import LinkedCarrier, Means, UnitOfWork
from gateway.flow.quoting.question import Unit


async def quote_stack(means: Means, carrier: LinkedCarrier, passengers: Sequence[Passenger]) -> StackOffer:
    """What a carrier takes for all of them together; nothing is written down.

    Raises
    ------
    RemoteError
        If it takes them not together, or could not be asked.
    """
    if not isinstance(carrier.connector, StacksDeliveries):
        raise RemoteRefused("It takes one door at a time.", system=carrier.account.carrier)
    now = means.clock.now()
    drafts = [
        Attempt(new_delivery(one.unit, one.quote_set, now), new_leg(one.quote), one.quote, is_repeat=False)
        for one in passengers
    ]
    requests = [
        booking_request(means, one.unit, draft) for one, draft in zip(passengers, drafts, strict=True)
    ]
    return await carrier.connector.quote_stack(StackRequest(tuple(requests)), means.quote_budget_s)


async def ask_for_stack(means: Means, attempt: Attempt) -> Delivery | Decline:
    """Ask for all that go with this attempt, and keep the answer with each; gives what became of this one.

    Raises
    ------
    UnknownOutcome
        If the answer was lost; all attempts stay open.
    """
    delivery, leg = attempt.delivery, attempt.leg
    merchant_id = delivery.merchant_id
    async with means.begin(merchant_id) as work:
        stack = await work.stacks.get(leg.stack_id)
    if stack is None:
        raise NotFound(leg.stack_id)
    attempts = await _take_up(means, stack, is_repeat=attempt.is_repeat)
    current = next(one for one in attempts if one.leg.id == leg.id)
    if current.leg.external_id:
        return current.delivery
    if current.leg.status is DeliveryStatus.FAILED:
        return Decline(leg.carrier, DeclineReason.OTHER, "It took none of these together.")
    answer = await _ask(means, stack, attempts)
    if isinstance(answer, Decline):
        return answer
    return next(one for one in answer if one.id == delivery.id)


async def _ask(means: Means, stack: Stack, attempts: Sequence[Attempt]) -> Sequence[Delivery] | Decline:
    carrier = await means.links.carrier(stack.merchant_id, stack.account_id)
    if carrier is None or not isinstance(carrier.connector, StacksDeliveries):
        if attempts[0].is_repeat:
            text = "Its account is linked no longer, so nobody can be asked whether they are booked."
            raise UnknownOutcome(text, system=stack.carrier)
        gone = RemoteRefused("The account takes no several doors any more.", system=stack.carrier)
        await write_refusals(means, attempts, gone)
        return Decline(stack.carrier, DeclineReason.ACCOUNT_PROBLEM, gone.message)
    units = await _units(means, stack, attempts)
    requests = [booking_request(means, unit, one) for unit, one in zip(units, attempts, strict=True)]
    try:
        bookings = await carrier.connector.book_stack(
            StackRequest(tuple(requests), stack.price), means.booking_budget_s
        )
    except RemoteError as error:
        return await write_error(means, attempts, carrier, error)
    answered = zip(units, attempts, _shared(stack, bookings), stack.stops, strict=True)
    return [await write_yes(means, unit, one, booking, stop.promise) for unit, one, booking, stop in answered]


def _shared(stack: Stack, bookings: Sequence[Booking]) -> Sequence[Booking]:
    """Each with its share of the price; every one of them says that of the whole tour."""
    shares = stack.shares(bookings[0].price)
    return [replace(booking, price=share) for booking, share in zip(bookings, shares, strict=True)]


async def _units(means: Means, stack: Stack, attempts: Sequence[Attempt]) -> Sequence[Unit]:
    """What is asked for, as it was when the stack was written down, wherever it shall leave from now."""
    units = []
    async with means.begin(stack.merchant_id) as work:
        merchant = await work.accounts.merchant()
        for attempt in attempts:
            delivery = attempt.delivery
            order = await work.orders.get(delivery.order_id)
            part = await work.orders.fulfillment_order(delivery.fulfillment_order_id)
            if order is None or part is None:
                raise NotFound(delivery.fulfillment_order_id)
            units.append(Unit(merchant, order, part, stack.origin, delivery.destination))
    return units


async def _take_up(means: Means, stack: Stack, *, is_repeat: bool) -> Sequence[Attempt]:
    """All attempts of a stack, in the order of its stops, once nobody else is asking for them."""
    while True:
        async with means.begin(stack.merchant_id) as work:
            held, attempts = await _attempts(work, stack, is_repeat)
            is_open = [_is_open(one.leg) for one in attempts]
            if not is_repeat or not any(is_open):
                return attempts
            if not held:
                asked_until = lease(means)
                taken = [
                    replace(one, leg=replace(one.leg, asked_until=asked_until)) if opened else one
                    for one, opened in zip(attempts, is_open, strict=True)
                ]
                for one, opened in zip(taken, is_open, strict=True):
                    if opened:
                        await work.deliveries.put(one.delivery.with_leg(one.leg))
                return taken
        await asyncio.sleep(LOOK_AGAIN_S)


async def _attempts(work: UnitOfWork, stack: Stack, is_repeat: bool) -> tuple[bool, Sequence[Attempt]]:
    """Whether somebody is asking, and all attempts. Locked in one order for everybody."""
    deliveries: dict[str, Delivery] = {}
    for delivery_id in sorted(stop.delivery_id for stop in stack.stops):
        delivery = await work.deliveries.get(delivery_id, lock=True)
        if delivery is None:
            raise NotFound(delivery_id)
        deliveries[delivery_id] = delivery
    attempts = []
    for stop in stack.stops:
        delivery = deliveries[stop.delivery_id]
        leg = next(leg for leg in delivery.legs if leg.id == stop.leg_id)
        quote_set = await work.quotes.get(stop.quote_set_id)
        quote = quote_set.quote(leg.quote_id) if quote_set else None
        if quote is None:
            raise NotFound(leg.quote_id)
        attempts.append(Attempt(delivery, leg, quote, is_repeat))
    return any(_is_open(one.leg) and is_held(one.leg.asked_until) for one in attempts), attempts


def _is_open(leg: Leg) -> bool:
    """Whether the carrier may have it without our knowing; so it is with what was called off meanwhile."""
    return not leg.external_id and leg.status is not DeliveryStatus.FAILED

"""Begin a stack: what is to go with one courier is written down together, or nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery, Leg
from doorstep.errors import StateConflict
from doorstep.ids import new_id
from doorstep.mode_rules import DayUse
from doorstep.money import Money
from doorstep.quote import Quote, QuoteSet
from doorstep.stack import Stack, StackStop
from doorstep.window import Promise
from gateway.flow.dispatching.attempts import (
    Attempt,
    Mandate,
    has_changed,
    is_off,
    lease,
    new_delivery,
    new_leg,
)
from gateway.flow.dispatching.pools import require_room, use_of
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import Unit, shown_promise, unit_of


@dataclass(frozen=True, slots=True)
class Passenger:
    """A fulfillment order that is to go in a stack.

    Attributes
    ----------
    quote
        The carrier's offer for it alone.
    alone
        What it would cost by itself with whoever is best for it.
    arrives_at
        When it should be at the door.
    """

    unit: Unit
    quote_set: QuoteSet
    quote: Quote
    alone: Money
    arrives_at: datetime
    why: str = ""

    @property
    def promise(self) -> Promise:
        """The carrier's for it alone, or until our own reckoning of the tour if that is later."""
        alone = self.quote.offer.promise
        return replace(alone, window=replace(alone.window, end=max(alone.window.end, self.arrives_at)))


class PassengersGone(StateConflict):
    """Some have been booked, called off or changed meanwhile: nothing was written down.

    Parameters
    ----------
    unit_ids
        Theirs.
    """

    def __init__(self, unit_ids: Sequence[str]) -> None:
        super().__init__("They go otherwise: " + ", ".join(unit_ids), current_id=unit_ids[0])
        self.unit_ids = frozenset(unit_ids)


async def begin_stack(means: Means, passengers: Sequence[Passenger], price: Money) -> Attempt:
    """Write a stack down with the attempts of all; gives that of the first.

    Parameters
    ----------
    passengers
        In the order of the stops.
    price
        That the carrier quoted for all together.

    Raises
    ------
    PassengersGone
        If one of them can no longer go.
    NoRoom
        If the merchant's pools leave the carrier too little for all of them.
    """
    now = means.clock.now()
    merchant = passengers[0].unit.merchant
    async with means.begin(merchant.id) as work:
        await _require_waiting(work, passengers)
        begun = [await _begun(means, work, one, now) for one in passengers]
        stack = _stack_of(passengers, begun, price, now)
        shares = stack.shares(price)
        await require_room(work, merchant, _uses(passengers, shares), now)
        await work.stacks.add(stack)
        attempts = []
        for one, (delivery, leg), share in zip(passengers, begun, shares, strict=True):
            stacked = replace(leg, stack_id=stack.id, price=share)
            changed = delivery.with_leg(stacked)
            await work.deliveries.put(changed)
            await _set_stack(work, one, stack.id, now)
            attempts.append(Attempt(changed, stacked, one.quote, is_repeat=False))
    return attempts[0]


async def _require_waiting(work: UnitOfWork, passengers: Sequence[Passenger]) -> None:
    """Nobody else begins with them from here on; who goes otherwise already is named."""
    gone = []
    # In one order for everybody, so that two stacks never wait for each other.
    for one in sorted(passengers, key=lambda one: one.unit.fulfillment_order.id):
        unit_id = one.unit.fulfillment_order.id
        await work.orders.hold(unit_id)
        waiting = await work.stacks.waiting(unit_id, lock=True)
        current = await unit_of(work, unit_id)
        is_free = waiting is not None and not waiting.stack_id
        has_left = not is_free or await work.deliveries.latest_of(unit_id) is not None
        is_other = current is not None and has_changed(one.unit.fulfillment_order, current)
        if has_left or is_other or await is_off(work, one.unit, current, None, Mandate(is_machine=True)):
            gone.append(unit_id)
    if gone:
        raise PassengersGone(gone)


def _stack_of(
    passengers: Sequence[Passenger], begun: Sequence[tuple[Delivery, Leg]], price: Money, now: datetime
) -> Stack:
    lead = passengers[0]
    return Stack(
        id=new_id("stk"),
        merchant_id=lead.unit.merchant.id,
        account_id=lead.quote.account_id,
        carrier=lead.quote.offer.carrier,
        service=lead.quote.offer.service,
        price=price,
        stops=tuple(
            StackStop(
                one.unit.fulfillment_order.id,
                delivery.id,
                leg.id,
                one.quote_set.id,
                one.alone,
                one.arrives_at,
                one.promise,
            )
            for one, (delivery, leg) in zip(passengers, begun, strict=True)
        ),
        created_at=now,
        origin=lead.unit.origin,
    )


def _uses(passengers: Sequence[Passenger], shares: Sequence[Money]) -> dict[str, DayUse]:
    """What each takes of pools, with its share of the price, by the fulfillment order."""
    return {
        one.unit.fulfillment_order.id: replace(use_of(one.quote, one.quote_set), spent=share)
        for one, share in zip(passengers, shares, strict=True)
    }


async def _begun(means: Means, work: UnitOfWork, one: Passenger, now: datetime) -> tuple[Delivery, Leg]:
    leg = replace(new_leg(one.quote), asked_until=lease(means), why=one.why, free_cancel_until=None)
    delivery = replace(
        new_delivery(one.unit, one.quote_set, now),
        quote_set_id=one.quote_set.id,
        requirements=tuple(dict.fromkeys((*one.quote_set.request.requirements, *one.quote.requirements))),
        promise=await shown_promise(work, one.unit.order, one.unit.fulfillment_order, now),
    )
    return delivery, leg


async def _set_stack(work: UnitOfWork, one: Passenger, stack_id: str, now: datetime) -> None:
    waiting = await work.stacks.waiting(one.unit.fulfillment_order.id)
    if waiting is not None:
        # Its time is over: whatever becomes of the stack, somebody looks after it from here on.
        await work.stacks.wait(replace(waiting, stack_id=stack_id, until=now))

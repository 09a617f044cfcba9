"""Again: goods that nobody took in go out once more, by the van that has them or from the shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery, EventSource
from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.errors import StateConflict
from doorstep.failed_attempt import FailedAttempt
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from doorstep.route import RouteStatus
from gateway.flow.dispatching.dispatch import Dispatched, Wish, dispatch_unit
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.returning.slots import promise_again
from gateway.flow.tracking.leg_events import leg_event


async def again_by_van(means: Means, attempt: FailedAttempt, delivery: Delivery) -> None:
    """End the leg that failed and book the own fleet anew, which puts the stop back into planning."""
    leg = next(leg for leg in delivery.legs if leg.id == attempt.leg_id)
    if not await _end_leg(means, attempt, delivery):
        return
    unit_id = delivery.fulfillment_order_id
    merchant_id = delivery.merchant_id
    budget_s = means.quote_budget_s
    quotes = await quote_unit(means, merchant_id, unit_id, budget_s, account_ids=[leg.account_id])
    if quotes is not None:
        # Whatever order others are asked in: it is the van that has it.
        wish = Wish(strategy=DispatchStrategy.BEST_VALUE)
        await dispatch_unit(means, merchant_id, unit_id, quotes.id, wish)


async def _end_leg(means: Means, attempt: FailedAttempt, delivery: Delivery) -> bool:
    """Whether there is something to book: not where a repeat finds the next leg booked already."""
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        # In the order in which everybody locks: the delivery, its order, its part.
        current = await work.deliveries.get(delivery.id, lock=True)
        order = await work.orders.get(delivery.order_id, lock=True)
        leg = next((leg for leg in current.legs if leg.id == attempt.leg_id), None) if current else None
        if order is None or current is None or leg is None or current.is_over:
            return False
        if not leg.is_live:
            active = current.active_leg
            return active is None or not active.is_live or not active.external_id
        ended = replace(leg, status=DeliveryStatus.FAILED, raw_status="attempt_failed", ended_at=now)
        changed = replace(
            current.with_leg(ended),
            status=DeliveryStatus.SEARCHING,
            promise=await promise_again(work, current, attempt.window),
            driver_id=None,
            eta=None,
            late_risk=None,
            updated_at=now,
            version=current.version + 1,
        )
        await work.deliveries.put(changed)
        text, source = "Goes out again.", EventSource.RULE
        event = leg_event(current, leg, DeliveryStatus.SEARCHING, source, text, key="again", at=now)
        await work.deliveries.add_event(event)
        await _ready(work, current, attempt, await _back_at(work, current.id, now))
        work.announce("delivery", delivery.id)
    return True


async def again_from_shop(means: Means, attempt: FailedAttempt, delivery: Delivery) -> str | None:
    """What had come back is dispatched like anything else; gives the new delivery, None where nobody goes.

    Raises
    ------
    UnknownOutcome
        If an answer was lost; the job is tried again, and the same booking with it.
    """
    unit_id = delivery.fulfillment_order_id
    async with means.begin(delivery.merchant_id) as work:
        await work.deliveries.get(delivery.id, lock=True)
        order = await work.orders.get(delivery.order_id, lock=True)
        unit = await work.orders.fulfillment_order(unit_id, lock=True)
        if order is None or unit is None:
            return None
        is_manual = (await work.accounts.merchant()).dispatch.strategy is DispatchStrategy.MANUAL
        # Somebody has decided that it goes again: nobody has to say so twice.
        wish = Wish(strategy=DispatchStrategy.BEST_VALUE if is_manual else None)
        if unit.status is FulfillmentOrderStatus.RETURNED:
            reopened = replace(unit, status=FulfillmentOrderStatus.OPEN)
            await work.orders.put_fulfillment_order(reopened)
            await promise_again(work, delivery, attempt.window)
            await _ready(work, delivery, attempt, means.clock.now())
            if order.status is OrderStatus.RETURNED:
                # The parts are others' to write as well: they stay as they stand.
                await work.orders.put(replace(order, status=OrderStatus.OPEN, fulfillment_orders=()))
            work.announce("order", order.id)
    try:
        # Asked anew: what carriers said before was about another day.
        quotes = await quote_unit(means, delivery.merchant_id, unit_id, means.quote_budget_s)
        if quotes is None:
            return None
        sent: Dispatched = await dispatch_unit(means, delivery.merchant_id, unit_id, quotes.id, wish)
    except StateConflict:
        return None  # the store cancelled it meanwhile
    return sent.delivery.id if sent.delivery is not None else None


async def _ready(work: UnitOfWork, delivery: Delivery, attempt: FailedAttempt, at: datetime) -> None:
    """From when on it can be fetched, and when the shopper wants it."""
    unit = await work.orders.fulfillment_order(delivery.fulfillment_order_id, lock=True)
    if unit is not None:
        await work.orders.put_fulfillment_order(replace(unit, ready_at=at, delivery_window=attempt.window))


async def _back_at(work: UnitOfWork, delivery_id: str, now: datetime) -> datetime:
    """When the van that has it is back at its depot."""
    for route in await work.routes.unfinished():
        if route.status is RouteStatus.STARTED and any(one.delivery_id == delivery_id for one in route.stops):
            return max(route.ends_at, now)
    return now

"""Leaving: when the time of one that waits is over, it goes with those it goes best with, or alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from doorstep.errors import NotFound, StateConflict
from doorstep.events import QuotesReady, WaitOver
from doorstep.stack import Waiting
from gateway.flow.dispatching.begin_stack import PassengersGone, begin_stack
from gateway.flow.dispatching.dispatch import dispatch_quoted, is_for_machines
from gateway.flow.dispatching.pools import NoRoom
from gateway.flow.dispatching.stacked import ask_for_stack
from gateway.flow.ports import Means
from gateway.flow.stacking.company import Company, find_company
from gateway.flow.stacking.waiting import stacks
from gateway.flow.waves import chooses

log = structlog.get_logger(__name__)

AGAIN_AFTER = timedelta(minutes=5)
"""What was told to leave and still waits is told again."""

WAVE_TAKES = timedelta(minutes=20)
"""Who waits for a wave leaves alone only where none has come so long after the wait was over."""

TRIES = 3
"""How often company is looked for while others are booked away."""


async def end_waits(means: Means, merchant_id: str) -> None:
    """Tell those to leave whose time is over."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        waves = chooses(means, await work.accounts.merchant())
        for waiting in await work.stacks.due(now - WAVE_TAKES if waves else now, now - AGAIN_AFTER):
            await work.stacks.wait(replace(waiting, told_at=now))
            await work.emit(WaitOver(merchant_id, waiting.fulfillment_order_id))


async def leave(event: WaitOver, means: Means) -> None:
    """Book one that has waited: with the others that it goes best with, or alone.

    Raises
    ------
    UnknownOutcome
        If an answer was lost; the job is tried again, and repeats what was asked.
    """
    merchant_id, unit_id = event.merchant_id, event.fulfillment_order_id
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        waiting = await work.stacks.waiting(unit_id)
        may_go = await is_for_machines(work, unit_id)
        latest = await work.deliveries.latest_of(unit_id)
    if waiting is None:
        return
    has_left = latest is not None and not waiting.stack_id
    if merchant.books_by_itself and may_go and not has_left:
        if stacks(merchant) and not waiting.stack_id:
            waiting = await _go_with_others(means, waiting)
        try:
            # Alone; who has been booked meanwhile stays booked, and an open attempt is repeated.
            await dispatch_quoted(QuotesReady(merchant_id, unit_id, waiting.quote_set_id), means)
        except (NotFound, StateConflict) as error:
            # Its address or its place is gone: whatever mends that, its quotes come anew.
            log.info("cannot leave", fulfillment_order_id=unit_id, code=error.code)
    async with means.begin(merchant_id) as work:
        await work.stacks.stop_waiting([unit_id])


async def _go_with_others(means: Means, waiting: Waiting) -> Waiting:
    """Book a stack with this one in it, if one is worth it and its carrier takes it; gives its prices."""
    gone: set[str] = set()
    for _ in range(TRIES):
        found = await _look_for_company(means, waiting, gone)
        if found is None:
            return waiting
        waiting = replace(waiting, quote_set_id=found.quote_set_id)
        if found.price is None:
            return waiting
        try:
            attempt = await begin_stack(means, found.passengers, found.price)
        except PassengersGone as error:
            if waiting.fulfillment_order_id in error.unit_ids:
                return waiting
            gone |= error.unit_ids
            continue
        except NoRoom:
            continue  # somebody has taken the last of it since: what is left may do for fewer, or for others
        try:
            await ask_for_stack(means, attempt)
        finally:
            await _tell_to_leave(means, waiting, found)
        return waiting
    return waiting


async def _look_for_company(means: Means, waiting: Waiting, gone: set[str]) -> Company | None:
    """None where nobody could look: whatever went wrong, an order does not stay for it."""
    try:
        return await find_company(means, waiting, gone)
    except Exception as error:
        unit_id = waiting.fulfillment_order_id
        log.warning(
            "company could not be looked for", fulfillment_order_id=unit_id, error=type(error).__name__
        )
        return None


async def _tell_to_leave(means: Means, waiting: Waiting, found: Company) -> None:
    """The others' wait is over as well; whom the carrier did not take goes alone."""
    async with means.begin(waiting.merchant_id) as work:
        for one in found.passengers:
            if one.unit.fulfillment_order.id != waiting.fulfillment_order_id:
                await work.emit(WaitOver(waiting.merchant_id, one.unit.fulfillment_order.id))

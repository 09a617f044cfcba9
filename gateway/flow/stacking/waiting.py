"""Waiting: a fulfillment order with quotes is booked at once, unless others may still go with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.delivery import LegDirection
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.events import QuotesReady, WaitOver
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.quote import QuoteSet
from doorstep.stack import Waiting
from gateway.flow.choosing.waiting import waits_for_wave
from gateway.flow.dispatching.dispatch import (
    Wish,
    dispatch_quoted,
    errand_of,
    is_for_machines,
    promised_window,
)
from gateway.flow.dispatching.strategy import line_up
from gateway.flow.ports import LinkedCarrier, Means, UnitOfWork
from gateway.flow.quoting.question import Unit, choice_for, load_unit
from gateway.flow.stacking.together import Mate, wait_until

STACKED = (DispatchStrategy.BEST_VALUE, DispatchStrategy.CHEAPEST)
"""Strategies under which orders wait: whoever wants the fastest, or certain carriers, wants no waiting."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fulfillment order that may go with others."""

    unit: Unit
    quote_set: QuoteSet
    mate: Mate


async def send_or_wait(event: QuotesReady, means: Means) -> None:
    """Book what has quotes, or let it wait for a wave or company where the merchant wants that."""
    if not (await waits_for_wave(event, means) or await _waits(event, means)):
        await dispatch_quoted(event, means)


async def _waits(event: QuotesReady, means: Means) -> bool:
    merchant_id, unit_id = event.merchant_id, event.fulfillment_order_id
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        if not stacks(merchant) or not await _may_wait(work, unit_id):
            return False
    takers = await takers_of(means, merchant_id)
    if not takers:
        return False
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        await work.orders.hold(unit_id)
        known = await work.stacks.waiting(unit_id, lock=True)
        since = known.since if known is not None else now
        candidate = await candidate_of(means, work, unit_id, event.quote_set_id, since)
        if candidate is None or (known is not None and known.stack_id):
            return False
        until = _until(merchant, candidate, takers, since)
        if until is None or await work.deliveries.latest_of(unit_id) is not None:
            return False
        await work.stacks.wait(
            Waiting(merchant_id, unit_id, candidate.unit.origin.id, event.quote_set_id, since, until)
        )
        work.announce("order", candidate.unit.order.id)
        if until <= now:
            # No time to wait, but those who do may have room for it.
            await work.emit(WaitOver(merchant_id, unit_id))
    return True


def stacks(merchant: Merchant) -> bool:
    """Whether a machine books this merchant's orders together."""
    return merchant.stacking.is_on and merchant.books_by_itself and merchant.dispatch.strategy in STACKED


async def _may_wait(work: UnitOfWork, unit_id: str) -> bool:
    """Only what nobody was sent for yet, and what somebody would take."""
    if await work.deliveries.latest_of(unit_id) is not None or not await is_for_machines(work, unit_id):
        return False
    return await work.incidents.live(IncidentKind.NO_COURIER, unit_id) is None


def _until(
    merchant: Merchant, candidate: Candidate, takers: Mapping[str, LinkedCarrier], since: datetime
) -> datetime | None:
    """None where it can go with nobody, or its window is still to begin."""
    mate = candidate.mate
    if not any(turn.quote.account_id in takers for turn in mate.line.peers):
        return None
    if mate.window is not None and mate.window.start > since:
        return None
    ends = [end for end in (mate.latest, mate.window.end if mate.window else None) if end is not None]
    promised_by = min(ends, default=None)
    counted_from = max(mate.asked_at, mate.ready_at)
    return wait_until(mate.line, merchant.stacking, promised_by, counted_from, since)


async def takers_of(means: Means, merchant_id: str) -> Mapping[str, LinkedCarrier]:
    """Accounts whose couriers take several doors in one tour, by id."""
    carriers = await means.links.carriers(merchant_id)
    return {carrier.account.id: carrier for carrier in carriers if carrier.most_stops > 1}


async def candidate_of(
    means: Means, work: UnitOfWork, unit_id: str, quote_set_id: str, since: datetime
) -> Candidate | None:
    """What goes together is chosen by; None for what cannot go with others.

    Parameters
    ----------
    since
        When it began to wait: from then on the merchant's latest acceptable promise counts.
    """
    unit = await load_unit(work, unit_id, must_be_placed=means.geocoder is not None)
    quote_set = await work.quotes.get(quote_set_id)
    door = unit.destination.location if unit is not None else None
    if unit is None or door is None or quote_set is None or unit.direction is LegDirection.RETURN:
        return None
    latest_s = unit.merchant.dispatch.latest_promise_s
    choice = await choice_for(work, unit.order, unit.fulfillment_order)
    mate = Mate(
        unit_id,
        line_up(quote_set, errand_of(unit, None, choice, Wish())),
        door,
        promised_window(unit, None, choice),
        quote_set.request.ready_at,
        quote_set.request.asked_at,
        since + timedelta(seconds=latest_s) if latest_s is not None else None,
    )
    return Candidate(unit, quote_set, mate)

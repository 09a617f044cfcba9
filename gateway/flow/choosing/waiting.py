"""Waiting: an order that nobody chose a carrier for is booked with the next wave, if there is time."""

from __future__ import annotations

from datetime import datetime, timedelta

from doorstep.delivery import LegDirection
from doorstep.events import QuotesReady
from doorstep.incident import IncidentKind
from doorstep.mode_rules import ModeRules
from doorstep.quote import DeliveryMode, QuoteSet
from doorstep.stack import Waiting, WaitReason
from doorstep.window import Window
from gateway.flow.choosing.offers import open_turns
from gateway.flow.dispatching.dispatch import Wish, errand_of, is_for_machines, promised_window
from gateway.flow.dispatching.strategy import Turn, line_up
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import choice_for, load_unit
from gateway.flow.waves import chooses


async def waits_for_wave(event: QuotesReady, means: Means) -> bool:
    """Let an order wait for the next wave; False where it has to be booked at once."""
    merchant_id, unit_id, now = event.merchant_id, event.fulfillment_order_id, means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        if not chooses(means, merchant):
            return False
        await work.orders.hold(unit_id)
        known = await work.stacks.waiting(unit_id, lock=True)
        if not await _may_wait(work, unit_id) or (known is not None and known.stack_id):
            return False
        since = known.since if known is not None else now
        place_id, until = await _until(means, work, event, since)
        if until is None:
            return False
        await work.stacks.wait(
            Waiting(
                merchant_id,
                unit_id,
                place_id,
                event.quote_set_id,
                since,
                until,
                reason=WaitReason.WAVE,
            )
        )
        order = await work.orders.of_unit(unit_id)
        if order is not None:
            work.announce("order", order.id)
    return True


async def _may_wait(work: UnitOfWork, unit_id: str) -> bool:
    """Only what nobody was sent for yet, and what somebody would take."""
    if await work.deliveries.latest_of(unit_id) is not None or not await is_for_machines(work, unit_id):
        return False
    return await work.incidents.live(IncidentKind.NO_COURIER, unit_id) is None


async def _until(
    means: Means, work: UnitOfWork, event: QuotesReady, since: datetime
) -> tuple[str, datetime | None]:
    """Where it is fetched, and till when it may wait; None where it may not."""
    unit = await load_unit(work, event.fulfillment_order_id, must_be_placed=means.geocoder is not None)
    quote_set = await work.quotes.get(event.quote_set_id)
    if unit is None or quote_set is None or unit.direction is LegDirection.RETURN:
        return "", None
    choice = await choice_for(work, unit.order, unit.fulfillment_order)
    if choice is not None or unit.destination.location is None:
        return "", None
    turns = open_turns(line_up(quote_set, errand_of(unit, None, None, Wish())))
    merchant, window = unit.merchant, promised_window(unit, None, None)
    until = wait_until(
        turns, quote_set, merchant.modes, window, since, timedelta(seconds=merchant.auto_plan_horizon_s)
    )
    return unit.origin.id, until if until > means.clock.now() else None


def wait_until(
    turns: tuple[Turn, ...],
    quote_set: QuoteSet,
    rules: ModeRules,
    window: Window | None,
    since: datetime,
    horizon: timedelta,
) -> datetime:
    """Till when an order may wait and still be brought in time; `since` where it may not wait at all.

    It waits for as long as the rules say, or until planning of its window is due if that is later; but
    whoever would be asked first keeps the promise with `spare_s` left, and a parcel still goes with the
    pickup that it was offered for.

    Parameters
    ----------
    turns
        Offers among which it is open who is taken.
    window
        In which the shopper was told to have it; None where nobody was told anything.
    horizon
        How long before their windows deliveries are planned.
    """
    if len({(turn.quote.account_id, turn.quote.offer.service) for turn in turns}) < 2:
        return since  # there is nothing to choose
    until = since + timedelta(seconds=rules.longest_wait_s)
    spare = timedelta(seconds=rules.spare_s)
    if window is not None:
        counted_from = max(quote_set.request.asked_at, quote_set.request.ready_at)
        takes = turns[0].quote.offer.promise.window.end - counted_from
        until = min(max(until, window.start - horizon), window.end - takes - spare)
    parcels = [turn.quote.offer for turn in turns if turn.quote.offer.mode is DeliveryMode.PARCEL]
    pickups = [offer.pickup_by for offer in parcels if offer.pickup_by is not None]
    return max(since, min([until, *(pickup - spare for pickup in pickups)]))

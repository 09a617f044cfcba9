"""Leaving: when the time of one that waits is over, it goes with those it goes best with, or alone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from doorstep.errors import NotFound, RemoteError, StateConflict
from doorstep.events import QuotesReady, WaitOver
from doorstep.money import Money
from doorstep.stack import Waiting
from gateway.flow.dispatching.dispatch import dispatch_quoted, is_for_machines
from gateway.flow.dispatching.stacked import (
    Passenger,
    PassengersGone,
    ask_for_stack,
    begin_stack,
    quote_stack,
)
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.stacking.together import Tour, tours
from gateway.flow.stacking.waiting import Candidate, candidate_of, stacks, takers_of

AGAIN_AFTER = timedelta(minutes=5)
"""What was told to leave and still waits is told again."""

STALE_AFTER = timedelta(minutes=1)
"""Prices that are older are asked for again."""

MOST_MATES = 24
"""So many of those that wait are looked at."""

TRIES = 3
"""How often company is looked for while others are booked away."""


async def end_waits(means: Means, merchant_id: str) -> None:
    """Tell those to leave whose time is over."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        for waiting in await work.stacks.due(now):
            await work.stacks.wait(replace(waiting, until=now + AGAIN_AFTER))
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
    if waiting is None:
        return
    if merchant.books_by_itself and may_go:
        if stacks(merchant) and not waiting.stack_id:
            waiting = await _ask_again(means, waiting)
            await _go_with_others(means, waiting)
        # Alone; who has been booked meanwhile stays booked, and an open attempt is repeated.
        await dispatch_quoted(QuotesReady(merchant_id, unit_id, waiting.quote_set_id), means)
    async with means.begin(merchant_id) as work:
        await work.stacks.stop_waiting([unit_id])


async def _ask_again(means: Means, waiting: Waiting) -> Waiting:
    """With prices of the moment, where those that it waited with are old."""
    now, merchant_id, unit_id = means.clock.now(), waiting.merchant_id, waiting.fulfillment_order_id
    async with means.begin(merchant_id) as work:
        quote_set = await work.quotes.get(waiting.quote_set_id)
    if quote_set is not None and quote_set.request.asked_at + STALE_AFTER > now:
        return waiting
    fresh = await quote_unit(means, merchant_id, unit_id, means.quote_budget_s, keep_quiet=True)
    if fresh is None:
        return waiting
    async with means.begin(merchant_id) as work:
        current = await work.stacks.waiting(unit_id, lock=True)
        renewed = replace(current or waiting, quote_set_id=fresh.id)
        if current is not None:
            await work.stacks.wait(renewed)
    return renewed


async def _go_with_others(means: Means, waiting: Waiting) -> None:
    """Book a stack with this one in it, if one is worth it and its carrier takes it."""
    gone: set[str] = set()
    for _ in range(TRIES):
        candidates = await _candidates(means, waiting, gone)
        found = await _best_tour(means, candidates) if len(candidates) > 1 else None
        if found is None:
            return
        passengers, price = found
        try:
            attempt = await begin_stack(means, passengers, price)
        except PassengersGone as error:
            if waiting.fulfillment_order_id in error.unit_ids:
                return
            gone |= error.unit_ids
            continue
        try:
            await ask_for_stack(means, attempt)
        finally:
            await _tell_to_leave(means, waiting, passengers)
        return


async def _tell_to_leave(means: Means, waiting: Waiting, passengers: Sequence[Passenger]) -> None:
    """The others' wait is over as well; whom the carrier did not take goes alone."""
    async with means.begin(waiting.merchant_id) as work:
        for one in passengers:
            if one.unit.fulfillment_order.id != waiting.fulfillment_order_id:
                await work.emit(WaitOver(waiting.merchant_id, one.unit.fulfillment_order.id))


async def _candidates(means: Means, waiting: Waiting, gone: Collection[str]) -> Sequence[Candidate]:
    """The one whose time is over, and the others at its place but those that are gone."""
    found = []
    async with means.begin(waiting.merchant_id) as work:
        first = await candidate_of(means, work, waiting.fulfillment_order_id, waiting.quote_set_id)
        if first is None:
            return ()
        for other in (await work.stacks.waiting_at(waiting.location_id))[:MOST_MATES]:
            if other.fulfillment_order_id in (waiting.fulfillment_order_id, *gone):
                continue
            try:
                mate = await candidate_of(means, work, other.fulfillment_order_id, other.quote_set_id)
            except (NotFound, StateConflict):
                continue  # its own turn finds out what is wrong with it
            if mate is not None and await is_for_machines(work, other.fulfillment_order_id):
                found.append(mate)
    return (first, *found)


async def _best_tour(
    means: Means, candidates: Sequence[Candidate]
) -> tuple[Sequence[Passenger], Money] | None:
    """The stack that saves most of those that carriers were asked about, with its price."""
    first, *others = candidates
    merchant, origin = first.unit.merchant, first.unit.origin.address.location
    if origin is None:
        return None
    takers = await takers_of(means, merchant.id)
    points = [origin, *(one.mate.door for one in candidates)]
    try:
        rides = (await means.roads.table(points, points)).seconds
    except RemoteError:
        return None
    stops = {account_id: carrier.most_stops for account_id, carrier in takers.items()}
    mates = [one.mate for one in others]
    worth_asking = tours(first.mate, mates, rides, merchant.stacking, stops, means.clock.now())
    asked = await asyncio.gather(*(_price(means, takers, candidates, tour) for tour in worth_asking))
    least = merchant.stacking.least_saving
    best, most = None, max(1, least.minor if least is not None else 1)
    for tour, price in zip(worth_asking, asked, strict=True):
        if price is None or price.currency != tour.alone.currency:
            continue
        saving = tour.saving(price, merchant.dispatch)
        if saving.minor >= most:
            best, most = (_passengers(candidates, tour, price), price), saving.minor + 1
    return best


async def _price(
    means: Means, takers: Mapping[str, LinkedCarrier], candidates: Sequence[Candidate], tour: Tour
) -> Money | None:
    """What the carrier takes for a tour; None where it does not take it."""
    passengers = _passengers(candidates, tour, None)
    try:
        return (await quote_stack(means, takers[tour.account_id], passengers)).price
    except RemoteError:
        return None


def _passengers(candidates: Sequence[Candidate], tour: Tour, price: Money | None) -> Sequence[Passenger]:
    """In the order of the stops."""
    of_unit = {one.mate.unit_id: one for one in candidates}
    alone = [mate.line.turns[0].quote.offer.price for mate in tour.stops]
    saved = Money(sum(one.minor for one in alone), tour.alone.currency)
    others = len(tour.stops) - 1
    words = f"{others} other{'s' if others > 1 else ''}"
    why = f"Goes with {words}: {price} together, {saved} one by one." if price is not None else ""
    return [
        Passenger(of_unit[mate.unit_id].unit, of_unit[mate.unit_id].quote_set, quote, cost, arrival, why)
        for mate, quote, cost, arrival in zip(tour.stops, tour.quotes, alone, tour.arrivals, strict=True)
    ]

"""Company: with whom one that has waited goes best, at prices of the moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from doorstep.errors import NotFound, RemoteError, StateConflict
from doorstep.money import Money
from doorstep.stack import Waiting
from gateway.flow.dispatching.begin_stack import Passenger
from gateway.flow.dispatching.dispatch import is_for_machines
from gateway.flow.dispatching.pools import read_room, use_of
from gateway.flow.dispatching.stacked import quote_stack
from gateway.flow.ports import LinkedCarrier, Means
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.stacking.together import Tour, tours
from gateway.flow.stacking.waiting import Candidate, candidate_of, takers_of

log = structlog.get_logger(__name__)

STALE_AFTER = timedelta(minutes=1)
"""Prices that are older, and what they were asked for, are looked at again."""

MOST_MATES = 24
"""So many of those that wait are looked at."""


@dataclass(frozen=True, slots=True)
class Company:
    """What was found.

    Attributes
    ----------
    quote_set_id
        The last prices of the one that leaves.
    passengers
        All that go together, in the order of the stops; () where it goes alone.
    price
        That the carrier takes for all of them; None where it goes alone.
    """

    quote_set_id: str
    passengers: Sequence[Passenger] = ()
    price: Money | None = None


async def find_company(means: Means, waiting: Waiting, gone: Collection[str]) -> Company:
    """The stack that saves most with this one in it.

    Whoever comes into question by what was known is asked for anew: prices have moved meanwhile, and goods
    and addresses may have.
    """
    async with means.begin(waiting.merchant_id) as work:
        others = (await work.stacks.waiting_at(waiting.location_id))[:MOST_MATES]
    unit_id = waiting.fulfillment_order_id
    others = [other for other in others if other.fulfillment_order_id not in (unit_id, *gone)]
    sets = {other.fulfillment_order_id: other.quote_set_id for other in (waiting, *others)}
    sets |= await _asked_again(means, waiting.merchant_id, {unit_id: sets[unit_id]})
    candidates = await _candidates(means, (waiting, *others), sets)
    if len(candidates) < 2 or candidates[0].mate.unit_id != unit_id:
        return Company(sets[unit_id])
    likely = {mate.unit_id for tour in await _tours(means, candidates) for mate in tour.stops}
    sets |= await _asked_again(means, waiting.merchant_id, {one: sets[one] for one in sorted(likely)})
    companions = [other for other in others if other.fulfillment_order_id in likely]
    candidates = await _candidates(means, (waiting, *companions), sets)
    if len(candidates) < 2 or candidates[0].mate.unit_id != unit_id:
        return Company(sets[unit_id])
    return await _best(means, candidates, sets[unit_id])


async def _asked_again(means: Means, merchant_id: str, sets: Mapping[str, str]) -> Mapping[str, str]:
    """Fresh quote sets, by fulfillment order, instead of those that are old."""

    async def fresh(unit_id: str, quote_set_id: str) -> tuple[str, str]:
        async with means.begin(merchant_id) as work:
            quote_set = await work.quotes.get(quote_set_id)
        if quote_set is not None and quote_set.request.asked_at + STALE_AFTER > means.clock.now():
            return unit_id, quote_set_id
        try:
            renewed = await quote_unit(means, merchant_id, unit_id, means.quote_budget_s, keep_quiet=True)
        except (NotFound, StateConflict):
            return unit_id, ""
        return unit_id, renewed.id if renewed is not None else ""

    return dict(await asyncio.gather(*(fresh(unit_id, known) for unit_id, known in sets.items())))


async def _candidates(
    means: Means, waiting: Sequence[Waiting], sets: Mapping[str, str]
) -> Sequence[Candidate]:
    """Those that can go, in their order; what is wrong with another is found out when its own time comes."""
    found = []
    async with means.begin(waiting[0].merchant_id) as work:
        for one in waiting:
            unit_id = one.fulfillment_order_id
            try:
                candidate = await candidate_of(means, work, unit_id, sets[unit_id], one.since)
            except (NotFound, StateConflict):
                continue
            if candidate is not None and await is_for_machines(work, unit_id):
                found.append(candidate)
    return found


async def _tours(means: Means, candidates: Sequence[Candidate]) -> Sequence[Tour]:
    """Tours with the first that may be worth it."""
    first = candidates[0]
    origin = first.unit.origin.address.location
    if origin is None:
        return ()
    points = [origin, *(one.mate.door for one in candidates)]
    rides = (await means.roads.table(points, points)).seconds
    takers = await takers_of(means, first.unit.merchant.id)
    stops = {account_id: carrier.most_stops for account_id, carrier in takers.items()}
    mates = [one.mate for one in candidates[1:]]
    rules, has_room = first.unit.merchant.stacking, await _room_for(means, candidates)
    return tours(first.mate, mates, rides, rules, stops, means.clock.now(), has_room)


async def _room_for(means: Means, candidates: Sequence[Candidate]) -> Callable[[Tour], bool]:
    """Whether the merchant lets a carrier have a tour today, at most at the prices of its stops alone."""
    merchant = candidates[0].unit.merchant
    sets = {one.mate.unit_id: one.quote_set for one in candidates}
    async with means.begin(merchant.id) as work:
        room = await read_room(work, merchant, means.clock.now(), besides=sets)

    def has_room(tour: Tour) -> bool:
        stops = zip(tour.stops, tour.quotes, strict=True)
        return not room.refusal(*(use_of(quote, sets[mate.unit_id]) for mate, quote in stops))

    return has_room


async def _best(means: Means, candidates: Sequence[Candidate], quote_set_id: str) -> Company:
    merchant = candidates[0].unit.merchant
    takers = await takers_of(means, merchant.id)
    worth_asking = await _tours(means, candidates)
    prices = await asyncio.gather(*(_price(means, takers, candidates, tour) for tour in worth_asking))
    best, most = Company(quote_set_id), 0
    for tour, price in zip(worth_asking, prices, strict=True):
        if price is None or price.currency != tour.alone.currency:
            continue
        saving = tour.saving(price, merchant.dispatch)
        if saving.minor > most and _is_enough(saving, merchant.stacking.least_saving):
            best, most = Company(quote_set_id, _passengers(candidates, tour, price), price), saving.minor
    return best


def _is_enough(saving: Money, least: Money | None) -> bool:
    return least is None or (least.currency == saving.currency and not saving < least)


async def _price(
    means: Means, takers: Mapping[str, LinkedCarrier], candidates: Sequence[Candidate], tour: Tour
) -> Money | None:
    """What the carrier takes for a tour; None where it does not take it, or does not say so in time."""
    carrier = takers[tour.account_id]
    try:
        async with asyncio.timeout(means.quote_budget_s):
            return (await quote_stack(means, carrier, _passengers(candidates, tour, None))).price
    except (RemoteError, TimeoutError):
        return None
    except Exception as error:
        # A connector's own slip: it costs the carrier this tour, and nobody else anything.
        log.warning("tour could not be priced", carrier=tour.carrier, error=type(error).__name__)
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

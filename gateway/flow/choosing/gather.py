"""Gather: what waits is put beside the tours of the day, with fresh offers for each order."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from doorstep.delivery import Delivery, LegDirection
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import DoorstepError
from doorstep.merchant import Merchant
from doorstep.mode_rules import DayUse
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from doorstep.route import PlanProgress, RoutePlan, RoutePlanStatus
from doorstep.stack import Waiting
from doorstep.visit import Visit
from doorstep.wave import Wave, WaveOrder
from gateway.flow.choosing.offers import (
    Rival,
    broken_promise,
    is_today,
    late_chance,
    open_turns,
    pools_left,
)
from gateway.flow.dispatching.allowed import within
from gateway.flow.dispatching.attempts import new_delivery
from gateway.flow.dispatching.dispatch import Wish, errand_of, is_for_machines, promised_window
from gateway.flow.dispatching.remedies import cap_of
from gateway.flow.dispatching.strategy import line_up
from gateway.flow.planning.days.problem import Day, read_day
from gateway.flow.planning.parts.visits import Terms, visit_of
from gateway.flow.planning.plans.request import held_back_by
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.quoting.question import Unit, choice_for, load_unit
from gateway.flow.quoting.quote import quote_unit

log = structlog.get_logger(__name__)

MOST_ORDERS = 10_000
"""In one wave; who is left over goes with the next."""

AT_ONCE = 8
"""Orders that are looked at, and asked for again, at the same time."""

STANDS = timedelta(minutes=2)
"""Offers that end sooner are asked for again: choosing takes a while, and booking as well."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """A wave with what its answers are carried out by.

    Attributes
    ----------
    rivals
        By their ids in the wave.
    idle
        Fulfillment orders that have waited long enough and are none of the wave.
    """

    wave: Wave
    day: Day
    rivals: Mapping[str, Rival]
    idle: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is read at the beginning.

    Attributes
    ----------
    planned
        Deliveries of plans that are under way, or that a person looks at.
    """

    merchant: Merchant
    day: Day
    terms: Terms
    waiting: Sequence[Waiting]
    planned: Collection[str]
    uses: Sequence[DayUse]


async def gather(means: Means, merchant_id: str, plan: RoutePlan | None) -> Gathered:
    """Everything that may go one way or another, as it stands now.

    Parameters
    ----------
    plan
        That somebody asked for; None for all that comes due today.

    Raises
    ------
    InvalidWave, InvalidProblem
        If the merchant's rules contradict the offers, or what is known of the day itself.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        scene = await _read(work, plan, now)
    asked: list[tuple[str, str, Delivery | None]] = [
        (one.fulfillment_order_id, one.quote_set_id, None) for one in scene.waiting
    ]
    if scene.merchant.modes.gives_on and scene.merchant.books_again and scene.day.problem.vans:
        asked += [(one.fulfillment_order_id, "", one) for one in _loose(scene)]
    turns = asyncio.Semaphore(AT_ONCE)

    async def look(unit_id: str, quote_set_id: str, delivery: Delivery | None) -> _Entry | None:
        async with turns:
            try:
                rival = await _rival(means, scene.merchant, unit_id, quote_set_id, delivery)
                return None if rival is None else _entry(scene, rival)
            except DoorstepError:
                return None  # its address, place or carriers are gone: whoever is to book it says so
            except Exception as fault:
                # One that contradicts itself is left out alone; the others are compared.
                log.warning(
                    "order cannot be compared", fulfillment_order_id=unit_id, error=type(fault).__name__
                )
                return None

    entries = [entry for entry in await asyncio.gather(*(look(*one) for one in asked)) if entry is not None]
    rivals = {entry.rival.id: entry.rival for entry in entries}
    idle = tuple(
        one.fulfillment_order_id
        for one in scene.waiting
        if one.until <= now and one.fulfillment_order_id not in rivals
    )
    return Gathered(_wave(scene, entries), scene.day, rivals, idle)


def _stand_in(merchant: Merchant, now: datetime) -> RoutePlan:
    """A plan that nobody asked for: all that comes due today, with all drivers on duty."""
    return RoutePlan(
        id="",
        merchant_id=merchant.id,
        date=now.astimezone(ZoneInfo(merchant.time_zone)).date().isoformat(),
        status=RoutePlanStatus.QUEUED,
        created_at=now,
        time_limit_s=merchant.modes.search_s,
        progress=PlanProgress(0.0, 0.0, 0, 0),
        currency=merchant.currency,
        stability=merchant.planning.stability,
    )


async def _read(work: UnitOfWork, plan: RoutePlan | None, now: datetime) -> _Scene:
    merchant = await work.accounts.merchant()
    is_whole = plan is None or not plan.delivery_ids
    held = [one for one in await held_back_by(work, now) if plan is None or one.id != plan.id]
    waiting = await work.modes.waiting(MOST_ORDERS) if is_whole else ()
    midnight = datetime.combine(
        now.astimezone(ZoneInfo(merchant.time_zone)).date(), time(), ZoneInfo(merchant.time_zone)
    )
    return _Scene(
        merchant=merchant,
        day=await read_day(work, plan or _stand_in(merchant, now), now),
        terms=Terms.of(merchant, await work.fleet.drivers()),
        waiting=waiting,
        planned=frozenset(delivery_id for one in held for delivery_id in one.delivery_ids),
        uses=await work.modes.booked_since(midnight) if merchant.modes.pools else (),
    )


def _loose(scene: _Scene) -> Iterable[Delivery]:
    """Deliveries that wait for a van, are in no driver's hands, and in no plan that may soon be told."""
    for delivery in scene.day.deliveries.values():
        is_here = delivery.status is DeliveryStatus.BOOKED and delivery.driver_id is None
        is_free = delivery.id not in scene.planned and delivery.limits.allow_fallback
        leg = delivery.active_leg
        if is_here and is_free and leg is not None and leg.is_live:
            yield delivery


async def _rival(
    means: Means, merchant: Merchant, unit_id: str, quote_set_id: str, delivery: Delivery | None
) -> Rival | None:
    """An order with fresh offers; None where it is not open who takes it."""
    async with means.begin(merchant.id) as work:
        unit = await load_unit(work, unit_id, must_be_placed=True)
        quotes = work.quotes
        quote_set = await (quotes.get(quote_set_id) if quote_set_id else quotes.latest_for(unit_id))
        is_open = unit is not None and await _is_open(work, unit, delivery)
    if unit is None or not is_open:
        return None
    if quote_set is None or _ends(quote_set) <= means.clock.now() + STANDS:
        quote_set = await quote_unit(means, merchant.id, unit_id, means.quote_budget_s)
    return None if quote_set is None else rival_of(unit, quote_set, delivery, means.clock.now())


async def _is_open(work: UnitOfWork, unit: Unit, delivery: Delivery | None) -> bool:
    """Whether the shopper chose nobody, it may be booked, and stands as it did."""
    unit_id = unit.fulfillment_order.id
    if unit.direction is LegDirection.RETURN or not await is_for_machines(work, unit_id):
        return False
    if await choice_for(work, unit.order, unit.fulfillment_order) is not None:
        return False
    latest = await work.deliveries.latest_of(unit_id)
    return latest is None if delivery is None else latest is not None and latest.id == delivery.id


def _ends(quote_set: QuoteSet) -> datetime:
    """When the first of its offers ends."""
    return min((quote.offer.expires_at for quote in quote_set.quotes), default=quote_set.request.asked_at)


def rival_of(unit: Unit, quote_set: QuoteSet, booked: Delivery | None, now: datetime) -> Rival | None:
    """What an order's offers come to; None where it is on no map, or nobody offers.

    Parameters
    ----------
    booked
        Where the own vans have it already. Who has dropped it before is not among those that may have it.
    """
    if unit.destination.location is None:
        return None
    merchant = unit.merchant
    gone = frozenset(leg.account_id for leg in booked.legs if not leg.is_live) if booked else frozenset()
    line = line_up(quote_set, errand_of(unit, booked, None, Wish(without_account_ids=gone)))
    if booked is not None:
        limits = replace(booked.limits, max_price=cap_of(merchant, booked))
        line = within(line, limits)
    quotes = tuple(turn.quote for turn in open_turns(line) if turn.quote.offer.expires_at > now)
    has_depot = unit.origin.address.location is not None
    own = next((quote for quote in quotes if has_depot and _is_for_today(quote, merchant, now)), None)
    if booked is None and not quotes:
        return None
    window = promised_window(unit, booked, None)
    grace = timedelta(seconds=merchant.watch.late_grace_s)
    return Rival(
        unit_id=unit.fulfillment_order.id,
        quote_set=quote_set,
        quotes=quotes,
        own=own,
        delivery=booked or _draft(unit, quote_set, own or quotes[0], now),
        is_booked=booked is not None,
        due=window.end + grace if window is not None else None,
    )


def _is_for_today(quote: Quote, merchant: Merchant, now: datetime) -> bool:
    offer, window = quote.offer, quote.offer.promise.window
    is_open = now < window.end and is_today(window.start, merchant, now)
    return offer.mode is DeliveryMode.OWN_FLEET and is_open


def _draft(unit: Unit, quote_set: QuoteSet, quote: Quote, now: datetime) -> Delivery:
    """The delivery that would be booked with an offer."""
    made = new_delivery(unit, quote_set, now)
    return replace(made, id=unit.fulfillment_order.id, promise=quote.offer.promise)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An order as the chooser is told; with a visit where vans may drive for it and do not yet."""

    rival: Rival
    order: WaveOrder
    draft: Visit | None


def _entry(scene: _Scene, rival: Rival) -> _Entry:
    """The same for one order.

    Raises
    ------
    ValueError
        If it contradicts itself.
    """
    is_new = not rival.is_booked and rival.own is not None and scene.day.problem.vans
    draft = visit_of(rival.delivery, scene.terms) if is_new else None
    return _Entry(rival, rival.order(scene.merchant), draft)


def _wave(scene: _Scene, entries: Sequence[_Entry]) -> Wave:
    """The chooser's question.

    Raises
    ------
    InvalidWave, InvalidProblem
        If something contradicts itself.
    """
    merchant, problem = scene.merchant, scene.day.problem
    rivals = [entry.rival for entry in entries]
    drafts = [entry.draft for entry in entries if entry.draft is not None]
    broken = broken_promise(merchant)
    own = [rival.own for rival in rivals if rival.own is not None]
    chance = sum(late_chance(quote) for quote in own) / len(own) if own and broken else 0.0
    return Wave(
        currency=merchant.currency,
        orders=tuple(entry.order for entry in entries),
        pools=pools_left(merchant, scene.uses, rivals),
        fleet=replace(problem, visits=(*problem.visits, *drafts)) if problem.vans else None,
        van_late_chance=chance,
    )

"""Carry out: what was chosen for an order is booked, or the vans give it to the carrier that was chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from doorstep.delivery import Delivery, EventSource, GivingUp, Leg
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import DoorstepError, NotFound, StateConflict
from doorstep.events import DeliveryAdvanced, LegGivenUp, ModeChosen
from doorstep.incident import IncidentKind
from doorstep.mode_wave import KeptChoice, WaveStatus
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from gateway.flow.choosing.end import end_wave
from gateway.flow.dispatching.attempts import CalledOff, GoodsChanged
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit, is_for_machines
from gateway.flow.ports import Means
from gateway.flow.quoting.quote import quote_unit
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.watching.incidents import Alarm, raise_incident

log = structlog.get_logger(__name__)

SOON = timedelta(seconds=30)
"""An offer that ends sooner is asked for again: it has to stand until the carrier has answered."""

SAYS_SO_EVERY = timedelta(seconds=30)
"""How often a wave whose bookings go on is said to be alive."""


async def carry_out_choice(event: ModeChosen, means: Means) -> None:
    """Do what was chosen for an order, and plan tours once all of its wave is done.

    Raises
    ------
    UnknownOutcome
        If an answer was lost; the job is tried again, and repeats the same booking.
    """
    async with means.begin(event.merchant_id) as work:
        kept = await work.modes.choice(event.fulfillment_order_id)
    if kept is None or kept.done_at is not None:
        return
    if kept.delivery_id:
        await _give_on(means, kept)
    elif kept.has_no_room:
        await _hold(means, kept)
    else:
        await book_choice(means, kept)
    await _done(means, kept)


async def book_choice(means: Means, kept: KeptChoice) -> None:
    """Book what nobody was booked for yet: the chosen offer first, where it is refused whoever is next."""
    unit_id = kept.fulfillment_order_id
    async with means.begin(kept.merchant_id) as work:
        may_book = await is_for_machines(work, unit_id)
        latest = await work.deliveries.latest_of(unit_id)
        quote_set = await work.quotes.get(kept.quote_set_id)
    if may_book:
        if latest is None and quote_set is not None:
            quote_set, quote_id = await _standing(means, kept, quote_set)
        else:
            quote_id = kept.quote_id  # somebody has begun, perhaps this job before: that one is repeated
        await _dispatch(means, kept, quote_set.id if quote_set else None, quote_id)
    async with means.begin(kept.merchant_id) as work:
        await work.stacks.stop_waiting([unit_id])


async def _hold(means: Means, kept: KeptChoice) -> None:
    """Nobody has room for it: it goes with the next wave, or a person says what becomes of it.

    The strategy alone would book who has been given all that the merchant lets them have.
    """
    now, unit_id = means.clock.now(), kept.fulfillment_order_id
    async with means.begin(kept.merchant_id) as work:
        waiting = await work.stacks.waiting(unit_id, lock=True)
        order = await work.orders.of_unit(unit_id)
        if waiting is None or waiting.until > now or order is None:
            return
        await work.stacks.stop_waiting([unit_id])
        if await is_for_machines(work, unit_id):
            title = f"Order {order.number}: nobody takes it"
            alarm = Alarm(IncidentKind.NO_COURIER, title, kept.choice.text, fulfillment_order_id=unit_id)
            await raise_incident(work, alarm, now)
        work.announce("order", order.id)


async def _dispatch(means: Means, kept: KeptChoice, quote_set_id: str | None, quote_id: str) -> None:
    unit_id, draft_id = kept.fulfillment_order_id, kept.draft.id if kept.draft is not None else ""
    plain = Wish(is_machine=True, new_id=draft_id)
    wish = replace(plain, quote_id=quote_id or None, why=kept.choice.text if quote_id else "")
    try:
        try:
            await dispatch_unit(means, kept.merchant_id, unit_id, quote_set_id, wish)
        except NotFound:
            # Its offers ran out meanwhile, and the new ones have other ids.
            await dispatch_unit(means, kept.merchant_id, unit_id, None, plain)
    except (CalledOff, GoodsChanged):
        return  # whoever changed them asks for quotes
    except (NotFound, StateConflict) as error:
        log.info("cannot be booked as chosen", fulfillment_order_id=unit_id, code=error.code)


async def _standing(means: Means, kept: KeptChoice, quote_set: QuoteSet) -> tuple[QuoteSet | None, str]:
    """The offers to book from and the chosen one among them; "" where it is dearer or gone by now."""
    chosen = quote_set.quote(kept.quote_id)
    if chosen is None or chosen.offer.expires_at > means.clock.now() + SOON:
        return quote_set, kept.quote_id if chosen is not None else ""
    fresh = await quote_unit(means, kept.merchant_id, kept.fulfillment_order_id, means.quote_budget_s)
    same = next((quote for quote in fresh.quotes if _is_same(quote, chosen)), None) if fresh else None
    return fresh, same.id if same is not None else ""


def _is_same(quote: Quote, chosen: Quote) -> bool:
    """Whether the same service of the same account costs no more than when it was chosen."""
    now, then = quote.offer, chosen.offer
    is_service = (quote.account_id, now.service) == (chosen.account_id, then.service)
    return is_service and now.price.currency == then.price.currency and now.price <= then.price


async def _give_on(means: Means, kept: KeptChoice) -> None:
    """The own vans let go of what no driver was told of; the chosen carrier is booked instead.

    Where that one has become dearer, or offers no more, it stays with the vans.
    """
    if not kept.quote_id:
        return
    async with means.begin(kept.merchant_id) as work:
        booked = await work.deliveries.get(kept.delivery_id)
        quote_set = await work.quotes.get(kept.quote_set_id)
    leg = booked.active_leg if booked is not None else None
    if booked is None or leg is None or quote_set is None or not _is_loose(booked, leg):
        return
    try:
        quote_set, quote_id = await _standing(means, kept, quote_set)
    except DoorstepError as error:
        log.info("stays with the vans", delivery_id=kept.delivery_id, code=error.code)
        return
    if quote_set is not None and quote_id:
        await _let_go(means, kept, quote_set.id, quote_id)


async def _let_go(means: Means, kept: KeptChoice, quote_set_id: str, quote_id: str) -> None:
    now = means.clock.now()
    async with means.begin(kept.merchant_id) as work:
        delivery = await work.deliveries.get(kept.delivery_id, lock=True)
        leg = delivery.active_leg if delivery is not None else None
        if delivery is None or leg is None or not _is_loose(delivery, leg):
            return
        mark = GivingUp(now, quote_set_id, quote_id, why=kept.choice.text)
        given = replace(leg, status=DeliveryStatus.CANCELLED, ended_at=now, giving_up=mark)
        changed = replace(
            delivery.with_leg(given),
            status=DeliveryStatus.SEARCHING,
            eta=None,
            late_risk=None,
            updated_at=now,
            version=delivery.version + 1,
        )
        await work.deliveries.put(changed)
        text = f"A carrier brings it for less than the own vans. {kept.choice.text}"
        await work.deliveries.add_event(
            leg_event(
                changed, given, DeliveryStatus.SEARCHING, EventSource.RULE, text, key="given on", at=now
            )
        )
        work.announce("delivery", delivery.id)
        await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))
        await work.emit(LegGivenUp(delivery.merchant_id, delivery.id, leg.id))


def _is_loose(delivery: Delivery, leg: Leg) -> bool:
    """Whether it still lies at the depot with no driver, as when it was chosen for."""
    is_own = leg.mode is DeliveryMode.OWN_FLEET and leg.is_live and leg.giving_up is None
    is_here = delivery.status is DeliveryStatus.BOOKED and delivery.driver_id is None
    return is_own and is_here and not delivery.is_cancel_requested


async def _done(means: Means, kept: KeptChoice) -> None:
    """Write down that a choice is done; after the last one its wave is over."""
    now = means.clock.now()
    async with means.begin(kept.merchant_id) as work:
        # Under the wave's lock, so that of two who are last one sees the other.
        wave = await work.modes.wave(kept.wave_id, lock=True)
        current = await work.modes.choice(kept.fulfillment_order_id, lock=True)
        if current is not None and current.wave_id == kept.wave_id and current.done_at is None:
            await work.modes.put_choices([replace(current, done_at=now)])
        if wave is None or wave.status is not WaveStatus.BOOKING:
            return
        if not await work.modes.has_open(wave.id):
            await end_wave(work, means, wave, WaveStatus.DONE)
        elif wave.alive_at is None or wave.alive_at + SAYS_SO_EVERY <= now:
            await work.modes.put_wave(replace(wave, alive_at=now))

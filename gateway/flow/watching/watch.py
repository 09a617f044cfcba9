"""Watch: what is late, silent or forgotten is noticed, mended by a machine where it can be, else shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, DeliveryFlag
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError
from doorstep.events import LegLost, OrderReceived, QuotesReady, ReturnRequested
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrderStatus
from doorstep.quote import DeliveryMode
from doorstep.return_request import is_return
from doorstep.route import RouteStatus
from gateway.flow.claim import is_held
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.track import follow_leg
from gateway.flow.watching.incidents import Alarm, raise_incident, settle
from gateway.flow.watching.late import ask_for_remedy
from gateway.flow.watching.promised_off import call_off_again, look_into_doubts
from gateway.flow.watching.signs import against_promise, alarms, deserves_a_look, is_unheard, mended

SWEPT_AT_ONCE = 5000
"""Unfinished deliveries that one sweep looks at."""

POLL_AFTER = timedelta(minutes=15)
"""A carrier that has said nothing for so long is asked; webhooks get lost."""

FORGOTTEN_AFTER = timedelta(minutes=3)
"""A fulfillment order that nothing has happened to for so long is taken up again."""


async def sweep(means: Means, merchant_id: str) -> None:
    """Look at everything that is under way, once."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        deliveries = await work.deliveries.unfinished(SWEPT_AT_ONCE)
    for delivery in deliveries:
        if deserves_a_look(merchant, delivery, now):
            await _look_at(means, merchant, delivery.id, now)
        if delivery.is_cancel_requested and delivery.updated_at + FORGOTTEN_AFTER <= now:
            await call_off_again(means, delivery)
    await look_into_doubts(means, merchant_id, now)
    await _listen_for_vans(means, merchant, now)
    await _take_up_forgotten(means, merchant_id, now)
    for delivery in deliveries:
        await _ask_silent_carrier(means, delivery, now)


async def _look_at(means: Means, merchant: Merchant, delivery_id: str, now: datetime) -> None:
    async with means.begin(merchant.id) as work:
        before = await work.deliveries.get(delivery_id, lock=True)
        if before is None or before.is_over:
            return
        delivery = await _raise_and_settle(work, merchant, before, now)
        past, risky = against_promise(merchant, delivery, now)
        flagged = delivery.with_flag(DeliveryFlag.DELAYED, past).with_flag(DeliveryFlag.AT_RISK, risky)
        is_news = set(flagged.flags) != set(delivery.flags)
        if await _take_up(work, before, now) or is_news:
            await work.deliveries.put(replace(flagged, updated_at=now))
        if is_news:
            work.announce("delivery", delivery.id)
        await ask_for_remedy(work, merchant, delivery, now)


async def _raise_and_settle(
    work: UnitOfWork, merchant: Merchant, delivery: Delivery, now: datetime
) -> Delivery:
    """Open and close incidents about it; gives it as it is kept then, since its flags follow them."""
    # Whoever opens an incident about a delivery flags it, so that most need not be searched for any.
    is_flagged = DeliveryFlag.EXCEPTION_OPEN in delivery.flags
    known = {one.kind for one in await work.incidents.live_of(delivery.id)} if is_flagged else set()
    opened = [alarm for alarm in alarms(merchant, delivery, now) if alarm.kind not in known]
    closed = [(kind, note) for kind, note in mended(merchant, delivery, now) if kind in known]
    for alarm in opened:
        await raise_incident(work, alarm, now)
    for kind, note in closed:
        await settle(work, delivery.id, {kind}, note, now)
    if not opened and not closed:
        return delivery
    return await work.deliveries.get(delivery.id, lock=True) or delivery


async def _take_up(work: UnitOfWork, delivery: Delivery, now: datetime) -> bool:
    """Start again what nobody goes on with; says whether that is to be noted with it."""
    if delivery.updated_at + FORGOTTEN_AFTER > now:
        return False
    leg, merchant_id, unit_id = delivery.active_leg, delivery.merchant_id, delivery.fulfillment_order_id
    if leg is None or delivery.is_cancel_requested:
        return False
    is_open = is_unheard(leg) and not is_held(leg.asked_until)
    if delivery.status is DeliveryStatus.DRAFT:
        # Written down, and nobody went on: the attempt is repeated with its own key.
        again = QuotesReady(merchant_id, unit_id, delivery.quote_set_id)
        await work.emit(ReturnRequested(merchant_id, unit_id) if is_return(unit_id) else again)
    elif is_open or (delivery.status is DeliveryStatus.SEARCHING and not leg.is_live):
        await work.emit(LegLost(merchant_id, delivery.id, leg.id))
    else:
        return False
    return True


async def _listen_for_vans(means: Means, merchant: Merchant, now: datetime) -> None:
    async with means.begin(merchant.id) as work:
        for route in await work.routes.unfinished():
            state = await work.fleet.state(route.driver_id)
            driver = await work.fleet.driver(route.driver_id)
            if route.status is not RouteStatus.STARTED or state is None or driver is None:
                continue
            silent_s = int((now - state.seen_at).total_seconds())
            if silent_s > merchant.watch.gps_silent_s:
                alarm = Alarm(
                    IncidentKind.GPS_SILENT,
                    title=f"{driver.vehicle_name or 'Van'} is silent",
                    evidence=f"On tour, but nothing heard for {silent_s // 60} min.",
                    driver_id=driver.id,
                )
                await raise_incident(work, alarm, now)


async def _take_up_forgotten(means: Means, merchant_id: str, now: datetime) -> None:
    """Between two steps a message can be lost for good; what should move and does not is started again."""
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        if not merchant.books_by_itself:
            return
        for unit in await work.orders.undispatched(500):
            order = await work.orders.get(unit.order_id)
            if order is None or order.needs_personal_data or order.updated_at + FORGOTTEN_AFTER > now:
                continue
            if await work.incidents.live(IncidentKind.ADDRESS_PROBLEM, unit.id) is not None:
                continue  # the map does not know it any better now; a corrected order comes by itself
            last = await work.quotes.latest_for(unit.id)
            if last is not None and last.request.asked_at + FORGOTTEN_AFTER > now:
                continue
            if last is not None and unit.status is FulfillmentOrderStatus.QUOTED:
                await work.emit(QuotesReady(merchant_id, unit.id, last.id))
            else:
                await work.emit(OrderReceived(merchant_id, order.id))


async def _ask_silent_carrier(means: Means, delivery: Delivery, now: datetime) -> None:
    leg = delivery.active_leg
    if leg is None or not leg.is_live or not leg.external_id or leg.mode is DeliveryMode.OWN_FLEET:
        return
    if delivery.updated_at + POLL_AFTER > now:
        return
    carrier = await means.links.carrier(delivery.merchant_id, leg.account_id)
    if carrier is None:
        return
    try:
        update = await carrier.connector.fetch(leg.external_id, means.booking_budget_s)
    except RemoteError:
        return  # the next sweep asks again; a carrier that is down is seen at the next quote
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        if current is None or await follow_leg(work, means, current, leg.carrier, update):
            return
        await work.deliveries.put(replace(current, updated_at=now))

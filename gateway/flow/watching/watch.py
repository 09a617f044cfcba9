"""Watch: what is late, silent or forgotten is noticed, mended by a machine where it can be, else shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, DeliveryFlag, Leg
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.errors import RemoteError
from doorstep.events import LegLost, OrderReceived, QuotesReady
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrderStatus
from doorstep.quote import DeliveryMode
from doorstep.route import RouteStatus
from gateway.flow.dispatching.remedies import FRESH
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.track import BookingNotKnownYet, apply_update
from gateway.flow.watching.incidents import Alarm, raise_incident, settle
from gateway.flow.watching.late import IN_DOUBT, ask_for_remedy

SWEPT_AT_ONCE = 5000
"""Unfinished deliveries that one sweep looks at."""

POLL_AFTER = timedelta(minutes=15)
"""A carrier that has said nothing for so long is asked; webhooks get lost."""

FORGOTTEN_AFTER = timedelta(minutes=3)
"""A fulfillment order that nothing has happened to for so long is taken up again."""

_WITHOUT_COURIER = (DeliveryStatus.DRAFT, DeliveryStatus.BOOKED, DeliveryStatus.SEARCHING)


async def sweep(means: Means, merchant_id: str) -> None:
    """Look at everything that is under way, once."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        deliveries = await work.deliveries.unfinished(SWEPT_AT_ONCE)
    for delivery in deliveries:
        if _deserves_a_look(merchant, delivery, now):
            await _look_at(means, merchant, delivery.id, now)
    await _listen_for_vans(means, merchant, now)
    await _take_up_forgotten(means, merchant_id, now)
    for delivery in deliveries:
        await _ask_silent_carrier(means, delivery, now)


async def _look_at(means: Means, merchant: Merchant, delivery_id: str, now: datetime) -> None:
    async with means.begin(merchant.id) as work:
        delivery = await work.deliveries.get(delivery_id, lock=True)
        if delivery is None or delivery.is_over:
            return
        await _check_promise(work, merchant, delivery, now)
        leg = delivery.active_leg
        is_unheard = leg is not None and leg.is_live and not leg.external_id
        if leg is not None and is_unheard and delivery.created_at + IN_DOUBT <= now:
            await raise_incident(work, _in_doubt(delivery, leg), now)
        else:
            await _check_pickup(work, merchant, delivery, now)
        await ask_for_remedy(work, merchant, delivery, now)
        stranded = delivery.status is DeliveryStatus.SEARCHING and (leg is None or not leg.is_live)
        if stranded and delivery.updated_at + FORGOTTEN_AFTER <= now and leg is not None:
            await work.emit(LegLost(merchant.id, delivery.id, leg.id))
        if delivery.status is DeliveryStatus.DRAFT and delivery.updated_at + FORGOTTEN_AFTER <= now:
            # Written down, and nobody went on: the attempt is repeated with its own key.
            event = QuotesReady(merchant.id, delivery.fulfillment_order_id, delivery.quote_set_id)
            await work.emit(event)
            await work.deliveries.put(replace(delivery, updated_at=now))


def _in_doubt(delivery: Delivery, leg: Leg) -> Alarm:
    """Settled when the booking is known, as if a courier had been missing."""
    return Alarm(
        IncidentKind.NO_COURIER,
        title=f"{delivery.reference}: not known whether it is booked",
        evidence=f"{leg.carrier} was asked and did not say, and nobody else may be asked before it has. Look "
        "there; calling the delivery off frees it.",
        delivery_id=delivery.id,
        leg_id=leg.id,
    )


def _deserves_a_look(merchant: Merchant, delivery: Delivery, now: datetime) -> bool:
    """Whether something is wrong with it, or was: most deliveries are fine and cost no transaction."""
    is_well = not any(_against_promise(merchant, delivery, now)) and not delivery.flags
    is_leaving = any(leg.giving_up and leg.is_live for leg in delivery.legs)
    return not is_well or is_leaving or delivery.status in _WITHOUT_COURIER


def _against_promise(merchant: Merchant, delivery: Delivery, now: datetime) -> tuple[bool, bool]:
    """(will miss its promise, may miss it)."""
    if delivery.promise is None:
        return False, False
    limit = delivery.promise.window.end + timedelta(seconds=merchant.watch.late_grace_s)
    eta = delivery.eta
    misses = now > limit or (eta is not None and eta.interval.start > limit)
    return misses, not misses and eta is not None and eta.at > limit


async def _check_promise(work: UnitOfWork, merchant: Merchant, delivery: Delivery, now: datetime) -> None:
    if delivery.promise is None:
        return
    limit = delivery.promise.window.end + timedelta(seconds=merchant.watch.late_grace_s)
    eta = delivery.eta
    past, risky = _against_promise(merchant, delivery, now)
    number = delivery.reference
    if past:
        evidence = f"Promised by {limit:%H:%M} UTC; " + (
            f"expected at {eta.at:%H:%M} UTC." if eta else "not there yet."
        )
        alarm = Alarm(
            IncidentKind.ETA_PAST_PROMISE,
            f"{number} will miss its promise",
            evidence,
            delivery_id=delivery.id,
        )
        await raise_incident(work, alarm, now)
    elif risky and eta is not None:
        evidence = f"Promised by {limit:%H:%M} UTC, expected at {eta.at:%H:%M} UTC."
        alarm = Alarm(IncidentKind.LATE_RISK, f"{number} may be late", evidence, delivery_id=delivery.id)
        await raise_incident(work, alarm, now)
    mended = set() if past else {IncidentKind.ETA_PAST_PROMISE}
    if not risky:
        mended.add(IncidentKind.LATE_RISK)
    await settle(work, delivery.id, mended, "It is expected in time again.", now)
    current = await work.deliveries.get(delivery.id, lock=True) or delivery
    flagged = current.with_flag(DeliveryFlag.DELAYED, past).with_flag(DeliveryFlag.AT_RISK, risky)
    if set(flagged.flags) != set(current.flags):
        await work.deliveries.put(replace(flagged, updated_at=now))
        work.announce("delivery", delivery.id)


async def _check_pickup(work: UnitOfWork, merchant: Merchant, delivery: Delivery, now: datetime) -> None:
    leg = delivery.active_leg
    if leg is None or not leg.is_live or leg.mode is not DeliveryMode.COURIER or leg.pickup_by is None:
        return
    assigned = RANK[leg.status] >= RANK[DeliveryStatus.COURIER_ASSIGNED]
    late = now > leg.pickup_by - timedelta(seconds=merchant.watch.no_courier_before_pickup_s)
    fresh = leg.booked_at is not None and now < leg.booked_at + FRESH
    if late and not assigned and not fresh:
        alarm = Alarm(
            IncidentKind.NO_COURIER,
            title=f"{delivery.reference}: no courier yet",
            evidence=f"Pickup is due by {leg.pickup_by:%H:%M} UTC and nobody is assigned.",
            delivery_id=delivery.id,
            leg_id=leg.id,
        )
        await raise_incident(work, alarm, now)
    elif assigned:
        await settle(work, delivery.id, {IncidentKind.NO_COURIER}, "A courier is on it.", now)


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
        await apply_update(means, delivery.merchant_id, leg.carrier, update)
    except (RemoteError, BookingNotKnownYet):
        return  # the next sweep asks again; a carrier that is down is seen at the next quote
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        if current is not None:
            await work.deliveries.put(replace(current, updated_at=now))

"""Watch: what is late, silent or forgotten is noticed, mended by a machine where it can be, else shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, DeliveryFlag
from doorstep.delivery_status import DeliveryStatus
from doorstep.events import LegLost, OrderReceived, QuotesReady, ReturnRequested
from doorstep.incident import IncidentKind
from doorstep.merchant import Merchant
from doorstep.order import FulfillmentOrderStatus
from doorstep.return_request import is_return
from gateway.flow.claim import is_held
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.ask_carriers import ask_silent_carriers
from gateway.flow.watching.at_pickup import is_unheard
from gateway.flow.watching.at_promise import is_at_risk, misses
from gateway.flow.watching.incidents import raise_if_new, settle
from gateway.flow.watching.late import ask_for_remedy
from gateway.flow.watching.promised_off import call_off_again, look_into_doubts
from gateway.flow.watching.scan_gaps import ScanGaps
from gateway.flow.watching.sight import DeliverySight
from gateway.flow.watching.signs import (
    VAN_RULES,
    alarms,
    deserves_a_look,
    is_as_known,
    mended,
    wants_arrival,
    wants_scans,
)
from gateway.flow.watching.watch_carriers import watch_carriers
from gateway.flow.watching.watch_prices import watch_prices
from gateway.flow.watching.watch_vans import watch_vans

SWEPT_AT_ONCE = 5000
"""Unfinished deliveries that one sweep looks at."""

LOOKED_AT = 500
"""Fulfillment orders without a delivery that one sweep looks at."""

_WATCHED = frozenset({*VAN_RULES, IncidentKind.CARRIER_DOWN, IncidentKind.QUOTE_EXPIRED})
"""What is live of these is read at each sweep; what is wrong with a delivery is read with that."""

FORGOTTEN_AFTER = timedelta(minutes=3)
"""A fulfillment order that nothing has happened to for so long is taken up again."""


async def sweep(means: Means, merchant_id: str) -> None:
    """Look at everything that is under way, once."""
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        deliveries = await work.deliveries.unfinished(SWEPT_AT_ONCE)
        live = await work.incidents.all_live(_WATCHED)
        waiting = await work.orders.undispatched(LOOKED_AT)
        known = await _known_of(work, deliveries)
        bare = [DeliverySight(merchant, one, now, live=known.get(one.id, frozenset())) for one in deliveries]
        sights = await _with_scans(work, means.scan_gaps, bare)
    for sight in sights:
        delivery = sight.delivery
        if deserves_a_look(sight) and not is_as_known(sight):
            await _look_at(means, merchant, delivery.id, now)
        if delivery.is_cancel_requested and delivery.updated_at + FORGOTTEN_AFTER <= now:
            await call_off_again(means, delivery)
    await look_into_doubts(means, merchant_id, now)
    await watch_vans(means, merchant, live, now)
    await watch_carriers(means, merchant, live, now)
    await watch_prices(means, merchant, waiting, live, now)
    if waiting and merchant.books_by_itself:
        await _take_up_forgotten(means, merchant_id, now)
    await ask_silent_carriers(means, merchant_id, deliveries, now)


async def _known_of(
    work: UnitOfWork, deliveries: Sequence[Delivery]
) -> Mapping[str, frozenset[IncidentKind]]:
    # Whoever opens an incident about a delivery flags it, so that most need not be searched for any.
    flagged = [one.id for one in deliveries if DeliveryFlag.EXCEPTION_OPEN in one.flags]
    return await work.incidents.live_kinds(flagged) if flagged else {}


async def _look_at(means: Means, merchant: Merchant, delivery_id: str, now: datetime) -> None:
    async with means.begin(merchant.id) as work:
        before = await work.deliveries.get(delivery_id, lock=True)
        if before is None or before.is_over:
            return
        sight = await _sight_of(work, means.scan_gaps, DeliverySight(merchant, before, now))
        delivery = await _raise_and_settle(work, sight)
        flagged = delivery.with_flag(DeliveryFlag.DELAYED, misses(sight))
        flagged = flagged.with_flag(DeliveryFlag.AT_RISK, is_at_risk(sight))
        is_news = set(flagged.flags) != set(delivery.flags)
        if await _take_up(work, before, now) or is_news:
            await work.deliveries.put(replace(flagged, updated_at=now))
        if is_news:
            work.announce("delivery", delivery.id)
        await ask_for_remedy(work, merchant, delivery, now)


async def _sight_of(work: UnitOfWork, gaps: ScanGaps, bare: DeliverySight) -> DeliverySight:
    """The delivery with what its rules want to know; its events are read only where one asks for them."""
    delivery = bare.delivery
    live = (await _known_of(work, [delivery])).get(delivery.id, frozenset())
    (sight,) = await _with_scans(work, gaps, [replace(bare, live=live)])
    leg = sight.leg
    if leg is None or not wants_arrival(sight):
        return sight
    told = [one for one in await work.deliveries.events(delivery.id) if one.leg_id == leg.id]
    came = [one.occurred_at for one in told if one.status is DeliveryStatus.AT_PICKUP]
    return replace(sight, at_pickup_since=min(came, default=None))


async def _with_scans(
    work: UnitOfWork, gaps: ScanGaps, sights: Sequence[DeliverySight]
) -> Sequence[DeliverySight]:
    """The same, with when carriers last said something where that matters: asked for all in one query."""
    asked = {sight.leg.id: sight.delivery.id for sight in sights if sight.leg and wants_scans(sight)}
    last = await work.deliveries.last_events(asked) if asked else {}
    scanned: list[DeliverySight] = []
    for sight in sights:
        leg = sight.leg
        if leg is None or leg.id not in asked:
            scanned.append(sight)
            continue
        gap_s = await gaps.usual_s(sight.delivery.merchant_id, leg.carrier, work.deliveries, sight.now)
        scanned.append(replace(sight, last_scan=last.get(leg.id, leg.picked_up_at), scan_gap_s=gap_s))
    return scanned


async def _raise_and_settle(work: UnitOfWork, sight: DeliverySight) -> Delivery:
    """Open and close incidents about it; gives it as it is kept then, since its flags follow them."""
    delivery = sight.delivery
    opened = [alarm for alarm in alarms(sight) if alarm.kind not in sight.live]
    closed = [well for well in mended(sight) if well.kind in sight.live]
    for alarm in opened:
        await raise_if_new(work, alarm, sight.rules, sight.now)
    for well in closed:
        await settle(work, delivery.id, {well.kind}, well.note, sight.now)
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


async def _take_up_forgotten(means: Means, merchant_id: str, now: datetime) -> None:
    """Between two steps a message can be lost for good; what should move and does not is started again."""
    async with means.begin(merchant_id) as work:
        waiting = await work.orders.undispatched(LOOKED_AT)
        known = await work.incidents.live_kinds([unit.id for unit in waiting])
        for unit in waiting:
            if IncidentKind.ADDRESS_PROBLEM in known.get(unit.id, ()):
                continue  # the map does not know it any better now; a corrected order comes by itself
            order = await work.orders.get(unit.order_id)
            if order is None or order.needs_personal_data or order.updated_at + FORGOTTEN_AFTER > now:
                continue
            last = await work.quotes.latest_for(unit.id)
            if last is not None and last.request.asked_at + FORGOTTEN_AFTER > now:
                continue
            if last is not None and unit.status is FulfillmentOrderStatus.QUOTED:
                await work.emit(QuotesReady(merchant_id, unit.id, last.id))
            else:
                await work.emit(OrderReceived(merchant_id, order.id))

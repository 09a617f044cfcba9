"""Track: what carriers report becomes the canonical status of a leg, and that of its delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.booking import CarrierUpdate
from doorstep.delivery import Delivery, DeliveryEvent, DeliveryFlag, EventSource, Leg, LegDirection
from doorstep.delivery_status import RANK, TERMINAL, DeliveryStatus, advance
from doorstep.events import CarrierNotified, DeliveryAdvanced, LegGivenUp, LegLost
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from gateway.flow.dispatching.losers import take_in_stray
from gateway.flow.learning.counting import count_dropped, count_end
from gateway.flow.learning.eta_asked import Asked, foretell, turned_out
from gateway.flow.learning.unknowns import count_unknown
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.eta import told_eta
from gateway.flow.tracking.other_id import follow, is_followed, was_left
from gateway.flow.watching.catalogue import ENDED_BY_HANDOVER
from gateway.flow.watching.incidents import Alarm, name_of, raise_incident, settle


class BookingNotKnownYet(Exception):
    """A carrier's message overtook its own answer to our booking; the job is tried again."""


_LOST = (DeliveryStatus.CANCELLED, DeliveryStatus.FAILED)


async def take_carrier_notice(event: CarrierNotified, means: Means) -> None:
    """A carrier's webhook: apply every update in it."""
    async with means.begin(event.merchant_id) as work:
        record = await work.inbox.get(event.inbox_id)
    if record is None or record.handled_at is not None:
        return
    linked = await means.links.carrier(event.merchant_id, record.source)
    if linked is None:
        return
    for update in means.links.read_carrier_notice(linked.account.carrier, record.headers, record.body):
        await apply_update(means, event.merchant_id, linked.account.carrier, update)
    async with means.begin(event.merchant_id) as work:
        await work.inbox.mark_handled([event.inbox_id], means.clock.now())


async def apply_update(means: Means, merchant_id: str, carrier: str, update: CarrierUpdate) -> None:
    """Move a leg on, never back; a repeat changes nothing.

    A booking that was made with a key of ours and that no leg has is taken up, or called off where somebody
    else has the goods.

    Raises
    ------
    BookingNotKnownYet
        If no leg has this booking.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        delivery = await _locked(work, carrier, update, now)
        if delivery is not None:
            await follow_leg(work, means, delivery, carrier, update)


async def follow_leg(
    work: UnitOfWork,
    means: Means,
    delivery: Delivery,
    carrier: str,
    update: CarrierUpdate,
    *,
    is_dated: bool = True,
) -> bool:
    """Move the leg of a locked delivery that a message is about; says whether anything has changed.

    Parameters
    ----------
    is_dated
        Whether the carrier says itself when it was; else its old word, said again, is as old as before.
    """
    now = means.clock.now()
    leg = next(
        (one for one in delivery.legs if one.carrier == carrier and one.external_id == update.external_id),
        None,
    )
    if leg is None:
        return False
    # A mere position is no event: it moves the dot on the map and is gone with the next one.
    is_news = update.raw_status != leg.raw_status or update.trouble is not None
    if is_news and not await work.deliveries.add_event(_event(delivery, leg, update, means)):
        return False
    moved = _moved(leg, update)
    is_again = not is_news and moved.status is not leg.status
    if is_again and await _was_corrected(work, leg, delivery, update if is_dated else None):
        return False
    was_lost = leg.is_live and moved.status in _LOST and leg.direction is LegDirection.OUTBOUND
    is_replaceable = (
        was_lost and RANK[leg.status] < RANK[DeliveryStatus.PICKED_UP] and not delivery.is_cancel_requested
    )
    changed = delivery.with_leg(moved)
    if leg.is_live:
        # Of a booking that is over only its last words still come: somebody else is being asked already.
        changed = _fold(changed, moved, update, is_replaceable)
    if not is_news and _says_the_same(delivery, changed):
        return False
    if changed.eta is not None and changed.eta != delivery.eta:
        (changed,) = await foretell(work, means, [Asked(changed, changed.eta)])
    changed = replace(changed, updated_at=now, version=delivery.version + 1)
    await work.deliveries.put(changed)
    work.announce("delivery", delivery.id)
    if moved.external_id != leg.external_id:
        await follow(work, changed, leg, moved, now)
    if was_lost or update.trouble is not None:
        await _take_trouble(work, means, changed, moved, update, was_lost, is_replaceable)
    if changed.status != delivery.status:
        await follow_status(work, changed, means)
        await work.emit(DeliveryAdvanced(delivery.merchant_id, delivery.id))
    if is_replaceable and moved.giving_up is None:
        await count_dropped(work, moved, now)
    if is_news:
        await count_unknown(work, carrier, update, now)
    return True


async def _take_trouble(
    work: UnitOfWork,
    means: Means,
    delivery: Delivery,
    leg: Leg,
    update: CarrierUpdate,
    was_lost: bool,
    is_replaceable: bool,
) -> None:
    """What goes wrong with a booking is mended, or shown to people."""
    if is_replaceable and leg.giving_up is not None:
        # We asked for it, and the carrier's message is faster than its answer.
        await work.emit(LegGivenUp(delivery.merchant_id, delivery.id, leg.id))
    elif is_replaceable:
        await _lose_leg(work, delivery, leg, update, means)
    elif was_lost and not delivery.is_cancel_requested:
        alarm = _gone(delivery, leg, update, await name_of(work, leg))
        await raise_incident(work, alarm, means.clock.now())
    elif update.trouble not in {None, IncidentKind.COURIER_CANCELLED}:
        alarm = _trouble(delivery, leg, update, await name_of(work, leg))
        await raise_incident(work, alarm, means.clock.now())


async def _locked(work: UnitOfWork, carrier: str, update: CarrierUpdate, now: datetime) -> Delivery | None:
    """The delivery of a booking; None where the message is about an id that its booking no longer has."""
    if await is_followed(work, carrier, update):
        return None
    delivery_id = await work.deliveries.id_by_booking(carrier, update.external_id)
    if delivery_id is None and await was_left(work, carrier, update.external_id):
        return None
    delivery_id = delivery_id or await take_in_stray(work, carrier, update, now)
    delivery = await work.deliveries.get(delivery_id, lock=True) if delivery_id else None
    # While this one waited for the lock, its booking may have got another id: the next try will know.
    if delivery is None or all(leg.external_id != update.external_id for leg in delivery.legs):
        raise BookingNotKnownYet(f"{carrier} has a booking that we do not know (yet)")
    return delivery


async def follow_status(work: UnitOfWork, delivery: Delivery, means: Means) -> None:
    """What a new status means for the fulfillment order, its order, and the incidents about it."""
    if delivery.status not in TERMINAL:
        return
    states = {
        DeliveryStatus.DELIVERED: FulfillmentOrderStatus.DELIVERED,
        DeliveryStatus.RETURNED: FulfillmentOrderStatus.RETURNED,
    }
    state = states.get(delivery.status)
    # The order first, as whoever takes orders in does: in another order the two would wait for each other.
    order = await work.orders.get(delivery.order_id, lock=True) if state is not None else None
    unit = await work.orders.fulfillment_order(delivery.fulfillment_order_id, lock=True)
    if unit is not None and state is not None:
        await work.orders.put_fulfillment_order(replace(unit, status=state))
        order = await work.orders.get(delivery.order_id) if order is not None else None
        if order is not None:
            live = [u for u in order.fulfillment_orders if u.status is not FulfillmentOrderStatus.CANCELLED]
            over = all(u.status is state for u in live)
            whole = (
                OrderStatus.DELIVERED if state is FulfillmentOrderStatus.DELIVERED else OrderStatus.RETURNED
            )
            await work.orders.put(replace(order, status=whole if over else OrderStatus.PARTIALLY_DELIVERED))
            work.announce("order", order.id)
    if delivery.status is DeliveryStatus.DELIVERED:
        await settle(work, delivery.id, ENDED_BY_HANDOVER, "It was delivered.", means.clock.now())
    await turned_out(work, delivery, means.clock.now())
    await count_end(work, delivery, means.clock.now())


def _moved(leg: Leg, update: CarrierUpdate) -> Leg:
    status = advance(leg.status, update.status)
    picked_up = RANK[DeliveryStatus.PICKED_UP] <= RANK.get(status, 0) < 100
    position = update.position
    if position is not None and leg.position is not None and position.recorded_at <= leg.position.recorded_at:
        position = None
    return replace(
        leg,
        status=status,
        raw_status=update.raw_status or leg.raw_status,
        external_id=update.replaced_by or leg.external_id,
        tracking_number=update.tracking_number or leg.tracking_number,
        tracking_url=update.tracking_url or leg.tracking_url,
        label_url=update.label_url or leg.label_url,
        courier=update.courier or leg.courier,
        position=position or leg.position,
        pickup_eta=update.pickup_eta or leg.pickup_eta,
        picked_up_at=leg.picked_up_at or (update.occurred_at if picked_up else None),
        ended_at=leg.ended_at or (update.occurred_at if status in TERMINAL else None),
    )


def _fold(delivery: Delivery, leg: Leg, update: CarrierUpdate, replaceable: bool) -> Delivery:
    """The delivery's status is its active leg's; a lost leg that can be replaced puts it to searching."""
    active = delivery.active_leg
    if active is None or active.id != leg.id or delivery.status in TERMINAL:
        return delivery
    if replaceable:
        # Whoever comes next arrives at another time.
        return replace(delivery, status=DeliveryStatus.SEARCHING, eta=None, late_risk=None)
    changed = replace(delivery, status=leg.status)
    changed = changed.with_flag(DeliveryFlag.COURIER_IMMINENT, update.is_imminent and not changed.is_over)
    if update.dropoff_eta is None or changed.is_over:
        return changed
    return replace(changed, eta=told_eta(update.dropoff_eta, update.occurred_at))


async def _was_corrected(
    work: UnitOfWork, leg: Leg, delivery: Delivery, update: CarrierUpdate | None
) -> bool:
    """Whether a person has put it right since: a carrier that is asked says its old word again.

    Without an update, which has no date, since whenever.
    """
    events = await work.deliveries.events(delivery.id)
    said_at = [one.received_at for one in events if one.is_correction and one.leg_id == leg.id]
    return bool(said_at) and (update is None or update.occurred_at <= max(said_at))


def _says_the_same(before: Delivery, after: Delivery) -> bool:
    """Whether nothing was told that is not known: an arrival that is only told again is no news."""
    eta = after.eta
    if eta is not None and before.eta is not None:
        eta = replace(eta, computed_at=before.eta.computed_at)
    return replace(after, eta=eta) == before


async def _lose_leg(
    work: UnitOfWork, delivery: Delivery, leg: Leg, update: CarrierUpdate, means: Means
) -> None:
    carrier = await name_of(work, leg)
    alarm = Alarm(
        IncidentKind.COURIER_CANCELLED,
        title=f"{carrier} dropped {delivery.reference}",
        evidence=f"The carrier reported {update.raw_status or 'an end'} before the pickup"
        + (f" ({update.raw_reason})." if update.raw_reason else "."),
        delivery_id=delivery.id,
        leg_id=leg.id,
        raw_code=update.raw_reason,
    )
    await raise_incident(work, alarm, means.clock.now())
    await work.emit(LegLost(delivery.merchant_id, delivery.id, leg.id))


def _gone(delivery: Delivery, leg: Leg, update: CarrierUpdate, carrier: str) -> Alarm:
    """It ended badly after the pickup: the goods are with somebody, and nobody brings them."""
    told = update.trouble not in {None, IncidentKind.COURIER_CANCELLED}
    alarm = _trouble(delivery, leg, update, carrier)
    return (
        alarm if told else replace(alarm, kind=IncidentKind.LOST, title=f"{delivery.reference}: goods lost")
    )


def _trouble(delivery: Delivery, leg: Leg, update: CarrierUpdate, carrier: str) -> Alarm:
    kind = update.trouble or IncidentKind.OTHER
    return Alarm(
        kind,
        title=f"{delivery.reference}: {kind.replace('_', ' ').lower()}",
        evidence=f"{carrier} reported {update.raw_status}"
        + (f" ({update.raw_reason})." if update.raw_reason else "."),
        delivery_id=delivery.id,
        leg_id=leg.id,
        raw_code=update.raw_reason,
    )


def _event(delivery: Delivery, leg: Leg, update: CarrierUpdate, means: Means) -> DeliveryEvent:
    return DeliveryEvent(
        id=new_id("evt"),
        merchant_id=delivery.merchant_id,
        delivery_id=delivery.id,
        leg_id=leg.id,
        status=update.status,
        occurred_at=update.occurred_at,
        received_at=means.clock.now(),
        source=EventSource.CARRIER,
        source_event_id=update.source_event_id,
        text=_words(update),
        raw_status=update.raw_status,
        position=update.position,
    )


def _words(update: CarrierUpdate) -> str:
    if update.status is DeliveryStatus.UNKNOWN:
        return f"The carrier reported {update.raw_status!r}, which we do not know."
    if update.replaced_by:
        return "The carrier goes on with it under another number."
    return update.status.replace("_", " ").capitalize() + "."

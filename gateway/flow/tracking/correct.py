"""Correct: a status that was reported and is wrong is put right by a person, as an event of its own.

Reports only lead on (`doorstep.delivery_status.advance`). What was said by mistake - delivered to nobody, or
of another leg - stays in the history, and the correction beside it says what is so, who says it and why.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.delivery import Delivery, DeliveryEvent, EventSource, Leg, as_it_was
from doorstep.delivery_status import RANK, TERMINAL, DeliveryStatus, may_correct
from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.events import DeliveryAdvanced
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from doorstep.quote import DeliveryMode
from doorstep.route import Route, RouteStatus, Stop, StopStatus
from gateway.flow.learning.counting import count_no_end
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.tracking.leg_events import leg_event
from gateway.flow.tracking.track import follow_status

_AT = ("input",)
_NOWHERE = (DeliveryStatus.CANCELLED, DeliveryStatus.FAILED)
_DONE_WITH = (FulfillmentOrderStatus.DELIVERED, FulfillmentOrderStatus.RETURNED)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says is really so.

    Attributes
    ----------
    leg_id
        The booking that it is about; "" for the active one.
    why
        Kept in the history.
    by
        Id of the key that was shown.
    happened_at
        When it really was; None for now.
    """

    delivery_id: str
    status: DeliveryStatus
    why: str
    by: str = ""
    leg_id: str = ""
    happened_at: datetime | None = None
    expected_version: int | None = None


async def correct_delivery(means: Means, merchant_id: str, wanted: Correction) -> Delivery:
    """Put a booking to the status that it really has; the store, systems and watchers are told.

    A van that is still on its tour goes to the door again, unless it was there and nobody took it in.

    Raises
    ------
    NotFound
        If there is no such delivery or leg.
    InvalidInput
        If nobody may correct it that way.
    StateConflict
        If it was changed meanwhile, somebody else has the goods by now, or its shopper was forgotten.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        tour = await _locked_tour(work, wanted.delivery_id)
        delivery = await work.deliveries.get(wanted.delivery_id, lock=True)
        if delivery is None:
            raise NotFound(wanted.delivery_id, path=(*_AT, "deliveryId"))
        leg = _leg_of(delivery, wanted)
        await _require_possible(work, delivery, leg, wanted)
        changed = _corrected(delivery, leg, wanted, now)
        if delivery.is_over:
            await count_no_end(work, delivery)
        await _write(work, delivery, leg, changed, wanted, now)
        if delivery.is_over:
            await _take_back_end(work, delivery)
        await follow_status(work, changed, means)
        if tour is not None and _is_on_its_way(changed, leg):
            await _go_again(work, *tour)
        work.announce("delivery", delivery.id)
        await work.emit(DeliveryAdvanced(merchant_id, delivery.id))
        return changed


def _leg_of(delivery: Delivery, wanted: Correction) -> Leg:
    if not wanted.leg_id:
        if delivery.active_leg is None:
            raise StateConflict("Nobody was booked for it: there is nothing to correct.")
        return delivery.active_leg
    found = next((leg for leg in delivery.legs if leg.id == wanted.leg_id), None)
    if found is None:
        raise NotFound(wanted.leg_id, path=(*_AT, "legId"))
    return found


async def _require_possible(work: UnitOfWork, delivery: Delivery, leg: Leg, wanted: Correction) -> None:
    if wanted.expected_version is not None and wanted.expected_version != delivery.version:
        text = "This delivery was changed since you read it."
        raise StateConflict(text, current_id=delivery.id, current_version=delivery.version)
    if not may_correct(leg.status, wanted.status):
        text = f"What is {leg.status} cannot be corrected to {wanted.status}."
        raise InvalidInput(text, path=(*_AT, "status"))
    if wanted.status in TERMINAL:
        return
    others = [one for one in delivery.legs if one.is_live and one.id != leg.id]
    if others:
        raise StateConflict("Another booking of this delivery is under way: correct or call off that one.")
    newest = await work.deliveries.latest_of(delivery.fulfillment_order_id)
    if newest is not None and newest.id != delivery.id:
        text = (
            f"The goods were sent again: {newest.id} is what counts for them. Correct that one, or say here "
            f"how this one ended (DELIVERED, RETURNED, FAILED or CANCELLED)."
        )
        raise StateConflict(text, current_id=newest.id)
    order = await work.orders.get(delivery.order_id)
    if order is None or order.needs_personal_data:
        raise StateConflict("Its shopper was forgotten: nobody knows any more where it would go.")


def _corrected(delivery: Delivery, leg: Leg, wanted: Correction, now: datetime) -> Delivery:
    at = wanted.happened_at or now
    is_fetched = RANK[DeliveryStatus.PICKED_UP] <= RANK[wanted.status] < RANK[DeliveryStatus.DELIVERED]
    has_goods = is_fetched or wanted.status in (DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED)
    right = replace(
        leg,
        status=wanted.status,
        picked_up_at=(leg.picked_up_at or at) if has_goods else None,
        ended_at=at if wanted.status in TERMINAL else None,
    )
    changed = delivery.with_leg(right)
    status = _status_then(changed, right)
    changed = replace(changed, status=status, updated_at=now, version=delivery.version + 1)
    if not changed.is_over and changed.active_leg != right:
        return changed  # what was foretold is of the booking that is under way
    # What was foretold was foretold of something that is not so.
    return replace(changed, eta=None, late_risk=None)


def _is_on_its_way(delivery: Delivery, leg: Leg) -> bool:
    """Whether an own van has yet to come to its door."""
    is_vans = leg.mode is DeliveryMode.OWN_FLEET
    return is_vans and RANK.get(delivery.status, 100) <= RANK[DeliveryStatus.AT_DROPOFF]


def _status_then(delivery: Delivery, right: Leg) -> DeliveryStatus:
    """The active leg's, but where that one got nowhere and the goods arrived with this one."""
    active = delivery.active_leg or right
    has_arrived = right.status in (DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED)
    return right.status if has_arrived and active.status in _NOWHERE else active.status


async def _write(
    work: UnitOfWork, before: Delivery, leg: Leg, after: Delivery, wanted: Correction, now: datetime
) -> None:
    events = as_it_was(await work.deliveries.events(before.id))
    event = leg_event(
        after,
        leg,
        wanted.status,
        EventSource.PERSON,
        wanted.why,
        key=f"correction {after.version}",
        at=wanted.happened_at or now,
        received_at=now,
    )
    wrong = tuple(one.id for one in events if one.leg_id == leg.id and _is_wrong(one, wanted.status))
    await work.deliveries.put(after)
    await work.deliveries.add_event(replace(event, is_correction=True, corrects=wrong, by=wanted.by))


def _is_wrong(event: DeliveryEvent, really: DeliveryStatus) -> bool:
    """Whether an event tells of a step that the booking has not come to."""
    if event.status is DeliveryStatus.UNKNOWN or event.status is really:
        return False
    return event.status in TERMINAL or RANK[event.status] > RANK[really]


async def _take_back_end(work: UnitOfWork, delivery: Delivery) -> None:
    """What followed from an end that was none: goods and order count as under way again."""
    await work.etas.not_arrived(delivery.id)
    # The order first, as whoever takes orders in does.
    order = await work.orders.get(delivery.order_id, lock=True)
    unit = await work.orders.fulfillment_order(delivery.fulfillment_order_id, lock=True)
    if unit is None or unit.status not in _DONE_WITH:
        return
    await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.DISPATCHED))
    if order is None or order.status is OrderStatus.CANCELLED:
        return
    others = [one for one in order.fulfillment_orders if one.id != unit.id]
    is_part = any(one.status in _DONE_WITH for one in others)
    fresh = await work.orders.get(delivery.order_id)
    if fresh is not None:
        status = OrderStatus.PARTIALLY_DELIVERED if is_part else OrderStatus.OPEN
        await work.orders.put(replace(fresh, status=status))
        work.announce("order", order.id)


async def _locked_tour(work: UnitOfWork, delivery_id: str) -> tuple[Route, Stop] | None:
    """The tour under way that has been at the delivery's door; locked before the delivery, as vans do."""
    for route in await work.routes.unfinished():
        if route.status is RouteStatus.STARTED and _stop_of(route, delivery_id) is not None:
            locked = await work.routes.route(route.id, lock=True)
            stop = _stop_of(locked, delivery_id) if locked is not None else None
            return (locked, stop) if locked is not None and stop is not None else None
    return None


def _stop_of(route: Route, delivery_id: str) -> Stop | None:
    return next(
        (stop for stop in route.stops if stop.delivery_id == delivery_id and stop.status is StopStatus.DONE),
        None,
    )


async def _go_again(work: UnitOfWork, route: Route, done: Stop) -> None:
    again = replace(done, status=StopStatus.PLANNED, arrived_at=None, departed_at=None)
    stops = tuple(again if stop.id == done.id else stop for stop in route.stops)
    await work.routes.put_route(replace(route, stops=stops, version=route.version + 1))
    work.announce("route", route.id)

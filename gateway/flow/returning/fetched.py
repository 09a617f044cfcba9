"""Fetched: what is booked for a return moves it on, up to the shop's own hands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from doorstep.delivery import Delivery
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.events import ReturnRequested
from doorstep.incident import IncidentKind
from doorstep.order import FulfillmentOrderStatus, OrderStatus
from doorstep.quote import DeliveryMode
from doorstep.return_request import ReturnRequest, ReturnStatus
from gateway.flow.documents.document import is_data
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import Alarm, raise_incident, settle

TRIES = 2
"""So often a machine books the way back; after that a person does."""


async def follow_return(means: Means, delivery: Delivery) -> None:
    """The delivery of a return stands otherwise than before."""
    now = means.clock.now()
    async with means.begin(delivery.merchant_id) as work:
        current = await work.deliveries.get(delivery.id, lock=True)
        request = await work.returns.request(delivery.fulfillment_order_id, lock=True)
        if current is None or request is None or request.is_over:
            return
        if request.delivery_id not in {None, current.id} or _waits_again(request, current):
            return  # old news of one that another has taken the place of
        if current.status in {DeliveryStatus.CANCELLED, DeliveryStatus.FAILED}:
            await _lose(work, request, current, now)
            return
        leg = current.active_leg
        moved = replace(
            request,
            status=status_of(request.status, current),
            delivery_id=current.id,
            label_url=_link(leg.label_url if leg else request.label_url),
            cost=leg.price if leg and leg.external_id else request.cost,
        )
        if moved.status is ReturnStatus.RECEIVED:
            moved = await receive(work, moved, now)
        if moved != request:
            await work.returns.put_request(replace(moved, version=request.version + 1))
            work.announce("order", request.order_id)


def _link(label_url: str) -> str:
    """Where the carrier keeps a label; one that came whole is a document of the delivery's leg."""
    return "" if is_data(label_url) else label_url


def status_of(status: ReturnStatus, delivery: Delivery) -> ReturnStatus:
    """Where a return stands by its delivery.

    What an own van has fetched is there once the van is: until its tour is over it is on its way.
    """
    leg = delivery.active_leg
    is_own = leg is not None and leg.mode is DeliveryMode.OWN_FLEET
    if delivery.status is DeliveryStatus.DELIVERED:
        return ReturnStatus.IN_TRANSIT if is_own else ReturnStatus.RECEIVED
    if delivery.status is DeliveryStatus.SEARCHING and not (leg and leg.is_live and leg.external_id):
        return ReturnStatus.REQUESTED  # whoever was asked said no, or let it go
    rank = RANK.get(delivery.status, 0)
    if rank >= RANK[DeliveryStatus.PICKED_UP]:
        # An own van that leaves its depot for the door has not fetched anything yet.
        return ReturnStatus.APPROVED if is_own else ReturnStatus.IN_TRANSIT
    if delivery.status is DeliveryStatus.LABEL_READY:
        return ReturnStatus.LABEL_READY
    return ReturnStatus.APPROVED if rank >= RANK[DeliveryStatus.BOOKED] else status


async def receive(work: UnitOfWork, request: ReturnRequest, now: datetime) -> ReturnRequest:
    """It is back in the shop; once all that was brought is, so is its part of the order."""
    received = replace(request, status=ReturnStatus.RECEIVED, received_at=now)
    await settle(work, request.delivery_id or request.id, None, "It is back.", now)
    order = await work.orders.get(request.order_id, lock=True)
    unit = await work.orders.fulfillment_order(request.unit_id, lock=True)
    if order is None or unit is None:
        return received
    others = [one for one in await work.returns.requests_of(order.id) if one.id != request.id]
    back = [one for one in (*others, received) if one.status is ReturnStatus.RECEIVED]
    for line in unit.lines:
        pieces = sum(
            one.quantity
            for came in back
            if came.unit_id == unit.id
            for one in came.lines
            if one.line_external_id == line.line_external_id
        )
        if pieces < line.quantity:
            return received
    await work.orders.put_fulfillment_order(replace(unit, status=FulfillmentOrderStatus.RETURNED))
    whole = await work.orders.get(order.id) or order
    live = [one for one in whole.fulfillment_orders if one.status is not FulfillmentOrderStatus.CANCELLED]
    if all(one.status is FulfillmentOrderStatus.RETURNED for one in live):
        await work.orders.put(replace(whole, status=OrderStatus.RETURNED))
    work.announce("order", order.id)
    return received


def _waits_again(request: ReturnRequest, delivery: Delivery) -> bool:
    """Whether this loss was seen to already."""
    return request.delivery_id is None and request.tries > 0 and delivery.is_over


async def _lose(work: UnitOfWork, request: ReturnRequest, delivery: Delivery, now: datetime) -> None:
    """Nobody fetches it: called off, or another is asked, or a person has to."""
    if delivery.is_cancel_requested:
        cancelled = replace(request, status=ReturnStatus.CANCELLED, version=request.version + 1)
        await work.returns.put_request(cancelled)
        return
    had_goods = any(leg.picked_up_at is not None for leg in delivery.legs)
    if not had_goods and request.tries < TRIES:
        again = replace(request, status=ReturnStatus.REQUESTED, delivery_id=None, version=request.version + 1)
        await work.returns.put_request(again)
        await work.emit(ReturnRequested(request.merchant_id, request.id))
        return
    await raise_incident(work, overdue(request, delivery, "Nobody brings it back."), now)


def overdue(request: ReturnRequest, delivery: Delivery | None, why: str) -> Alarm:
    """Goods that should be back and are not."""
    return Alarm(
        IncidentKind.RETURN_OVERDUE,
        title=f"{delivery.reference if delivery else request.id}: the return is not back",
        evidence=why,
        delivery_id=delivery.id if delivery else None,
        fulfillment_order_id=None if delivery else request.unit_id,
    )

"""Request: a shopper gives goods back; what comes back is written down, and a job books the way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from doorstep.errors import IdempotencyConflict, InvalidInput, NotFound, StateConflict
from doorstep.events import ReturnRequested
from doorstep.ids import new_id
from doorstep.order import FulfillmentLine, FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.return_request import ReturnMethod, ReturnReason, ReturnRequest, ReturnStatus
from doorstep.window import Window
from gateway.flow.ports import Means, UnitOfWork

_AT = ("input", "lines")
_TAIL = 12
"""Characters of an id that hold nothing but what it was made from; the time of it stands before them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shopper wants to give back.

    Attributes
    ----------
    lines
        By the store's id of the order line.
    pickup
        When somebody is at the door.
    """

    order_id: str
    lines: tuple[FulfillmentLine, ...]
    reason: ReturnReason
    method: ReturnMethod = ReturnMethod.DOOR
    pickup: Window | None = None


async def request_return(means: Means, merchant_id: str, wish: Wish, key: str = "") -> ReturnRequest:
    """Write a return down; it is booked by a job.

    Parameters
    ----------
    key
        The same key for the same order is the same return, also side by side; "" always makes another.

    Raises
    ------
    NotFound
        If there is no such order.
    InvalidInput
        If a line is not of this order, or more comes back than was brought.
    StateConflict
        If nothing of the order was delivered, or its address is not known any more.
    IdempotencyConflict
        If the key came with another wish before.
    """
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        order = await work.orders.get(wish.order_id, lock=True)
        if order is None:
            raise NotFound(wish.order_id, path=("input", "orderId"))
        fresh_id = _id_for(merchant_id, order.id, key)
        # Under the order's lock: whoever came first with this key has written it down, or not begun.
        known = await _known(work, wish, fresh_id)
        if known is not None:
            return known
        unit = _unit_of(order, wish.lines)
        if (unit.destination or order.destination) is None:
            text = "The address that it went to is not known any more."
            raise StateConflict(text, current_id=order.id)
        await _must_be_left(work, order, unit, wish.lines)
        rules = (await work.accounts.merchant()).attempts
        due = timedelta(seconds=rules.return_due_s)
        request = _request(fresh_id, order, unit, wish, now, due)
        await work.returns.put_request(request)
        work.announce("order", order.id)
        await work.emit(ReturnRequested(merchant_id, request.id))
        return request


def _id_for(merchant_id: str, order_id: str, key: str) -> str:
    """Sorts by its time like any id; what else is chance in one comes from the key."""
    if not key:
        return new_id("ret")
    digest = hashlib.sha256(f"{merchant_id} {order_id} {key}".encode()).digest()
    return new_id("ret", randomness=lambda size: digest[:size])


async def _known(work: UnitOfWork, wish: Wish, fresh_id: str) -> ReturnRequest | None:
    """What was asked for with the same key already."""
    for request in await work.returns.requests_of(wish.order_id):
        if request.id[-_TAIL:] != fresh_id[-_TAIL:]:
            continue
        asked = Wish(request.order_id, request.lines, request.reason, request.method, request.pickup)
        if asked != wish:
            text = "This idempotencyKey was used with other input."
            raise IdempotencyConflict(text, first_seen_at=request.created_at)
        return request
    return None


def _request(
    return_id: str, order: Order, unit: FulfillmentOrder, wish: Wish, now: datetime, span: timedelta
) -> ReturnRequest:
    starts = wish.pickup.end if wish.pickup else now
    return ReturnRequest(
        id=return_id,
        merchant_id=order.merchant_id,
        order_id=order.id,
        unit_id=unit.id,
        location_id=unit.location_id,
        status=ReturnStatus.REQUESTED,
        reason=wish.reason,
        method=wish.method,
        lines=wish.lines,
        created_at=now,
        due_at=max(starts, now) + span,
        pickup=wish.pickup,
    )


def _unit_of(order: Order, lines: Sequence[FulfillmentLine]) -> FulfillmentOrder:
    """The part of the order that they came with."""
    if not lines:
        raise InvalidInput("lines must name what comes back.", path=_AT)
    wanted = {line.line_external_id for line in lines}
    if len(wanted) < len(lines):
        raise InvalidInput("lines names one of them twice.", path=_AT)
    unknown = wanted - {line.external_id for line in order.lines}
    if unknown:
        raise InvalidInput(f"{order.id} has no line {min(unknown)}.", path=_AT)
    arrived = [unit for unit in order.fulfillment_orders if unit.status is FulfillmentOrderStatus.DELIVERED]
    for unit in arrived:
        if wanted <= {line.line_external_id for line in unit.lines}:
            return unit
    if not arrived:
        raise StateConflict("Nothing of this order was delivered yet.", current_id=order.id)
    raise InvalidInput("These lines were not delivered together; ask for one return each.", path=_AT)


async def _must_be_left(
    work: UnitOfWork, order: Order, unit: FulfillmentOrder, lines: Sequence[FulfillmentLine]
) -> None:
    """More cannot come back than was brought, less what comes back already."""
    earlier = [
        line
        for request in await work.returns.requests_of(order.id)
        if request.status is not ReturnStatus.CANCELLED and request.unit_id == unit.id
        for line in request.lines
    ]
    for place, line in enumerate(lines):
        brought = sum(one.quantity for one in unit.lines if one.line_external_id == line.line_external_id)
        gone = sum(one.quantity for one in earlier if one.line_external_id == line.line_external_id)
        if not 1 <= line.quantity <= brought - gone:
            text = f"quantity must be 1 to {brought - gone} for {line.line_external_id}, got {line.quantity}"
            raise InvalidInput(text, path=(*_AT, str(place), "quantity"))

"""Request: a shopper gives goods back; what comes back is written down, and a job books the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.errors import InvalidInput, NotFound, StateConflict
from doorstep.events import ReturnRequested
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import FulfillmentLine, FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.return_request import ReturnMethod, ReturnReason, ReturnRequest, ReturnStatus
from doorstep.window import Window
from gateway.flow.idempotency import once
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.returning.keeping import add_request

ASKING = "createReturnRequest"
"""Operation under which keys are remembered."""

_AT = ("input", "lines")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shopper wants to give back.

    Attributes
    ----------
    lines
        By the store's id of the order line.
    pickup
        When somebody is at the door.
    max_price
        The way back is booked for no more; None for any price.
    """

    order_id: str
    lines: tuple[FulfillmentLine, ...]
    reason: ReturnReason
    method: ReturnMethod = ReturnMethod.DOOR
    pickup: Window | None = None
    max_price: Money | None = None


async def request_return(means: Means, merchant_id: str, wish: Wish, key: str = "") -> ReturnRequest:
    """Write a return down; it is booked by a job.

    Parameters
    ----------
    key
        The same key with the same wish is the same return, also side by side; "" always makes another.

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
    async with means.begin(merchant_id) as work:
        order = await work.orders.get(wish.order_id, lock=True)
        if order is None:
            raise NotFound(wish.order_id, path=("input", "orderId"))
        if not key:
            return await _write_down(work, means, order, wish)

        async def act() -> str:
            return (await _write_down(work, means, order, wish)).id

        # The key is kept in the same transaction. Of two that ask for one order the second waits for the
        # order's lock and finds the key; of two that ask for different orders the second waits for the key
        # and is refused, with all that it has written.
        within = replace(means, begin=lambda _: nullcontext(work))
        return_id = await once(within, merchant_id, ASKING, key, replace(wish, max_price=None), act)
        known = await work.returns.request(return_id)
        if known is None:
            raise NotFound(return_id)
        return known


async def _write_down(work: UnitOfWork, means: Means, order: Order, wish: Wish) -> ReturnRequest:
    now = means.clock.now()
    unit = await _unit_of(work, order, wish.lines)
    if (unit.destination or order.destination) is None:
        text = "The address that it went to is not known any more."
        raise StateConflict(text, current_id=order.id)
    rules = (await work.accounts.merchant()).attempts
    request = _request(order, unit, wish, now, timedelta(seconds=rules.return_due_s))
    await add_request(work, request)
    await work.emit(ReturnRequested(order.merchant_id, request.id))
    return request


def _request(
    order: Order, unit: FulfillmentOrder, wish: Wish, now: datetime, span: timedelta
) -> ReturnRequest:
    starts = wish.pickup.end if wish.pickup else now
    return ReturnRequest(
        id=new_id("ret"),
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
        max_price=wish.max_price,
    )


async def _unit_of(work: UnitOfWork, order: Order, lines: Sequence[FulfillmentLine]) -> FulfillmentOrder:
    """The part of the order that they came with, of several the first that has so many pieces left."""
    if not lines:
        raise InvalidInput("lines must name what comes back.", path=_AT)
    wanted = {line.line_external_id for line in lines}
    if len(wanted) < len(lines):
        raise InvalidInput("lines names one of them twice.", path=_AT)
    unknown = wanted - {line.external_id for line in order.lines}
    if unknown:
        raise InvalidInput(f"{order.id} has no line {min(unknown)}.", path=_AT)
    arrived = [unit for unit in order.fulfillment_orders if unit.status is FulfillmentOrderStatus.DELIVERED]
    if not arrived:
        raise StateConflict("Nothing of this order was delivered yet.", current_id=order.id)
    having = [unit for unit in arrived if wanted <= {line.line_external_id for line in unit.lines}]
    if not having:
        raise InvalidInput("These lines were not delivered together; ask for one return each.", path=_AT)
    earlier = await work.returns.requests_of(order.id)
    left = [_left(unit, earlier) for unit in having]
    for unit, pieces in zip(having, left, strict=True):
        if all(1 <= line.quantity <= pieces[line.line_external_id] for line in lines):
            return unit
    for place, line in enumerate(lines):
        most = max(pieces[line.line_external_id] for pieces in left)
        if not 1 <= line.quantity <= most:
            text = f"quantity must be 1 to {most} for {line.line_external_id}, got {line.quantity}"
            if most < 1:
                text = f"Nothing of {line.line_external_id} is left that could come back."
            raise InvalidInput(text, path=(*_AT, str(place), "quantity"))
    raise InvalidInput("So many pieces were not delivered together; ask for one return each.", path=_AT)


def _left(unit: FulfillmentOrder, requests: Sequence[ReturnRequest]) -> Counter[str]:
    """Pieces by line that came with a part and do not come back yet."""
    pieces: Counter[str] = Counter()
    for line in unit.lines:
        pieces[line.line_external_id] += line.quantity
    for request in requests:
        if request.unit_id == unit.id and request.status is not ReturnStatus.CANCELLED:
            pieces.subtract({line.line_external_id: line.quantity for line in request.lines})
    return pieces

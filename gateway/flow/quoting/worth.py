"""Worth: what the goods in one part of an order are worth, and what was paid for bringing them. Pure.

Stores name totals of whole orders. What is insured, and what rules compare, is one part of it: its share is
that of its lines at the prices that the store names, so that taxes, discounts and fees fall on each line
alike, and the shares of all lines together are the whole to the last minor unit.
"""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.money import Money
from doorstep.order import (
    DISPATCHED_METHODS,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Order,
)


def goods_total(order: Order) -> Money:
    """What the shopper pays for all goods of an order: its total without what the delivery cost."""
    paid = order.shipping_paid
    if paid is None or paid.currency != order.total.currency:
        return order.total
    return Money(max(0, order.total.minor - paid.minor), order.total.currency)


def value_of(order: Order, part: FulfillmentOrder) -> Money:
    """What the goods of one part are worth: its share of `goods_total`.

    Where a line has no price all pieces are worth the same. Pieces that the order has no longer, since they
    were refunded, are worth their price. A part of which no line is known is worth everything.

    Parameters
    ----------
    part
        One of the order's, or goods of it that come back.
    """
    total, known = goods_total(order), {line.external_id: line for line in order.lines}
    weights = _weights(order)
    whole = sum(weights[line.external_id] * line.quantity for line in order.lines)
    pieces = {line_id: count for line_id, count in _pieces(part).items() if line_id in known and count > 0}
    if not pieces:
        return total
    begins, minor = 0, 0
    for line in order.lines:
        weight, count = weights[line.external_id], pieces.get(line.external_id, 0)
        before = min(_before(order, part, line.external_id), line.quantity)
        ordered = min(count, line.quantity - before)
        if count and whole:
            # Shares end where the next begin, so that nothing is lost by rounding.
            first, last = begins + weight * before, begins + weight * (before + ordered)
            minor += total.minor * last // whole - total.minor * first // whole
        if line.unit_price is not None and line.unit_price.currency == total.currency:
            minor += line.unit_price.minor * (count - ordered)
        begins += weight * line.quantity
    return Money(minor, total.currency)


def paid_for(order: Order, part: FulfillmentOrder, paid: Money) -> Money:
    """The share of what was paid for delivering an order that is meant for one of its parts: by value."""
    carried = [one for one in order.fulfillment_orders if _is_carried(one)]
    place = next((place for place, one in enumerate(carried) if one.id == part.id), None)
    if place is None or len(carried) < 2:
        return paid
    values = [value_of(order, one).minor for one in carried]
    if not any(values):
        values = [1] * len(carried)
    before, whole = sum(values[:place]), sum(values)
    minor = paid.minor * (before + values[place]) // whole - paid.minor * before // whole
    return Money(minor, paid.currency)


def _weights(order: Order) -> Mapping[str, int]:
    """What one piece of each line counts: its price, if all lines have one that can be compared."""
    prices = {
        line.external_id: max(0, line.unit_price.minor)
        for line in order.lines
        if line.unit_price is not None and line.unit_price.currency == order.total.currency
    }
    wanting = [line for line in order.lines if line.quantity and line.external_id not in prices]
    is_priced = not wanting and any(line.quantity and prices[line.external_id] for line in order.lines)
    return {line.external_id: prices.get(line.external_id, 0) if is_priced else 1 for line in order.lines}


def _before(order: Order, part: FulfillmentOrder, line_id: str) -> int:
    """Pieces of a line that are in parts which come before this one; 0 for what is none of them."""
    if not any(one.id == part.id for one in order.fulfillment_orders):
        return 0
    others = (one for one in order.fulfillment_orders if one.id < part.id)
    return sum(
        _pieces(one).get(line_id, 0) for one in others if one.status is not FulfillmentOrderStatus.CANCELLED
    )


def _pieces(part: FulfillmentOrder) -> dict[str, int]:
    pieces: dict[str, int] = {}
    for line in part.lines:
        pieces[line.line_external_id] = pieces.get(line.line_external_id, 0) + line.quantity
    return pieces


def _is_carried(part: FulfillmentOrder) -> bool:
    is_off = part.status is FulfillmentOrderStatus.CANCELLED
    return not is_off and part.method in DISPATCHED_METHODS and any(line.quantity > 0 for line in part.lines)

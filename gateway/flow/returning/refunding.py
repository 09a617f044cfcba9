"""Refund: what a shopper should get back where nobody brings the goods; drafted here, paid in the store."""

from __future__ import annotations

from doorstep.delivery import Delivery
from doorstep.money import Money
from gateway.flow.ports import UnitOfWork
from gateway.flow.quoting.worth import value_of


async def refund_of(work: UnitOfWork, delivery: Delivery | None) -> Money | None:
    """What the goods of a delivery are worth; None where nobody knows them any more."""
    order = await work.orders.get(delivery.order_id) if delivery is not None else None
    unit = (
        await work.orders.fulfillment_order(delivery.fulfillment_order_id) if delivery is not None else None
    )
    return value_of(order, unit) if order is not None and unit is not None else None


def said_of_refund(refund: Money) -> str:
    """What is drafted, for dispatchers."""
    return f"Draft of a refund: {refund}; pay it in the store."

"""The plainest order: one loaf of bread, to be shipped from one place."""

from __future__ import annotations

from datetime import datetime

from doorstep.address import Address
from doorstep.ids import new_id
from doorstep.money import Money
from doorstep.order import (
    FulfillmentLine,
    FulfillmentMethod,
    FulfillmentOrder,
    FulfillmentOrderStatus,
    Location,
    Order,
    OrderLine,
    OrderStatus,
    Store,
)


def one_loaf(
    store: Store, place: Location, external_id: str, number: str, placed_at: datetime, door: Address
) -> Order:
    """An open order of a store that nothing has happened to."""
    order_id = new_id("ord")
    unit = FulfillmentOrder(
        external_id=f"u{external_id}",
        status=FulfillmentOrderStatus.OPEN,
        method=FulfillmentMethod.SHIP,
        lines=(FulfillmentLine("1", 1),),
        id=new_id("ful"),
        order_id=order_id,
        location_id=place.id,
    )
    return Order(
        external_id=external_id,
        number=number,
        platform=store.platform,
        status=OrderStatus.OPEN,
        placed_at=placed_at,
        updated_at=placed_at,
        total=Money(4_200, "USD"),
        lines=(OrderLine("1", "Bread", 1, weight_g=500),),
        fulfillment_orders=(unit,),
        destination=door,
        id=order_id,
        store_id=store.id,
        merchant_id=store.merchant_id,
        read_at=placed_at,
    )

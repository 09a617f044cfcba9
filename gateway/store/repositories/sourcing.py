"""How busy places are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.order import DISPATCHED_METHODS, FulfillmentOrderStatus
from gateway.store import tables as t


class SqlSourcing:
    """See `gateway.flow.ports.Sourcing`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def to_pack(self, location_id: str, since: datetime, but_not: str) -> int:
        units, orders = t.fulfillment_orders.c, t.orders.c
        query = (
            select(func.count())
            .select_from(t.fulfillment_orders.join(t.orders, orders.id == units.order_id))
            .where(
                orders.placed_at >= since,
                orders.id != but_not,
                units.status != FulfillmentOrderStatus.CANCELLED,
                units.method.in_(DISPATCHED_METHODS),
                units.doc["location_id"].astext == location_id,
            )
        )
        return (await self._connection.execute(query)).scalar_one()

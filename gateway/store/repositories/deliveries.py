"""Deliveries with their legs and events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.quote import DeliveryMode
from doorstep.window import Window
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.codec import to_json
from gateway.store.documents import Documents, insert_new

OVER = ("CANCELLED", "FAILED", "RETURNED")
"""States after which another delivery may be made of the same fulfillment order."""


class SqlDeliveries:
    """Deliveries with legs and events; see `gateway.flow.ports.Deliveries`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._deliveries = Documents(connection, t.deliveries, Delivery, columns.delivery)
        self._events = Documents(connection, t.delivery_events, DeliveryEvent, columns.event)

    async def get(self, delivery_id: str, *, lock: bool = False) -> Delivery | None:
        return await self._deliveries.get(delivery_id, lock=lock)

    async def live_of(self, fulfillment_order_id: str, *, lock: bool = False) -> Delivery | None:
        return await self._deliveries.first(
            t.deliveries.c.fulfillment_order_id == fulfillment_order_id,
            t.deliveries.c.status.not_in(OVER),
            lock=lock,
        )

    async def latest_of(self, fulfillment_order_id: str) -> Delivery | None:
        mine = t.deliveries.c.fulfillment_order_id == fulfillment_order_id
        return await self._deliveries.first(mine, order_by=t.deliveries.c.id.desc())

    async def id_by_booking(self, carrier: str, external_id: str) -> str | None:
        query = select(t.legs.c.delivery_id).where(
            t.legs.c.carrier == carrier, t.legs.c.external_id == external_id
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def id_by_key(self, carrier: str, booking_key: str) -> str | None:
        query = select(t.legs.c.delivery_id).where(
            t.legs.c.carrier == carrier, t.legs.c.booking_key == booking_key
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def put(self, delivery: Delivery) -> None:
        await self._deliveries.put(delivery)
        for leg in delivery.legs:
            row = {
                "id": leg.id,
                "merchant_id": delivery.merchant_id,
                "delivery_id": delivery.id,
                "carrier": leg.carrier,
                "external_id": leg.external_id,
                "booking_key": leg.booking_key,
                "status": leg.status,
            }
            statement = insert(t.legs).values(row)
            changes = {name: statement.excluded[name] for name in ("external_id", "status")}
            await self._connection.execute(
                statement.on_conflict_do_update(index_elements=["id"], set_=changes)
            )

    async def add_event(self, event: DeliveryEvent) -> bool:
        row = {**columns.event(event), "doc": to_json(event)}
        return await insert_new(self._connection, t.delivery_events, row)

    async def events(self, delivery_id: str) -> Sequence[DeliveryEvent]:
        return await self._events.find(
            t.delivery_events.c.delivery_id == delivery_id,
            order_by=(t.delivery_events.c.occurred_at, t.delivery_events.c.id),
        )

    async def unfinished(self, limit: int) -> Sequence[Delivery]:
        return await self._deliveries.find(
            ~t.deliveries.c.is_over, order_by=t.deliveries.c.promised_by, limit=limit
        )

    async def promised(self, depot_id: str, window: Window) -> int:
        query = select(func.count()).where(
            ~t.deliveries.c.is_over,
            t.deliveries.c.mode == DeliveryMode.OWN_FLEET,
            t.deliveries.c.promised_by == window.end,
            t.deliveries.c.doc["origin_id"].astext == depot_id,
        )
        return (await self._connection.execute(query)).scalar_one()

    async def unrouted(self, limit: int) -> Sequence[Delivery]:
        return await self._deliveries.find(
            ~t.deliveries.c.is_over,
            t.deliveries.c.mode == DeliveryMode.OWN_FLEET,
            t.deliveries.c.status.in_(["BOOKED", "COURIER_ASSIGNED"]),
            order_by=t.deliveries.c.promised_by,
            limit=limit,
        )

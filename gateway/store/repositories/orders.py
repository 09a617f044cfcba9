"""Orders and their fulfillment orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, DateTime, Integer, bindparam, cast, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.order import DELETED, DISPATCHED_METHODS, FulfillmentOrder, FulfillmentOrderStatus, Order
from doorstep.window import Window
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.codec import from_json
from gateway.store.documents import Documents
from gateway.store.kept import Kept
from gateway.store.repositories.deliveries import OVER
from gateway.store.repositories.turns import take_turns

_PARTS = (
    select(func.jsonb_agg(aggregate_order_by(t.fulfillment_orders.c.doc, t.fulfillment_orders.c.id)))
    .where(t.fulfillment_orders.c.order_id == t.orders.c.id)
    .scalar_subquery()
)
_WITH_PARTS = select(t.orders.c.doc, type_coerce(_PARTS, JSONB))
"""Orders with their fulfillment orders, at once."""

MOST_ALIKE = 5
"""Orders with one number: a shop that changes how it counts may begin anew."""

_OWNER = (
    select(t.fulfillment_orders.c.order_id)
    .where(t.fulfillment_orders.c.id == bindparam("wanted_id"))
    .scalar_subquery()
)
_BY_ID = Kept(_WITH_PARTS.where(t.orders.c.id == bindparam("wanted_id")))
_MERCHANT = Kept(select(t.orders.c.merchant_id).where(t.orders.c.id == bindparam("order_id")))
_BY_UNIT = Kept(_WITH_PARTS.where(t.orders.c.id == _OWNER))


def _undispatched() -> Kept:
    units, orders, deliveries = t.fulfillment_orders.c, t.orders.c, t.deliveries.c
    ours = deliveries.fulfillment_order_id == units.id
    taken = select(deliveries.id).where(ours, *(deliveries.status != state for state in OVER))
    # What was called off waits for a person; a machine would look at it for ever.
    called_off = (
        select(deliveries.doc["is_cancel_requested"].as_boolean())
        .where(ours)
        .order_by(deliveries.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    waits = select(t.stack_waits.c.id).where(t.stack_waits.c.id == units.id)
    barred = select(orders.id).where(
        orders.id == units.order_id,
        orders.doc["is_test"].as_boolean() | orders.doc["needs_personal_data"].as_boolean(),
    )
    return Kept(
        select(units.doc)
        .where(
            or_(units.status == FulfillmentOrderStatus.OPEN, units.status == FulfillmentOrderStatus.QUOTED),
            or_(*(units.method == method for method in sorted(DISPATCHED_METHODS))),
            ~taken.exists(),
            ~barred.exists(),
            ~waits.exists(),
            called_off.is_not(True),
        )
        .order_by(units.id)
        .limit(bindparam("most", type_=Integer))
    )


_UNDISPATCHED = _undispatched()


class SqlOrders:
    """Orders and their fulfillment orders; see `gateway.flow.ports.Orders`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._orders = Documents(connection, t.orders, Order, columns.order)
        self._units = Documents(connection, t.fulfillment_orders, FulfillmentOrder, columns.unit)
        self._connection = connection

    async def get(self, order_id: str, *, lock: bool = False) -> Order | None:
        if lock:
            return await self._whole(await self._orders.get(order_id, lock=True), lock=True)
        return await self._with_parts(_BY_ID, order_id)

    async def of_unit(self, unit_id: str) -> Order | None:
        return await self._with_parts(_BY_UNIT, unit_id)

    async def by_external_id(self, store_id: str, external_id: str, *, lock: bool = False) -> Order | None:
        mine = (t.orders.c.store_id == store_id, t.orders.c.external_id == external_id)
        if lock:
            # A row that is not there yet cannot be locked: a webhook and a walk may bring it at once.
            await take_turns(self._connection, f"{store_id} {external_id}")
        return await self._whole(await self._orders.first(*mine, lock=lock), lock=lock)

    async def lock_all(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, Order]:
        await take_turns(self._connection, *(f"{store_id} {external_id}" for external_id in external_ids))
        theirs = (t.orders.c.store_id == store_id, t.orders.c.external_id.in_(list(external_ids)))
        found = await self._orders.find(*theirs, lock=True, order_by=t.orders.c.external_id)
        return {order.external_id: order for order in await whole_orders(self._connection, found, lock=True)}

    async def put_all(self, orders: Sequence[Order]) -> None:
        await self._orders.put_all([replace(order, fulfillment_orders=()) for order in orders])
        owners = {order.merchant_id for order in orders}
        for merchant_id in owners:
            units = [u for o in orders if o.merchant_id == merchant_id for u in o.fulfillment_orders]
            await self._units.put_all(units, merchant_id=merchant_id)

    async def numbered(self, store_id: str, numbers: Sequence[str]) -> Sequence[Order]:
        found = await self._orders.find(
            t.orders.c.store_id == store_id,
            func.lower(t.orders.c.number).in_([number.lower() for number in numbers]),
            order_by=t.orders.c.placed_at.desc(),
            limit=MOST_ALIKE,
        )
        return await whole_orders(self._connection, found)

    async def by_choice(self, choice_id: str) -> Order | None:
        return await self._whole(await self._orders.first(t.orders.c.choice_reference == choice_id))

    async def put(self, order: Order) -> None:
        await self.put_all([order])

    async def fulfillment_order(self, unit_id: str, *, lock: bool = False) -> FulfillmentOrder | None:
        return await self._units.get(unit_id, lock=lock)

    async def put_fulfillment_order(self, fulfillment_order: FulfillmentOrder) -> None:
        ((merchant_id,),) = await _MERCHANT.rows(self._connection, {"order_id": fulfillment_order.order_id})
        await self._units.put(fulfillment_order, merchant_id=merchant_id)

    async def hold(self, unit_id: str) -> None:
        await take_turns(self._connection, unit_id)

    async def count_placed(self, store_id: str, window: Window) -> int:
        query = select(func.count()).where(*_placed(store_id, window))
        return (await self._connection.execute(query)).scalar_one()

    async def placed_ids(self, store_id: str, window: Window) -> frozenset[str]:
        query = select(t.orders.c.external_id).where(*_placed(store_id, window))
        return frozenset((await self._connection.execute(query)).scalars())

    async def read_times(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, datetime]:
        read_at = cast(t.orders.c.doc["read_at"].astext, DateTime(timezone=True))
        query = select(t.orders.c.external_id, read_at).where(
            t.orders.c.store_id == store_id,
            t.orders.c.external_id.in_(list(external_ids)),
            t.orders.c.doc["read_at"].astext.is_not(None),
        )
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def part_times(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, datetime]:
        changed_at = cast(t.fulfillment_orders.c.doc["changed_at"].astext, DateTime(timezone=True))
        query = (
            select(t.orders.c.external_id, func.max(changed_at))
            .join(t.fulfillment_orders, t.fulfillment_orders.c.order_id == t.orders.c.id)
            .where(t.orders.c.store_id == store_id, t.orders.c.external_id.in_(list(external_ids)))
            .group_by(t.orders.c.external_id)
        )
        return {row[0]: row[1] for row in await self._connection.execute(query) if row[1] is not None}

    async def undispatched(self, limit: int) -> Sequence[FulfillmentOrder]:
        found = await self._units.ask(_UNDISPATCHED, most=limit)
        return [unit for unit in found if unit.is_dispatchable]

    async def _with_parts(self, kept: Kept, wanted_id: str) -> Order | None:
        rows = await kept.rows(self._connection, {"wanted_id": wanted_id})
        if not rows:
            return None
        doc, theirs = rows[0]
        order, parts = from_json(doc, Order), from_json(theirs or [], tuple[FulfillmentOrder, ...])
        return replace(order, fulfillment_orders=parts)

    async def _whole(self, order: Order | None, *, lock: bool = False) -> Order | None:
        return None if order is None else (await whole_orders(self._connection, [order], lock=lock))[0]


def _placed(store_id: str, window: Window) -> tuple[ColumnElement[bool], ...]:
    orders = t.orders.c
    is_there = orders.doc["raw_status"].astext != DELETED
    return (
        orders.store_id == store_id,
        orders.placed_at >= window.start,
        orders.placed_at < window.end,
        is_there,
    )


async def whole_orders(
    connection: AsyncConnection, orders: Sequence[Order], *, lock: bool = False
) -> Sequence[Order]:
    """The same orders with their fulfillment orders, which lie in a table of their own.

    Whoever locks an order locks its parts with it, after it: it will be put back whole, and a part may be
    changed under its own lock alone.
    """
    units = Documents(connection, t.fulfillment_orders, FulfillmentOrder, columns.unit)
    theirs: dict[str, list[FulfillmentOrder]] = {}
    mine = t.fulfillment_orders.c.order_id.in_([order.id for order in orders])
    for unit in await units.find(mine, order_by=t.fulfillment_orders.c.id, lock=lock):
        theirs.setdefault(unit.order_id, []).append(unit)
    return [replace(order, fulfillment_orders=tuple(theirs.get(order.id, ()))) for order in orders]

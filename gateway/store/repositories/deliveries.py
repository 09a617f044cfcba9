"""Deliveries with their legs and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.delivery import Delivery, DeliveryEvent, DeliveryFlag
from doorstep.quote import DeliveryMode
from doorstep.window import Window
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.codec import to_json
from gateway.store.documents import Documents, among, insert_new
from gateway.store.kept import Kept
from gateway.store.remembered import TenantMemory, version_of
from gateway.store.repositories.incidents import follow_promise

OVER = ("CANCELLED", "FAILED", "RETURNED")
"""States after which another delivery may be made of the same fulfillment order."""


_OF_UNIT = select(t.deliveries.c.doc).where(t.deliveries.c.fulfillment_order_id == bindparam("unit_id"))
_NOT_OVER = _OF_UNIT.where(*(t.deliveries.c.status != state for state in OVER)).limit(1)
_VERSIONS = Kept(select(t.deliveries.c.id, version_of("deliveries")).where(among(t.deliveries.c.id)))
_LATEST_OF = Kept(_OF_UNIT.order_by(t.deliveries.c.id.desc()).limit(1))
_LIVE_OF = Kept(_NOT_OVER)
_UNFINISHED = Kept(
    select(t.deliveries.c.doc)
    .where(~t.deliveries.c.is_over)
    .order_by(t.deliveries.c.promised_by)
    .limit(bindparam("most", type_=Integer))
)
_LIVE_OF_LOCKED = Kept(_NOT_OVER.with_for_update())

_OF_CARRIER = select(t.legs.c.delivery_id).where(t.legs.c.carrier == bindparam("carrier_"))
_BY_BOOKING = Kept(_OF_CARRIER.where(t.legs.c.external_id == bindparam("external")))
_BY_KEY = Kept(_OF_CARRIER.where(t.legs.c.booking_key == bindparam("key_")))

_PUT_LEGS = Kept(
    text("""
    INSERT INTO legs AS old
        (id, merchant_id, delivery_id, carrier, external_id, booking_key, status, doubted_at)
    SELECT id, :merchant_id, :delivery_id, carrier, external_id, booking_key, status, doubted_at
    FROM unnest(
        CAST(:ids AS text[]),
        CAST(:carriers AS text[]),
        CAST(:external_ids AS text[]),
        CAST(:booking_keys AS text[]),
        CAST(:statuses AS text[]),
        CAST(:doubted_at AS timestamptz[])
    ) AS leg (id, carrier, external_id, booking_key, status, doubted_at)
    ON CONFLICT (id) DO UPDATE
    SET external_id = excluded.external_id, status = excluded.status, doubted_at = excluded.doubted_at
    WHERE (old.external_id, old.status, old.doubted_at)
        IS DISTINCT FROM (excluded.external_id, excluded.status, excluded.doubted_at)
    """)
)
"""All legs at once; those that are as they were are not written again."""

_LAST_EVENTS = Kept(
    text("""
    SELECT leg.id, last.occurred_at
    FROM unnest(CAST(:ids AS text[]), CAST(:delivery_ids AS text[])) AS leg (id, delivery_id)
    CROSS JOIN LATERAL (
        SELECT e.occurred_at FROM delivery_events e
        WHERE e.delivery_id = leg.delivery_id AND e.doc ->> 'leg_id' = leg.id
        ORDER BY e.occurred_at DESC LIMIT 1
    ) AS last
    """)
)
"""One step back in an index for each leg, however much has happened to it."""

_SCAN_GAP = Kept(
    text("""
    WITH gaps AS (
        SELECT extract(epoch FROM e.occurred_at - lag(e.occurred_at) OVER (
            PARTITION BY e.doc ->> 'leg_id' ORDER BY e.occurred_at
        )) AS gap_s
        FROM delivery_events e JOIN legs ON legs.id = e.doc ->> 'leg_id'
        WHERE legs.carrier = :carrier_ AND e.occurred_at >= :since
            AND e.doc ->> 'status' NOT IN ('DRAFT', 'QUOTED', 'BOOKED', 'SEARCHING', 'LABEL_READY',
                'COURIER_ASSIGNED', 'TO_PICKUP', 'AT_PICKUP')
    )
    SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY gap_s) FROM gaps
    WHERE gap_s IS NOT NULL HAVING count(*) >= :least
    """)
)
"""Events after the pickup alone: how long a courier is looked for says nothing of scans."""


class SqlDeliveries:
    """Deliveries with legs and events; see `gateway.flow.ports.Deliveries`."""

    def __init__(self, connection: AsyncConnection, memory: TenantMemory) -> None:
        self._connection = connection
        self._deliveries = Documents(connection, t.deliveries, Delivery, columns.delivery, memory)
        self._events = Documents(connection, t.delivery_events, DeliveryEvent, columns.event)

    async def get(self, delivery_id: str, *, lock: bool = False) -> Delivery | None:
        return await self._deliveries.get(delivery_id, lock=lock)

    async def several(self, ids: Sequence[str], *, lock: bool = False) -> Mapping[str, Delivery]:
        if lock:
            found = await self._deliveries.several(ids, lock=True)
        else:
            found = await self._deliveries.recall(_VERSIONS, ids=list(ids)) if ids else ()
        return {one.id: one for one in found}

    async def live_of(self, fulfillment_order_id: str, *, lock: bool = False) -> Delivery | None:
        query = _LIVE_OF_LOCKED if lock else _LIVE_OF
        found = await self._deliveries.ask(query, unit_id=fulfillment_order_id)
        return found[0] if found else None

    async def latest_of(self, fulfillment_order_id: str) -> Delivery | None:
        found = await self._deliveries.ask(_LATEST_OF, unit_id=fulfillment_order_id)
        return found[0] if found else None

    async def id_by_booking(self, carrier: str, external_id: str) -> str | None:
        rows = await _BY_BOOKING.rows(self._connection, {"carrier_": carrier, "external": external_id})
        return rows[0][0] if rows else None

    async def id_by_key(self, carrier: str, booking_key: str) -> str | None:
        rows = await _BY_KEY.rows(self._connection, {"carrier_": carrier, "key_": booking_key})
        return rows[0][0] if rows else None

    async def put(self, delivery: Delivery) -> None:
        await self._deliveries.put(delivery)
        if DeliveryFlag.EXCEPTION_OPEN in delivery.flags:
            promised_by = delivery.promise.window.end if delivery.promise else None
            await follow_promise(self._connection, delivery.id, promised_by)
        if not delivery.legs:
            return
        await _PUT_LEGS.send(
            self._connection,
            {
                "merchant_id": delivery.merchant_id,
                "delivery_id": delivery.id,
                "ids": [leg.id for leg in delivery.legs],
                "carriers": [leg.carrier for leg in delivery.legs],
                "external_ids": [leg.external_id for leg in delivery.legs],
                "booking_keys": [leg.booking_key for leg in delivery.legs],
                "statuses": [str(leg.status) for leg in delivery.legs],
                "doubted_at": [leg.doubted_at for leg in delivery.legs],
            },
        )

    async def put_foretold(self, deliveries: Sequence[Delivery]) -> None:
        await self._deliveries.put_all(sorted(deliveries, key=lambda one: one.id))

    async def add_event(self, event: DeliveryEvent) -> bool:
        row = {**columns.event(event), "doc": to_json(event)}
        return await insert_new(self._connection, t.delivery_events, row)

    async def events(self, delivery_id: str) -> Sequence[DeliveryEvent]:
        return await self._events.find(
            t.delivery_events.c.delivery_id == delivery_id,
            order_by=(t.delivery_events.c.occurred_at, t.delivery_events.c.id),
        )

    async def last_events(self, legs: Mapping[str, str]) -> Mapping[str, datetime]:
        values = {"ids": list(legs), "delivery_ids": list(legs.values())}
        return {row[0]: row[1] for row in await _LAST_EVENTS.rows(self._connection, values)}

    async def scan_gap_s(self, carrier: str, since: datetime, least: int) -> float | None:
        values = {"carrier_": carrier, "since": since, "least": least}
        rows = await _SCAN_GAP.rows(self._connection, values)
        return float(rows[0][0]) if rows else None

    async def unfinished(self, limit: int) -> Sequence[Delivery]:
        return await self._deliveries.ask(_UNFINISHED, most=limit)

    async def doubted(self, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        query = (
            select(t.legs.c.delivery_id, t.legs.c.id)
            .where(t.legs.c.doubted_at <= before)
            .order_by(t.legs.c.doubted_at)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._connection.execute(query)]

    async def promised(self, depot_id: str, window: Window) -> int:
        query = select(func.count()).where(
            ~t.deliveries.c.is_over,
            t.deliveries.c.mode == DeliveryMode.OWN_FLEET,
            t.deliveries.c.promised_by == window.end,
            t.deliveries.c.doc["origin_id"].astext == depot_id,
        )
        return (await self._connection.execute(query)).scalar_one()

    async def unrouted(self, limit: int, *, without_driver: bool = False) -> Sequence[Delivery]:
        loose = (t.deliveries.c.driver_id.is_(None),) if without_driver else ()
        return await self._deliveries.find(
            *loose,
            ~t.deliveries.c.is_over,
            t.deliveries.c.mode == DeliveryMode.OWN_FLEET,
            t.deliveries.c.status.in_(["BOOKED", "COURIER_ASSIGNED"]),
            order_by=t.deliveries.c.promised_by,
            limit=limit,
        )

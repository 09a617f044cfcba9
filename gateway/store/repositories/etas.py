"""Arrivals that were foretold, and versions of what foretells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.eta_learning import EtaTrip, EtaVersion
from gateway.store import tables as t
from gateway.store.codec import from_json, to_json, write_json
from gateway.store.kept import Kept

BODIES_KEPT = 10
"""Models of so many versions; of older ones the figures stay."""

_trips, _versions = t.eta_trips.c, t.eta_versions.c

_ASK = Kept(
    text("""
    INSERT INTO eta_trips (merchant_id, delivery_id, horizon, asked_at, doc)
    SELECT :merchant_id, trip.delivery_id, trip.horizon, trip.asked_at, CAST(trip.doc AS jsonb)
    FROM unnest(CAST(:ids AS text[]), CAST(:horizons AS int[]), CAST(:asked AS timestamptz[]),
        CAST(:docs AS text[])) AS trip (delivery_id, horizon, asked_at, doc)
    ON CONFLICT DO NOTHING
    """)
)
_CURRENT = Kept(select(_versions.doc).where(_versions.is_current))


class SqlEtas:
    """See `gateway.flow.ports.eta.Etas`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id

    async def ask(self, trips: Sequence[EtaTrip]) -> None:
        if not trips:
            return
        # In one order everywhere, so that two who keep the same deliveries do not wait for each other.
        in_order = sorted(trips, key=lambda each: (each.delivery_id, each.horizon))
        await _ASK.send(
            self._connection,
            {
                "merchant_id": self._merchant_id,
                "ids": [trip.delivery_id for trip in in_order],
                "horizons": [trip.horizon for trip in in_order],
                "asked": [trip.asked_at for trip in in_order],
                "docs": [write_json(to_json(trip)) for trip in in_order],
            },
        )

    async def arrived(self, delivery_id: str, carrier: str, moments: Sequence[datetime]) -> None:
        is_open = (_trips.delivery_id == delivery_id) & _trips.arrived_at.is_(None)
        of_carrier = is_open & (_trips.doc["carrier"].astext == carrier)
        for at in sorted(moments):
            turned_out = update(t.eta_trips).where(of_carrier, _trips.asked_at < at)
            await self._connection.execute(turned_out.values(arrived_at=at))
        await self._connection.execute(delete(t.eta_trips).where(is_open))

    async def not_arrived(self, delivery_id: str) -> None:
        mine = update(t.eta_trips).where(_trips.delivery_id == delivery_id)
        await self._connection.execute(mine.values(arrived_at=None))

    async def finished(self, limit: int, since: datetime | None = None) -> Sequence[EtaTrip]:
        query = select(_trips.doc, _trips.arrived_at).where(_trips.arrived_at.is_not(None))
        if since is not None:
            query = query.where(_trips.asked_at >= since)
        rows = await self._connection.execute(
            query.order_by(_trips.asked_at.desc(), _trips.delivery_id).limit(limit)
        )
        found = [replace(from_json(doc, EtaTrip), arrived_at=at) for doc, at in rows]
        return found[::-1]

    async def arrived_since(self, moment: datetime | None) -> int:
        query = select(func.count()).select_from(t.eta_trips).where(_trips.arrived_at.is_not(None))
        if moment is not None:
            query = query.where(_trips.arrived_at > moment)
        return int((await self._connection.execute(query)).scalar_one())

    async def current(self) -> EtaVersion | None:
        rows = await _CURRENT.rows(self._connection, {})
        return from_json(rows[0][0], EtaVersion) if rows else None

    async def versions(self, limit: int) -> Sequence[EtaVersion]:
        query = select(_versions.doc, _versions.is_current).order_by(_versions.number.desc()).limit(limit)
        rows = await self._connection.execute(query)
        return [replace(from_json(doc, EtaVersion), is_current=is_current) for doc, is_current in rows]

    async def body(self, number: int) -> bytes | None:
        query = select(_versions.body).where(_versions.number == number)
        found = (await self._connection.execute(query)).scalar_one_or_none()
        return None if found is None else bytes(found)

    async def add(self, version: EtaVersion, body: bytes | None) -> bool:
        row = {"merchant_id": self._merchant_id, "number": version.number, "is_current": False}
        statement = insert(t.eta_versions).values(**row, doc=to_json(version), body=body)
        added = await self._connection.execute(statement.on_conflict_do_nothing().returning(_versions.number))
        if added.scalar_one_or_none() is None:
            return False
        if version.is_current:
            await self._answer_with(version.number)
        is_old = (_versions.number <= version.number - BODIES_KEPT) & ~_versions.is_current
        await self._connection.execute(update(t.eta_versions).where(is_old).values(body=None))
        return True

    async def use(self, number: int) -> EtaVersion | None:
        query = select(_versions.doc, _versions.body.is_not(None)).where(_versions.number == number)
        row = (await self._connection.execute(query.with_for_update())).one_or_none()
        if row is None:
            return None
        version = from_json(row[0], EtaVersion)
        if version.has_model and not row[1]:
            return None
        await self._answer_with(number)
        return replace(version, is_current=True)

    async def _answer_with(self, number: int) -> None:
        # The old one first: of each merchant's versions one answers at any time.
        others = update(t.eta_versions).where(_versions.is_current).values(is_current=False)
        await self._connection.execute(others)
        one = update(t.eta_versions).where(_versions.number == number).values(is_current=True)
        await self._connection.execute(one)

"""Arrivals that were foretold, and versions of what foretells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.eta_learning import EtaTrip, EtaVersion
from gateway.store import tables as t
from gateway.store.codec import from_json, to_json

BODIES_KEPT = 10
"""Models of so many versions; of older ones the figures stay."""

_trips, _versions = t.eta_trips.c, t.eta_versions.c


class SqlEtas:
    """See `gateway.flow.ports.eta.Etas`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id

    async def ask(self, trips: Sequence[EtaTrip]) -> None:
        # In one order everywhere, so that two who keep the same deliveries do not wait for each other.
        rows = [
            {
                "merchant_id": self._merchant_id,
                "delivery_id": trip.delivery_id,
                "horizon": trip.horizon,
                "asked_at": trip.asked_at,
                "arrived_at": None,
                "doc": to_json(trip),
            }
            for trip in sorted(trips, key=lambda each: (each.delivery_id, each.horizon))
        ]
        if rows:
            await self._connection.execute(insert(t.eta_trips).values(rows).on_conflict_do_nothing())

    async def arrived(self, delivery_id: str, carrier: str, moments: Sequence[datetime]) -> None:
        is_open = (_trips.delivery_id == delivery_id) & _trips.arrived_at.is_(None)
        of_carrier = is_open & (_trips.doc["carrier"].astext == carrier)
        for at in sorted(moments):
            turned_out = update(t.eta_trips).where(of_carrier, _trips.asked_at < at)
            await self._connection.execute(turned_out.values(arrived_at=at))
        await self._connection.execute(delete(t.eta_trips).where(is_open))

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
        query = select(_versions.doc).where(_versions.is_current)
        doc = (await self._connection.execute(query)).scalar_one_or_none()
        return None if doc is None else from_json(doc, EtaVersion)

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

"""Codes of carriers that no table knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.flow.ports.unknowns import CodeKind, UnknownCode
from gateway.store.tables import carrier_unknowns


class SqlUnknowns:
    """Counts of unknown codes; see `gateway.flow.ports.unknowns.Unknowns`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id

    async def note(self, carrier: str, codes: Iterable[tuple[CodeKind, str]], at: datetime) -> None:
        mine = {
            "merchant_id": self._merchant_id,
            "carrier": carrier,
            "seen": 1,
            "first_at": at,
            "last_at": at,
        }
        # In one order everywhere, so that two who count the same codes do not wait for each other.
        rows = [{**mine, "kind": kind, "code": code} for kind, code in sorted(set(codes))]
        if not rows:
            return
        statement = insert(carrier_unknowns).values(rows)
        changes = {"seen": carrier_unknowns.c.seen + 1, "last_at": statement.excluded.last_at}
        key = list(carrier_unknowns.primary_key)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changes))

    async def all(self) -> Sequence[UnknownCode]:
        c = carrier_unknowns.c
        query = select(c.carrier, c.kind, c.code, c.seen, c.first_at, c.last_at)
        rows = await self._connection.execute(query.order_by(c.carrier, c.kind, c.code))
        return [
            UnknownCode(carrier, CodeKind(kind), code, seen, first_at, last_at)
            for carrier, kind, code, seen, first_at, last_at in rows
        ]

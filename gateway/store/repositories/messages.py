"""Webhooks that were kept, what could not be understood, and answered idempotency keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.flow.records import InboxRecord, Quarantined, QuarantineStatus, Remembered
from gateway.store import columns
from gateway.store import tables as t
from gateway.store.documents import Documents, insert_new
from gateway.store.kept import Kept
from gateway.store.repositories.turns import take_turns


class SqlInbox:
    """Verified webhooks; see `gateway.flow.ports.Inbox`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, inbox_id: str) -> InboxRecord | None:
        row = (await self._connection.execute(_inbox().where(t.inbox.c.id == inbox_id))).one_or_none()
        return None if row is None else InboxRecord(**row._mapping)

    async def waiting(self, source: str, limit: int, but_not: Collection[str] = ()) -> Sequence[InboxRecord]:
        # What a webhook says beside its order's id is not needed, and it may be long.
        names_order = t.inbox.c.external_id != ""
        light = {
            "headers": case((names_order, literal_column("'{}'::jsonb")), else_=t.inbox.c.headers).label(
                "headers"
            ),
            "body": case((names_order, literal_column("''::bytea")), else_=t.inbox.c.body).label("body"),
        }
        columns = [light.get(c.name, c) for c in t.inbox.c if c.name != "dedupe_id"]
        oldest_first = (
            select(*columns)
            .where(t.inbox.c.source == source, t.inbox.c.handled_at.is_(None))
            .where(t.inbox.c.id.not_in(list(but_not)))
            .order_by(t.inbox.c.received_at, t.inbox.c.id)
            .limit(limit)
        )
        return [InboxRecord(**row._mapping) for row in await self._connection.execute(oldest_first)]

    async def mark_handled(self, inbox_ids: Sequence[str], at: datetime) -> None:
        theirs = t.inbox.c.id.in_(list(inbox_ids))
        await self._connection.execute(update(t.inbox).where(theirs).values(handled_at=at))


def _inbox() -> Select[Any]:
    return select(*[column for column in t.inbox.c if column.name != "dedupe_id"])


class SqlQuarantine:
    """What could not be understood; see `gateway.flow.ports.Quarantine`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._messages = Documents(connection, t.quarantine, Quarantined, columns.quarantine)

    async def get(self, quarantined_id: str, *, lock: bool = False) -> Quarantined | None:
        return await self._messages.get(quarantined_id, lock=lock)

    async def waiting_for(self, source: str, external_id: str) -> Quarantined | None:
        await take_turns(self._connection, f"quarantine {source} {external_id}")
        return await self._messages.first(
            t.quarantine.c.source == source,
            t.quarantine.c.external_id == external_id,
            t.quarantine.c.status == QuarantineStatus.WAITING,
            lock=True,
        )

    async def waiting_among(self, source: str, external_ids: Sequence[str]) -> frozenset[str]:
        query = select(t.quarantine.c.external_id).where(
            t.quarantine.c.source == source,
            t.quarantine.c.external_id.in_(list(external_ids)),
            t.quarantine.c.status == QuarantineStatus.WAITING,
        )
        return frozenset((await self._connection.execute(query)).scalars())

    async def put(self, quarantined: Quarantined) -> None:
        await self._messages.put(quarantined)


_REMEMBERED = tuple(field.name for field in fields(Remembered))
_RECALL = Kept(
    select(*(t.memory.c[name] for name in _REMEMBERED)).where(
        t.memory.c.operation == bindparam("operation_"), t.memory.c.key == bindparam("key_")
    )
)


class SqlMemory:
    """Idempotency keys; see `gateway.flow.ports.Memory`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id

    async def recall(self, operation: str, key: str) -> Remembered | None:
        rows = await _RECALL.rows(self._connection, {"operation_": operation, "key_": key})
        return Remembered(**dict(zip(_REMEMBERED, rows[0], strict=True))) if rows else None

    async def seen(self, operation: str, keys: Sequence[str]) -> Mapping[str, datetime]:
        query = select(t.memory.c.key, t.memory.c.first_seen_at).where(
            t.memory.c.operation == operation, t.memory.c.key.in_(list(keys))
        )
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def remember(self, remembered: Remembered) -> bool:
        row = {
            "merchant_id": self._merchant_id,
            "operation": remembered.operation,
            "key": remembered.key,
            "digest": remembered.digest,
            "answer": remembered.answer,
            "first_seen_at": remembered.first_seen_at,
        }
        return await insert_new(self._connection, t.memory, row)

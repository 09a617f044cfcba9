"""What shopper, driver and desk write to one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Delete, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.thread import Participant, ThreadMessage
from gateway.store.codec import to_json
from gateway.store.documents import Documents, insert_new
from gateway.store.tables.telling import thread_messages

c = thread_messages.c


class SqlThreads:
    """See `gateway.flow.ports.threads.Threads`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._messages = Documents(connection, thread_messages, ThreadMessage, _columns)

    async def add(self, message: ThreadMessage) -> bool:
        row = {**_columns(message), "doc": to_json(message)}
        return await insert_new(self._connection, thread_messages, row)

    async def message(self, message_id: str) -> ThreadMessage | None:
        return await self._messages.get(message_id)

    async def by_key(self, delivery_id: str, key: str) -> ThreadMessage | None:
        return await self._messages.first(c.delivery_id == delivery_id, c.key == key)

    async def count_by(self, delivery_id: str, sender: Participant, since: datetime) -> int:
        query = select(func.count()).where(
            c.delivery_id == delivery_id, c.sender == sender, c.sent_at > since
        )
        return (await self._connection.execute(query)).scalar_one()

    async def mark_read(self, delivery_id: str, but_of: Participant, now: datetime) -> int:
        unread = await self._messages.find(
            c.delivery_id == delivery_id,
            c.sender != but_of,
            c.read_at.is_(None),
            meant_for(but_of),
            order_by=c.id,
            lock=True,
        )
        await self._messages.put_all([replace(one, read_at=now) for one in unread])
        return len(unread)

    async def of_delivery(self, delivery_id: str, limit: int) -> Sequence[ThreadMessage]:
        newest_first = (c.sent_at.desc(), c.id.desc())
        return await self._messages.find(c.delivery_id == delivery_id, order_by=newest_first, limit=limit)


def meant_for(side: Participant) -> ColumnElement[bool]:
    """What a side may read: see `ThreadMessage.is_for`."""
    to = c.doc["to"].astext
    return or_(to.is_(None), to == side, c.sender == side)


async def erase_threads(connection: AsyncConnection, delivery_ids: Sequence[str]) -> None:
    """Forget what was written about these; who wrote when stays."""
    messages = Documents(connection, thread_messages, ThreadMessage, _columns)
    found = await messages.find(c.delivery_id.in_(list(delivery_ids)), lock=True, order_by=c.id)
    await messages.put_all([replace(one, body="", file_ids=()) for one in found])


def old_messages(before: datetime) -> Delete:
    """What lets go of old messages."""
    return delete(thread_messages).where(c.sent_at < before)


def _columns(message: ThreadMessage) -> dict[str, object]:
    return {
        "id": message.id,
        "merchant_id": message.merchant_id,
        "delivery_id": message.delivery_id,
        "sender": message.sender,
        "key": message.key,
        "sent_at": message.sent_at,
        "read_at": message.read_at,
    }

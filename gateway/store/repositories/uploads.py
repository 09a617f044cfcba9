"""Files of threads, with their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Row, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.flow.messaging.files.record import Upload
from gateway.store.codec import to_json
from gateway.store.repositories.turns import take_turns
from gateway.store.tables.delivering import deliveries
from gateway.store.tables.telling import uploads

c = uploads.c
_CARD = (
    c.id, c.merchant_id, c.owner, c.delivery_id, c.content_type, c.size, c.sha256, c.created_at, c.sent_at
)  # fmt: skip
"""Everything but the bytes."""


class SqlUploads:
    """See `gateway.flow.ports.uploads.Uploads`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, upload_id: str, *, lock: bool = False) -> Upload | None:
        query = select(*_CARD, c.body).where(c.id == upload_id)
        found = (await self._connection.execute(query.with_for_update() if lock else query)).first()
        return None if found is None else _of(found)

    async def waiting_of(self, owner: str) -> Sequence[Upload]:
        await take_turns(self._connection, f"uploads {owner}")
        query = select(*_CARD, literal(None).label("body")).where(c.owner == owner, c.sent_at.is_(None))
        return [_of(row) for row in await self._connection.execute(query.order_by(c.id))]

    async def bytes_of(self, owner: str, delivery_id: str) -> int:
        await take_turns(self._connection, f"uploads {owner} {delivery_id}")
        query = select(func.coalesce(func.sum(c.size), 0)).where(
            c.delivery_id == delivery_id, c.owner == owner
        )
        return int((await self._connection.execute(query)).scalar_one())

    async def add(self, upload: Upload) -> None:
        await self._connection.execute(insert(uploads).values(**_row(upload)))

    async def put(self, upload: Upload) -> None:
        await self._connection.execute(update(uploads).where(c.id == upload.id).values(**_row(upload)))


async def uploads_of_orders(connection: AsyncConnection, order_ids: Sequence[str]) -> list[object]:
    """What is kept for orders, as plain JSON without the bytes; whoever wants those reads the thread."""
    theirs = select(deliveries.c.id).where(deliveries.c.order_id.in_(list(order_ids)))
    query = select(*_CARD, literal(None).label("body")).where(c.delivery_id.in_(theirs))
    return [to_json(_of(row)) for row in await connection.execute(query.order_by(c.id))]


async def erase_uploads(connection: AsyncConnection, delivery_ids: Sequence[str]) -> None:
    """Delete the files of these deliveries' threads."""
    await connection.execute(delete(uploads).where(c.delivery_id.in_(list(delivery_ids))))


def old_uploads(before: datetime, unsent_before: datetime) -> Delete:
    """What lets go of old files, and of those that no message took along."""
    unsent = and_(c.sent_at.is_(None), c.created_at < unsent_before)
    return delete(uploads).where(or_(c.created_at < before, unsent))


def _of(row: Row[*tuple[Any, ...]]) -> Upload:
    names = [column.key for column in _CARD]
    given = {name: getattr(row, name) for name in names}
    return Upload(**given, body=None if row.body is None else bytes(row.body))


def _row(upload: Upload) -> dict[str, object]:
    return {**{column.key: getattr(upload, column.key) for column in _CARD}, "body": upload.body}

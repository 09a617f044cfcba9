"""Reads of notices to shoppers for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from doorstep.notice import Notice, NoticeTemplate
from gateway.store.codec import from_json
from gateway.store.database import Database
from gateway.store.queries.pages import grouped
from gateway.store.tables import notice_templates, notices

MOST_OF_DELIVERY = 100


class SqlNoticeReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def notices_of(self, delivery_ids: Sequence[str]) -> Mapping[str, Sequence[Notice]]:
        c = notices.c
        async with self._database.tenant(self._merchant_id) as connection:
            in_order = (c.created_at, c.id)
            return await grouped(
                connection, notices, Notice, c.delivery_id, delivery_ids, in_order, MOST_OF_DELIVERY
            )

    async def notice_templates(self) -> Sequence[NoticeTemplate]:
        c = notice_templates.c
        async with self._database.tenant(self._merchant_id) as connection:
            rows = await connection.execute(select(c.doc).order_by(c.id))
            return [from_json(row.doc, NoticeTemplate) for row in rows]

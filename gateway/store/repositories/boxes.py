"""Boxes that a merchant packs with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.packing import Box
from gateway.flow.ports import KeptBox
from gateway.store import tables as t
from gateway.store.codec import from_json
from gateway.store.documents import Documents
from gateway.store.kept import Kept
from gateway.store.repositories.rules import next_version

_BOXES = select(t.boxes.c.doc, t.boxes.c.version, t.boxes.c.updated_at)
_BY_ID = Kept(_BOXES.where(t.boxes.c.id == bindparam("box_id")))
_IN_USE = Kept(_BOXES.where(t.boxes.c.archived_at.is_(None)).order_by(t.boxes.c.id))


class SqlBoxes:
    """What a merchant packs with; see `gateway.flow.ports.Boxes`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
        self._boxes = Documents(connection, t.boxes, Box, lambda box: {"id": box.id})

    async def box(self, box_id: str) -> KeptBox | None:
        found = await self._ask(_BY_ID, box_id=box_id)
        return found[0] if found else None

    async def boxes(self) -> Sequence[KeptBox]:
        return await self._ask(_IN_USE)

    async def save(self, box: Box, expected_version: int | None, now: datetime) -> KeptBox:
        version = await next_version(self._connection, t.boxes, box.id, expected_version)
        return await self._put(KeptBox(box, version, now), archived_at=None)

    async def archive(self, box_id: str, expected_version: int, now: datetime) -> KeptBox:
        version = await next_version(self._connection, t.boxes, box_id, expected_version)
        (kept,) = await self._ask(_BY_ID, box_id=box_id)
        return await self._put(KeptBox(kept.box, version, now), archived_at=now)

    async def _ask(self, kept: Kept, **values: object) -> Sequence[KeptBox]:
        rows = await kept.rows(self._connection, values)
        return [KeptBox(from_json(doc, Box), version, updated_at) for doc, version, updated_at in rows]

    async def _put(self, kept: KeptBox, archived_at: datetime | None) -> KeptBox:
        await self._boxes.put(
            kept.box,
            merchant_id=self._merchant_id,
            version=kept.version,
            updated_at=kept.updated_at,
            archived_at=archived_at,
        )
        return kept

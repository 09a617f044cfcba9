"""Stacks, and what waits for company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Text, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.stack import Stack, Waiting
from gateway.store.documents import Documents
from gateway.store.kept import Kept
from gateway.store.tables import stack_waits, stacks

w = stack_waits.c

_STOP_WAITING = Kept(delete(stack_waits).where(w.id == func.any(bindparam("ids", type_=ARRAY(Text)))))


class SqlStacks:
    """See `gateway.flow.ports.Stacks`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._stacks = Documents(connection, stacks, Stack, _of_stack)
        self._waiting = Documents(connection, stack_waits, Waiting, _of_waiting)

    async def get(self, stack_id: str) -> Stack | None:
        return await self._stacks.get(stack_id)

    async def add(self, stack: Stack) -> None:
        await self._stacks.put(stack)

    async def waiting(self, unit_id: str, *, lock: bool = False) -> Waiting | None:
        return await self._waiting.get(unit_id, lock=lock)

    async def waiting_at(self, location_id: str) -> Sequence[Waiting]:
        return await self._waiting.find(
            w.location_id == location_id, w.stack_id == "", order_by=(w.since, w.id)
        )

    async def due(self, now: datetime, told_before: datetime) -> Sequence[Waiting]:
        is_untold = w.told_at.is_(None) | (w.told_at <= told_before)
        query = select(w.doc).where(w.until <= now, is_untold).order_by(w.id)
        return await self._waiting.run(query.with_for_update(skip_locked=True))

    async def wait(self, waiting: Waiting) -> None:
        await self._waiting.put(waiting)

    async def stop_waiting(self, unit_ids: Sequence[str]) -> None:
        await _STOP_WAITING.send(self._connection, {"ids": list(unit_ids)})


def _of_stack(stack: Stack) -> dict[str, object]:
    return {"id": stack.id, "merchant_id": stack.merchant_id, "created_at": stack.created_at}


def _of_waiting(waiting: Waiting) -> dict[str, object]:
    return {
        "id": waiting.fulfillment_order_id,
        "merchant_id": waiting.merchant_id,
        "location_id": waiting.location_id,
        "stack_id": waiting.stack_id,
        "since": waiting.since,
        "until": waiting.until,
        "told_at": waiting.told_at,
    }

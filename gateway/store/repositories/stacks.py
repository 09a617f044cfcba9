"""Stacks, and what waits for company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.stack import Stack, Waiting
from gateway.store.documents import Documents
from gateway.store.tables_for_stacks import stack_waits, stacks

w = stack_waits.c


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

    async def waiting_at(self, location_id: str, *, lock: bool = False) -> Sequence[Waiting]:
        return await self._waiting.find(
            w.location_id == location_id, w.stack_id == "", order_by=(w.since, w.id), lock=lock
        )

    async def due(self, now: datetime) -> Sequence[Waiting]:
        return await self._waiting.find(w.until <= now, order_by=(w.until, w.id))

    async def wait(self, waiting: Waiting) -> None:
        await self._waiting.put(waiting)

    async def stop_waiting(self, unit_ids: Sequence[str]) -> None:
        await self._connection.execute(delete(stack_waits).where(w.id.in_(list(unit_ids))))


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
    }

"""Reads of stacks for the API: what goes together, and what waits for company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorstep.stack import Stack, Waiting
from gateway.store.database import Database
from gateway.store.queries.pages import by_id
from gateway.store.tables import stack_waits, stacks


class SqlStackReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def stacks(self, ids: Sequence[str]) -> Mapping[str, Stack]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, stacks, Stack, ids)

    async def stack_waits(self, fulfillment_order_ids: Sequence[str]) -> Mapping[str, Waiting]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, stack_waits, Waiting, fulfillment_order_ids)

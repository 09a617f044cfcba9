"""Reads of failed attempts for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorstep.failed_attempt import FailedAttempt
from gateway.store.database import Database
from gateway.store.queries.pages import grouped
from gateway.store.tables import failed_attempts


class SqlAttemptReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def last_attempts_of(self, delivery_ids: Sequence[str]) -> Mapping[str, FailedAttempt]:
        c = failed_attempts.c
        async with self._database.tenant(self._merchant_id) as connection:
            found = await grouped(
                connection, failed_attempts, FailedAttempt, c.delivery_id, delivery_ids, (c.id.desc(),), 1
            )
        return {delivery_id: attempts[0] for delivery_id, attempts in found.items()}

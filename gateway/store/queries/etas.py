"""Reads of arrivals that were foretold, for the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from doorstep.eta_learning import EtaTrip, EtaVersion
from gateway.store.database import Database
from gateway.store.repositories.etas import SqlEtas


class SqlEtaReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def eta_trips(self, since: datetime, limit: int) -> Sequence[EtaTrip]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await SqlEtas(connection, self._merchant_id).finished(limit, since)

    async def eta_versions(self, limit: int) -> Sequence[EtaVersion]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await SqlEtas(connection, self._merchant_id).versions(limit)

"""The last test of each store and carrier account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.health import HealthCheck
from gateway.flow.ports.checks import LinkChecks
from gateway.store.documents import Documents
from gateway.store.tables import link_checks


class SqlChecks:
    """See `gateway.flow.ports.checks.Checks`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._merchant_id = merchant_id
        self._checks = Documents(connection, link_checks, LinkChecks, lambda one: {"id": one.id})

    async def put(self, link_id: str, checks: Sequence[HealthCheck], now: datetime) -> None:
        await self._checks.put(LinkChecks(link_id, tuple(checks), now), merchant_id=self._merchant_id)

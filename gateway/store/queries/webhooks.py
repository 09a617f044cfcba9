"""Reads of webhooks to merchants' systems for the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorstep.webhook import WebhookAttempt, WebhookCall, WebhookEndpoint
from gateway.store.database import Database
from gateway.store.queries import shapes as s
from gateway.store.queries.pages import by_id, count_of, page_of
from gateway.store.tables import webhook_attempts, webhook_calls, webhook_endpoints

_IN_USE = [webhook_endpoints.c.archived_at.is_(None)]


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """A line of the log with what was sent; None where that is let go of, or forgotten."""

    attempt: WebhookAttempt
    call: WebhookCall | None


class SqlWebhookReads:
    """Reads bound to one merchant."""

    def __init__(self, database: Database, merchant_id: str) -> None:
        self._database = database
        self._merchant_id = merchant_id

    async def webhook_endpoints(self, ids: Sequence[str]) -> Mapping[str, WebhookEndpoint]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await by_id(connection, webhook_endpoints, WebhookEndpoint, ids)

    async def find_webhook_endpoints(self, page: s.PageRequest) -> s.Page[WebhookEndpoint]:
        async with self._database.tenant(self._merchant_id) as connection:
            return await page_of(
                connection, webhook_endpoints, WebhookEndpoint, _IN_USE, webhook_endpoints.c.id, page
            )

    async def count_webhook_endpoints(self, up_to: int) -> int:
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, webhook_endpoints, _IN_USE, up_to)

    async def find_webhook_attempts(self, endpoint_id: str, page: s.PageRequest) -> s.Page[LoggedAttempt]:
        c = webhook_attempts.c
        async with self._database.tenant(self._merchant_id) as connection:
            found = await page_of(
                connection,
                webhook_attempts,
                WebhookAttempt,
                [c.endpoint_id == endpoint_id],
                c.sent_at,
                page,
                is_descending=True,
            )
            ids = list({attempt.call_id for attempt in found.items})
            calls = await by_id(connection, webhook_calls, WebhookCall, ids)
        logged = tuple(LoggedAttempt(attempt, calls.get(attempt.call_id)) for attempt in found.items)
        return s.Page(logged, found.positions, found.has_next)

    async def count_webhook_attempts(self, endpoint_id: str, up_to: int) -> int:
        where = [webhook_attempts.c.endpoint_id == endpoint_id]
        async with self._database.tenant(self._merchant_id) as connection:
            return await count_of(connection, webhook_attempts, where, up_to)

"""What the API must be handed of webhooks to merchants' systems; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.secret import Secret
from doorstep.webhook import WebhookCall, WebhookEndpoint
from gateway.api.ports import records as r
from gateway.flow.messaging.systems.save import Draft, Saved
from gateway.store.queries.webhooks import LoggedAttempt

__all__ = ["Draft", "LoggedAttempt", "ReadsWebhooks", "Saved", "WebhookCommands"]


class ReadsWebhooks(Protocol):
    """Part of what one merchant's callers can read."""

    async def webhook_endpoints(self, ids: Sequence[str]) -> Mapping[str, WebhookEndpoint]:
        """Archived ones too."""
        ...

    async def find_webhook_endpoints(self, page: r.PageRequest) -> r.Page[WebhookEndpoint]: ...
    async def count_webhook_endpoints(self, up_to: int) -> int: ...
    async def find_webhook_attempts(self, endpoint_id: str, page: r.PageRequest) -> r.Page[LoggedAttempt]:
        """Newest first."""
        ...

    async def count_webhook_attempts(self, endpoint_id: str, up_to: int) -> int: ...


class WebhookCommands(Protocol):
    """The use cases about webhooks to merchants' systems."""

    async def save_webhook_endpoint(
        self, *, draft: Draft, endpoint_id: str | None, expected_version: int | None
    ) -> Saved:
        """Keep it whole; the secret comes along where it was made just now."""
        ...

    async def archive_webhook_endpoint(
        self, *, endpoint_id: str, expected_version: int
    ) -> WebhookEndpoint: ...
    async def rotate_webhook_secret(self, *, endpoint_id: str) -> tuple[WebhookEndpoint, Secret, datetime]:
        """With the new secret, and until when the one before signs as well."""
        ...

    async def test_webhook_endpoint(self, *, endpoint_id: str) -> WebhookCall: ...
    async def replay_webhooks(
        self, *, endpoint_id: str, message_ids: Sequence[str], failed_since: datetime | None
    ) -> int:
        """How many calls are made again."""
        ...

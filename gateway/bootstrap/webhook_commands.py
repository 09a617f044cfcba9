"""The API's use cases about webhooks to merchants' systems, bound to one merchant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from doorstep.secret import Secret
from doorstep.webhook import WebhookCall, WebhookEndpoint
from gateway.bootstrap.slot_commands import SlotCommands
from gateway.flow.messaging.systems import save


@dataclass(frozen=True, slots=True)
class WebhookCommands(SlotCommands):
    """See `gateway.api.ports.session.Commands`."""

    async def save_webhook_endpoint(
        self, *, draft: save.Draft, endpoint_id: str | None, expected_version: int | None
    ) -> save.Saved:
        return await save.save_endpoint(self.means, self.merchant_id, draft, endpoint_id, expected_version)

    async def archive_webhook_endpoint(self, *, endpoint_id: str, expected_version: int) -> WebhookEndpoint:
        return await save.archive_endpoint(self.means, self.merchant_id, endpoint_id, expected_version)

    async def rotate_webhook_secret(self, *, endpoint_id: str) -> tuple[WebhookEndpoint, Secret, datetime]:
        return await save.rotate_secret(self.means, self.merchant_id, endpoint_id)

    async def test_webhook_endpoint(self, *, endpoint_id: str) -> WebhookCall:
        return await save.try_endpoint(self.means, self.merchant_id, endpoint_id)

    async def replay_webhooks(
        self, *, endpoint_id: str, message_ids: Sequence[str], failed_since: datetime | None
    ) -> int:
        return await save.replay(
            self.means,
            self.merchant_id,
            endpoint_id,
            message_ids=message_ids,
            failed_since=failed_since,
        )

"""Webhooks to merchants' systems: endpoints, their log, and what can be done with them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from doorstep import webhook as ground
from gateway.api.context import Info
from gateway.api.marks import entry, open_enum, part, resolved, shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.ports.records import Scope
from gateway.api.ports.webhooks import LoggedAttempt
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.scalars import Url
from gateway.api.types.node import Node

WebhookTopic = open_enum(ground.WebhookTopic)
_EXCERPT = 500
_PERSONAL = "Whether names, addresses and phone numbers of shoppers are in its calls."


@shape()
class WebhookAttempt:
    """One call to an endpoint, and what came of it."""

    id: strawberry.ID
    message_id: strawberry.ID = part("The same in all attempts of one message, and in the header webhook-id.")
    topic: ground.WebhookTopic
    sent_at: datetime
    response_status: int | None = part("Of HTTP; null where there was no answer.")
    took_milliseconds: int
    next_try_at: datetime | None
    error: str | None
    request_excerpt: str | None = part(
        "The beginning of the body; may be personal data.", to=(), scope=Scope.OPERATE
    )
    response_excerpt: str | None = part("The beginning of what was answered.", to=(), scope=Scope.OPERATE)

    @staticmethod
    def of(logged: LoggedAttempt) -> WebhookAttempt:
        attempt = logged.attempt
        return WebhookAttempt(
            id=strawberry.ID(attempt.id),
            message_id=strawberry.ID(attempt.message_id),
            topic=attempt.topic,
            sent_at=attempt.sent_at,
            response_status=attempt.answer.status,
            took_milliseconds=attempt.answer.took_ms,
            next_try_at=attempt.next_try_at,
            error=attempt.answer.error or None,
            request_excerpt=(logged.call.body[:_EXCERPT] or None) if logged.call else None,
            response_excerpt=attempt.answer.excerpt[:_EXCERPT] or None,
        )


@shape()
class WebhookEndpoint(Node):
    """Where Doorstep calls the merchant (Standard Webhooks)."""

    name: str
    url: Url
    topics: list[ground.WebhookTopic] = part(most=30)
    enabled: bool
    with_personal_data: bool = part(_PERSONAL)
    version: int
    updated_at: datetime
    disabled_reason: str | None = part("Why we switched it off; null where nobody but a person did.")
    failing_since: datetime | None = part("Since when no call went well.")

    @staticmethod
    def of(endpoint: ground.WebhookEndpoint) -> WebhookEndpoint:
        return WebhookEndpoint(
            id=strawberry.ID(endpoint.id),
            name=endpoint.name,
            url=Url(endpoint.url),
            topics=list(endpoint.topics),
            enabled=endpoint.enabled,
            with_personal_data=endpoint.with_personal_data,
            version=endpoint.version,
            updated_at=endpoint.updated_at,
            disabled_reason=endpoint.disabled_reason or None,
            failing_since=endpoint.failing_since,
        )

    @resolved()
    async def attempts(
        self, info: Info, first: int = 20, after: str | None = None
    ) -> Connection[WebhookAttempt]:
        """The log, newest first; kept for thirty days."""
        reads, page, endpoint_id = info.context.reads, page_request(first, after, "attempts"), str(self.id)
        found = await reads.find_webhook_attempts(endpoint_id, page)
        counter = partial(reads.count_webhook_attempts, endpoint_id)
        return connection(found, page, "attempts", WebhookAttempt.of, counter)


@entry
class SaveWebhookEndpointInput:
    """An endpoint, whole; without an id a new one."""

    id: strawberry.ID | None = None
    expected_version: int | None = part("The one that was read; needed with an id.", default=None)
    name: str
    url: Url = part("https; it must not lead to a private network.")
    topics: list[ground.WebhookTopic] = part(most=30)
    enabled: bool = True
    with_personal_data: bool = part(_PERSONAL, default=False)


@entry
class ArchiveWebhookEndpointInput:
    """Put an endpoint away for good."""

    id: strawberry.ID
    expected_version: int


@entry
class RotateWebhookSecretInput:
    """Which endpoint is to have a new secret."""

    endpoint_id: strawberry.ID


@entry
class TestWebhookEndpointInput:
    """Which endpoint is to be tried."""

    endpoint_id: strawberry.ID


@entry
class ReplayWebhooksInput:
    """Calls that are made again: these messages, or what was given up since a moment. One of the two."""

    endpoint_id: strawberry.ID
    message_ids: list[strawberry.ID] | None = part(most=500, default=None)
    failed_since: datetime | None = None


@shape()
class SaveWebhookEndpointSuccess:
    """The endpoint as it is kept."""

    endpoint: WebhookEndpoint
    secret: str | None = part("What its calls are signed with; shown when it was made, never again.")


@shape()
class ArchiveWebhookEndpointSuccess:
    """The endpoint as it was put away."""

    endpoint: WebhookEndpoint


@shape()
class RotateWebhookSecretSuccess:
    """Both secrets sign until the old one ends."""

    endpoint: WebhookEndpoint
    secret: str = part("Shown this once.")
    old_secret_valid_until: datetime


@shape()
class TestWebhookEndpointSuccess:
    """The call is on its way; `attempts` shows how it went."""

    message_id: strawberry.ID


@shape()
class ReplayWebhooksSuccess:
    """They are on their way."""

    queued: int


SaveWebhookEndpointResult = Annotated[
    SaveWebhookEndpointSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SaveWebhookEndpointResult", description="What saving an endpoint led to."),
]
ArchiveWebhookEndpointResult = Annotated[
    ArchiveWebhookEndpointSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ArchiveWebhookEndpointResult", description="What putting an endpoint away led to."),
]
RotateWebhookSecretResult = Annotated[
    RotateWebhookSecretSuccess | InvalidInput | NotFound,
    strawberry.union("RotateWebhookSecretResult", description="What a new secret led to."),
]
TestWebhookEndpointResult = Annotated[
    TestWebhookEndpointSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("TestWebhookEndpointResult", description="What trying an endpoint led to."),
]
ReplayWebhooksResult = Annotated[
    ReplayWebhooksSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ReplayWebhooksResult", description="What replaying calls led to."),
]

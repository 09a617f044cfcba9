"""Reads and writes about webhooks to merchants' systems; parts of the roots."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep.webhook import WebhookTopic
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.paging import Connection, connection, page_request
from gateway.api.ports.records import Scope
from gateway.api.ports.webhooks import Draft
from gateway.api.reading import read_id, read_ids, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.webhooks import (
    ArchiveWebhookEndpointInput,
    ArchiveWebhookEndpointResult,
    ArchiveWebhookEndpointSuccess,
    ReplayWebhooksInput,
    ReplayWebhooksResult,
    ReplayWebhooksSuccess,
    RotateWebhookSecretInput,
    RotateWebhookSecretResult,
    RotateWebhookSecretSuccess,
    SaveWebhookEndpointInput,
    SaveWebhookEndpointResult,
    SaveWebhookEndpointSuccess,
    TestWebhookEndpointInput,
    TestWebhookEndpointResult,
    TestWebhookEndpointSuccess,
    WebhookEndpoint,
)

_AT = ("input",)


@shape()
class WebhookQueries:
    """Reads about webhooks."""

    @root(scope=Scope.CONFIGURE)
    async def webhook_endpoints(
        self, info: Info, first: int = 50, after: str | None = None
    ) -> Connection[WebhookEndpoint]:
        """Addresses that are called when something happens, in the order in which they were made."""
        reads, page = info.context.reads, page_request(first, after, "webhook endpoints")
        found = await reads.find_webhook_endpoints(page)
        return connection(found, page, "webhook endpoints", WebhookEndpoint.of, reads.count_webhook_endpoints)


@shape()
class WebhookMutations:
    """Writes about webhooks."""

    @root(scope=Scope.ADMINISTER)
    async def save_webhook_endpoint(
        self, info: Info, given: Annotated[SaveWebhookEndpointInput, INPUT]
    ) -> SaveWebhookEndpointResult:
        """Keeps an endpoint whole; it is called from the next event on."""
        endpoint_id = None if given.id is None else read_id(given.id, "whe", (*_AT, "id"))
        if (endpoint_id is None) != (given.expected_version is None):
            raise wrong((*_AT, "expectedVersion"), "expectedVersion goes with an id, and only with one")
        topics = tuple(WebhookTopic(topic) for topic in given.topics)
        draft = Draft(given.name, given.url, topics, given.enabled, given.with_personal_data)
        saved = await info.context.commands.save_webhook_endpoint(
            draft=draft, endpoint_id=endpoint_id, expected_version=given.expected_version
        )
        secret = None if saved.secret is None else saved.secret.reveal()
        return SaveWebhookEndpointSuccess(endpoint=WebhookEndpoint.of(saved.endpoint), secret=secret)

    @root(scope=Scope.ADMINISTER)
    async def archive_webhook_endpoint(
        self, info: Info, given: Annotated[ArchiveWebhookEndpointInput, INPUT]
    ) -> ArchiveWebhookEndpointResult:
        """Calls it no more."""
        archived = await info.context.commands.archive_webhook_endpoint(
            endpoint_id=read_id(given.id, "whe", (*_AT, "id")), expected_version=given.expected_version
        )
        return ArchiveWebhookEndpointSuccess(endpoint=WebhookEndpoint.of(archived))

    @root(scope=Scope.ADMINISTER)
    async def rotate_webhook_secret(
        self, info: Info, given: Annotated[RotateWebhookSecretInput, INPUT]
    ) -> RotateWebhookSecretResult:
        """Makes a new secret; for a day the old one signs as well."""
        endpoint, secret, until = await info.context.commands.rotate_webhook_secret(
            endpoint_id=_endpoint(given.endpoint_id)
        )
        return RotateWebhookSecretSuccess(
            endpoint=WebhookEndpoint.of(endpoint), secret=secret.reveal(), old_secret_valid_until=until
        )

    @root(scope=Scope.OPERATE)
    async def test_webhook_endpoint(
        self, info: Info, given: Annotated[TestWebhookEndpointInput, INPUT]
    ) -> TestWebhookEndpointResult:
        """Calls an endpoint with nothing but its name."""
        call = await info.context.commands.test_webhook_endpoint(endpoint_id=_endpoint(given.endpoint_id))
        return TestWebhookEndpointSuccess(message_id=strawberry.ID(call.message_id))

    @root(scope=Scope.OPERATE)
    async def replay_webhooks(
        self, info: Info, given: Annotated[ReplayWebhooksInput, INPUT]
    ) -> ReplayWebhooksResult:
        """Makes calls again; receivers know them by their webhook-id."""
        queued = await info.context.commands.replay_webhooks(
            endpoint_id=_endpoint(given.endpoint_id),
            message_ids=read_ids(given.message_ids, "whm", (*_AT, "messageIds")),
            failed_since=given.failed_since,
        )
        return ReplayWebhooksSuccess(queued=queued)


def _endpoint(given: str) -> str:
    return read_id(given, "whe", (*_AT, "endpointId"))

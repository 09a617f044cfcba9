"""Save: endpoints and their secrets, test calls, and calls that are made again by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from doorstep.errors import InvalidInput, Issue, NotFound, StateConflict
from doorstep.ids import new_id
from doorstep.incident import IncidentKind
from doorstep.secret import Secret
from doorstep.webhook import (
    SECRET_OVERLAP,
    WebhookCall,
    WebhookCallStatus,
    WebhookEndpoint,
    WebhookTopic,
)
from gateway.flow.messaging.systems.body import of_test
from gateway.flow.messaging.systems.tell import call_to
from gateway.flow.ports import Means, UnitOfWork
from gateway.flow.watching.incidents import settle

MOST_ENDPOINTS = 50
LONGEST_NAME = 100
MOST_REPLAYED = 500
"""Calls that one replay starts again."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An endpoint as somebody wants it."""

    name: str
    url: str
    topics: tuple[WebhookTopic, ...]
    enabled: bool = True
    with_personal_data: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """An endpoint as it is kept; the secret only where it was made just now."""

    endpoint: WebhookEndpoint
    secret: Secret | None = None


async def save_endpoint(
    means: Means, merchant_id: str, draft: Draft, endpoint_id: str | None, expected_version: int | None
) -> Saved:
    """Keep an endpoint whole; one without an id is made, with a secret that is shown this once.

    Raises
    ------
    InvalidInput
        With an issue for each field that is wrong, or where the address is not one that we call.
    NotFound, StateConflict
        If it is not there, or somebody saved in between.
    """
    issues = list(_wrong_fields(draft))
    if issues:
        raise InvalidInput(issues[0].message, path=issues[0].path, issues=issues)
    await means.systems.require_reachable(draft.url, ("input", "url"))
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        known = await work.webhooks.endpoint(endpoint_id, lock=True) if endpoint_id else None
        if known is None and endpoint_id is not None:
            raise NotFound(endpoint_id)
        if known is None and len(await work.webhooks.endpoints()) >= MOST_ENDPOINTS:
            raise InvalidInput(
                f"There are {MOST_ENDPOINTS} endpoints already; archive some.", path=("input",)
            )
        saved = await work.webhooks.save(_endpoint(merchant_id, draft, known, now), expected_version)
        if known is not None:
            if not saved.enabled:
                await work.webhooks.give_up(saved.id)
            else:
                await settle(work, saved.id, {IncidentKind.OTHER}, "It is switched on again.", now)
            return Saved(saved)
        secret = means.systems.new_secret()
        await work.webhooks.put_secrets(saved.id, {"current": secret.reveal()})
        return Saved(saved, secret)


async def archive_endpoint(
    means: Means, merchant_id: str, endpoint_id: str, expected_version: int
) -> WebhookEndpoint:
    """Call it no more, for good; its log stays for as long as logs are kept."""
    async with means.begin(merchant_id) as work:
        archived = await work.webhooks.archive(endpoint_id, expected_version, means.clock.now())
        await work.webhooks.give_up(endpoint_id)
        await settle(work, endpoint_id, {IncidentKind.OTHER}, "It is archived.", means.clock.now())
        return archived


async def rotate_secret(
    means: Means, merchant_id: str, endpoint_id: str
) -> tuple[WebhookEndpoint, Secret, datetime]:
    """A new secret, and until when the one before signs as well.

    Raises
    ------
    NotFound
        If there is no such endpoint.
    """
    until = means.clock.now() + SECRET_OVERLAP
    async with means.begin(merchant_id) as work:
        endpoint = await _live(work, endpoint_id)
        kept = await work.webhooks.secrets(endpoint_id)
        secret = means.systems.new_secret()
        await work.webhooks.put_secrets(
            endpoint_id,
            {
                "current": secret.reveal(),
                "previous": kept["current"].reveal(),
                "previous_until": until.isoformat(),
            },
        )
    return endpoint, secret, until


async def try_endpoint(means: Means, merchant_id: str, endpoint_id: str) -> WebhookCall:
    """Queue a call that says nothing, to see whether it arrives.

    Raises
    ------
    NotFound, StateConflict
        If there is no such endpoint, or it is switched off.
    """
    async with means.begin(merchant_id) as work:
        endpoint = await _live(work, endpoint_id, must_be_on=True)
        call = call_to(endpoint, of_test(endpoint), new_id("whm"), means.clock.now())
        await work.webhooks.put_calls([call])
        return call


async def replay(
    means: Means,
    merchant_id: str,
    endpoint_id: str,
    *,
    message_ids: Sequence[str] = (),
    failed_since: datetime | None = None,
) -> int:
    """Make calls again: these, whatever became of them, or those that were given up since a moment.

    Raises
    ------
    InvalidInput
        If neither or both are given.
    NotFound, StateConflict
        If there is no such endpoint or message, or the endpoint is switched off.
    """
    if bool(message_ids) == (failed_since is not None):
        raise InvalidInput("Say either messageIds or failedSince.", path=("input",))
    now = means.clock.now()
    async with means.begin(merchant_id) as work:
        await _live(work, endpoint_id, must_be_on=True)
        if failed_since is not None:
            calls = await work.webhooks.failed(endpoint_id, failed_since, MOST_REPLAYED)
        else:
            calls = await work.webhooks.named(endpoint_id, message_ids)
            missing = set(message_ids) - {call.message_id for call in calls}
            if missing:
                raise NotFound(min(missing), path=("input", "messageIds"))
        # What was forgotten on somebody's wish has no body any more.
        again = [
            replace(call, status=WebhookCallStatus.WAITING, due_at=now, attempts=0)
            for call in calls
            if call.body
        ]
        await work.webhooks.put_calls(again)
        return len(again)


async def _live(work: UnitOfWork, endpoint_id: str, *, must_be_on: bool = False) -> WebhookEndpoint:
    endpoint = await work.webhooks.endpoint(endpoint_id, lock=True)
    if endpoint is None:
        raise NotFound(endpoint_id, path=("input", "endpointId"))
    if must_be_on and not endpoint.enabled:
        text = "This endpoint is switched off; switch it on first."
        raise StateConflict(text, current_id=endpoint.id, current_version=endpoint.version)
    return endpoint


def _endpoint(
    merchant_id: str, draft: Draft, known: WebhookEndpoint | None, now: datetime
) -> WebhookEndpoint:
    is_same_place = known is not None and known.url == draft.url and known.enabled
    return WebhookEndpoint(
        id=new_id("whe") if known is None else known.id,
        merchant_id=merchant_id,
        name=draft.name.strip(),
        url=draft.url,
        topics=tuple(dict.fromkeys(draft.topics)),
        updated_at=now,
        enabled=draft.enabled,
        with_personal_data=draft.with_personal_data,
        # Whoever switches it on again, or moves it, has mended it as far as we know.
        failing_since=known.failing_since if known is not None and is_same_place else None,
    )


def _wrong_fields(draft: Draft) -> Iterator[Issue]:
    if not 0 < len(draft.name.strip()) <= LONGEST_NAME:
        yield Issue(("input", "name"), f"name must have 1 to {LONGEST_NAME} letters.")
    if not draft.topics:
        yield Issue(("input", "topics"), "topics must name at least one.", "REQUIRED")

"""Endpoints of merchants' systems, the calls that wait for them, and the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Delete, bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.secret import Secret
from doorstep.webhook import WebhookAttempt, WebhookCall, WebhookCallStatus, WebhookEndpoint
from gateway.auth.vault import Vault
from gateway.store.documents import Documents
from gateway.store.kept import Kept
from gateway.store.repositories.rules import next_version
from gateway.store.repositories.turns import take_turns
from gateway.store.tables.telling import webhook_attempts, webhook_calls, webhook_endpoints

e, c, a = webhook_endpoints.c, webhook_calls.c, webhook_attempts.c

_LISTENING = Kept(select(e.doc).where(e.archived_at.is_(None)).order_by(e.id))
_DUE = text("SELECT merchant_id, endpoint_id FROM door_webhooks_due(:now)")
_TOLD = Kept(
    select(c.endpoint_id, c.doc["digest"].astext)
    .where(c.subject_id == bindparam("subject_id"))
    .order_by(c.created_at, c.id)
)


class SqlWebhooks:
    """See `gateway.flow.ports.Webhooks`."""

    def __init__(self, connection: AsyncConnection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault
        self._endpoints = Documents(connection, webhook_endpoints, WebhookEndpoint, _of_endpoint)
        self._calls = Documents(connection, webhook_calls, WebhookCall, _of_call)
        self._attempts = Documents(connection, webhook_attempts, WebhookAttempt, _of_attempt)

    async def endpoint(self, endpoint_id: str, *, lock: bool = False) -> WebhookEndpoint | None:
        return await self._endpoints.get(endpoint_id, lock=lock)

    async def endpoints(self) -> Sequence[WebhookEndpoint]:
        return await self._endpoints.ask(_LISTENING)

    async def save(self, endpoint: WebhookEndpoint, expected_version: int | None) -> WebhookEndpoint:
        version = await next_version(self._connection, webhook_endpoints, endpoint.id, expected_version)
        saved = replace(endpoint, version=version)
        await self._endpoints.put(saved, archived_at=None)
        return saved

    async def archive(self, endpoint_id: str, expected_version: int, now: datetime) -> WebhookEndpoint:
        version = await next_version(self._connection, webhook_endpoints, endpoint_id, expected_version)
        endpoint = await self._endpoints.get(endpoint_id)
        assert endpoint is not None  # noqa: S101 - it has a version
        archived = replace(endpoint, version=version, updated_at=now, enabled=False)
        await self._endpoints.put(archived, archived_at=now)
        return archived

    async def put_endpoint(self, endpoint: WebhookEndpoint) -> None:
        await self._endpoints.put(endpoint)

    async def secrets(self, endpoint_id: str) -> Mapping[str, Secret]:
        found = await self._connection.execute(select(e.sealed).where(e.id == endpoint_id))
        sealed = found.scalar_one_or_none()
        return {} if sealed is None else self._vault.open(bytes(sealed))

    async def put_secrets(self, endpoint_id: str, secrets: Mapping[str, str]) -> None:
        sealed = self._vault.seal(secrets)
        statement = update(webhook_endpoints).where(e.id == endpoint_id).values(sealed=sealed)
        await self._connection.execute(statement)

    async def last_told(self, subject_id: str) -> Mapping[str, str]:
        await take_turns(self._connection, f"webhooks about {subject_id}")
        rows = await _TOLD.rows(self._connection, {"subject_id": subject_id})
        return dict(rows)

    async def call(self, call_id: str, *, lock: bool = False) -> WebhookCall | None:
        return await self._calls.get(call_id, lock=lock)

    async def put_calls(self, calls: Sequence[WebhookCall]) -> None:
        await self._calls.put_all(calls)

    async def claim(
        self, endpoint_id: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[WebhookCall]:
        query = select(c.id).where(c.endpoint_id == endpoint_id, c.due_at <= now)
        query = query.order_by(c.due_at, c.id).limit(limit).with_for_update(skip_locked=True)
        ids = list((await self._connection.execute(query)).scalars())
        if not ids:
            return ()
        # The column alone: what `doc` says of it is when the call was to be made.
        await self._connection.execute(update(webhook_calls).where(c.id.in_(ids)).values(due_at=until))
        return await self._calls.several(ids)

    async def give_up(self, endpoint_id: str) -> int:
        waiting = await self._calls.find(
            c.endpoint_id == endpoint_id, c.due_at.is_not(None), lock=True, order_by=c.id
        )
        given_up = [replace(call, status=WebhookCallStatus.FAILED, due_at=None) for call in waiting]
        await self._calls.put_all(given_up)
        return len(given_up)

    async def named(self, endpoint_id: str, message_ids: Sequence[str]) -> Sequence[WebhookCall]:
        return await self._calls.find(
            c.endpoint_id == endpoint_id, c.message_id.in_(list(message_ids)), lock=True, order_by=c.id
        )

    async def failed(self, endpoint_id: str, since: datetime, limit: int) -> Sequence[WebhookCall]:
        is_failed = (c.status == WebhookCallStatus.FAILED, c.created_at >= since)
        return await self._calls.find(
            c.endpoint_id == endpoint_id,
            *is_failed,
            order_by=(c.created_at, c.id),
            limit=limit,
            lock=True,
        )

    async def note(self, attempt: WebhookAttempt) -> None:
        await self._attempts.put(attempt)


async def endpoints_with_due_calls(connection: AsyncConnection, now: datetime) -> Sequence[tuple[str, str]]:
    """(merchant, endpoint) of all merchants for whom a call is due; asked through the door."""
    rows = await connection.execute(_DUE, {"now": now})
    return [(row.merchant_id, row.endpoint_id) for row in rows]


async def erase_calls(connection: AsyncConnection, subject_ids: Sequence[str]) -> None:
    """Forget what was said about these, and what was answered; that something was said stays in the log."""
    calls = Documents(connection, webhook_calls, WebhookCall, _of_call)
    attempts = Documents(connection, webhook_attempts, WebhookAttempt, _of_attempt)
    found = await calls.find(c.subject_id.in_(list(subject_ids)), lock=True, order_by=c.id)
    failed = WebhookCallStatus.FAILED
    await calls.put_all(
        [
            replace(one, body="", digest="", due_at=None, status=one.status if one.due_at is None else failed)
            for one in found
        ]
    )
    of_them = await attempts.find(a.call_id.in_([one.id for one in found])) if found else ()
    await attempts.put_all([replace(one, answer=replace(one.answer, excerpt="")) for one in of_them])


def old_calls(before: datetime) -> Sequence[Delete]:
    """What lets go of calls that are over, and of their log."""
    return (
        delete(webhook_attempts).where(a.sent_at < before),
        delete(webhook_calls).where(c.created_at < before, c.due_at.is_(None)),
    )


def _of_endpoint(endpoint: WebhookEndpoint) -> dict[str, object]:
    return {
        "id": endpoint.id,
        "merchant_id": endpoint.merchant_id,
        "enabled": endpoint.enabled,
        "version": endpoint.version,
    }


def _of_call(call: WebhookCall) -> dict[str, object]:
    return {
        "id": call.id,
        "merchant_id": call.merchant_id,
        "endpoint_id": call.endpoint_id,
        "message_id": call.message_id,
        "subject_id": call.subject_id,
        "status": call.status,
        "created_at": call.created_at,
        "due_at": call.due_at,
    }


def _of_attempt(attempt: WebhookAttempt) -> dict[str, object]:
    return {
        "id": attempt.id,
        "merchant_id": attempt.merchant_id,
        "endpoint_id": attempt.endpoint_id,
        "call_id": attempt.call_id,
        "sent_at": attempt.sent_at,
    }

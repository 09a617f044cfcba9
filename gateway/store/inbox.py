"""The durable inbox behind `webhooks.inbound`: a row and a job for each message, in one transaction."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from procrastinate import App
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.events import CarrierNotified, Event, StoreNotified
from doorstep.ids import new_id
from gateway.flow import HANDLERS
from gateway.flow.records import Quarantined, QuarantineStatus
from gateway.store import tables as t
from gateway.store.database import Database, psycopg_connection
from gateway.store.documents import insert_new
from gateway.store.jobs import defer
from gateway.store.repositories import SqlQuarantine
from webhooks.inbound.inbox import InboxMessage, SourceKind

_WORK_FOR = text("SELECT set_config('app.merchant_id', :merchant_id, true)")


class SqlWebhookInbox:
    """See `webhooks.inbound.inbox.Inbox`."""

    def __init__(self, database: Database, queue: App) -> None:
        self._database = database
        self._queue = queue

    async def put(self, messages: Sequence[InboxMessage]) -> None:
        """Keep all of them and queue what follows, or none."""
        # In one order everywhere, so that two processes with the same messages do not wait for each other.
        ordered = sorted(messages, key=lambda m: (m.merchant_id, m.source, m.dedupe_id))
        async with self._database.doors() as connection:
            for merchant_id, theirs in itertools.groupby(ordered, key=lambda m: m.merchant_id):
                await connection.execute(_WORK_FOR, {"merchant_id": merchant_id})
                for message in theirs:
                    await self._put_one(connection, message)

    async def _put_one(self, connection: AsyncConnection, message: InboxMessage) -> None:
        inbox_id = new_id("inb")
        row = {
            "id": inbox_id,
            "merchant_id": message.merchant_id,
            "source": message.source,
            "kind": message.kind,
            "topic": message.topic,
            "dedupe_id": message.dedupe_id,
            "external_id": message.external_id,
            "headers": dict(message.headers),
            "body": message.body,
            "received_at": message.received_at,
        }
        if not await insert_new(connection, t.inbox, row):
            return
        if not message.is_readable:
            await _set_aside(SqlQuarantine(connection), message)
            return
        event: Event
        if message.kind is SourceKind.STORE:
            event = StoreNotified(message.merchant_id, inbox_id)
        else:
            event = CarrierNotified(message.merchant_id, inbox_id)
        driver = await psycopg_connection(connection)
        for handler in HANDLERS[type(event)]:
            await defer(self._queue, driver, event, handler.__name__)


async def _set_aside(quarantine: SqlQuarantine, message: InboxMessage) -> None:
    """What waits already about the same thing takes the newer body and counts."""
    external_id = message.external_id or message.dedupe_id
    known = await quarantine.waiting_for(message.source, external_id)
    await quarantine.put(
        Quarantined(
            id=known.id if known else new_id("qua"),
            merchant_id=message.merchant_id,
            source=message.source,
            topic=message.topic,
            external_id=external_id,
            received_at=known.received_at if known else message.received_at,
            attempts=known.attempts + 1 if known else 1,
            status=QuarantineStatus.WAITING,
            problem_code="INVALID_INPUT",
            problem_message=message.problem,
            problem_path=(),
            raw_body=message.body.decode(errors="replace"),
        )
    )

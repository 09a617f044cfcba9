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
        ordered = sorted(messages, key=lambda message: message.merchant_id)
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
            await SqlQuarantine(connection).put(_aside(message))
            return
        event: Event
        if message.kind is SourceKind.STORE:
            event = StoreNotified(message.merchant_id, inbox_id)
        else:
            event = CarrierNotified(message.merchant_id, inbox_id)
        driver = await psycopg_connection(connection)
        for handler in HANDLERS[type(event)]:
            await defer(self._queue, driver, event, handler.__name__)


def _aside(message: InboxMessage) -> Quarantined:
    return Quarantined(
        id=new_id("qua"),
        merchant_id=message.merchant_id,
        source=message.source,
        topic=message.topic,
        external_id=message.external_id or message.dedupe_id,
        received_at=message.received_at,
        attempts=1,
        status=QuarantineStatus.WAITING,
        problem_code="INVALID_INPUT",
        problem_message=message.problem,
        problem_path=(),
        raw_body=message.body.decode(errors="replace"),
    )

"""The durable inbox behind `webhooks.inbound`: a row and a job for each message, in one transaction."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence

import structlog
from procrastinate import App
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.events import CarrierNotified, Event, StoreNotified
from doorstep.ids import new_id
from gateway.flow.records import Quarantined, QuarantineStatus
from gateway.store.database import Database, psycopg_connection
from gateway.store.jobs import defer
from gateway.store.repositories import SqlQuarantine
from webhooks.inbound.inbox import InboxMessage, SourceKind

log = structlog.get_logger(__name__)

_WORK_FOR = text("SELECT set_config('app.merchant_id', :merchant_id, true)")

_INSERT = text(
    """
    INSERT INTO inbox (id, merchant_id, source, kind, topic, dedupe_id, external_id, headers, body,
                       received_at, handled_at)
    SELECT * FROM unnest(
        CAST(:id AS text[]), CAST(:merchant_id AS text[]), CAST(:source AS text[]), CAST(:kind AS text[]),
        CAST(:topic AS text[]), CAST(:dedupe_id AS text[]), CAST(:external_id AS text[]),
        CAST(:headers AS jsonb[]), CAST(:body AS bytea[]), CAST(:received_at AS timestamptz[]),
        CAST(:handled_at AS timestamptz[])
    )
    ON CONFLICT DO NOTHING RETURNING id
    """
)


class SqlWebhookInbox:
    """See `webhooks.inbound.inbox.Inbox`."""

    def __init__(self, database: Database, queue: App) -> None:
        self._database = database
        self._queue = queue

    async def put(self, messages: Sequence[InboxMessage]) -> None:
        """Keep all of them and queue what follows, or none."""
        # In one order everywhere, so that two processes with the same messages do not wait for each other.
        ordered = sorted(messages, key=lambda m: (m.merchant_id, m.source, m.dedupe_id))
        spared: list[StoreNotified] = []
        async with self._database.doors() as connection:
            for merchant_id, theirs in itertools.groupby(ordered, key=lambda m: m.merchant_id):
                await connection.execute(_WORK_FOR, {"merchant_id": merchant_id})
                spared += await self._put_theirs(connection, list(theirs))
        if spared:
            await self._look_again(spared)

    async def _look_again(self, spared: Sequence[StoreNotified]) -> None:
        """See to it that rows which another job was to find are found, now that they are committed.

        That job may have begun and ended between our look at it and our commit, and has not seen them then.
        One that still waits will see them; where none does, there is one more. Nobody has to send anything
        again if this fails: what lies in the inbox for long is taken up by a chore.
        """
        try:
            async with self._database.doors() as connection:
                await defer(self._queue, await psycopg_connection(connection), spared)
        except Exception as error:
            log.warning("no second look at the queue", error=type(error).__name__)

    async def _put_theirs(
        self, connection: AsyncConnection, messages: Sequence[InboxMessage]
    ) -> Sequence[StoreNotified]:
        """One merchant's rows that are new, and one job for all of a store's; gives what `defer` gives."""
        known = {(message.source, message.dedupe_id): message for message in messages}
        rows = {new_id("inb"): message for message in known.values()}
        fresh = await _insert(connection, rows)
        events: dict[Event, None] = {}
        for inbox_id, message in rows.items():
            if inbox_id not in fresh:
                continue
            if not message.is_readable:
                await _set_aside(SqlQuarantine(connection), message)
            elif message.kind is SourceKind.STORE:
                events[StoreNotified(message.merchant_id, message.source)] = None
            else:
                events[CarrierNotified(message.merchant_id, inbox_id)] = None
        return await defer(self._queue, await psycopg_connection(connection), list(events))


async def _insert(connection: AsyncConnection, rows: Mapping[str, InboxMessage]) -> frozenset[str]:
    """Ids of the rows that were not there yet.

    One array a column, so that the statement is the same for any number of rows.
    """
    messages = rows.values()
    arrays = {
        "id": list(rows),
        "merchant_id": [message.merchant_id for message in messages],
        "source": [message.source for message in messages],
        "kind": [str(message.kind) for message in messages],
        "topic": [message.topic for message in messages],
        "dedupe_id": [message.dedupe_id for message in messages],
        "external_id": [message.external_id for message in messages],
        "headers": [json.dumps(dict(message.headers)) for message in messages],
        "body": [message.body for message in messages],
        "received_at": [message.received_at for message in messages],
        # What waits for a person in quarantine waits for no machine.
        "handled_at": [None if message.is_readable else message.received_at for message in messages],
    }
    return frozenset((await connection.execute(_INSERT, arrays)).scalars())


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

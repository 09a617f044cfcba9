"""What was told is let go of after its time, and nothing that still waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, select

from doorstep.notice import Notice, NoticeChannel, NoticeEvent
from doorstep.secret import Secret
from doorstep.thread import MessageChannel, Participant, ThreadMessage
from doorstep.webhook import WebhookAnswer, WebhookAttempt, WebhookCall, WebhookTopic
from gateway.auth.vault import Vault
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.repositories.notices import SqlNotices
from gateway.store.repositories.threads import SqlThreads
from gateway.store.repositories.webhooks import SqlWebhooks
from gateway.store.tidy import CALLS_FOR, NOTICES_FOR, tidy

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
VAULT = Vault([Secret("k" * 40)])
TEST = WebhookTopic.TEST
LONG = timedelta(seconds=1)


async def left(database: Database, table: Table) -> Sequence[str]:
    async with database.tenant("mer_a") as connection:
        return list((await connection.execute(select(table.c.id).order_by(table.c.id))).scalars())


async def test_calls_go_with_their_log_and_those_that_wait_stay(database: Database) -> None:
    old = NOW - CALLS_FOR - LONG
    call = WebhookCall("a", "mer_a", "whe", "whm", TEST, "s", "d", "{}", old, None)
    async with database.tenant("mer_a") as connection:
        webhooks = SqlWebhooks(connection, VAULT)
        await webhooks.put_calls(
            [call, replace(call, id="b", due_at=NOW), replace(call, id="c", created_at=NOW)]
        )
        for id_, at in (("x", old), ("y", NOW)):
            await webhooks.note(
                WebhookAttempt(id_, "mer_a", "whe", "a", "whm", TEST, at, WebhookAnswer(200, 1))
            )
    await tidy(database, "mer_a", NOW)
    assert await left(database, t.webhook_calls) == ["b", "c"]
    assert await left(database, t.webhook_attempts) == ["y"]


async def test_notices_and_messages_go_after_their_time(database: Database) -> None:
    old = NOW - NOTICES_FOR - LONG
    notice = Notice("a", "mer_a", "del", NoticeEvent.BOOKED, "", NoticeChannel.SMS, "+1", "key", old, None)
    said = ThreadMessage("a", "mer_a", "del", Participant.DESK, MessageChannel.WEB, "Hello", old, "a")
    async with database.tenant("mer_a") as connection:
        notices, threads = SqlNotices(connection, "mer_a", VAULT), SqlThreads(connection)
        for one in (
            notice,
            replace(notice, id="b", occasion="1", due_at=NOW),
            replace(notice, id="c", occasion="2", created_at=NOW),
        ):
            assert await notices.add(one)
        assert not await notices.add(replace(notice, id="d")), "once for each event and way"
        for message in (said, replace(said, id="b", key="b", sent_at=NOW)):
            assert await threads.add(message)
    await tidy(database, "mer_a", NOW)
    assert await left(database, t.notices) == ["b", "c"]
    assert await left(database, t.thread_messages) == ["b"]

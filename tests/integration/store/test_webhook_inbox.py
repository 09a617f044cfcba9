"""What arrives is kept once, with one job, under its own merchant; what nobody understands is set aside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from procrastinate import App
from sqlalchemy import func, select, text

from gateway.flow.records import Quarantined
from gateway.store import tables as t
from gateway.store.codec import from_json
from gateway.store.database import Database
from gateway.store.inbox import SqlWebhookInbox
from gateway.store.jobs import open_queue
from gateway.store.repositories import SqlInbox
from tests.conftest import Dsn
from webhooks.inbound.inbox import InboxMessage, SourceKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MESSAGE = InboxMessage(
    merchant_id="mer_a",
    source="sto_a",
    kind=SourceKind.STORE,
    topic="order.updated",
    dedupe_id="delivery-1",
    external_id="1001",
    headers={"x-topic": "order.updated"},
    body=b'{"id": 1001}',
    received_at=NOON,
)
UNREADABLE = replace(MESSAGE, body=b"\xff{", is_readable=False, problem="not JSON")


@pytest.fixture
async def queue(dsn: Dsn) -> AsyncIterator[App]:
    queue = open_queue(dsn.app)
    async with queue.open_async():
        yield queue


@pytest.fixture
def inbox(database: Database, queue: App) -> SqlWebhookInbox:
    return SqlWebhookInbox(database, queue)


async def _jobs(database: Database) -> list[tuple[str, str]]:
    """(event, merchant) of every job."""
    async with database.doors() as connection:
        rows = await connection.execute(
            text("SELECT args->>'event', args->>'merchant_id' FROM procrastinate_jobs ORDER BY 1, 2")
        )
        return [(row[0], row[1]) for row in rows]


async def _count(database: Database, merchant_id: str) -> int:
    async with database.tenant(merchant_id) as connection:
        return int((await connection.execute(select(func.count()).select_from(t.inbox))).scalar_one())


async def _set_aside(database: Database, merchant_id: str = "mer_a") -> list[Quarantined]:
    async with database.tenant(merchant_id) as connection:
        rows = await connection.execute(select(t.quarantine.c.doc).order_by(t.quarantine.c.id))
        return [from_json(doc, Quarantined) for (doc,) in rows]


async def test_a_message_is_kept_whole_with_its_job(inbox: SqlWebhookInbox, database: Database) -> None:
    await inbox.put([MESSAGE])
    assert await _jobs(database) == [("StoreNotified", "mer_a")]
    async with database.tenant("mer_a") as connection:
        inbox_id = (await connection.execute(select(t.inbox.c.id))).scalar_one()
        record = await SqlInbox(connection).get(inbox_id)
    assert record is not None
    assert (record.body, record.headers, record.external_id) == (MESSAGE.body, MESSAGE.headers, "1001")
    assert (record.received_at, record.handled_at) == (NOON, None)


async def test_a_message_that_comes_again_is_one_row_and_one_job(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    await inbox.put([MESSAGE, MESSAGE])
    await inbox.put([replace(MESSAGE, received_at=NOON.replace(hour=13))])
    assert (await _count(database, "mer_a"), len(await _jobs(database))) == (1, 1)


async def test_the_same_message_in_two_processes_at_once_is_one_row_and_one_job(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    await asyncio.gather(*(inbox.put([MESSAGE]) for _ in range(4)))
    assert (await _count(database, "mer_a"), len(await _jobs(database))) == (1, 1)


async def _begin(database: Database) -> None:
    """A worker takes up all jobs that wait."""
    async with database.doors() as connection:
        await connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'"))


async def test_however_many_webhooks_of_a_store_come_one_job_waits_for_them(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    for number in range(20):
        await inbox.put([replace(MESSAGE, dedupe_id=f"delivery-{number}")])
    assert (await _count(database, "mer_a"), len(await _jobs(database))) == (20, 1)


async def test_a_webhook_that_comes_when_the_job_has_begun_has_another_one(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    await inbox.put([MESSAGE])
    await _begin(database)
    for number in range(3):
        await inbox.put([replace(MESSAGE, dedupe_id=f"later-{number}")])
    assert len(await _jobs(database)) == 2


async def test_a_job_that_begins_and_ends_before_the_webhook_is_there_is_followed_by_another(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    # Given a job that waits, and a webhook whose keeping is held up behind somebody else's
    await inbox.put([MESSAGE])
    slow = replace(MESSAGE, merchant_id="mer_b", source="acc_b", kind=SourceKind.CARRIER)
    async with database.tenant("mer_b") as other:
        row = {"id": "inb_other", "handled_at": None, **_row(slow)}
        await other.execute(t.inbox.insert().values(row))
        keeping = asyncio.create_task(inbox.put([replace(MESSAGE, dedupe_id="delivery-2"), slow]))
        await _until_somebody_waits(database)

        # When the job runs meanwhile and finds nothing of it
        await _begin(database)
        async with database.doors() as connection:
            await connection.execute(text("DELETE FROM procrastinate_jobs"))

    # Then there is one for what is kept afterwards
    await keeping
    assert ("StoreNotified", "mer_a") in await _jobs(database)


def _row(message: InboxMessage) -> dict[str, object]:
    names = ("merchant_id", "source", "topic", "dedupe_id", "external_id", "headers", "body", "received_at")
    return {"kind": str(message.kind)} | {name: getattr(message, name) for name in names}


async def _until_somebody_waits(database: Database) -> None:
    waiting = 0
    while not waiting:
        async with database.doors() as connection:
            found = await connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
            waiting = int(found.scalar_one())


async def test_an_id_is_only_unique_within_its_source(inbox: SqlWebhookInbox, database: Database) -> None:
    await inbox.put([MESSAGE, replace(MESSAGE, source="sto_b"), replace(MESSAGE, dedupe_id="delivery-2")])
    assert await _count(database, "mer_a") == 3
    assert len(await _jobs(database)) == 2, "one for all the webhooks of a store that came together"


async def test_messages_of_several_merchants_are_kept_apart(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    theirs = replace(
        MESSAGE, merchant_id="mer_b", source="acc_b", kind=SourceKind.CARRIER, external_id="del_77"
    )
    await inbox.put([MESSAGE, theirs, replace(MESSAGE, dedupe_id="delivery-2")])
    assert (await _count(database, "mer_a"), await _count(database, "mer_b")) == (2, 1)
    assert await _count(database, "mer_c") == 0
    assert await _jobs(database) == [
        ("CarrierNotified", "mer_b"),
        ("StoreNotified", "mer_a"),
    ]
    async with database.doors() as connection:
        assert (await connection.execute(select(t.inbox.c.id))).all() == []


async def test_all_are_kept_or_none(inbox: SqlWebhookInbox, database: Database) -> None:
    bodiless = replace(MESSAGE, merchant_id="mer_b", body=None)  # type: ignore[arg-type] # what cannot be kept
    with pytest.raises(Exception, match="null value"):
        await inbox.put([MESSAGE, bodiless])
    assert (await _count(database, "mer_a"), await _jobs(database)) == (0, [])


async def test_a_message_that_nobody_understands_is_set_aside_without_a_job(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    await inbox.put([UNREADABLE])
    assert await _jobs(database) == []
    (aside,) = await _set_aside(database)
    assert (aside.source, aside.external_id, aside.problem_message) == ("sto_a", "1001", "not JSON")
    assert aside.raw_body == "\ufffd{"
    assert await _set_aside(database, "mer_b") == []


async def test_a_second_unreadable_message_about_one_order_counts_on_the_first(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    await inbox.put([UNREADABLE])
    await inbox.put([replace(UNREADABLE, dedupe_id="delivery-2", problem="still not JSON"), MESSAGE])
    (aside,) = await _set_aside(database)
    assert (aside.attempts, aside.problem_message, aside.received_at) == (2, "still not JSON", NOON)


async def test_a_body_with_a_nought_byte_is_set_aside_like_any_other(
    inbox: SqlWebhookInbox, database: Database
) -> None:
    await inbox.put([replace(UNREADABLE, body=b"a\x00b")])
    (aside,) = await _set_aside(database)
    assert aside.raw_body == "a\ufffdb"

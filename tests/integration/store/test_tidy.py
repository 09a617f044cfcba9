"""What need not be kept is let go, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import insert, select, text

from doorstep.geo import LatLng
from doorstep.merchant import Merchant
from doorstep.position import Position
from doorstep.visibility import VisibilityRules
from gateway.flow.records import Quarantined, QuarantineStatus
from gateway.flow.tracking.heard import LoggedFix
from gateway.store import tables as t
from gateway.store.codec import to_json
from gateway.store.database import Database
from gateway.store.driver_sessions import SessionRow, SqlDriverSessions
from gateway.store.repositories import SqlQuarantine
from gateway.store.repositories.positions import SqlPositions
from gateway.store.tidy import BODIES_FOR, KEYS_FOR, SESSIONS_FOR, WEBHOOKS_FOR, old_webhooks, tidy
from tests.conftest import Dsn

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _aside(id_: str, received_at: datetime) -> Quarantined:
    return Quarantined(
        id=id_,
        merchant_id="mer_a",
        source="sto_a",
        topic="order",
        external_id=id_,
        received_at=received_at,
        attempts=1,
        status=QuarantineStatus.WAITING,
        problem_code="INVALID_INPUT",
        problem_message="currency XXX is unknown",
        problem_path=("currency",),
        raw_body="the whole body",
    )


async def test_old_bodies_are_redacted_and_their_reasons_stay(database: Database) -> None:
    second = timedelta(seconds=1)
    async with database.tenant("mer_a") as connection:
        shelf = SqlQuarantine(connection)
        await shelf.put(_aside("qua_old", NOW - BODIES_FOR - second))
        await shelf.put(_aside("qua_new", NOW - BODIES_FOR + second))
    await tidy(database, "mer_a", NOW)
    async with database.tenant("mer_a") as connection:
        shelf = SqlQuarantine(connection)
        old, new = await shelf.get("qua_old"), await shelf.get("qua_new")
    assert old is not None
    assert new is not None
    assert (old.raw_body, old.problem_message) == ("", "currency XXX is unknown")
    assert new.raw_body == "the whole body"


async def test_idempotency_keys_are_forgotten_after_a_day(database: Database) -> None:
    row = {"merchant_id": "mer_a", "operation": "dispatch", "digest": "d", "answer": "a"}
    async with database.tenant("mer_a") as connection:
        for key, age in (("old", KEYS_FOR + timedelta(1)), ("new", KEYS_FOR / 2)):
            await connection.execute(insert(t.memory).values(key=key, first_seen_at=NOW - age, **row))
    await tidy(database, "mer_a", NOW)
    async with database.tenant("mer_a") as connection:
        assert list((await connection.execute(select(t.memory.c.key))).scalars()) == ["new"]


async def test_sessions_of_drivers_are_forgotten_a_month_after_they_were_over(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        for id_, age in (("ses_old", SESSIONS_FOR + timedelta(1)), ("ses_new", SESSIONS_FOR - timedelta(1))):
            row = SessionRow(id_, "mer_a", "drv_a", id_, "dk_live_…", NOW - 2 * age, NOW - age)
            await SqlDriverSessions(connection).add(row)
    await tidy(database, "mer_a", NOW)
    async with database.tenant("mer_a") as connection:
        assert list((await connection.execute(select(t.driver_sessions.c.id))).scalars()) == ["ses_new"]


_FILL = """
    INSERT INTO inbox (id, merchant_id, source, kind, topic, dedupe_id, external_id, headers, body,
                       received_at, handled_at)
    SELECT :name || g, :merchant, 'sto_' || :merchant, 'store', 'orders/updated', 'd' || :name || g, '', '{}',
           '', CAST(:received_at AS timestamptz), CAST(:handled_at AS timestamptz)
    FROM generate_series(1, :count) g
"""


async def _fill(
    database: Database, merchant: str, name: str, count: int, age: timedelta, *, is_handled: bool
) -> None:
    at = NOW - age
    row = {"merchant": merchant, "name": name, "count": count, "received_at": at}
    async with database.tenant(merchant) as connection:
        await connection.execute(text(_FILL), {**row, "handled_at": at if is_handled else None})


async def test_webhooks_go_a_week_after_they_were_handled_and_after_a_month_in_any_case(
    database: Database,
) -> None:
    hour = timedelta(hours=1)
    for name, age, is_handled in (
        ("handled long ago ", WEBHOOKS_FOR + hour, True),
        ("handled ", WEBHOOKS_FOR - hour, True),
        ("waiting ", BODIES_FOR - hour, False),
        ("waiting in vain ", BODIES_FOR + hour, False),
    ):
        await _fill(database, "mer_a", name, 1, age, is_handled=is_handled)
    await tidy(database, "mer_a", NOW)
    async with database.tenant("mer_a") as connection:
        left = list((await connection.execute(select(t.inbox.c.id).order_by(t.inbox.c.id))).scalars())
    assert left == ["handled 1", "waiting 1"]


@pytest.mark.parametrize("which", [0, 1], ids=["handled", "received"])
async def test_old_webhooks_are_found_without_reading_all_that_are_young_or_anothers(
    database: Database, dsn: Dsn, which: int
) -> None:
    for merchant, count in (("mer_a", 3000), ("mer_b", 6000)):
        await _fill(database, merchant, f"{merchant} young ", count, timedelta(days=1), is_handled=True)
        await _fill(database, merchant, f"{merchant} old ", 20, timedelta(days=40), is_handled=True)
    async with await psycopg.AsyncConnection.connect(dsn.owner) as connection:
        await connection.execute("ANALYZE inbox")
    statement = old_webhooks(NOW)[which]
    asked = statement.compile(database.engine.sync_engine, compile_kwargs={"literal_binds": True})
    async with database.tenant("mer_a") as connection:
        plan = "\n".join((await connection.execute(text(f"EXPLAIN {asked}"))).scalars())
    assert "Seq Scan" not in plan
    assert ("inbox_handled", "inbox_received")[which] in plan
    assert "merchant_id = " in plan.partition("Index Cond")[2]


@pytest.mark.parametrize(("exact_days", "is_exact"), [(None, False), (40, True), (30, False), (7, False)])
async def test_places_are_kept_exactly_for_as_long_as_the_merchant_wants(
    database: Database, exact_days: int | None, is_exact: bool
) -> None:
    at = NOW - timedelta(days=35)
    fix = LoggedFix("drv_a", Position(LatLng(40.12345, -75.0), at), at)
    async with database.tenant("mer_a") as connection:
        if exact_days is not None:
            rules = VisibilityRules(exact_days=exact_days)
            merchant = Merchant("mer_a", "A shop", "USD", "UTC", visibility=rules)
            row = {"id": "mer_a", "merchant_id": "mer_a", "doc": to_json(merchant)}
            await connection.execute(insert(t.merchants).values(row))
        await SqlPositions(connection, "mer_a").log([fix])
    await tidy(database, "mer_a", NOW)
    async with database.tenant("mer_a") as connection:
        (kept,) = await connection.execute(select(t.positions.c.lat, t.positions.c.is_coarse))
    assert (kept.lat, kept.is_coarse) == ((40.12345, False) if is_exact else (40.12, True))

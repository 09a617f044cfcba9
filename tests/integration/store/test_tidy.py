"""What need not be kept is let go, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select

from gateway.flow.records import Quarantined, QuarantineStatus
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.repositories import SqlQuarantine
from gateway.store.tidy import BODIES_FOR, KEYS_FOR, tidy

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

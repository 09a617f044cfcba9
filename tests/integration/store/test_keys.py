"""The door of API keys: a hash finds its owner before anybody knows the merchant, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from doorstep.ids import new_id
from gateway.auth.caller import Audience
from gateway.auth.keys import create_key
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.keys import KeyRow, add_key, key_behind_door

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MADE = create_key(Audience.SECRET)
ROW = KeyRow(
    id=new_id("key"),
    merchant_id="mer_a",
    name="till",
    audience="SECRET",
    hash=MADE.digest.hex(),
    hint=MADE.hint,
    scopes=("READ", "WRITE"),
    allowed_origins=("https://shop.example",),
    created_at=NOON,
    expires_at=NOON + timedelta(days=1),
)


async def test_a_hash_finds_its_owner_without_a_merchant(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        await add_key(connection, ROW)
    async with database.doors() as connection:
        owner = await key_behind_door(connection, ROW.hash)
    assert owner is not None
    assert (owner.id, owner.merchant_id, owner.audience) == (ROW.id, "mer_a", "SECRET")
    assert (owner.scopes, owner.allowed_origins) == (ROW.scopes, ROW.allowed_origins)
    assert (owner.expires_at, owner.revoked_at) == (ROW.expires_at, None)


async def test_a_key_that_was_revoked_says_so(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        await add_key(connection, replace(ROW, revoked_at=NOON))
    async with database.doors() as connection:
        owner = await key_behind_door(connection, ROW.hash)
    assert owner is not None
    assert owner.revoked_at == NOON


@pytest.mark.parametrize(
    "hash_",
    ["", "%", ROW.hash[:-1], ROW.hash.upper(), "' OR 1=1 --"],
    ids=["empty", "wildcard", "cut short", "upper case", "clever"],
)
async def test_what_is_no_hash_of_a_key_opens_nothing(database: Database, hash_: str) -> None:
    async with database.tenant("mer_a") as connection:
        await add_key(connection, ROW)
    async with database.doors() as connection:
        assert await key_behind_door(connection, hash_) is None


async def test_nobody_reads_or_makes_another_merchants_keys(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        await add_key(connection, ROW)
    for stranger in (database.tenant("mer_b"), database.doors()):
        async with stranger as connection:
            assert (await connection.execute(select(t.api_keys.c.id))).all() == []
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.tenant("mer_b") as connection:
            await add_key(connection, replace(ROW, id=new_id("key"), hash="other"))


async def test_one_hash_is_one_key(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        await add_key(connection, ROW)
    with pytest.raises(IntegrityError, match="api_keys_hash"):
        async with database.tenant("mer_b") as connection:
            await add_key(connection, replace(ROW, id=new_id("key"), merchant_id="mer_b"))


async def test_only_the_hash_of_a_key_is_kept(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        await add_key(connection, ROW)
        (row,) = (await connection.execute(select(t.api_keys))).all()
    assert MADE.key.reveal() not in str(row)
    assert MADE.key.reveal()[10:30] not in str(row)

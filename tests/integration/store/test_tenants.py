"""Nobody sees another merchant's rows, whatever the application forgets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from gateway.store import migrations
from gateway.store import tables as t
from gateway.store.database import Database
from gateway.store.migrate import migrate, newest_revision
from tests.conftest import Dsn


def _merchant_row(merchant_id: str) -> dict[str, object]:
    return {"id": merchant_id, "merchant_id": merchant_id, "doc": {}}


async def test_another_merchants_rows_are_not_there_even_without_a_filter(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        await connection.execute(insert(t.merchants).values(_merchant_row("mer_a")))
    async with database.tenant("mer_b") as connection:
        seen = (await connection.execute(select(t.merchants.c.id))).all()
    assert seen == []


async def test_a_row_cannot_be_written_in_another_merchants_name(database: Database) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.tenant("mer_b") as connection:
            await connection.execute(insert(t.merchants).values(_merchant_row("mer_a")))


async def test_a_row_cannot_be_given_away(database: Database) -> None:
    async with database.tenant("mer_a") as connection:
        await connection.execute(insert(t.merchants).values(_merchant_row("mer_a")))
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.tenant("mer_a") as connection:
            await connection.execute(t.merchants.update().values(merchant_id="mer_b"))


async def test_a_pooled_connection_forgets_whom_it_worked_for(dsn: Dsn) -> None:
    database = Database(dsn.app, pool_size=1)
    try:
        async with database.tenant("mer_a") as connection:
            await connection.execute(insert(t.merchants).values(_merchant_row("mer_a")))
        async with database.doors() as connection:
            assert (await connection.execute(select(t.merchants.c.id))).all() == []
    finally:
        await database.close()


async def test_every_table_of_ours_is_under_forced_security_with_a_tenant_policy(dsn: Dsn) -> None:
    async with await psycopg.AsyncConnection.connect(dsn.owner) as connection:
        rows = await (
            await connection.execute(
                """SELECT c.relname, c.relforcerowsecurity AND c.relrowsecurity,
                          EXISTS (SELECT FROM pg_policies p
                                  WHERE p.tablename = c.relname AND p.policyname = 'tenant')
                   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
                     AND c.relname NOT LIKE 'procrastinate%'"""
            )
        ).fetchall()
    bare = {name for name, forced, policy in rows if not (forced and policy)}
    assert bare == set(t.ROOMS_WITHOUT_TENANT)
    assert {name for name, _, _ in rows} - bare == set(t.metadata.tables)


async def test_the_application_owns_nothing_and_may_not_lift_the_security(database: Database) -> None:
    async with database.doors() as connection:
        owned = await connection.execute(
            text("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
        )
        assert owned.scalar_one() == 0
        rights = await connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        )
        assert tuple(rights.one()) == (False, False, False)
    with pytest.raises(ProgrammingError, match="must be owner"):
        async with database.doors() as connection:
            await connection.execute(text("ALTER TABLE orders DISABLE ROW LEVEL SECURITY"))


async def test_the_doors_give_ids_and_nothing_else(database: Database) -> None:
    async with database.doors() as connection:
        doors = await connection.execute(
            text(
                """SELECT p.proname, pg_get_function_result(p.oid) FROM pg_proc p
                   JOIN pg_namespace n ON n.oid = p.pronamespace
                   WHERE n.nspname = 'public' AND p.prosecdef ORDER BY 1"""
            )
        )
        found: dict[str, str] = {row[0]: row[1] for row in doors}
    assert found == {
        "door_api_key": "TABLE(id text, merchant_id text, audience text, scopes text[], "
        "allowed_origins text[], expires_at timestamp with time zone, revoked_at timestamp with time zone, "
        "person_id text)",
        "door_carrier": "TABLE(merchant_id text, carrier text, sealed bytea)",
        "door_device": "TABLE(merchant_id text, driver_id text)",
        "door_driver_session": "TABLE(id text, merchant_id text, driver_id text, "
        "expires_at timestamp with time zone, ended_at timestamp with time zone)",
        "door_merchants": "SETOF text",
        "door_notice_account": "TABLE(merchant_id text, provider text, sealed bytea)",
        "door_notices_due": "SETOF text",
        "door_store": "TABLE(merchant_id text, platform text, sealed bytea)",
        "door_store_by_shop": "text",
        "door_stores_at": "TABLE(id text, merchant_id text)",
        "door_webhooks_due": "TABLE(merchant_id text, endpoint_id text)",
    }


async def test_the_tables_in_code_are_those_of_the_migrations(dsn: Dsn) -> None:
    def difference() -> list[object]:
        engine = create_engine(make_url(dsn.owner).set(drivername="postgresql+psycopg"), poolclass=NullPool)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            found = compare_metadata(context, t.metadata)
        engine.dispose()
        return [change for change in found if "procrastinate" not in str(change)]

    assert await asyncio.to_thread(difference) == []


async def test_migrating_again_changes_nothing(dsn: Dsn) -> None:
    before, after = await asyncio.to_thread(migrate, dsn.owner)
    assert before == after


def test_the_newest_revision_is_where_the_migrations_end() -> None:
    """It is read off the names of the files: two that claim one number would end in two places."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [newest_revision()]

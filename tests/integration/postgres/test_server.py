"""What a started server is like: who gets in, what it keeps, what it tells nobody."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.store.postgres import EmbeddedPostgres, PostgresUnavailable, default_data_dir
from gateway.store.postgres.binaries import binaries_of_wheel
from gateway.store.postgres.log import length
from gateway.store.postgres.process import postgres_processes

Kept = Callable[[str], bool]


async def test_a_fresh_folder_becomes_a_durable_database_in_utc_and_utf8(empty: Path) -> None:
    async with EmbeddedPostgres(empty) as server:
        assert server.supervises
        async with await psycopg.AsyncConnection.connect(server.dsn()) as connection:
            settings = await (
                await connection.execute(
                    "SELECT current_setting('fsync'), current_setting('synchronous_commit'),"
                    " current_setting('TimeZone'), current_setting('server_encoding'),"
                    " current_setting('log_statement'), current_setting('max_connections'),"
                    " current_setting('data_checksums'), current_setting('server_version_num')"
                )
            ).fetchone()
    assert settings is not None
    assert settings[-1].startswith("18")
    assert settings[:-1] == ("on", "on", "UTC", "UTF8", "none", "80", "on")


def test_the_roles_can_do_what_they_are_for_and_no_more(prepared: Path) -> None:
    with EmbeddedPostgres(prepared, fast=True) as server:
        with psycopg.connect(server.dsn("owner")) as connection:
            roles = connection.execute(
                "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
                " FROM pg_roles WHERE rolname LIKE 'doorstep%' ORDER BY 1"
            ).fetchall()
            connection.execute("CREATE TABLE made (id int)")
        with psycopg.connect(server.dsn("app")) as connection:
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine (id int)")
            connection.rollback()
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute("SELECT * FROM made")
    assert roles == [
        ("doorstep_app", False, False, False, False, False),
        ("doorstep_owner", False, True, True, False, False),
    ]


def test_row_level_security_binds_the_application_and_not_the_migrations(prepared: Path) -> None:
    with EmbeddedPostgres(prepared, fast=True) as server:
        with psycopg.connect(server.dsn("owner")) as connection:
            connection.execute("CREATE TABLE tenants (id int)")
            connection.execute("INSERT INTO tenants VALUES (1)")
            connection.execute("ALTER TABLE tenants ENABLE ROW LEVEL SECURITY")
            connection.execute("ALTER TABLE tenants FORCE ROW LEVEL SECURITY")
            connection.execute("GRANT SELECT ON tenants TO doorstep_app")
            assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (1,)
        with psycopg.connect(server.dsn("app")) as connection:
            assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (0,)


def test_nobody_can_log_in_as_the_superuser(prepared: Path) -> None:
    with EmbeddedPostgres(prepared, fast=True) as server:
        superuser = server.dsn("owner").replace("doorstep_owner", "postgres")
        with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
            psycopg.connect(superuser)


def test_nothing_listens_on_tcp_even_if_the_operators_settings_ask_for_it(prepared: Path) -> None:
    (prepared / "local.conf").write_text("listen_addresses = '127.0.0.1'\nwork_mem = '7MB'\n")
    (prepared / "local.conf").chmod(0o644)
    with (
        EmbeddedPostgres(prepared, fast=True) as server,
        psycopg.connect(server.dsn("owner", "postgres")) as connection,
    ):
        found = connection.execute("SELECT current_setting('listen_addresses'), current_setting('work_mem')")
        assert found.fetchone() == ("", "7MB")


async def test_sqlalchemy_and_a_changed_environment_understand_the_same_url(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGUSER", "somebody")
    async with EmbeddedPostgres(prepared, fast=True) as server:
        engine = create_async_engine(server.dsn("owner"))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT word FROM kept"))).scalar_one() == "here"
        await engine.dispose()


def test_what_was_written_is_there_after_a_stop_and_the_stop_was_a_clean_one(
    prepared: Path, kept: Kept
) -> None:
    server = EmbeddedPostgres(prepared, fast=True)
    for _ in range(2):
        server.start_blocking()
        assert kept(server.dsn("owner"))
        server.stop_blocking()
        server.stop_blocking()
        assert not postgres_processes(prepared / "data")
    control = binaries_of_wheel().program("pg_controldata")
    told = subprocess.run([str(control), str(prepared / "data")], capture_output=True, text=True, check=True)
    assert "Database cluster state:               shut down\n" in told.stdout


async def test_databases_are_copied_from_a_template_and_dropped_under_their_users(prepared: Path) -> None:
    async with EmbeddedPostgres(prepared, fast=True) as server:
        await server.create_database("copy one", template="doorstep")
        with pytest.raises(errors.DuplicateDatabase):
            await server.create_database("copy one")
        async with (
            await psycopg.AsyncConnection.connect(server.dsn("owner", "copy one")) as owner,
            await psycopg.AsyncConnection.connect(server.dsn("app", "copy one"), autocommit=True) as app,
        ):
            assert await (await owner.execute("SELECT word FROM kept")).fetchone() == ("here",)
            await owner.rollback()
            await server.drop_database("copy one")
            with pytest.raises(psycopg.OperationalError):
                await app.execute("SELECT 1")
        await server.drop_database("copy one")
        with pytest.raises(ValueError, match="1 to 63 bytes"):
            await server.create_database("é" * 32)


@pytest.mark.parametrize("name", ["deep" * 30, "a, b", 'it\'s "quoted" % é'])
def test_a_folder_may_have_any_name_and_be_moved(prepared: Path, kept: Kept, name: str) -> None:
    moved = prepared.rename(prepared.with_name(name))
    try:
        with EmbeddedPostgres(moved, fast=True) as server:
            assert kept(server.dsn("owner"))
        assert not postgres_processes(moved / "data")
    finally:
        moved.rename(prepared)


def test_a_folder_that_somebody_else_put_in_the_place_of_the_socket_is_refused(prepared: Path) -> None:
    long = prepared.rename(prepared.with_name("deep" * 30))
    try:
        with EmbeddedPostgres(long, fast=True) as server:
            socket = Path(str(psycopg.conninfo.conninfo_to_dict(server.dsn())["host"]))
        assert long not in socket.parents
        assert not socket.exists()
        socket.mkdir()
        socket.chmod(0o777)
        with pytest.raises(PostgresUnavailable, match="not a folder that only"):
            EmbeddedPostgres(long, fast=True).start_blocking()
        socket.rmdir()
    finally:
        long.rename(prepared)


def test_folders_that_a_mount_opened_to_a_group_are_closed_again(prepared: Path, kept: Kept) -> None:
    for name in ("data", "socket"):
        (prepared / name).chmod(0o2770)
    with EmbeddedPostgres(prepared, fast=True) as server:
        assert kept(server.dsn("owner"))


def test_personal_data_in_failing_statements_never_reach_the_log(prepared: Path) -> None:
    before = length(prepared / "postgres.log")
    with (
        EmbeddedPostgres(prepared, fast=True) as server,
        psycopg.connect(server.dsn("owner"), autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE people (email text UNIQUE, age int)")
        connection.execute("INSERT INTO people VALUES ('ada@example.org', 36)")
        with pytest.raises(errors.UniqueViolation, match=r"ada@example\.org"):
            connection.execute("INSERT INTO people VALUES (%s, 36)", ["ada@example.org"])
        with pytest.raises(errors.InvalidTextRepresentation, match="Lovelace"):
            connection.execute("SELECT 'Lovelace'::int")
        connection.execute("DO $$ BEGIN RAISE WARNING 'ada@example.org'; END $$")
    log = (prepared / "postgres.log").read_text()[before:]
    assert "ready to accept connections" in log
    assert "ada@" not in log
    assert "Lovelace" not in log


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("16", "was written by PostgreSQL 16, and doorstep carries PostgreSQL 18"),
        (None, "is no PostgreSQL database"),
    ],
)
def test_data_of_another_kind_are_refused_and_left_alone(
    copied: Path, version: str | None, sentence: str
) -> None:
    marker = copied / "data" / "PG_VERSION"
    if version is None:
        marker.unlink()
    else:
        marker.write_text(f"{version}\n")
    before = sorted(path.name for path in (copied / "data").iterdir())
    with pytest.raises(PostgresUnavailable, match=sentence):
        EmbeddedPostgres(copied, fast=True).start_blocking()
    assert sorted(path.name for path in (copied / "data").iterdir()) == before


def test_a_setting_that_postgresql_rejects_is_told_with_the_end_of_its_log(prepared: Path) -> None:
    (prepared / "local.conf").write_text("work_mem = 'a lot'\n")
    (prepared / "local.conf").chmod(0o644)
    with pytest.raises(PostgresUnavailable, match=r"did not start.*local\.conf"):
        EmbeddedPostgres(prepared, fast=True).start_blocking()


def test_a_data_folder_that_cannot_be_made_is_told_with_the_way_out() -> None:
    with pytest.raises(PostgresUnavailable, match="choose another data folder"):
        EmbeddedPostgres(Path("/proc/doorstep"), fast=True).start_blocking()


async def test_a_start_that_is_cancelled_leaves_nothing_running(
    empty: Path, until: Callable[..., None]
) -> None:
    server = EmbeddedPostgres(empty, fast=True)
    task = asyncio.create_task(server.start())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.stop()
    async with EmbeddedPostgres(empty, fast=True) as again:
        assert again.supervises


async def test_the_database_commands_tell_when_there_is_no_server(prepared: Path) -> None:
    with pytest.raises(PostgresUnavailable, match="does not answer"):
        await EmbeddedPostgres(prepared).create_database("x")


def test_a_started_server_is_not_started_twice(prepared: Path) -> None:
    with (
        EmbeddedPostgres(prepared, fast=True) as server,
        pytest.raises(RuntimeError, match="has been started"),
    ):
        server.start_blocking()


def test_the_default_folder_is_absolute_and_ours() -> None:
    assert default_data_dir().is_absolute()
    assert default_data_dir().parts[-2:] == ("doorstep", "postgres")

"""Killing every process there is, and what is left on the disk afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.store.postgres import EmbeddedPostgres, PostgresUnavailable
from gateway.store.postgres.account import account_for
from gateway.store.postgres.binaries import binaries_of_wheel
from gateway.store.postgres.launching import Tie
from gateway.store.postgres.log import length
from gateway.store.postgres.process import Postmaster, postgres_processes, read_postmaster

Kept = Callable[[str], bool]
Until = Callable[..., None]
Opener = Callable[..., Any]


def postmaster_of(folder: Path) -> int:
    found = read_postmaster(folder / "data")
    assert found is not None
    return found.pid


def bare_server(folder: Path) -> list[str]:
    """PostgreSQL started by somebody who does not know of our locks."""
    postgres = str(binaries_of_wheel().program("postgres"))
    return [postgres, "-D", str(folder / "data"), "-k", str(folder / "socket"), "-c", "listen_addresses="]


@contextmanager
def as_the_server(folder: Path, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process under the server's account."""
    account = account_for(folder, folder / "data")
    root = os.geteuid() == 0
    process = subprocess.Popen(
        command,
        cwd="/",
        user=account.uid if root else None,
        group=account.gid if root else None,
        extra_groups=[] if root else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("tie", ["kernel", "keeper"])
def test_a_killed_postmaster_is_started_again_with_its_data(
    prepared: Path, kept: Kept, until: Until, tie: Tie
) -> None:
    with EmbeddedPostgres(prepared, fast=True, tie=tie) as server:
        first = postmaster_of(prepared)
        os.kill(first, signal.SIGKILL)
        until(lambda: kept(server.dsn("owner")), "the server answers again")
        assert postmaster_of(prepared) != first
        assert server.supervises


def test_a_busy_worker_of_a_killed_postmaster_does_not_keep_the_new_one_out(
    prepared: Path, kept: Kept, until: Until
) -> None:
    with EmbeddedPostgres(prepared, fast=True) as server:
        client = subprocess.Popen(
            [
                str(binaries_of_wheel().program("psql")),
                *(server.dsn("app"), "-c", "DO $$ BEGIN LOOP END LOOP; END $$"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        query = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND usename = 'doorstep_app'"
        with psycopg.connect(server.dsn("owner"), autocommit=True) as connection:
            until(lambda: connection.execute(query).fetchone(), "the long query runs")
        os.kill(postmaster_of(prepared), signal.SIGKILL)
        until(lambda: kept(server.dsn("owner")), "the server answers again")
        client.wait(10)


def test_a_killed_backend_costs_the_connections_and_nothing_else(
    prepared: Path, kept: Kept, until: Until
) -> None:
    before = length(prepared / "postgres.log")
    with EmbeddedPostgres(prepared, fast=True) as server:
        first = postmaster_of(prepared)
        with psycopg.connect(server.dsn("owner"), autocommit=True) as connection:
            connection.execute("SELECT 'ada@example.org'")
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        until(lambda: kept(server.dsn("owner")), "the server answers again")
        assert postmaster_of(prepared) == first
    log = (prepared / "postgres.log").read_text()[before:]
    assert "was terminated by signal 9" in log
    assert "ada@" not in log


@pytest.mark.parametrize("tie", ["kernel", "keeper"])
def test_a_server_ends_with_a_supervisor_that_was_killed(
    prepared: Path, open_elsewhere: Opener, kept: Kept, until: Until, tie: Tie
) -> None:
    open_elsewhere(prepared, tie=tie).kill()
    until(lambda: not postgres_processes(prepared / "data"), "the orphan has ended by itself")
    with EmbeddedPostgres(prepared, fast=True) as server:
        assert kept(server.dsn("owner"))


def test_an_orphan_whose_keeper_was_killed_too_is_stopped_before_a_new_server_starts(
    prepared: Path, open_elsewhere: Opener, kept: Kept
) -> None:
    other = open_elsewhere(prepared, tie="keeper")
    orphan = postmaster_of(prepared)
    keeper = int(Path(f"/proc/{orphan}/stat").read_text().rpartition(")")[2].split()[1])
    # Stopped first, or one would have time to see the other die.
    os.kill(keeper, signal.SIGSTOP)
    other.kill()
    os.kill(keeper, signal.SIGKILL)
    assert orphan in postgres_processes(prepared / "data")
    with EmbeddedPostgres(prepared, fast=True) as server:
        assert kept(server.dsn("owner"))
        assert postmaster_of(prepared) != orphan
        assert not Path(f"/proc/{orphan}/exe").exists()


def test_a_killed_keeper_is_replaced_together_with_its_server(
    prepared: Path, kept: Kept, until: Until
) -> None:
    with EmbeddedPostgres(prepared, fast=True, tie="keeper") as server:
        first = postmaster_of(prepared)
        keeper = int(Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(keeper, signal.SIGKILL)
        until(
            lambda: (read_postmaster(prepared / "data") or Postmaster(first, 0)).pid != first,
            "another server",
        )
        until(lambda: kept(server.dsn("owner")), "the server answers again")


def test_a_stale_process_id_that_a_stranger_has_now_neither_blocks_nor_kills_the_stranger(
    prepared: Path, kept: Kept
) -> None:
    lines = "{}\n{}/data\n1700000000\n5432\n{}/socket\n\n  1234567   1\nready\n"
    with as_the_server(prepared, ["sleep", "600"]) as stranger:
        for path in (prepared / "data" / "postmaster.pid", prepared / "socket" / ".s.PGSQL.5432.lock"):
            path.write_text(lines.format(stranger.pid, prepared, prepared))
            owner = path.parent.stat()
            os.chown(path, owner.st_uid, owner.st_gid)
            path.chmod(0o600)
        # Shows that the trap is one: PostgreSQL itself takes the stranger for a server.
        with as_the_server(prepared, bare_server(prepared)) as refused:
            assert b'lock file "postmaster.pid" already exists' in refused.communicate(timeout=20)[1]
        with EmbeddedPostgres(prepared, fast=True) as server:
            assert kept(server.dsn("owner"))
        assert stranger.poll() is None


def test_a_kept_volume_starts_in_a_new_container(
    prepared: Path, open_elsewhere: Opener, kept: Kept, until: Until
) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can make a process namespace")
    namespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    for _ in range(2):
        container = open_elsewhere(prepared, prefix=namespace)
        assert container.said[0]["pid"] == 1
        assert container.said[0]["supervises"]
        lock = prepared / "data" / "postmaster.pid"
        left_behind, owner = lock.read_bytes(), lock.stat()
        container.kill()
        until(lambda: not postgres_processes(prepared / "data"), "the container's processes are gone")
        # A server that still had the time to shut down took its lock file along; one whose machine
        # stopped did not.
        lock.write_bytes(left_behind)
        os.chown(lock, owner.st_uid, owner.st_gid)
        lock.chmod(0o600)
    with EmbeddedPostgres(prepared, fast=True) as server:
        assert kept(server.dsn("owner"))


def test_a_container_takes_over_from_another_one_on_the_same_volume(
    prepared: Path, open_elsewhere: Opener, kept: Kept, until: Until
) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can make a process namespace")
    container = open_elsewhere(
        prepared, prefix=["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    )
    with EmbeddedPostgres(prepared, fast=True) as server:
        assert not server.supervises
        assert kept(server.dsn("owner"))
        container.kill()
        until(lambda: server.supervises, "this process has taken over")
        until(lambda: kept(server.dsn("owner")), "the server answers again")


def test_an_initdb_that_was_broken_off_is_not_taken_for_a_database(
    empty: Path, open_elsewhere: Opener, until: Until
) -> None:
    other = open_elsewhere(empty, wait=False)
    until(lambda: list(empty.glob("data.new-*/base")), "initdb is at work")
    other.kill()
    assert not (empty / "data").exists()
    with EmbeddedPostgres(empty, fast=True) as server, psycopg.connect(server.dsn("app")) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("doorstep",)
    assert not list(empty.glob("data.new-*"))


def test_a_postgresql_that_is_none_of_ours_is_neither_joined_nor_stopped(
    prepared: Path, until: Until
) -> None:
    with as_the_server(prepared, bare_server(prepared)) as stranger:
        until(lambda: b"ready" in _bytes(prepared / "data" / "postmaster.pid"), "the stranger serves")
        with pytest.raises(
            PostgresUnavailable, match=rf"did not start works in .* \(process {stranger.pid}\)"
        ):
            EmbeddedPostgres(prepared, fast=True).start_blocking()
        assert stranger.poll() is None
        stranger.send_signal(signal.SIGINT)
        stranger.communicate(timeout=20)
        assert stranger.returncode == 0


def test_a_database_that_vanishes_while_it_runs_is_not_replaced_by_an_empty_one(
    copied: Path, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    with EmbeddedPostgres(copied, fast=True):
        pid = postmaster_of(copied)
        (copied / "data").rename(copied / "elsewhere")
        os.kill(pid, signal.SIGKILL)
        until(lambda: "has vanished" in caplog.text, "the supervisor says so")
        assert not (copied / "data").exists()


def test_a_server_that_cannot_start_again_is_tried_again_ever_more_slowly_until_it_can(
    prepared: Path, kept: Kept, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    with EmbeddedPostgres(prepared, fast=True) as server:
        (prepared / "local.conf").write_text("work_mem = 'a lot'\n")
        (prepared / "local.conf").chmod(0o644)
        os.kill(postmaster_of(prepared), signal.SIGKILL)
        until(lambda: caplog.text.count("next attempt in") >= 2, "two attempts have failed")
        assert "next attempt in 0.4 s" in caplog.text
        assert "next attempt in 0.8 s" in caplog.text
        (prepared / "local.conf").unlink()
        until(lambda: kept(server.dsn("owner")), "the server answers again")


def test_a_stop_during_such_attempts_ends_at_once(prepared: Path, until: Until) -> None:
    server = EmbeddedPostgres(prepared, fast=True)
    server.start_blocking()
    (prepared / "local.conf").write_text("work_mem = 'a lot'\n")
    (prepared / "local.conf").chmod(0o644)
    pid = postmaster_of(prepared)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}/exe").exists(), "the server is dead")
    time.sleep(0.5)
    server.stop_blocking()
    assert not server.supervises
    assert not postgres_processes(prepared / "data")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""

"""The parts that decide which process may be signalled, which lock is held, and how long the log gets."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from gateway.store.postgres import EmbeddedPostgres
from gateway.store.postgres.files import open_private, write_whole
from gateway.store.postgres.locks import FolderLock
from gateway.store.postgres.log import last_lines, trim
from gateway.store.postgres.process import (
    is_postgres_of,
    postgres_processes,
    read_postmaster,
    seen_by_ps,
    signal_postgres,
)


def test_a_postmaster_is_known_by_program_folder_and_start(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    data = prepared / "data"
    with EmbeddedPostgres(prepared, fast=True) as server:
        found = read_postmaster(data)
        assert found is not None
        assert is_postgres_of(found.pid, data, found.started_at)
        assert not is_postgres_of(found.pid, data, found.started_at - 3600)
        assert not is_postgres_of(found.pid, prepared)
        assert not is_postgres_of(os.getpid(), data)
        by_ps = seen_by_ps(found.pid, data)
        assert by_ps is not None
        assert abs(by_ps - found.started_at) < 60
        assert seen_by_ps(found.pid, prepared) is None
        assert seen_by_ps(os.getpid(), data) is None
        with psycopg.connect(server.dsn("app")) as connection:
            assert {found.pid, connection.info.backend_pid} < set(postgres_processes(data))


def test_a_stranger_that_is_called_postgres_is_not_signalled(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    shutil.copy("/bin/sleep", program)
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    stranger = subprocess.Popen([str(program), "600"], cwd=elsewhere)
    impostor = subprocess.Popen([str(program), "600"], cwd=data)
    try:
        assert not signal_postgres(stranger.pid, signal.SIGTERM, data)
        # The right name in the right folder, but begun at another time than postmaster.pid says.
        assert not signal_postgres(impostor.pid, signal.SIGTERM, data, started_at=1_700_000_000)
        assert stranger.poll() is None
        assert impostor.poll() is None
        assert signal_postgres(impostor.pid, signal.SIGTERM, data)
        assert impostor.wait(10) == -signal.SIGTERM
        assert not signal_postgres(impostor.pid, signal.SIGTERM, data)
    finally:
        for process in (stranger, impostor):
            process.kill()
            process.wait()


@pytest.mark.parametrize("text", ["", "17\n", "x\ny\nz\n", "17\n/data\nsoon\n"])
def test_a_half_written_postmaster_file_names_nobody(tmp_path: Path, text: str) -> None:
    assert read_postmaster(tmp_path) is None
    (tmp_path / "postmaster.pid").write_text(text)
    assert read_postmaster(tmp_path) is None


def test_a_lock_is_held_by_one_or_shared_by_many(tmp_path: Path) -> None:
    first, second, third = (FolderLock(tmp_path / "x.lock") for _ in range(3))
    assert first.take()
    assert not second.take()
    assert not second.take(shared=True)
    first.release()
    assert second.take(shared=True)
    assert third.take(shared=True)
    assert not first.take()
    with pytest.raises(ValueError, match="not held"):
        first.fileno()
    second.release()
    third.release()
    assert first.take()
    first.release()


def test_a_lock_on_a_file_that_was_deleted_is_not_taken_for_the_new_ones(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "x.lock"), FolderLock(tmp_path / "x.lock")
    assert first.take()
    (tmp_path / "x.lock").unlink()
    assert second.take()
    first.release()
    assert not first.take()
    second.release()


def test_no_file_is_opened_or_written_through_a_symbolic_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "link").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"):
        open_private(tmp_path / "link", os.O_WRONLY)
    write_whole(tmp_path / "link", "new")
    assert precious.read_text() == "mine"
    assert (tmp_path / "link").read_text() == "new"
    assert not (tmp_path / "link").is_symlink()


def test_the_log_is_turned_over_when_it_is_too_long_and_the_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb", buffering=0) as writer:
        writer.write(b"first\n" * 100)
        trim(log, limit_bytes=600)
        assert log.stat().st_size == 600
        writer.write(b"second\n")
        trim(log, limit_bytes=600)
        assert log.read_bytes() == b""
        assert (tmp_path / "postgres.log.1").read_bytes().endswith(b"first\nsecond\n")
        assert (tmp_path / "postgres.log.1").stat().st_size == 600
        writer.write(b"third\n")
    assert log.read_bytes() == b"third\n"
    assert last_lines(log) == "third"
    assert last_lines(tmp_path / "none") == "(no log)"

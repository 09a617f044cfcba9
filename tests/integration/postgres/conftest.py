"""Folders, other processes and accounts for the tests of the embedded PostgreSQL. Everything here is real."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.store.postgres import EmbeddedPostgres
from gateway.store.postgres.account import Account, closed_door
from gateway.store.postgres.process import postgres_processes

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]


def until(true: Callable[[], object], what: str, patience_s: float = 30.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, f"still not so: {what}"
        time.sleep(0.05)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    return until


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A short folder that every account can pass through; pytest's own are closed to all but root."""
    path = Path(tempfile.mkdtemp(prefix="dspg-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def model(place: Path) -> Path:
    """A stopped database that holds the table `kept` with one row."""
    folder = place / "model"
    with EmbeddedPostgres(folder, fast=True) as server, psycopg.connect(server.dsn("owner")) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('here')")
    return folder


@pytest.fixture
def prepared(model: Path) -> Iterator[Path]:
    """The folder of `model` itself: all tests that kill or stop it in turn leave it whole, or it is not."""
    yield model
    (model / "local.conf").unlink(missing_ok=True)
    until(lambda: not postgres_processes(model / "data"), "the server is gone", 15)


@pytest.fixture
def empty(place: Path) -> Iterator[Path]:
    """The path of a data folder that does not exist yet; afterwards no server may be left in it."""
    folder = Path(tempfile.mkdtemp(dir=place)) / "pg"
    folder.parent.chmod(0o711)
    yield folder
    if (folder / "data").exists():
        until(lambda: not postgres_processes(folder / "data"), "the server is gone", 15)
    shutil.rmtree(folder.parent)


@pytest.fixture
def copied(empty: Path, model: Path) -> Path:
    """A copy of `model` for tests that damage it or give it away."""
    subprocess.run(["cp", "-a", str(model), str(empty)], check=True)
    return empty


def _kept(dsn: str) -> bool:
    """Whether the server answers and still has what was written before."""
    try:
        with psycopg.connect(dsn, connect_timeout=5) as connection:
            row = connection.execute("SELECT word FROM kept").fetchone()
    except psycopg.OperationalError:
        return False
    return row == ("here",)


@pytest.fixture
def kept() -> Callable[[str], bool]:
    return _kept


@dataclass
class OtherProcess:
    """A second doorstep process."""

    process: subprocess.Popen[str]
    said: list[dict[str, Any]] = field(default_factory=list)

    def hears(self) -> dict[str, Any]:
        """The next line it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the other process ended without a word"
        self.said.append(json.loads(line))
        return self.said[-1]

    def asked(self) -> dict[str, Any]:
        """What it says about itself now."""
        self.tell("say")
        return self.hears()

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def finish(self) -> None:
        """End it in order."""
        if self.process.poll() is None:
            self.process.communicate("stop\n", timeout=60)


Opener = Callable[..., OtherProcess]


@pytest.fixture
def open_elsewhere() -> Iterator[Opener]:
    """Opens a folder in another process; `wait=False` leaves its first words unread."""
    started: list[OtherProcess] = []

    def open_it(
        folder: Path,
        *,
        wait: bool = True,
        prefix: Sequence[str] = (),
        python: Path | None = None,
        account: Account | None = None,
        **choices: object,
    ) -> OtherProcess:
        command = [*prefix, str(python or sys.executable), str(HERE / "other_process.py")]
        packages = Path(psycopg.__file__).parents[1]
        environment = {"PYTHONPATH": f"{PROJECT}{os.pathsep}{packages}"}
        if python is not None:
            environment["LD_LIBRARY_PATH"] = str(python.parents[1] / "lib")
        process = subprocess.Popen(
            [*command, json.dumps({"folder": str(folder), "fast": True, **choices})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, **environment},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        started.append(OtherProcess(process))
        if wait:
            started[-1].hears()
        return started[-1]

    yield open_it
    for other in started:
        other.finish()
        for pipe in (other.process.stdin, other.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture(scope="session")
def ordinary() -> Account:
    """An ordinary account that is neither ours nor the server's: only root can become it."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for name in ("games", "daemon", "www-data"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    pytest.skip("this system has no ordinary account to become")


@pytest.fixture(scope="session")
def everyones_python(place: Path, ordinary: Account) -> Path:
    """An interpreter that the ordinary account can run: ours, or a copy if ours lies in root's home."""
    if closed_door(HERE, ordinary) is not None:
        pytest.skip("the project lies where only root can read it")
    real = Path(sys.executable).resolve()
    if closed_door(real, ordinary) is None:
        return Path(sys.executable)
    copy = place / "python"
    library = Path(os.__file__).parent
    unneeded = shutil.ignore_patterns("site-packages", "test", "idlelib", "tkinter", "ensurepip", "config-*")
    shutil.copytree(library, copy / "lib" / library.name, ignore=unneeded)
    (copy / "bin").mkdir()
    shutil.copy(real, copy / "bin" / real.name)
    for shared in library.parent.glob("libpython*.so*"):
        shutil.copy(shared, copy / "lib")
    return copy / "bin" / real.name

"""What every test may ask for: one PostgreSQL a run, a migrated database a test, sockets only where real."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from gateway.store.database import Database
from gateway.store.migrate import migrate
from gateway.store.postgres import EmbeddedPostgres
from tests.databases import TEMPLATE, Databases, opened_databases

hypothesis_settings.register_profile("calm", deadline=None, max_examples=50)
hypothesis_settings.load_profile("calm")

MEMORY, ENOUGH_BYTES = Path("/dev/shm"), 2 << 30  # noqa: S108 - a folder of the run's own is made in it


@pytest.fixture(scope="session")
def server(testrun_uid: str) -> Iterator[EmbeddedPostgres]:
    """One server for the whole run: every xdist worker attaches, the first migrates the template."""
    # pytest's own folders are closed to the account that PostgreSQL runs as under root.
    folder = _place() / f"dst-{testrun_uid[:12]}"
    folder.mkdir(mode=0o711, exist_ok=True)
    with (
        EmbeddedPostgres(folder / "pg", fast=True, wait_for_others_s=120.0) as server,
        (folder / "template.lock").open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "template.done").exists():
            asyncio.run(server.create_database(TEMPLATE))
            migrate(server.dsn("owner", TEMPLATE))
            (folder / "template.done").touch()
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield server
        # Who supervises it leaves last.
        is_last = server.supervises
    if is_last:
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path:
    """Memory where there is enough: a database is 500 files, and a disk takes ten times as long for them."""
    has_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    if has_memory and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        return MEMORY
    return Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def city_roads(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The contracted roads of the city of seed 7, built once for the whole run: for the first who asks."""
    from optimizer.roads import Algorithm, build_roads
    from simulator.city import build_city
    from simulator.city.osm import osm_xml

    base = tmp_path_factory.getbasetemp()
    # Under xdist each worker has a folder of its own in the run's.
    folder = (base if worker_id == "master" else base.parent) / "city-roads"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # By this name the demo knows it.
        streets = folder / "city-7.osm"
        if not streets.exists():
            streets.write_bytes(osm_xml(build_city(7)))
        return build_roads(streets, folder, algorithm=Algorithm.CH)


@dataclass(frozen=True, slots=True)
class Dsn:
    """Logins to one test's own database."""

    app: str
    owner: str


@pytest.fixture(scope="session")
def databases(server: EmbeddedPostgres, worker_id: str) -> Iterator[Databases]:
    """Those of this worker."""
    with opened_databases(server, f"t_{worker_id}") as databases:
        yield databases


@pytest.fixture
async def dsn(server: EmbeddedPostgres, databases: Databases) -> AsyncIterator[Dsn]:
    """A migrated, empty database."""
    name = await databases.take()
    yield Dsn(server.dsn("app", name), server.dsn("owner", name))
    await databases.give_back(name)


@pytest.fixture
async def database(dsn: Dsn) -> AsyncIterator[Database]:
    """The application's way into it."""
    database = Database(dsn.app, pool_size=4)
    yield database
    await database.close()


LONGEST_FIRST = ("tests/story/", "tests/integration/bench/", "tests/integration/processes/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that at the end no core waits for the other."""

    def rank(item: pytest.Item) -> int:
        folders = [place for place, folder in enumerate(LONGEST_FIRST) if item.nodeid.startswith(folder)]
        return folders[0] if folders else len(LONGEST_FIRST)

    items.sort(key=rank)


MANY_OBJECTS = 20_000


def pytest_sessionstart() -> None:
    """Look for no garbage while everything is imported: there is hardly any, and much to look through."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there by now stays; what tests leave is looked for less often than Python's 700 objects."""
    gc.freeze()
    gc.set_threshold(MANY_OBJECTS, 20, 20)
    gc.enable()

"""Commands, the market they are linked with, and a folder that PostgreSQL can enter."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Dsn
from tests.integration.app.market import Market, open_market
from tests.integration.app.premises import environment_of
from tests.integration.processes.commands import Doorstep, Shell, opened_shell


@pytest.fixture
def home() -> Iterator[Path]:
    """For DOORSTEP_HOME, with a path short enough for sockets."""
    # pytest's own folders are closed to the account that PostgreSQL runs as under root.
    path = Path(tempfile.mkdtemp(prefix="dsh-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[Market]:
    """Two shops and a courier."""
    async with open_market(tmp_path) as market:
        yield market


@pytest.fixture
def doorstep(dsn: Dsn, tmp_path: Path, market: Market) -> Doorstep:
    """Commands on a database of the test run's server."""
    return Doorstep(environment_of(dsn, tmp_path, market), tmp_path)


@pytest.fixture(scope="session")
def shell_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    """One process for the commands of all tests of a worker."""
    with opened_shell(tmp_path_factory.mktemp("shell")) as process:
        yield process


@pytest.fixture
def shell(shell_process: subprocess.Popen[bytes], doorstep: Doorstep) -> Shell:
    """Many commands in one process, each on this test's database."""
    return Shell(shell_process, doorstep.settings)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session

"""Commands, the market they are linked with, and a folder that PostgreSQL can enter."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Dsn
from tests.integration.app.market import Market, open_market
from tests.integration.app.premises import environment_of
from tests.integration.processes.commands import Doorstep, Shell


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


@pytest.fixture
async def shell(doorstep: Doorstep) -> AsyncIterator[Shell]:
    """Many commands in one process."""
    async with doorstep.shell() as shell:
        yield shell


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session

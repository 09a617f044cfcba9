"""The town that stories play in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from doorstep.secret import Secret
from gateway.cli.demo.start import start
from gateway.config import Settings
from tests.conftest import Dsn
from tests.story.town import Town

QUIET = ("--stepped", "--rate", "0", "--date", "2026-11-23", "--no-silence")


@pytest.fixture
def opens_at() -> str:
    """Wall clock of the city when a story begins: shortly before the vans leave."""
    return "09:45"


@pytest.fixture
async def town(dsn: Dsn, tmp_path: Path, city_roads: Path, opens_at: str) -> AsyncIterator[Town]:
    """A linked gateway; nobody orders but by the story's wish."""
    settings = Settings(
        database_url=Secret(dsn.app),
        database_owner_url=Secret(dsn.owner),
        home=tmp_path,
        secret_keys=(Secret("s" * 40),),
        port=0,
    )
    async with (
        start(
            settings,
            7,
            (*QUIET, "--start", opens_at),
            city_roads,
            with_chores=False,
            say=lambda _words: None,
        ) as started,
        aiohttp.ClientSession() as session,
    ):
        yield Town(started, session)

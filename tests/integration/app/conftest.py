"""One gateway and one market for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Dsn
from tests.integration.app.market import Market, open_market
from tests.integration.app.premises import Premises, open_premises


@pytest.fixture
async def market(tmp_path: Path) -> AsyncIterator[Market]:
    async with open_market(tmp_path) as market:
        yield market


@pytest.fixture
async def premises(dsn: Dsn, tmp_path: Path, market: Market) -> AsyncIterator[Premises]:
    async with open_premises(dsn, tmp_path, market) as premises:
        yield premises

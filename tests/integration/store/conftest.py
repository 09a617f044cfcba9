"""A merchant's house with many rows of every kind, made without the flow."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.news import News
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn


@pytest.fixture
async def rooms(dsn: Dsn, database: Database) -> AsyncIterator[Transactions]:
    """Units of work whose jobs nobody runs."""
    queue = open_queue(dsn.app)
    async with queue.open_async():
        told: list[News] = []
        yield Transactions(database, queue, Vault([Secret("k" * 40)]), told.extend)

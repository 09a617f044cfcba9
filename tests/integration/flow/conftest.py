"""The stage, and the queue behind it."""

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
from tests.integration.flow.stage import Stage, set_stage


@pytest.fixture
async def stage(dsn: Dsn, database: Database) -> AsyncIterator[Stage]:
    """A merchant with one store, a cheap and a dear courier."""
    queue = open_queue(dsn.app)
    told: list[News] = []
    async with queue.open_async():
        transactions = Transactions(database, queue, Vault([Secret("k" * 40)]), told.extend)
        stage = await set_stage(database, queue, transactions, told)
        yield stage
        # What nobody waited for reads the database as well, which is thrown away next.
        await stage.means.later.close()

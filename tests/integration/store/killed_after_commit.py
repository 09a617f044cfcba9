"""A process that is killed between its commit and telling anybody of it; see test_news."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.news import Herald
from gateway.store.unit_of_work import Transactions


async def main(dsn: str, merchant_id: str) -> None:
    """Commit news of a delivery and an exception, and die."""
    vault = Vault([Secret("k" * 40)])
    transactions = Transactions(
        Database(dsn), open_queue(dsn), vault, lambda _: os.kill(os.getpid(), signal.SIGKILL), Herald()
    )
    async with transactions.begin(merchant_id) as work:
        work.announce("delivery", "del_1")
        work.announce("exception", "exc_1")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))

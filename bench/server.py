"""A real `doorstep serve` for benchmarks, in a process of its own over an embedded PostgreSQL of its own.

The database is supervised by the benchmark, so that killing the server kills nothing else.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import psycopg

from doorstep.ids import new_id
from doorstep.merchant import Merchant
from doorstep.order import Store, StorePlatform
from gateway.bootstrap.house import open_house
from gateway.config import Settings
from gateway.store.postgres import EmbeddedPostgres


class Server:
    """A running gateway with one merchant and one WooCommerce store.

    Parameters
    ----------
    folder
        Where its database and its settings live.
    works
        Whether jobs are run in it as well.
    """

    def __init__(self, folder: Path, *, webhook_secret: str, works: bool = False) -> None:
        self.store_id = new_id("sto")
        self._folder = folder
        self._secret = webhook_secret
        self._works = works
        self._postgres = EmbeddedPostgres(folder / "postgres")
        self._process: asyncio.subprocess.Process | None = None
        self._dsn = self._owner = ""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]

    @property
    def webhook_url(self) -> str:
        """Where the store's webhooks go."""
        return f"http://127.0.0.1:{self._port}/webhooks/stores/{self.store_id}"

    async def __aenter__(self) -> Self:
        running = await self._postgres.__aenter__()
        self._dsn, self._owner = running.dsn("app"), running.dsn("owner")
        await self._furnish()
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        await self._postgres.__aexit__(kind, error, trace)

    async def kill_and_start_again(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        await self._start()

    async def answers(self) -> None:
        """Wait until it takes requests."""
        async with aiohttp.ClientSession() as session:
            for _ in range(300):
                try:
                    async with session.get(f"http://127.0.0.1:{self._port}/ready") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise TimeoutError("the server did not start within half a minute")

    async def inbox_ids(self) -> set[str]:
        """Delivery ids of the webhooks that lie in the inbox."""
        connection = await psycopg.AsyncConnection.connect(self._owner)
        async with connection:
            rows = await connection.execute("SELECT split_part(dedupe_id, ':', 1) FROM inbox")
            return {row[0] for row in await rows.fetchall()}

    def _settings(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self._dsn,
            "DATABASE_OWNER_URL": self._owner,
            "DOORSTEP_HOME": str(self._folder),
            "DOORSTEP_PORT": str(self._port),
            "DOORSTEP_HOST": "127.0.0.1",
        }

    async def _furnish(self) -> None:
        merchant = Merchant(new_id("mer"), "Bench", "USD", "America/New_York")
        store = Store(
            self.store_id,
            merchant.id,
            StorePlatform.WOOCOMMERCE,
            "shop.example",
            "https://shop.example",
            self.store_id,
            "",
        )
        async with (
            open_house(Settings.from_environment(self._settings())) as house,
            house.transactions.begin_sql(merchant.id) as work,
        ):
            await work.accounts.put_merchant(merchant)
            await work.accounts.put_store(store, {"webhook_secret": self._secret})

    async def _start(self) -> None:
        options = [] if self._works else ["--no-worker"]
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from gateway.cli import main; main()",
            "serve",
            *options,
            env={**os.environ, **self._settings()},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await self.answers()

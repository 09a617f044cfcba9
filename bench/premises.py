"""A house of the gateway's over a database of its own, for benchmarks within one process."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.bootstrap.house import House, open_house
from gateway.config import Settings
from gateway.store.postgres import EmbeddedPostgres


@asynccontextmanager
async def bench_house(*, is_durable: bool = True) -> AsyncIterator[House]:
    """Everything that a gateway is made of, on an embedded PostgreSQL that is thrown away afterwards.

    Parameters
    ----------
    is_durable
        Whether a commit waits for the disk; what is said of speed should.
    """
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        # The embedded database works as another user than root, who must be able to enter.
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - once, before anything is measured
        async with EmbeddedPostgres(Path(folder) / "postgres", fast=not is_durable) as running:
            settings = Settings.from_environment(
                {
                    "DATABASE_URL": running.dsn("app"),
                    "DATABASE_OWNER_URL": running.dsn("owner"),
                    "DOORSTEP_HOME": folder,
                }
            )
            async with open_house(settings) as house:
                yield house

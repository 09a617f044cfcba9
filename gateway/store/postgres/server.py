"""The embedded PostgreSQL as the rest of the gateway sees it."""

from __future__ import annotations

import asyncio
import os
from concurrent import futures
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql

from gateway.store.postgres.access import DATABASE, Role, connection_url
from gateway.store.postgres.binaries import COPIES, Binaries
from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.folder import Folder
from gateway.store.postgres.launching import TIE, Tie
from gateway.store.postgres.serving import Choices
from gateway.store.postgres.supervisor import Supervisor

LONGEST_NAME_BYTES = 63
"""PostgreSQL cuts longer names silently, and two of them could become one."""


class EmbeddedPostgres:
    """A PostgreSQL 18 of our own in a folder, reached over a unix socket only.

    Any number of processes may open one folder. The first runs the server as its child, the others use it,
    and one of those takes over when the first ends, in whatever way. Connections break at that moment: pools
    reconnect (`pool_pre_ping`), and the connection string stays the same.

    `async with EmbeddedPostgres(folder) as server:`, or `await server.start()` and `await server.stop()`.
    Code without an event loop uses `with`, or `start_blocking` and `stop_blocking`.

    Parameters
    ----------
    data_dir
        The folder; made if absent. Everything of the database lies in it.
    fast
        For tests: quicker, and broken after a power cut.
    run_as
        Account for the server if root starts it the first time; None means `postgres`, else `nobody`.
    copies
        Where root keeps a copy of PostgreSQL's programs if that account cannot reach the installed ones.
    start_s
        Longest wait for the server, recovery after a crash included, seconds, above 0.
    stop_s
        Longest wait for an orderly shutdown before a hard one, seconds, above 0.
    wait_for_others_s
        How long the supervising process keeps the server up after `stop` while others still use it, seconds.
    wheel, tie
        For tests of the ways that only other systems take.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        fast: bool = False,
        run_as: str | None = None,
        copies: Path = COPIES,
        start_s: float = 60.0,
        stop_s: float = 30.0,
        wait_for_others_s: float = 0.0,
        wheel: Binaries | None = None,
        tie: Tie = TIE,
    ) -> None:
        if start_s <= 0 or stop_s <= 0 or wait_for_others_s < 0:
            raise ValueError(
                "start_s and stop_s must be above 0 seconds, wait_for_others_s must not be below 0"
            )
        self._folder = Folder.at(data_dir)
        self._choices = Choices(
            fast=fast,
            run_as=run_as,
            copies=copies,
            wheel=wheel,
            tie=tie,
            start_s=start_s,
            stop_s=stop_s,
            wait_for_others_s=wait_for_others_s,
        )
        self._supervisor: Supervisor | None = None
        self._process_id = os.getpid()

    @property
    def data_dir(self) -> Path:
        """The folder, absolute and without symbolic links."""
        return self._folder.root

    @property
    def supervises(self) -> bool:
        """Whether the server is this process's child now; False while it uses another process's."""
        return self._supervisor is not None and self._supervisor.supervises

    def dsn(self, role: Role = "app", database: str = DATABASE) -> str:
        """The connection URL, for psycopg, libpq and SQLAlchemy 2.1 alike.

        Parameters
        ----------
        role
            "app" (owns nothing, bound by row level security) or "owner" (migrations; bypasses it).
        database
            Name of the database; it need not exist.
        """
        return connection_url(self._folder, role, database)

    async def start(self) -> None:
        """Start the server or attach to the one that runs; returns when it answers.

        Raises
        ------
        PostgresUnavailable
            With a sentence that says what to do.
        """
        supervisor = self._begin()
        try:
            await asyncio.to_thread(futures.wait, (supervisor.up,))
            supervisor.up.result()
        except BaseException:
            # Cancelled or failed: nothing may be left running when the caller hears of it.
            supervisor.finish()
            await asyncio.shield(asyncio.to_thread(supervisor.join))
            self._supervisor = None
            raise

    async def stop(self) -> None:
        """Let go of the server, and stop it if this process supervises it. A second call does nothing."""
        await asyncio.to_thread(self.stop_blocking)

    def start_blocking(self) -> None:
        """`start` for code without an event loop."""
        supervisor = self._begin()
        try:
            supervisor.up.result()
        except BaseException:
            supervisor.finish()
            supervisor.join()
            self._supervisor = None
            raise

    def stop_blocking(self) -> None:
        """`stop` for code without an event loop."""
        supervisor, self._supervisor = self._supervisor, None
        # A forked child has a copy of this object and none of its threads: the server is its parent's.
        if supervisor is not None and self._process_id == os.getpid():
            supervisor.finish()
            supervisor.join()

    async def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database that `doorstep_owner` owns, as a copy of `template` if one is named (0.03 s).

        Raises
        ------
        ValueError
            If the name is empty or longer than 63 bytes.
        psycopg.errors.DuplicateDatabase
            If it exists.
        psycopg.errors.ObjectInUse
            If somebody is connected to the template.
        PostgresUnavailable
            If the server does not answer.
        """
        statement = sql.SQL("CREATE DATABASE {}").format(_identifier(name))
        if template is not None:
            # Copying files is five times as fast as writing each page into the log as well (measured, 18.1).
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(_identifier(template))
        await self._execute(statement)

    async def drop_database(self, name: str) -> None:
        """Drop a database and end the connections to it; one that is not there is no error."""
        await self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_identifier(name)))

    async def _execute(self, statement: sql.Composed) -> None:
        try:
            connection = await psycopg.AsyncConnection.connect(
                self.dsn("owner", "postgres"), autocommit=True, connect_timeout=10
            )
        except psycopg.OperationalError as error:
            raise PostgresUnavailable(
                f"The PostgreSQL in {self._folder.root} does not answer ({error}); see {self._folder.log}"
            ) from error
        async with connection:
            await connection.execute(statement)

    def _begin(self) -> Supervisor:
        if self._supervisor is not None:
            raise RuntimeError("this EmbeddedPostgres has been started; stop it first")
        self._process_id = os.getpid()
        self._supervisor = Supervisor(self._folder, self._choices)
        self._supervisor.start()
        return self._supervisor

    async def __aenter__(self) -> EmbeddedPostgres:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __enter__(self) -> EmbeddedPostgres:
        self.start_blocking()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_blocking()


def _identifier(name: str) -> sql.Identifier:
    if not 0 < len(name.encode()) <= LONGEST_NAME_BYTES:
        raise ValueError(
            f"the name of a database must have 1 to {LONGEST_NAME_BYTES} bytes, got {len(name.encode())}"
        )
    return sql.Identifier(name)

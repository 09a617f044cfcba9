"""Serves a simulated store over real HTTP or HTTPS on a free port of this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.stores.woocommerce.cuts import CUT_KEY


class _CuttableProtocol(HttpToolsProtocol):
    """Lets an app close its connection, as a host does whose PHP dies."""

    def on_message_begin(self) -> None:
        """Leave the function in the scope."""
        super().on_message_begin()
        transport = self.transport

        def cut() -> None:
            # What was written goes out first; uvicorn hears of the end as of any caller's hanging up.
            transport.close()
            self.connection_lost(None)

        self.scope["extensions"] = {CUT_KEY: {"cut": cut}}


class _Server(uvicorn.Server):
    """Leaves the process's signal handlers alone, and ends at once when it is told to.

    Several servers live in one process here, each for a short while.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told_to_end = asyncio.Event()

    async def main_loop(self) -> None:
        """Keep the Date header right until the end."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.told_to_end.wait(), 0.1)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def served(
    app: ASGIApp, *, certificate_file: str = "", key_file: str = "", shows_date: bool = True
) -> AsyncIterator[str]:
    """Its address, "https://127.0.0.1:41234", for as long as the context is open.

    Parameters
    ----------
    certificate_file, key_file
        PEM files for https; "" for plain http.
    shows_date
        Let the web server send a Date header of its own.
    """
    server = _Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            log_level="error",
            lifespan="off",
            http=_CuttableProtocol,
            date_header=shows_date,
            server_header=False,
            ssl_certfile=certificate_file or None,
            ssl_keyfile=key_file or None,
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"{'https' if certificate_file else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.told_to_end.set()
        await task

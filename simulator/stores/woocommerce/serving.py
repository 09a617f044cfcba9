"""Serves a simulated store over real HTTP or HTTPS on a free port of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulator.serving import listening
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
    config = uvicorn.Config(
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
    )
    async with listening(config) as (host, port):
        yield f"{'https' if certificate_file else 'http'}://{host}:{port}"

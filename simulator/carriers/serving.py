"""One simulated system on a port of this machine, in the running loop."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import uvicorn
from starlette.types import ASGIApp

from simulator.serving import listening


@contextlib.asynccontextmanager
async def serve(app: ASGIApp) -> AsyncIterator[str]:
    """Serve `app` on a free port of 127.0.0.1 and give its base URL, without a trailing slash."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        date_header=False,
        lifespan="off",
        ws="none",
    )
    async with listening(config) as (host, port):
        yield f"http://{host}:{port}"

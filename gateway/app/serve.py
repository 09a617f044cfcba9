"""Runs the gateway's processes: the server, a worker inside it unless told otherwise, or a worker alone."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
import uvicorn
from starlette.routing import BaseRoute

from gateway.app.application import create_application
from gateway.bootstrap.chores import chores
from gateway.bootstrap.house import House
from gateway.workers.handling import teach
from gateway.workers.periodic import Periodic

log = structlog.get_logger(__name__)

GRACE_S = 20
"""How long what was taken may take to finish when the process is asked to end."""

JOBS_AT_ONCE = 16


class GatewayServer(uvicorn.Server):
    """uvicorn without its own signal handling: the process decides when it ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind((host, port))
    return found


@asynccontextmanager
async def serving(
    house: House, sock: socket.socket, *, extra_routes: Sequence[BaseRoute] = ()
) -> AsyncIterator[None]:
    """Answer HTTP for as long as the block lasts; at its end finish what was taken."""
    config = uvicorn.Config(
        create_application(house, extra_routes),
        ws="websockets-sansio",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        proxy_headers=True,
    )
    server = GatewayServer(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
            raise RuntimeError("the server ended while it was starting")
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def working(house: House, *, with_chores: bool = True) -> AsyncIterator[Periodic]:
    """Run jobs and chores for as long as the block lasts; at its end finish what was taken."""
    teach(house.queue, house.means)
    worker = asyncio.create_task(
        house.queue.run_worker_async(
            concurrency=JOBS_AT_ONCE,
            install_signal_handlers=False,
            shutdown_graceful_timeout=GRACE_S,
            delete_jobs="successful",
            fetch_job_polling_interval=1.0,
        )
    )
    periodic = Periodic(house.clock, chores(house))
    rounds = asyncio.create_task(periodic.run()) if with_chores else None
    try:
        yield periodic
    finally:
        for task in (rounds, worker):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def until_asked_to_end() -> None:
    """Return on SIGINT or SIGTERM."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, asked.set)
    await asked.wait()
    log.info("ending; what was taken is being finished")

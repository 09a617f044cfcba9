"""Runs the gateway's processes: the server, a worker inside it unless told otherwise, or a worker alone."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress

import structlog
import uvicorn
from procrastinate import App
from starlette.routing import BaseRoute

from doorstep.errors import InvalidInput
from gateway.bootstrap.chores import chores
from gateway.bootstrap.house import House
from gateway.workers.handling import teach
from gateway.workers.periodic import Periodic

log = structlog.get_logger(__name__)

GRACE_S = 20
"""How long what was taken may take to finish when the process is asked to end."""

JOBS_AT_ONCE = 16

PAUSE_S = 1.0
"""How long after the loss of the database the next worker begins."""

BACKLOG = 2048
"""Connections that the kernel holds until they are taken; uvicorn's own default."""

KEEP_ALIVE_S = 75
"""How long a connection on which nothing happens is kept: longer than the minute for which proxies usually
keep theirs, so that none sends a request into a connection that was just closed."""


class GatewayServer(uvicorn.Server):
    """uvicorn without its own signal handling: the process decides when it ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises
    ------
    InvalidInput
        If the address is not this machine's, or its port is taken.
    """
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise InvalidInput(
            f"Cannot listen on {host} port {port}: {error.strerror}. Choose another with --host and --port.",
            path=("port",),
        ) from None
    return found


@asynccontextmanager
async def serving(
    house: House, sock: socket.socket, *, extra_routes: Sequence[BaseRoute] = ()
) -> AsyncIterator[None]:
    """Answer HTTP for as long as the block lasts; at its end finish what was taken."""
    # Whoever only works needs nothing of the API, which takes seconds to load.
    from gateway.app.application import create_application
    from gateway.app.direct_socket import DirectSocket

    config = uvicorn.Config(
        create_application(house, extra_routes),
        ws=DirectSocket,
        # A live message is a few hundred bytes: packing each costs more than it saves, and 40 KB a socket.
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        proxy_headers=True,
    )
    server = GatewayServer(config)
    # Only who serves has live readers, who want to know what other processes commit.
    hearing = nullcontext() if house.hearing is None else house.hearing.listening()
    async with hearing, _running(server, sock):
        yield


@asynccontextmanager
async def _running(server: GatewayServer, sock: socket.socket) -> AsyncIterator[None]:
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
    worker = asyncio.create_task(work(house.queue))
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


def end_asked() -> asyncio.Event:
    """Is set on SIGINT or SIGTERM, which from now on end nothing by themselves."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask() -> None:
        log.info("ending; what was taken is being finished")
        asked.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ask)
    return asked


async def work(queue: App, *, pause_s: float = PAUSE_S) -> None:
    """Run jobs until cancelled; then finish those that run.

    procrastinate's worker ends by itself when the database is away for longer than half a minute (3.10):
    another one begins then, and what the old one could not put down is rescued.
    """
    while True:
        try:
            await queue.run_worker_async(
                concurrency=JOBS_AT_ONCE,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_S,
                delete_jobs="successful",
                # A job whose turn comes when another ends is found by looking: nothing tells of it (3.10).
                fetch_job_polling_interval=0.25,
            )
            reason = "stopped"
        except Exception as error:
            reason = type(error).__name__
            if _is_asked_to_end():
                log.warning("the worker could not end in order", error=reason)
                raise asyncio.CancelledError from error
        log.warning("the worker ended; another one begins", error=reason)
        await asyncio.sleep(pause_s)


def _is_asked_to_end() -> bool:
    """Whether this task was cancelled: a worker that fails while it ends hides that (procrastinate 3.10)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0

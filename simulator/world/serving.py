"""Runs a world as a process: its port, its time, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable

import uvicorn

from simulator.serving import listening
from simulator.world.app import world_app
from simulator.world.world import World

logger = logging.getLogger(__name__)

_TURNS_EVERY_S = 0.25


@contextlib.asynccontextmanager
async def serving(world: World, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve a world and let its time go on; gives its address, "http://127.0.0.1:41234".

    Parameters
    ----------
    port
        0 takes a free one.
    """
    config = uvicorn.Config(
        world_app(world),
        host=host,
        port=port,
        log_config=None,
        log_level="warning",
        lifespan="off",
        server_header=False,
    )
    async with listening(config) as (bound, at):
        time_goes_on = asyncio.create_task(_live(world))
        try:
            yield f"http://[{bound}]:{at}" if ":" in bound else f"http://{bound}:{at}"
        finally:
            time_goes_on.cancel()
            await asyncio.gather(time_goes_on, return_exceptions=True)
            await world.close()


async def run(world: World, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM, SIGINT, or the end of standard input, which is the end of the parent."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with serving(world, host, port) as url:
        announce(url)
        threading.Thread(target=_watch_parent, args=(loop, ended), daemon=True).start()
        await ended.wait()


async def _live(world: World) -> None:
    """Let everybody act four times a second, by however much the world's clock has moved."""
    while not world.settings.is_stepped:
        try:
            await world.catch_up()
        except Exception:
            # One turn that fails must not stop the whole world; what was due is tried at the next.
            logger.exception("a turn of the world failed")
        await asyncio.sleep(_TURNS_EVERY_S)


def _watch_parent(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Read standard input to its end; not through `sys.stdin`, whose lock would block our own end."""
    try:
        while os.read(0, 1024):
            pass
    except OSError:
        logger.info("no standard input; ends on a signal alone")
        return
    try:
        loop.call_soon_threadsafe(ended.set)
    except RuntimeError:
        pass  # the loop has ended by itself

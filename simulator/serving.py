"""A web server within the running loop that is there at once and gone at once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

GRACE_S = 1.0
"""How long answers that are under way may take when the server ends."""

_LOOKS_EVERY_S = 0.002
_TICKS_EVERY_S = 0.1


class _PromptServer(uvicorn.Server):
    """Ends when it is told to; the stock one looks ten times a second, and sleeps before it ends.

    Several live in one process here, each for a short while, and none touches the process's signals.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.told_to_end = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait for the end, and keep the Date header right until then."""
        if not self.config.date_header:
            await self.told_to_end.wait()
            return
        ticks = 0
        while not self.told_to_end.is_set():
            await self.on_tick(ticks)
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.told_to_end.wait(), _TICKS_EVERY_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - uvicorn's
        """Close what is idle, and give answers that are under way `GRACE_S`."""
        for server in self.servers:
            server.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn tells of no end
                    await asyncio.sleep(_LOOKS_EVERY_S)
        for task in state.tasks:
            task.cancel()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the program around."""
        yield


@contextlib.asynccontextmanager
async def listening(config: uvicorn.Config) -> AsyncIterator[tuple[str, int]]:
    """Serve as long as the block lasts; gives the address and the port that it listens on.

    Raises
    ------
    SystemExit
        If the port is taken (uvicorn's own word for it).
    """
    server = _PromptServer(config)
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if running.done():
                await running
                raise RuntimeError("the server ended before it began")
            await asyncio.sleep(_LOOKS_EVERY_S)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield host, port
    finally:
        server.told_to_end.set()
        await asyncio.gather(running, return_exceptions=True)

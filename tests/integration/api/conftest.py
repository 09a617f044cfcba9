"""The API behind a real uvicorn on a port of its own, and a client to talk to it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aiohttp
import pytest
import uvicorn

from gateway.api.schema import GatewaySchema, build_schema
from gateway.api.settings import ApiSettings
from gateway.api.transport.asgi import graphql_app
from gateway.app.direct_socket import DirectSocket
from gateway.auth.caller import Caller
from simulator.serving import listening
from tests.unit.api.fakes import FakeSessions, House, publishable, secret, tracking

SHOP = "https://shop.example"


@dataclass
class Gateway:
    """A running API.

    Attributes
    ----------
    callers
        Credential -> who it is; tests may add some.
    """

    url: str
    house: House
    callers: dict[str, Caller] = field(default_factory=dict)


Serve = Callable[[ApiSettings], Awaitable[Gateway]]


@pytest.fixture
def socket_kind() -> Any:
    """Which sockets the server has: ours, unless a module says otherwise."""
    return DirectSocket


@cache
def schema_for(settings: ApiSettings) -> GatewaySchema:
    """Built once for the same settings; those of a test that spends everything are its own."""
    return build_schema(settings)


@pytest.fixture
async def serve(socket_kind: Any) -> AsyncIterator[Serve]:
    """Start an API with these settings; all of them are stopped at the end of the test."""
    async with contextlib.AsyncExitStack() as running:

        async def start(settings: ApiSettings) -> Gateway:
            house = House()
            callers = {"sk_test": secret(), "pk_test": publishable(SHOP), "tracking": tracking()}
            app = graphql_app(
                schema_for(settings), FakeSessions(house, callers), clock=house.clock, settings=settings
            )
            config = uvicorn.Config(
                app, host="127.0.0.1", port=0, ws=socket_kind, log_level="warning", lifespan="off"
            )
            host, port = await running.enter_async_context(listening(config))
            return Gateway(f"http://{host}:{port}", house, callers)

        yield start


@pytest.fixture
async def gateway(serve: Serve) -> Gateway:
    return await serve(ApiSettings(explorer=True))


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


class Socket:
    """A client of graphql-transport-ws."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        await self.connection.send_json(message)

    async def receive(self) -> dict[str, Any]:
        """The next message; a close is {"type": "closed", "code": …}."""
        message = await self.connection.receive(timeout=5)
        if message.type is aiohttp.WSMsgType.TEXT:
            return dict(json.loads(message.data))
        return {"type": "closed", "code": self.connection.close_code}

    async def receive_until_closed(self) -> dict[str, Any]:
        """The close, after at most 20 other messages."""
        for _ in range(20):
            message = await self.receive()
            if message["type"] == "closed":
                return message
        raise AssertionError("the server does not close this socket")

    async def init(self, credential: str = "sk_test") -> dict[str, Any]:
        """Say who it is; gives the answer."""
        await self.send(type="connection_init", payload={"authorization": f"Bearer {credential}"})
        return await self.receive()

    async def subscribe(self, id_: str, query: str, **variables: Any) -> None:
        await self.send(id=id_, type="subscribe", payload={"query": query, "variables": variables})


@contextlib.asynccontextmanager
async def connected(
    http: aiohttp.ClientSession, gateway: Gateway, *, origin: str | None = None
) -> AsyncIterator[Socket]:
    """A socket to the API, not yet initialised."""
    headers = {} if origin is None else {"Origin": origin}
    url = f"{gateway.url}/graphql"
    async with http.ws_connect(url, protocols=["graphql-transport-ws"], headers=headers) as connection:
        yield Socket(connection)

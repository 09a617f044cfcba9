"""graphql-transport-ws, against a real server."""

from __future__ import annotations

import asyncio
import json
import socket as socket_module
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from gateway.api.settings import ApiSettings
from gateway.api.transport import over_socket
from gateway.app.direct_socket import DirectSocket
from gateway.auth.caller import Audience
from tests.integration.api.conftest import SHOP, Gateway, Serve, connected
from tests.unit.api import world as w
from tests.unit.api.fakes import FakeSessions, secret

DELIVERIES = "subscription { deliveryUpdated { kind delivery { id } } }"
VIEWER = "{ viewer { audience } }"


@pytest.fixture(params=["websockets-sansio", DirectSocket], ids=["asgi", "direct"])
def socket_kind(request: pytest.FixtureRequest) -> Any:
    """Any server's sockets, and ours, which are written to directly."""
    return request.param


async def _until_idle(gateway: Gateway, tasks: int) -> None:
    async with asyncio.timeout(30):
        while gateway.house.live.feeds or len(asyncio.all_tasks()) > tasks:
            await asyncio.sleep(0.01)


async def test_a_subscription_over_a_socket_snapshots_changes_and_ends(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    async with connected(http, gateway) as socket:
        assert await socket.init() == {"type": "connection_ack"}
        await socket.subscribe("1", DELIVERIES)
        first = await socket.receive()
        assert first["payload"]["data"]["deliveryUpdated"] == {
            "kind": "SNAPSHOT",
            "delivery": {"id": w.DELIVERY.id},
        }
        assert "cost" in first["payload"]["extensions"]
        assert (await socket.receive())["payload"]["data"]["deliveryUpdated"]["kind"] == "CHECKPOINT"
        gateway.house.live.tell("deliveries", w.DELIVERY.id)
        change = await socket.receive()
        assert (change["id"], change["type"]) == ("1", "next")
        assert "extensions" not in change["payload"]
        await socket.send(id="1", type="complete")
        await socket.subscribe("1", VIEWER)
        assert (await socket.receive())["payload"]["data"] == {"viewer": {"audience": "SECRET"}}
        assert await socket.receive() == {"id": "1", "type": "complete"}
        assert gateway.house.live.feeds == {}


async def test_fifty_sockets_that_vanish_leave_no_task_and_no_subscription(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    alone = len(asyncio.all_tasks())
    async with connected(http, gateway) as socket:
        await socket.init()
    await _until_idle(gateway, alone)
    before = len(asyncio.all_tasks())
    for round_ in range(50):
        async with connected(http, gateway) as socket:
            await socket.init()
            await socket.subscribe("a", DELIVERIES)
            await socket.subscribe("b", "subscription { exceptionRaised { kind } }")
            await socket.receive()
            if round_ % 2:
                # Half of them tear the wire without a word.
                transport = socket.connection.get_extra_info("socket")
                assert transport is not None
                connection = socket.connection._response.connection
                assert connection is not None
                assert connection.transport is not None
                connection.transport.abort()
    await _until_idle(gateway, before)
    assert gateway.house.live.entered == 100
    assert gateway.house.live.feeds == {}
    assert len(asyncio.all_tasks()) <= before


async def test_the_server_pings_and_answers_pings(http: aiohttp.ClientSession, serve: Serve) -> None:
    gateway = await serve(ApiSettings(ping_every_s=0.05))
    async with connected(http, gateway) as socket:
        await socket.init()
        assert await socket.receive() == {"type": "ping"}
        await socket.send(type="pong")
        await socket.send(type="ping")
        answers = [await socket.receive() for _ in range(3)]
        assert {"type": "pong"} in answers


async def test_a_socket_that_does_not_say_who_it_is_is_closed(
    http: aiohttp.ClientSession, serve: Serve
) -> None:
    gateway = await serve(ApiSettings(connection_init_s=0.05))
    async with connected(http, gateway) as socket:
        assert await socket.receive() == {"type": "closed", "code": 4408}


async def test_who_spoke_in_time_is_heard_though_the_server_was_held_up_until_it_was_late(
    http: aiohttp.ClientSession, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_socket, "HELD_UP_S", 0.02)
    gateway = await serve(ApiSettings(connection_init_s=0.2))
    async with connected(http, gateway) as socket:
        await socket.send(type="connection_init", payload={"authorization": "Bearer sk_test"})
        # The server lives in this loop: it reads nothing meanwhile.
        time.sleep(0.3)  # noqa: ASYNC251 - that is what is tried
        assert await socket.receive() == {"type": "connection_ack"}
        await socket.subscribe("1", VIEWER)
        assert (await socket.receive())["type"] == "next"


async def test_a_fault_of_ours_is_not_called_a_fault_of_the_client(
    http: aiohttp.ClientSession, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise KeyError("a_setting_that_is_missing")

    monkeypatch.setattr(FakeSessions, "open", broken)
    async with connected(http, gateway) as socket:
        assert await socket.init() == {"type": "closed", "code": 4500}


@pytest.mark.parametrize("payload", [None, {}, {"authorization": "Bearer nobody"}, {"authorization": 7}, []])
async def test_a_bad_credential_closes_the_socket_for_good(
    http: aiohttp.ClientSession, gateway: Gateway, payload: object
) -> None:
    async with connected(http, gateway) as socket:
        await socket.send(type="connection_init", payload=payload)
        assert await socket.receive() == {"type": "closed", "code": 4401}


async def test_a_socket_closes_when_its_credential_ends(http: aiohttp.ClientSession, serve: Serve) -> None:
    gateway = await serve(ApiSettings(ping_every_s=0.05))
    gateway.callers["short"] = secret(expires_at=w.NOW + timedelta(seconds=60))
    async with connected(http, gateway) as socket:
        await socket.init("short")
        await socket.subscribe("1", DELIVERIES)
        await socket.receive()
        gateway.house.clock.at = w.NOW + timedelta(seconds=61)
        assert (await socket.receive_until_closed())["code"] == 4403
    async with asyncio.timeout(30):
        while gateway.house.live.feeds:
            await asyncio.sleep(0.01)
    async with connected(http, gateway) as socket:
        assert await socket.init("short") == {"type": "closed", "code": 4401}


@pytest.mark.parametrize("audience", [Audience.DRIVER, Audience.SECRET])
async def test_a_socket_closes_soon_after_its_credential_was_revoked(
    http: aiohttp.ClientSession, serve: Serve, audience: Audience
) -> None:
    gateway = await serve(ApiSettings(ping_every_s=0.05))
    gateway.callers["phone"] = replace(secret(), audience=audience, driver_id=w.DRIVER.id)
    async with connected(http, gateway) as socket:
        await socket.init("phone")
        assert await socket.receive() == {"type": "ping"}
        del gateway.callers["phone"]
        assert (await socket.receive_until_closed())["code"] == 4403


async def test_a_publishable_key_opens_a_socket_on_its_own_pages_only(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    async with connected(http, gateway, origin=SHOP) as socket:
        assert await socket.init("pk_test") == {"type": "connection_ack"}
    async with connected(http, gateway, origin="https://thief.example") as socket:
        assert await socket.init("pk_test") == {"type": "closed", "code": 4401}


async def test_what_breaks_the_protocol_closes_the_socket_with_its_code(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    async with connected(http, gateway) as socket:
        await socket.subscribe("1", VIEWER)
        assert (await socket.receive())["code"] == 4401
    async with connected(http, gateway) as socket:
        await socket.init()
        assert (await socket.init())["code"] == 4429
    async with connected(http, gateway) as socket:
        await socket.init()
        await socket.subscribe("1", DELIVERIES)
        await socket.subscribe("1", DELIVERIES)
        assert (await socket.receive_until_closed())["code"] == 4409
    for text in (
        "nonsense",
        "[]",
        '{"type": "dance"}',
        '{"type": "subscribe"}',
        '{"type": "start", "id": "1"}',
    ):
        async with connected(http, gateway) as socket:
            await socket.init()
            await socket.connection.send_str(text)
            assert (await socket.receive())["code"] == 4400
    async with connected(http, gateway) as socket:
        await socket.connection.send_bytes(b"\x00")
        assert (await socket.receive())["code"] == 4400


async def test_a_client_of_another_protocol_is_told_so(http: aiohttp.ClientSession, gateway: Gateway) -> None:
    async with http.ws_connect(f"{gateway.url}/graphql", protocols=["graphql-ws"]) as connection:
        await connection.receive(timeout=5)
        assert connection.close_code == 4406


@pytest.mark.parametrize(
    ("query", "credential", "code"),
    [
        ("{ viewer {", "sk_test", "SYNTAX_ERROR"),
        ("{ nothing }", "sk_test", "VALIDATION_FAILED"),
        ("subscription { driverMoved { cursor } }", "pk_test", "FORBIDDEN"),
        ("subscription { driverMoved(everySeconds: 0) { cursor } }", "sk_test", "INVALID_INPUT"),
    ],
)
async def test_what_cannot_run_is_an_error_message_and_the_socket_lives_on(
    http: aiohttp.ClientSession, gateway: Gateway, query: str, credential: str, code: str
) -> None:
    async with connected(http, gateway) as socket:
        await socket.init(credential)
        await socket.subscribe("1", query)
        refused = await socket.receive()
        errors = refused["payload"] if refused["type"] == "error" else refused["payload"]["errors"]
        assert errors[0]["extensions"]["code"] == code
        await socket.subscribe("2", VIEWER)
        told = await socket.receive()
        if told["id"] == "1":
            # What failed while it ran is completed first.
            assert told["type"] == "complete"
            told = await socket.receive()
        assert (told["id"], "viewer" in told["payload"]["data"]) == ("2", True)


async def test_a_socket_runs_so_many_operations_and_no_more(
    http: aiohttp.ClientSession, serve: Serve
) -> None:
    gateway = await serve(ApiSettings(max_operations_per_socket=2))
    async with connected(http, gateway) as socket:
        await socket.init()
        for id_ in ("1", "2", "3"):
            await socket.subscribe(id_, DELIVERIES)
        refused: list[dict[str, Any]] = []
        while not refused:
            message = await socket.receive()
            refused = [message] if message["type"] == "error" else []
        assert refused[0]["id"] == "3"
        assert refused[0]["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"


async def test_subscriptions_to_the_same_take_their_own_snapshots_and_share_what_changes(
    http: aiohttp.ClientSession, gateway: Gateway
) -> None:
    async with connected(http, gateway) as socket:
        await socket.init()
        for id_ in ("1", "2"):
            await socket.subscribe(id_, "subscription { deliveryUpdated { kind delivery { order { id } } } }")
        seen = [await socket.receive() for _ in range(4)]
        assert {message["id"] for message in seen} == {"1", "2"}
        assert gateway.house.reads.calls["orders"] == 2
        gateway.house.live.tell("deliveries", w.DELIVERY.id)
        for _ in range(2):
            await socket.receive()
        assert gateway.house.reads.calls["orders"] == 3


@pytest.mark.parametrize(
    "limit",
    [{"slow_socket_s": 0.1}, {"slow_socket_s": 3600.0, "max_waiting_bytes": 10_000}],
    ids=["after_a_while", "when_too_much_waits"],
)
async def test_a_client_that_does_not_read_is_ended_and_the_others_are_not(
    http: aiohttp.ClientSession, serve: Serve, limit: dict[str, Any]
) -> None:
    gateway = await serve(ApiSettings(**limit))
    with socket_module.socket() as idle:
        await _subscribe_and_read_nothing(idle, gateway)
        async with connected(http, gateway) as socket, asyncio.timeout(30):
            await socket.init()
            await socket.subscribe("1", DELIVERIES)
            for _ in range(2):
                await socket.receive()
            while len(gateway.house.live.feeds) < 2:
                await asyncio.sleep(0.01)
            while len(gateway.house.live.feeds) == 2:
                gateway.house.live.tell("deliveries", w.DELIVERY.id)
                assert (await socket.receive())["type"] == "next"


async def _subscribe_and_read_nothing(idle: socket_module.socket, gateway: Gateway) -> None:
    idle.setsockopt(socket_module.SOL_SOCKET, socket_module.SO_RCVBUF, 4096)
    idle.setblocking(False)
    loop = asyncio.get_running_loop()
    host, port = gateway.url.removeprefix("http://").split(":")
    await loop.sock_connect(idle, (host, int(port)))
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    protocol = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    await loop.sock_sendall(idle, f"GET /graphql HTTP/1.1\r\nHost: {host}\r\n{upgrade}{protocol}".encode())
    await loop.sock_recv(idle, 1000)
    # Every message carries the long name back: the line is full soon.
    for message in (
        {"type": "connection_init", "payload": {"authorization": "Bearer sk_test"}},
        {"id": "x" * 60_000, "type": "subscribe", "payload": {"query": DELIVERIES}},
    ):
        text = json.dumps(message).encode()
        size = bytes((0x80 | len(text),)) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        await loop.sock_sendall(idle, b"\x81" + size + b"\0\0\0\0" + text)

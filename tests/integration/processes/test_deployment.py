"""`serve` and `worker` as processes: what each takes, how they end, and what a dead one leaves behind."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from gateway.store.postgres import EmbeddedPostgres
from tests.integration.app.market import (
    HOME,
    SHOPIFY_SECRET,
    SHOPIFY_TOKEN,
    UBER_CLIENT_SECRET,
    UBER_SIGNING_KEY,
    WOOCOMMERCE_WEBHOOK_SECRET,
    Market,
)
from tests.integration.processes.commands import PATIENCE_S, Doorstep, Running, Shell
from tests.integration.processes.test_commands import TILL, store_options

ORDERS = """
{ orders(first: 20) { nodes { externalId deliveries(first: 3) { nodes { id legs { externalId } } } } } }
"""


@dataclass
class Deployment:
    """One folder, a server and a worker on it, and a merchant with both shops and a courier."""

    doorstep: Doorstep
    shell: Shell
    market: Market
    http: aiohttp.ClientSession
    url: str
    key: str
    database: str

    async def ask(self, query: str, **variables: object) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        body = {"query": query, "variables": variables}
        async with self.http.post(f"{self.url}/graphql", json=body, headers=headers) as response:
            answer = await response.json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def booked(self) -> dict[str, str]:
        """Order id in the store -> delivery id, of those with exactly one booking."""
        nodes = (await self.ask(ORDERS))["orders"]["nodes"]
        return {
            order["externalId"]: delivery["id"]
            for order in nodes
            for delivery in order["deliveries"]["nodes"]
            if [bool(leg["externalId"]) for leg in delivery["legs"]] == [True]
        }

    async def until_booked(self, *orders: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not set(orders) <= set(await self.booked()):
                await asyncio.sleep(0.05)

    async def rows(self, query: str) -> list[Any]:
        """Straight from the database, as its owner."""
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
            cursor = await connection.execute(query.encode())
            return await cursor.fetchall() if cursor.description else []

    async def until_asked_for(self, order: str) -> None:
        """Until a worker that takes up a webhook asks WooCommerce for this order, which answers late."""
        async with asyncio.timeout(PATIENCE_S):
            while not any(_names(order, *call) for call in self.market.woocommerce.door.seen):
                await asyncio.sleep(0.02)


@pytest.fixture
async def deployed(
    home: Path, tmp_path: Path, market: Market, http: aiohttp.ClientSession
) -> AsyncIterator[tuple[Deployment, Running]]:
    """A deployment on the embedded PostgreSQL, still without a worker, and its server's process."""
    settings = {
        "DOORSTEP_HOME": str(home),
        "DOORSTEP_ALLOW_PRIVATE_STORES": "true",
        "DOORSTEP_CLOCK_FILE": str(market.clock_file),
        "DOORSTEP_LOG_LEVEL": "DEBUG",
        "DOORSTEP_LOG_FORMAT": "json",
    }
    doorstep = Doorstep(settings, tmp_path)
    async with doorstep.running("serve", "--no-worker", "--port", "0") as server:
        url = await server.url()
        # Commands must say where stores find the server, as an operator's DOORSTEP_PUBLIC_URL does.
        with doorstep.shell(DOORSTEP_PUBLIC_URL=url) as shell:
            await shell.says("merchant", "create", "Corner shop", "--time-zone", "America/New_York")
            await shell.says("merchant", "location", *TILL)
            key = await shell.says("token", "key", "--scope", "ADMINISTER")
            pairs = [f"--credential={n}={v}" for n, v in market.courier_credentials().items()]
            uber = ("uber_direct", "--base-url", f"{market.url}/uber")
            linked = await shell.says("carrier", "add", *uber, *pairs)
            market.uber.webhook_url = linked.split()[-1]
            for platform in ("woocommerce", "shopify"):
                await shell.says("store", "add", *store_options(market, platform))
            database = EmbeddedPostgres(home / "postgres").dsn("owner")
            yield Deployment(doorstep, shell, market, http, url, key, database), server


async def test_a_day_of_a_server_and_its_workers(deployed: tuple[Deployment, Running]) -> None:
    deployment, server = deployed
    market, url, http = deployment.market, deployment.url, deployment.http

    # A server answers whether it lives, whether it can work, and what may be asked; nothing without a key.
    for path, expected in (("/health", {"status": "ok"}), ("/ready", {"status": "ready"})):
        async with http.get(f"{url}{path}") as response:
            answer = await response.json()
            assert (response.status, {"status": answer["status"]}) == (200, expected)
    async with http.get(f"{url}/schema.graphql") as response:
        assert (response.status, "type Query" in await response.text()) == (200, True)
    async with http.post(f"{url}/graphql", json={"query": "{ viewer { audience } }"}) as response:
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="doorstep"')
    migrated = await deployment.doorstep.says("migrate")
    assert migrated.endswith(" already.")

    # What it keeps without a worker waits for one, and is worked on in that one's process.
    orders = [market.order_at("woocommerce"), market.order_at("shopify")]
    await market.tick()
    assert await deployment.booked() == {}
    async with deployment.doorstep.running("worker") as worker:
        await deployment.until_booked(*orders)

        # A worker that is killed leaves its job behind, half done ...
        market.woocommerce.door.delay_s = 10.0
        orders.append(market.order_at("woocommerce"))
        await market.tick()
        await deployment.until_asked_for(orders[-1])
        assert await worker.end(signal.SIGKILL) == -signal.SIGKILL
    assert set(orders) - set(await deployment.booked()) == {orders[-1]}

    # ... which the next one takes up, once the dead one has been silent for half a minute.
    market.woocommerce.door.delay_s = 0.0
    await deployment.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    async with deployment.doorstep.running("worker") as worker:
        await deployment.until_booked(*orders)

        # A worker that is asked to end finishes what it has begun, and nothing is booked twice.
        market.woocommerce.door.delay_s = 2.0
        orders.append(market.order_at("woocommerce"))
        await market.tick()
        await deployment.until_asked_for(orders[-1])
        assert await worker.end() == 0
    market.woocommerce.door.delay_s = 0.0
    assert await deployment.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'") == []
    assert (orders[-1],) in await deployment.rows("SELECT external_id FROM orders")
    assert len(market.uber.books()) == len(await deployment.booked())

    # A shopper's link is made; the server ends at once, though somebody still listens, and cleanly.
    delivery_id = next(iter((await deployment.booked()).values()))
    link = await deployment.shell.says("token", "tracking", delivery_id, "--hours", "1")
    async with http.get(link) as page:
        assert page.status == 200
    async with http.ws_connect(f"{url}/graphql", protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json(
            {"type": "connection_init", "payload": {"authorization": f"Bearer {deployment.key}"}}
        )
        assert json.loads((await socket.receive()).data)["type"] == "connection_ack"
        before = await _everything(deployment)
        server.send(signal.SIGTERM)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert await server.end() == 0

    # And no secret has been written anywhere but where it is sealed, nor anybody's name into a log.
    secrets = {
        SHOPIFY_TOKEN, SHOPIFY_SECRET, WOOCOMMERCE_WEBHOOK_SECRET, UBER_CLIENT_SECRET, UBER_SIGNING_KEY,
        market.woocommerce.keys.consumer_key, market.woocommerce.keys.consumer_secret,
        deployment.key, link.rpartition("/")[2],
    }  # fmt: skip
    assert "stores" in before
    for table, content in before.items():
        for secret in secrets:
            assert secret not in content, table
            assert secret.encode().hex() not in content, table
    logs = "".join(path.read_text() for path in deployment.doorstep.folder.glob("*.log"))
    assert logs.count("take_notice") >= 4, "this is what a log at DEBUG looks like"
    first, _, last = HOME.name.partition(" ")
    people = {first, last, HOME.line1, HOME.email, "7363199", "Larkspur"}
    assert [word for word in secrets | people if word in logs] == []


def _names(order: str, method: str, endpoint: str, query: Mapping[str, str]) -> bool:
    """Whether a call to WooCommerce asks for this order, alone or among others."""
    wanted = query.get("include", "").split(",")
    return method == "GET" and (endpoint == f"orders/{order}" or (endpoint == "orders" and order in wanted))


async def _everything(deployment: Deployment) -> dict[str, str]:
    """Table -> all its rows as text; bytes are shown in hexadecimal."""
    tables = await deployment.rows("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")
    found = {}
    for (table,) in tables:
        rows = await deployment.rows(f"TABLE {table}")
        found[table] = "\n".join(_shown(value) for row in rows for value in row)
    return found


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
